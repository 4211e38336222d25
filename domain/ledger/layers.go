package ledger

import (
	"slices"

	"ratecard/domain"
)

// layer is one layer of what is believed: its keys, in the order in which
// they are met, each with its timeline.
type layer struct {
	keys      []domain.RateKey
	timelines map[domain.RateKey][]domain.Rate
}

// layerOf takes the rows of one layer out of what is believed.
func layerOf(believed []domain.Rate, name domain.Layer) layer {
	l := layer{timelines: map[domain.RateKey][]domain.Rate{}}
	for _, row := range believed {
		if row.Layer == name {
			l.add(row)
		}
	}
	for _, rows := range l.timelines {
		sortRows(rows)
	}
	return l
}

func (l *layer) add(row domain.Rate) {
	if _, known := l.timelines[row.RateKey]; !known {
		l.keys = append(l.keys, row.RateKey)
	}
	l.timelines[row.RateKey] = append(l.timelines[row.RateKey], row)
}

// rows gives the layer's rows, each key's in the order of time.
func (l *layer) rows() []domain.Rate {
	var all []domain.Rate
	for _, key := range l.keys {
		all = append(all, l.timelines[key]...)
	}
	return all
}

func sortRows(rows []domain.Rate) {
	slices.SortFunc(rows, func(a, b domain.Rate) int { return a.Effective.From.Compare(b.Effective.From) })
}
