// Package trend says how prices moved: the steps of one, what many of them were at
// the same instants, and which moved most. It knows amounts and instants; how rates
// are believed is domain/ledger's, what they make a usage cost is domain/cost's.
package trend

import (
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// Timeline is what one key cost in the course of time, in one unit of one currency.
// A key that was sold by several units has several.
type Timeline struct {
	domain.RateKey
	Unit    string
	Classes []domain.Class // of the model
	Periods []Period       // none overlaps another; oldest first
}

// Period is a time during which an amount was in force.
type Period struct {
	domain.Span
	Amount decimal.Decimal
}

// Step is an instant from which on something cost an amount; an amount that is not
// valid is none: from then on nothing was in force.
type Step struct {
	At     time.Time
	Amount decimal.NullDecimal
}

// Steps gives what was in force at the beginning of a closed range, and each change
// of the amount after it and within the range, oldest first.
func Steps(t Timeline, within domain.Span) []Step {
	steps := []Step{{At: within.From}}
	reach := func(at time.Time, amount decimal.NullDecimal) {
		last := &steps[len(steps)-1]
		switch {
		case !at.After(last.At): // the beginning, or where the period before ended
			last.Amount = amount
		case !same(last.Amount, amount):
			steps = append(steps, Step{at, amount})
			return
		}
		if n := len(steps); n > 1 && same(steps[n-2].Amount, steps[n-1].Amount) {
			steps = steps[:n-1]
		}
	}
	for _, p := range t.Periods {
		if !p.Overlaps(within) {
			continue
		}
		reach(p.From, decimal.NewNullDecimal(p.Amount))
		if !p.Open() && p.To.Before(within.To) {
			reach(p.To, decimal.NullDecimal{})
		}
	}
	return steps
}

func same(a, b decimal.NullDecimal) bool {
	return a.Valid == b.Valid && (!a.Valid || a.Decimal.Equal(b.Decimal))
}
