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
		if _, differ := touched(old, timeline); differ {
			c.revise(old, timeline, knownAt)
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
	if period, differ := touched(old, timeline); differ {
		if row := at(old, period.From); row != nil {
			p.Old = row.Amount.String()
		}
		if row := at(timeline, period.From); row != nil {
			p.New = row.Amount.String()
		}
		p.Effective = period.From.Format(time.RFC3339Nano)
		if !period.Open() {
			p.Until = period.To.Format(time.RFC3339Nano)
		}
	}
	return event(domain.EventRateCorrected, Reading{KnownAt: knownAt}, key, p)
}

// touched is the shortest span outside of which two timelines say the same; the
// second result is false where they say the same throughout.
func touched(old, timeline []domain.Rate) (domain.Span, bool) {
	spans := apart(old, timeline)
	if len(spans) == 0 {
		return domain.Span{}, false
	}
	return domain.Span{From: spans[0].Effective.From, To: spans[len(spans)-1].Effective.To}, true
}
