package app_test

import (
	"context"
	"testing"
	"time"

	"ratecard/app"
	"ratecard/domain"
)

// asked is a ports.Retention that notes what it is asked for.
type asked struct{ rates, pages time.Time }

func (a *asked) ForgetRates(_ context.Context, before time.Time) (int, int, error) {
	a.rates = before
	return 2, 3, nil
}

func (a *asked) ForgetPages(_ context.Context, before time.Time) (int, error) {
	a.pages = before
	return 4, nil
}

func TestRetentionCountsMonths(t *testing.T) {
	for _, c := range []struct {
		now    string
		months int
		want   string // empty: for ever
	}{
		{"2026-03-31T10:00:00Z", 0, ""},
		{"2026-03-31T10:00:00Z", 12, "2025-03-31T10:00:00Z"},
		{"2026-03-31T10:00:00Z", 13, "2025-02-28T10:00:00Z"}, // not March 3rd
		{"2028-02-29T10:00:00Z", 12, "2027-02-28T10:00:00Z"}, // not March 1st
		{"2026-01-15T10:00:00Z", 25, "2023-12-15T10:00:00Z"},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		store := &asked{}
		retain, err := app.NewRetain(app.RetainConfig{Store: store, Months: c.months, Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		gone, err := retain.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got, want := "", app.Forgotten{Pages: 4}
		if !store.rates.IsZero() {
			got, want = store.rates.Format(time.RFC3339), app.Forgotten{Rates: 2, Superseded: 3, Pages: 4}
		}
		if got != c.want || gone != want {
			t.Errorf("%d months before %s: rates that ended before %q go, want %q; %+v", c.months, c.now, got, c.want, gone)
		}
		if days := now.Sub(store.pages).Hours() / 24; days != 30 {
			t.Errorf("pages are kept for %v days, want 30", days)
		}
	}
}

func TestRetentionRefusesLessThanAYear(t *testing.T) {
	for _, months := range []int{-12, -1, 1, 6, 11} {
		if _, err := app.NewRetain(app.RetainConfig{Store: &asked{}, Months: months, Now: time.Now}); domain.KindOf(err) != domain.KindInvalid {
			t.Errorf("%d months: got %v, want a refusal", months, err)
		}
	}
}
