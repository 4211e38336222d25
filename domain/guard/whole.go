package guard

import (
	"slices"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// fewModels is up to how many models a page may move at once, however many
// that is of all: so few say nothing about a page.
const fewModels = 3

// whole doubts a page as a whole: its models do not stand still that should,
// too many move at once, or all of them by what looks like a rate of exchange.
func (c *census) whole(settings domain.Guard) []domain.Doubt {
	var doubts []domain.Doubt
	total, strays, movers := 0, 0, 0
	for _, m := range c.models {
		if len(m.moved) > 0 {
			movers++
		}
		if len(m.moved) > 0 && !m.doubts {
			continue // it moves as prices do
		}
		total += m.total
		strays += len(m.moved)
	}
	if strays > 0 && 100*(total-strays) < settings.SteadyPercent*total {
		doubts = append(doubts, domain.Doubt{Code: domain.DoubtUnsteady, Count: strays, Total: total, Limit: settings.SteadyPercent})
	}
	if movers == 0 {
		return doubts
	}
	factor, everywhere, alike, exact := c.common()
	switch {
	case exact && round(factor):
	case everywhere, alike && !exact && movers > 1:
		count := 0
		for _, m := range c.models {
			count += len(m.moved)
		}
		doubts = append(doubts, domain.Doubt{Code: domain.DoubtCurrency, Factor: show(factor), Count: count, Total: c.rates()})
	case movers > fewModels && 100*movers > settings.MovingPercent*c.known:
		doubts = append(doubts, domain.Doubt{Code: domain.DoubtWidespread, Count: movers, Total: c.known, Limit: settings.MovingPercent})
	}
	return doubts
}

// rates counts the rates of which something was believed.
func (c *census) rates() (n int) {
	for _, m := range c.models {
		n += m.total
	}
	return n
}

// common gives the factor by which a page's rates moved, in the middle: whether
// nearly everything on the page moved by about that, or nearly everything that
// moved, and whether by exactly that. Converted prices are rounded: hence about.
// Providers cut several models by the very same factor, or by different ones.
func (c *census) common() (factor decimal.Decimal, everywhere, alike, exact bool) {
	var factors []decimal.Decimal
	for _, m := range c.models {
		for _, i := range m.moved {
			if q := &c.page.Now[i]; !q.Old.IsZero() {
				factors = append(factors, q.Amount.Div(*q.Old))
			}
		}
	}
	if len(factors) == 0 {
		return decimal.Zero, false, false, false
	}
	slices.SortFunc(factors, decimal.Decimal.Cmp)
	middle := factors[len(factors)/2]
	low, high := middle.Mul(decimal.New(9, -1)), middle.Mul(decimal.New(11, -1))
	near := 0
	for _, f := range factors {
		if f.GreaterThanOrEqual(low) && f.LessThanOrEqual(high) {
			near++
		}
	}
	return middle, 10*near >= 9*c.rates(), 10*near >= 9*len(factors), factors[0].Equal(factors[len(factors)-1])
}

// round reports whether a factor is a small whole number or one over it:
// prices are halved or doubled, and rates of exchange are neither.
func round(f decimal.Decimal) bool {
	if !f.IsPositive() {
		return false
	}
	if f.LessThan(decimal.NewFromInt(1)) {
		f = decimal.NewFromInt(1).Div(f)
	}
	off := f.Sub(f.Round(0)).Abs()
	return f.LessThan(decimal.NewFromInt(10)) && off.LessThan(decimal.New(1, -6))
}

// show writes a factor for people.
func show(f decimal.Decimal) string {
	if f.Abs().LessThan(decimal.New(1, -2)) {
		return f.Round(10).String()
	}
	return f.Round(4).String()
}
