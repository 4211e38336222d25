package ledger

import (
	"slices"
	"time"

	"ratecard/domain"
)

// Adopt lays rows over timelines: from the first row of a key on, its rows are
// all there is. Rows that say the same on both sides of an instant become one,
// which rests on what the first of them rests on.
func Adopt(timelines, rows []domain.Rate) []domain.Rate {
	adopted := layer{timelines: map[domain.RateKey][]domain.Rate{}}
	for _, row := range rows {
		adopted.add(row)
	}
	under := map[domain.RateKey][]domain.Rate{}
	var out []domain.Rate
	for _, row := range timelines {
		if _, over := adopted.timelines[row.RateKey]; over {
			under[row.RateKey] = append(under[row.RateKey], row)
		} else {
			out = append(out, row)
		}
	}
	for _, key := range adopted.keys {
		over := adopted.timelines[key]
		sortRows(over)
		timeline := append(erase(under[key], domain.Span{From: over[0].Effective.From}), over...)
		sortRows(timeline)
		out = append(out, joined(timeline)...)
	}
	return out
}

// joined makes one row of neighbours with one price.
func joined(timeline []domain.Rate) []domain.Rate {
	var out []domain.Rate
	for _, row := range timeline {
		if n := len(out); n > 0 && out[n-1].Effective.To.Equal(row.Effective.From) && out[n-1].Price.Equal(row.Price) {
			out[n-1].Effective.To = row.Effective.To
			continue
		}
		out = append(out, row)
	}
	return out
}

// AsRead gives the list prices among believed rates as the readings that found
// them had them: a row that a later reading replaced has no end yet. An end
// that was stated stays.
func AsRead(believed []domain.Rate) []domain.Rate {
	held := layerOf(believed, domain.LayerList)
	var out []domain.Rate
	for _, key := range held.keys {
		rows := held.timelines[key]
		for _, row := range slices.Clone(rows) {
			next := at(rows, row.Effective.To)
			if !row.Effective.Open() && next != nil && next.Basis == domain.BasisObserved {
				row.Effective.To = time.Time{}
			}
			out = append(out, row)
		}
	}
	return out
}

// Since lets a timeline that is told again hold from an instant on, and before
// it what is believed: what ended there may have been forgotten.
func Since(again, believed []domain.Rate, start time.Time) []domain.Rate {
	var after, before []domain.Rate
	for _, row := range again {
		after = append(after, erase([]domain.Rate{row}, domain.Span{To: start})...)
	}
	held := layerOf(believed, domain.LayerList)
	for _, row := range held.rows() {
		before = append(before, erase([]domain.Rate{row}, domain.Span{From: start})...)
	}
	return Adopt(before, after)
}
