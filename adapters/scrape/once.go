package scrape

import (
	"slices"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// A number is an amount as it is written: 3 and 3.0 are two.
type number struct {
	coefficient int64
	exponent    int32
}

// heldOnce gives the same quotes with each text and amount held once. A reading is kept
// until all of it is stored, and its quotes repeat each other's names, cells, places
// and amounts; what was cut out of the page for each of them is let go again.
func heldOnce(quotes []domain.Quote) []domain.Quote {
	texts, amounts := map[string]string{}, map[number]decimal.Decimal{}
	held := slices.Clone(quotes) // without the room to grow
	for i := range held {
		q := &held[i]
		if q.Amount.NumDigits() <= 18 { // fits a number
			q.Amount = firstOf(amounts, number{q.Amount.CoefficientInt64(), q.Amount.Exponent()}, q.Amount)
		}
		for _, text := range []*string{&q.Name, &q.Place.Path, &q.Place.Row, &q.Place.Header, &q.Place.Cell} {
			*text = firstOf(texts, *text, *text)
		}
	}
	return held
}

// firstOf gives the first value that came with a key.
func firstOf[K comparable, V any](seen map[K]V, key K, value V) V {
	if first, known := seen[key]; known {
		return first
	}
	seen[key] = value
	return value
}
