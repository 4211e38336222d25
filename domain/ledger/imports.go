package ledger

import (
	"time"

	"ratecard/domain"
)

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

// Import decides what a price list of another catalogue changes in the
// imported layer. A list says what held from its instant until the next change
// that we know of: so lists may come in any order, and one that comes twice
// changes nothing. What a list does not name ends at its instant.
func Import(believed []domain.Rate, list PriceList, knownAt time.Time) RateChange {
	var c RateChange
	held := layerOf(believed, domain.LayerImported)
	named := map[domain.RateKey]bool{}
	for _, p := range list.Prices {
		key := p.Key
		key.Layer = domain.LayerImported
		if named[key] {
			continue // the first mention counts
		}
		named[key] = true
		old := held.timelines[key]
		if current := at(old, list.At); current == nil || !current.Price.Equal(p.Price) {
			c.turn(key, old, put(old, domain.Rate{
				RateKey: key, Price: p.Price, Basis: domain.BasisImported,
				Effective: domain.Span{From: list.At, To: nextBoundary(old, list.At)},
			}), knownAt)
		}
	}
	for _, key := range held.keys {
		old := held.timelines[key]
		if current := at(old, list.At); current != nil && !named[key] {
			c.turn(key, old, erase(old, domain.Span{From: list.At, To: current.Effective.To}), knownAt)
		}
	}
	return c
}

// nextBoundary is when something else begins or ends to hold after an
// instant; zero for never.
func nextBoundary(rows []domain.Rate, after time.Time) time.Time {
	var next time.Time
	for _, row := range rows {
		for _, b := range []time.Time{row.Effective.From, row.Effective.To} {
			if b.After(after) && (next.IsZero() || b.Before(next)) {
				next = b
			}
		}
	}
	return next
}
