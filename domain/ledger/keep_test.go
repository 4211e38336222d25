package ledger_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/domain/ledger"
)

// history draws the rates of up to three keys: spans on whole days, with gaps,
// the last one open or not.
func history(t *rapid.T, name string) []domain.Rate {
	var rows []domain.Rate
	for k := range 3 {
		day := rapid.IntRange(0, 5).Draw(t, name+" begins")
		for range rapid.IntRange(0, 4).Draw(t, name+" rows") {
			long := rapid.IntRange(1, 4).Draw(t, name+" days")
			rows = append(rows, domain.Rate{
				RateKey:   key("model-"+strconv.Itoa(k), domain.MeterInput),
				Price:     domain.Price{Amount: decimal.NewFromInt(rapid.Int64Range(1, 3).Draw(t, name+" amount"))},
				Effective: domain.Span{From: days(day), To: days(day + long)},
				Basis:     rapid.SampledFrom([]domain.Basis{domain.BasisObserved, domain.BasisStated}).Draw(t, name+" basis"),
			})
			day += long + rapid.IntRange(0, 2).Draw(t, name+" gap")
		}
		if n := len(rows); n > 0 && rapid.Bool().Draw(t, name+" open") && rows[n-1].Model.ID == "model-"+strconv.Itoa(k) {
			rows[n-1].Effective.To = time.Time{}
		}
	}
	return rows
}

// priceAt says what a key costs at an instant, "" for nothing.
func priceAt(rows []domain.Rate, k domain.RateKey, at time.Time) string {
	i := slices.IndexFunc(rows, func(r domain.Rate) bool { return r.RateKey == k && r.Effective.Contains(at) })
	if i < 0 {
		return ""
	}
	return rows[i].Amount.String()
}

// moments are instants on, between and far behind the days of a history.
func moments() []time.Time {
	var all []time.Time
	for d := -1; d < 40; d++ {
		all = append(all, days(d), days(d).Add(time.Hour))
	}
	return append(all, days(9999))
}

var someKeys = []domain.RateKey{key("model-0", domain.MeterInput), key("model-1", domain.MeterInput), key("model-2", domain.MeterInput)}

// Where and only where a difference is told, two histories differ, as told.
func TestDifferencesAreAllThereAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, now := history(t, "old"), history(t, "new")
		told := ledger.Differences(old, now)
		amount := func(p *domain.Price) string {
			if p == nil {
				return ""
			}
			return p.Amount.String()
		}
		for _, k := range someKeys {
			for _, at := range moments() {
				was, is := priceAt(old, k, at), priceAt(now, k, at)
				i := slices.IndexFunc(told, func(d ledger.Difference) bool { return d.Key == k && d.Effective.Contains(at) })
				if (i < 0) != (was == is) {
					t.Fatalf("%s at %s costs %q and %q; told: %t", k.Model, at, was, is, i >= 0)
				}
				if i >= 0 && (amount(told[i].Old) != was || amount(told[i].New) != is) {
					t.Fatalf("%s at %s costs %q and %q, told %+v", k.Model, at, was, is, told[i])
				}
			}
		}
		if len(ledger.Differences(old, old)) != 0 {
			t.Fatal("a history differs from itself")
		}
	})
}

// Adopted rows are all there is from their first on, and no two rows overlap.
func TestAdoptedRowsHoldFromTheirFirstOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		again, adopted := history(t, "again"), history(t, "adopted")
		out := ledger.Adopt(again, adopted)
		for _, k := range someKeys {
			for _, at := range moments() {
				want := priceAt(again, k, at)
				if slices.ContainsFunc(adopted, func(r domain.Rate) bool { return r.RateKey == k && !r.Effective.From.After(at) }) {
					want = priceAt(adopted, k, at)
				}
				if got := priceAt(out, k, at); got != want {
					t.Fatalf("%s at %s costs %q, want %q", k.Model, at, got, want)
				}
			}
		}
		checkWhole(t, out)
	})
}

// What is told again holds from an instant on, what is believed before it, and
// a history that is told again as it is believed stays row for row.
func TestSinceLeavesWhatWasBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		again, believed := history(t, "again"), history(t, "believed")
		start := days(rapid.IntRange(-1, 20).Draw(t, "start"))
		out := ledger.Since(again, believed, start)
		for _, k := range someKeys {
			for _, at := range moments() {
				want := priceAt(again, k, at)
				if at.Before(start) {
					want = priceAt(believed, k, at)
				}
				if got := priceAt(out, k, at); got != want {
					t.Fatalf("%s at %s costs %q, want %q", k.Model, at, got, want)
				}
			}
		}
		checkWhole(t, out)
		if told := ledger.Differences(believed, ledger.Since(believed, believed, start)); len(told) != 0 {
			t.Fatalf("told again it differs: %+v", told)
		}
	})
}

func checkWhole(t interface {
	Fatalf(format string, args ...any)
}, rows []domain.Rate) {
	for i, a := range rows {
		for _, b := range rows[i+1:] {
			if a.RateKey == b.RateKey && a.Effective.Overlaps(b.Effective) {
				t.Fatalf("%s overlaps %s", fmt.Sprint(a.Effective), fmt.Sprint(b.Effective))
			}
		}
	}
}

// A row has the end that its reading gave it: not the one that a later price
// put to it, unless that was announced.
func TestAsRead(t *testing.T) {
	row := func(from, to int, basis domain.Basis) domain.Rate {
		r := domain.Rate{RateKey: someKeys[0], Basis: basis, Effective: domain.Span{From: days(from)}}
		if to > 0 {
			r.Effective.To = days(to)
		}
		return r
	}
	for name, c := range map[string]struct{ believed, want []domain.Rate }{
		"replaced":             {[]domain.Rate{row(0, 2, domain.BasisObserved), row(2, 0, domain.BasisObserved)}, []domain.Rate{row(0, 0, domain.BasisObserved), row(2, 0, domain.BasisObserved)}},
		"followed as stated":   {[]domain.Rate{row(0, 2, domain.BasisObserved), row(2, 0, domain.BasisStated)}, []domain.Rate{row(0, 2, domain.BasisObserved), row(2, 0, domain.BasisStated)}},
		"ended":                {[]domain.Rate{row(0, 2, domain.BasisObserved)}, []domain.Rate{row(0, 2, domain.BasisObserved)}},
		"ended, and again one": {[]domain.Rate{row(0, 2, domain.BasisObserved), row(4, 0, domain.BasisObserved)}, []domain.Rate{row(0, 2, domain.BasisObserved), row(4, 0, domain.BasisObserved)}},
	} {
		got := ledger.AsRead(c.believed)
		if !slices.EqualFunc(got, c.want, func(a, b domain.Rate) bool { return a.Effective.Equal(b.Effective) }) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
