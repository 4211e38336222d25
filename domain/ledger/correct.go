package ledger

import (
	"slices"
	"time"

	"ratecard/domain"
)

// Correct decides how what is believed of the list prices becomes what reading
// everything again says. What was believed until now stays on record as such.
// Only keys whose rates rest on the sources that were read again are looked
// at. A key whose timeline changes is told of once, with the period touched.
func Correct(believed, again []domain.Rate, sources []string, knownAt time.Time) RateChange {
	var c RateChange
	held, read := layerOf(believed, domain.LayerList), layerOf(again, domain.LayerList)
	for _, key := range union(held.keys, read) {
		old, timeline := held.timelines[key], read.timelines[key]
		if slices.ContainsFunc(old, func(r domain.Rate) bool { return !slices.Contains(sources, r.Source) }) {
			continue
		}
		timeline = keepKnown(old, timeline)
		before := len(c.Supersede) + len(c.Open)
		c.revise(old, timeline, knownAt)
		if len(c.Supersede)+len(c.Open) > before {
			c.Events = append(c.Events, corrected(key, old, timeline, knownAt))
		}
	}
	return c
}

// keepKnown lets rows that say the same stay the rows that they are.
func keepKnown(old, timeline []domain.Rate) []domain.Rate {
	out := slices.Clone(timeline)
	for i := range out {
		if j := slices.IndexFunc(old, func(o domain.Rate) bool { return sameRow(o, out[i]) }); j >= 0 {
			out[i] = old[j]
		}
	}
	return out
}

func union(keys []domain.RateKey, l layer) []domain.RateKey {
	all := slices.Clone(keys)
	seen := make(map[domain.RateKey]bool, len(keys))
	for _, key := range keys {
		seen[key] = true
	}
	for _, key := range l.keys {
		if !seen[key] {
			all = append(all, key)
		}
	}
	return all
}

// corrected tells of a key whose past was believed wrongly: the price before
// and after at the first instant that differs, and the period that is touched.
func corrected(key domain.RateKey, old, timeline []domain.Rate, knownAt time.Time) domain.Event {
	p := payload(key)
	from, to := touched(old, timeline)
	if row := at(old, from); row != nil {
		p.Old = row.Amount.String()
	}
	if row := at(timeline, from); row != nil {
		p.New = row.Amount.String()
	}
	p.Effective = from.Format(time.RFC3339Nano)
	if !to.IsZero() {
		p.Until = to.Format(time.RFC3339Nano)
	}
	return event(domain.EventRateCorrected, Reading{KnownAt: knownAt}, key, p)
}

// touched is the shortest span outside of which two timelines say the same.
func touched(old, timeline []domain.Rate) (from, to time.Time) {
	instants := boundaries(old, timeline)
	differs := func(t time.Time) bool {
		a, b := at(old, t), at(timeline, t)
		return (a == nil) != (b == nil) || a != nil && !a.Price.Equal(b.Price)
	}
	first, last := -1, -1
	for i, t := range instants {
		if differs(t) {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return time.Time{}, time.Time{}
	}
	if last+1 < len(instants) {
		to = instants[last+1]
	}
	return instants[first], to
}

func boundaries(timelines ...[]domain.Rate) []time.Time {
	var out []time.Time
	for _, rows := range timelines {
		for _, row := range rows {
			out = append(out, row.Effective.From)
			if !row.Effective.Open() {
				out = append(out, row.Effective.To)
			}
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}
