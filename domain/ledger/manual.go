package ledger

import (
	"time"

	"ratecard/domain"
)

// Enter lays rates of an administrator over what is believed: each replaces,
// in its span, what that layer held of its key. List prices are a layer of
// their own and stay visible. Rows come with key, price and span; the layer
// and the basis become manual.
func Enter(believed, rows []domain.Rate, knownAt time.Time) RateChange {
	var c RateChange
	held := layerOf(believed, domain.LayerManual)
	entered := layer{timelines: map[domain.RateKey][]domain.Rate{}}
	for _, row := range rows {
		row.Layer, row.Basis, row.Source, row.Evidence = domain.LayerManual, domain.BasisManual, "", 0
		entered.add(row)
	}
	for _, key := range entered.keys {
		timeline := held.timelines[key]
		for _, row := range entered.timelines[key] {
			timeline = put(timeline, row)
		}
		c.turn(key, held.timelines[key], timeline, knownAt)
	}
	return c
}

// Withdraw ends the manual rates of keys at an instant; what lay before it
// stays on record, and the list price stands alone again.
func Withdraw(believed []domain.Rate, keys []domain.RateKey, end, knownAt time.Time) RateChange {
	var c RateChange
	held := layerOf(believed, domain.LayerManual)
	for _, key := range keys {
		key.Layer = domain.LayerManual
		old := held.timelines[key]
		c.turn(key, old, erase(old, domain.Span{From: end}), knownAt)
	}
	return c
}
