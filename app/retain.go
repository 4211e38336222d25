package app

import (
	"context"
	"errors"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// LeastRetention is the shortest time, in months, for which prices are kept
// (PROPERTIES 39): a rate that was in force at any moment of it is there.
const LeastRetention = 12

// pagesKept is for how long a page is kept on which no evidence rests
// (DESIGN 4).
const pagesKept = 30 * 24 * time.Hour

// RetainConfig is what Retain needs.
type RetainConfig struct {
	Store  ports.Retention
	Months int // for which prices are kept after their end; 0: for ever
	Now    func() time.Time
}

// Retain deletes what need not be kept any longer.
type Retain struct{ RetainConfig }

// NewRetain makes a Retain. KindInvalid where prices would be kept for less
// than LeastRetention.
func NewRetain(c RetainConfig) (*Retain, error) {
	if c.Months != 0 && c.Months < LeastRetention {
		return nil, domain.Errorf(domain.KindInvalid, "prices are kept for ever (0) or for at least %d months, not for %d", LeastRetention, c.Months)
	}
	return &Retain{c}, nil
}

// Forgotten is how much was deleted.
type Forgotten struct {
	Rates      int
	Superseded int // rates that were believed no longer
	Pages      int
}

// Run deletes what may go by now. It may be interrupted and repeated.
func (r *Retain) Run(ctx context.Context) (Forgotten, error) {
	var gone Forgotten
	var ofRates, ofPages error
	now := domain.Instant(r.Now())
	if r.Months > 0 {
		gone.Rates, gone.Superseded, ofRates = r.Store.ForgetRates(ctx, monthsBefore(now, r.Months))
	}
	gone.Pages, ofPages = r.Store.ForgetPages(ctx, now.Add(-pagesKept))
	return gone, errors.Join(ofRates, ofPages)
}

// monthsBefore is the same day and time of an earlier month, or that month's
// last day where it is shorter: never later than somebody would count.
func monthsBefore(t time.Time, months int) time.Time {
	earlier := t.AddDate(0, -months, 0)
	if earlier.Day() != t.Day() {
		earlier = earlier.AddDate(0, 0, -earlier.Day())
	}
	return earlier
}
