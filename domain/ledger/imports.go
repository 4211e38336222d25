package ledger

import (
	"slices"
	"time"

	"ratecard/domain"
)

// SourceImport is the source of models that nothing but an imported price list
// has named.
const SourceImport = "import"

// PriceList is a complete price list of another catalogue, as it stood at an
// instant: what it does not name was not for sale there.
type PriceList struct {
	At     time.Time
	Prices []ListPrice
}

// ListPrice is one price of a PriceList. Its key's layer becomes imported.
type ListPrice struct {
	Key   domain.RateKey
	Price domain.Price
}

// ListOutcome counts, in keys, what one list said beside what was on record of
// its instant when its turn came.
type ListOutcome struct {
	Opened    int // priced there, and not on record
	Changed   int // on record with another price
	Ended     int // on record, and not named
	Unchanged int
}

// Imported is what price lists of another catalogue change.
type Imported struct {
	RateChange
	Lists    []ListOutcome // one for each list, in the order in which they were given
	Instants []time.Time   // of every list imported so far, in order; nil where none is new
}

// Import decides what price lists of another catalogue change in the imported
// layer. A list says what held from its instant until that of the next list:
// so lists may come in any order, together or one by one, and one that comes
// again changes nothing. instants are those of the lists imported before, in
// order. What lists of one call overrule among themselves was never believed
// and leaves no trace.
func Import(believed []domain.Rate, instants []time.Time, lists []PriceList, knownAt time.Time) Imported {
	held := layerOf(believed, domain.LayerImported)
	c := Imported{Lists: make([]ListOutcome, len(lists))}
	after := layer{keys: slices.Clone(held.keys), timelines: make(map[domain.RateKey][]domain.Rate, len(held.keys))}
	for key, rows := range held.timelines {
		after.timelines[key] = rows
	}
	known := slices.Clone(instants)
	for _, i := range inTime(lists) {
		at := lists[i].At
		place, again := slices.BinarySearchFunc(known, at, time.Time.Compare)
		if !again {
			known = slices.Insert(known, place, at)
		}
		span := domain.Span{From: at}
		if place+1 < len(known) {
			span.To = known[place+1]
		}
		c.Lists[i] = after.lay(lists[i], span)
	}
	if len(known) > len(instants) {
		c.Instants = known
	}
	for _, key := range after.keys {
		c.amend(key, held.timelines[key], after.timelines[key], knownAt)
	}
	return c
}

// inTime gives the indexes of lists in the order of their instants.
func inTime(lists []PriceList) []int {
	order := make([]int, len(lists))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return lists[a].At.Compare(lists[b].At) })
	return order
}

// lay makes a layer say what a list says, for as long as it is the newest.
func (l *layer) lay(list PriceList, span domain.Span) ListOutcome {
	var out ListOutcome
	named := make(map[domain.RateKey]bool, len(list.Prices))
	for _, p := range list.Prices {
		key := p.Key
		key.Layer = domain.LayerImported
		if named[key] {
			continue // the first mention counts
		}
		named[key] = true
		old, known := l.timelines[key]
		if !known {
			l.keys = append(l.keys, key)
		}
		switch current := at(old, list.At); {
		case current == nil:
			out.Opened++
		case current.Price.Equal(p.Price):
			out.Unchanged++
			continue
		default:
			out.Changed++
		}
		l.timelines[key] = seamless(put(old, domain.Rate{RateKey: key, Price: p.Price, Basis: domain.BasisImported, Effective: span}))
	}
	for _, key := range l.keys {
		if old := l.timelines[key]; !named[key] && at(old, list.At) != nil {
			l.timelines[key] = erase(old, span)
			out.Ended++
		}
	}
	return out
}

// seamless joins neighbours that meet and cost the same: a list between two
// others is no change of price where it says what they say.
func seamless(timeline []domain.Rate) []domain.Rate {
	out := timeline[:0:0]
	for _, row := range timeline {
		if last := len(out) - 1; last >= 0 && out[last].Effective.To.Equal(row.Effective.From) && out[last].Price.Equal(row.Price) {
			out[last].Effective.To = row.Effective.To
			continue
		}
		out = append(out, row)
	}
	return out
}

// ImportModels decides which models become known through a price list of
// another catalogue, and what it changes in those that are known through
// nothing else. Whatever a provider's own sources said stays as it is, and
// nothing is deprecated by a list's silence.
func ImportModels(known []domain.ModelVersion, named []domain.Model, knownAt time.Time) ModelChange {
	var c ModelChange
	byID := make(map[string]*domain.ModelVersion, len(known))
	for i := range known {
		byID[known[i].ID] = &known[i]
	}
	for _, m := range named {
		if old := byID[m.ID]; old == nil || old.Source == SourceImport {
			m.Source = SourceImport
			c.see(old, m, knownAt)
		}
	}
	return c
}
