package ledger

import (
	"time"

	"ratecard/domain"
)

// Enter lays rates of an administrator over what is believed: each replaces,
// in its span, what that layer held of its key. List prices are a layer of
// their own and stay visible; what says what was said before changes nothing.
// Rows come with key, price and span; the layer and the basis become manual.
func Enter(believed, rows []domain.Rate, knownAt time.Time) RateChange {
	var c RateChange
	held := layerOf(believed, domain.LayerManual)
	entered := layer{timelines: map[domain.RateKey][]domain.Rate{}}
	for _, row := range rows {
		row.Layer, row.Basis, row.Source, row.Evidence = domain.LayerManual, domain.BasisManual, "", 0
		row.Modifier = domain.Derived{}
		entered.add(row)
	}
	for _, key := range entered.keys {
		timeline := held.timelines[key]
		for _, row := range entered.timelines[key] {
			timeline = seamless(put(timeline, row))
		}
		c.amend(key, held.timelines[key], timeline, knownAt)
	}
	return c
}

// Withdraw ends manual rates at an instant; one that begins later never
// begins. What lay before stays on record, other rates of the same key hold as
// they did, and where none does the list price stands alone again.
func Withdraw(believed, rows []domain.Rate, end, knownAt time.Time) RateChange {
	var c RateChange
	held := layerOf(believed, domain.LayerManual)
	ended := layer{timelines: map[domain.RateKey][]domain.Rate{}}
	for _, row := range rows {
		row.Layer = domain.LayerManual
		ended.add(row)
	}
	for _, key := range ended.keys {
		timeline := held.timelines[key]
		for _, row := range ended.timelines[key] {
			span := row.Effective
			if end.After(span.From) {
				span.From = end
			}
			if !span.Empty() {
				timeline = erase(timeline, span)
			}
		}
		c.amend(key, held.timelines[key], timeline, knownAt)
	}
	return c
}
