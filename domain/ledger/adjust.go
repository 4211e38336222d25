package ledger

import (
	"slices"
	"time"

	"ratecard/domain"
)

// Adjusted adds to a change what it makes of the adjusted prices: at every instant
// they are the list prices with the adjustment that applies then, where one does.
// They are a layer of their own: list prices stay visible below it, and what is
// entered by hand lies above it. A change of neither list prices nor adjustments
// is given back as it is.
func Adjusted(s State, c Change) Change {
	rules := adjustments(s.Adjustments, c)
	held := layerOf(s.Rates, domain.LayerAdjusted)
	if len(rules)+len(held.keys) == 0 || len(c.Adjust)+len(c.AdjustEnd) == 0 && !touchesList(c) {
		return c
	}
	list := layerOf(Apply(s.Rates, RateChange{Supersede: c.Supersede, Open: c.Open}), domain.LayerList)
	var add RateChange
	for _, key := range union(held.keys, adjustedKeys(list)) {
		listed := key
		listed.Layer = domain.LayerList
		add.amend(key, held.timelines[key], adjust(key, list.timelines[listed], rules), c.KnownAt)
	}
	sign(add.Events, c)
	c.Supersede, c.Open = slices.Concat(c.Supersede, add.Supersede), slices.Concat(c.Open, add.Open)
	c.Events = slices.Concat(c.Events, add.Events)
	return c
}

// sign says who entered or ended an adjustment, and why, in what tells of the
// prices that it moves.
func sign(events []domain.Event, c Change) {
	var by, reason string
	for _, a := range c.Adjust {
		by, reason = a.By, a.Reason
	}
	for _, e := range c.AdjustEnd {
		by, reason = e.By, e.Reason
	}
	for i := range events {
		p, ok := events[i].Payload.(domain.RatePayload)
		if ok && by != "" {
			p.By, p.Reason = by, reason
			events[i].Payload = p
		}
	}
}

func touchesList(c Change) bool {
	listed := func(r domain.Rate) bool { return r.Layer == domain.LayerList }
	return slices.ContainsFunc(c.Supersede, listed) || slices.ContainsFunc(c.Open, listed)
}

// adjustments are those that are on record after a change, the one that applies
// before another first. What is new has no id yet and is the newest.
func adjustments(held []domain.Adjustment, c Change) []domain.Adjustment {
	all := make([]domain.Adjustment, 0, len(held)+len(c.Adjust))
	for i, a := range slices.Backward(c.Adjust) {
		a.ID = int64(1)<<62 + int64(i)
		all = append(all, a)
	}
	for _, a := range held {
		if i := slices.IndexFunc(c.AdjustEnd, func(e AdjustmentEnd) bool { return e.ID == a.ID }); i >= 0 {
			a.Effective.To = c.AdjustEnd[i].At
		}
		all = append(all, a)
	}
	all = slices.DeleteFunc(all, func(a domain.Adjustment) bool { return a.Effective.Empty() })
	slices.SortFunc(all, func(a, b domain.Adjustment) int {
		if a.Before(b) {
			return -1
		}
		return 1
	})
	return all
}

// adjustedKeys are the keys of list prices, in the layer of the adjusted ones.
func adjustedKeys(list layer) layer {
	out := layer{timelines: make(map[domain.RateKey][]domain.Rate, len(list.keys))}
	for _, key := range list.keys {
		key.Layer = domain.LayerAdjusted
		out.keys = append(out.keys, key)
		out.timelines[key] = nil
	}
	return out
}

// adjust gives the adjusted timeline of a key.
func adjust(key domain.RateKey, listed []domain.Rate, rules []domain.Adjustment) []domain.Rate {
	var out []domain.Rate
	left := slices.Clone(listed) // what no rule has adjusted yet
	for _, rule := range rules {
		if len(left) == 0 {
			break
		}
		if !rule.Covers(key) {
			continue
		}
		var rest []domain.Rate
		for _, row := range left {
			if span, some := common(row.Effective, rule.Effective); some {
				out = append(out, adjustedRow(key, row, rule, span))
				rest = append(rest, erase([]domain.Rate{row}, span)...)
			} else {
				rest = append(rest, row)
			}
		}
		left = rest
	}
	sortRows(out)
	return seamless(out)
}

// common is the time that two spans share.
func common(a, b domain.Span) (domain.Span, bool) {
	if !a.Overlaps(b) {
		return domain.Span{}, false
	}
	span := a
	if b.From.After(span.From) {
		span.From = b.From
	}
	if a.Open() || !b.Open() && b.To.Before(a.To) {
		span.To = b.To
	}
	return span, !span.Empty()
}

// adjustedRow is a list price with an adjustment, during a time. It rests on no
// statement of its own: the list price below it does.
func adjustedRow(key domain.RateKey, row domain.Rate, rule domain.Adjustment, span domain.Span) domain.Rate {
	price := row.Price
	price.Amount, price.Origin = rule.Adjusted(row.Amount), domain.OriginDerived
	return domain.Rate{RateKey: key, Price: price, Effective: span, Basis: domain.BasisManual}
}

// instantOf gives an instant as events write it; empty for none.
func instantOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// AdjustmentEvent tells of an adjustment that was entered, or that ends other than
// it was to: by an instant, zero for never.
func AdjustmentEvent(kind domain.EventKind, a domain.Adjustment, untilBefore, at time.Time, by, reason string) domain.Event {
	return domain.Event{At: at, Kind: kind, Provider: a.Provider, Model: a.Model, Payload: domain.AdjustmentPayload{
		Percent: a.Percent.String(), Tier: a.Tier, Meter: a.Meter, From: instantOf(a.Effective.From), Until: instantOf(a.Effective.To),
		UntilBefore: instantOf(untilBefore), By: by, Reason: reason,
	}}
}
