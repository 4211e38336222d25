package ledger

import (
	"cmp"
	"slices"
	"time"

	"ratecard/domain"
)

// Difference is a period in which one timeline of a key says another price
// than the other.
type Difference struct {
	Key       domain.RateKey
	Effective domain.Span
	Old, New  *domain.Price // nil: no price
}

// Differences says where the list prices of two sets of rates are not the
// same, by model, tier, meter, region, threshold and time.
func Differences(old, now []domain.Rate) []Difference {
	before, after := layerOf(old, domain.LayerList), layerOf(now, domain.LayerList)
	var all []Difference
	for _, key := range union(before.keys, after) {
		all = append(all, apart(before.timelines[key], after.timelines[key])...)
	}
	slices.SortStableFunc(all, func(a, b Difference) int {
		return cmp.Or(
			cmp.Compare(a.Key.Model.ID, b.Key.Model.ID), cmp.Compare(a.Key.Tier, b.Key.Tier), cmp.Compare(a.Key.Meter, b.Key.Meter),
			cmp.Compare(a.Key.Region, b.Key.Region), cmp.Compare(a.Key.MinPromptTokens, b.Key.MinPromptTokens),
			a.Effective.From.Compare(b.Effective.From))
	})
	return all
}

// apart compares two timelines of one key, each in the order of time.
func apart(old, now []domain.Rate) []Difference {
	if slices.EqualFunc(old, now, sameRow) {
		return nil
	}
	var out []Difference
	instants := boundaries(old, now)
	for i, t := range instants {
		was, is := at(old, t), at(now, t)
		if was == nil && is == nil || was != nil && is != nil && was.Price.Equal(is.Price) {
			continue
		}
		d := Difference{Effective: domain.Span{From: t}}
		if i+1 < len(instants) {
			d.Effective.To = instants[i+1]
		}
		if was != nil {
			d.Key, d.Old = was.RateKey, &was.Price
		}
		if is != nil {
			d.Key, d.New = is.RateKey, &is.Price
		}
		if n := len(out); n > 0 && out[n-1].goesOn(d) {
			out[n-1].Effective.To = d.Effective.To
			continue
		}
		out = append(out, d)
	}
	return out
}

// goesOn reports whether the next difference is the same one, cut in two.
func (d Difference) goesOn(next Difference) bool {
	same := func(a, b *domain.Price) bool { return (a == nil) == (b == nil) && (a == nil || a.Equal(*b)) }
	return d.Effective.To.Equal(next.Effective.From) && same(d.Old, next.Old) && same(d.New, next.New)
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
