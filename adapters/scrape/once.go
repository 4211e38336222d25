package scrape

import (
	"slices"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// once holds each text and amount once: a reading is kept until all of it is stored,
// and its quotes repeat each other's names, cells, places and amounts. What was cut
// out of the page for each of them is let go again.
type once struct {
	texts   map[string]string
	amounts map[number]decimal.Decimal
}

// A number is an amount as it is written: 3 and 3.0 are two.
type number struct {
	coefficient int64
	exponent    int32
}

// heldOnce gives the same quotes, in as little memory as they need.
func heldOnce(quotes []domain.Quote) []domain.Quote {
	o := once{map[string]string{}, map[number]decimal.Decimal{}}
	held := slices.Clone(quotes) // without the room to grow
	for i := range held {
		q := &held[i]
		q.Amount = o.amount(q.Amount)
		for _, text := range []*string{&q.Name, &q.Place.Path, &q.Place.Row, &q.Place.Header, &q.Place.Cell} {
			*text = o.text(*text)
		}
	}
	return held
}

func (o once) text(s string) string {
	if same, known := o.texts[s]; known {
		return same
	}
	o.texts[s] = s
	return s
}

func (o once) amount(d decimal.Decimal) decimal.Decimal {
	if d.NumDigits() > 18 { // no price; and it may not fit a number
		return d
	}
	n := number{d.CoefficientInt64(), d.Exponent()}
	if same, known := o.amounts[n]; known {
		return same
	}
	o.amounts[n] = d
	return d
}
