package app_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/postgres"
	"ratecard/app"
	"ratecard/domain"
	"ratecard/domain/cost"
	"ratecard/domain/ledger"
)

// A pastPrice is what the test itself knows of a price.
type pastPrice struct {
	amount   decimal.Decimal
	from, to int // days; no day, no price
}

// billedPast is a generated past of one model, written to a store and kept
// beside it in the plainest form.
type billedPast struct {
	model  domain.ModelKey
	prices map[domain.RateKey][]pastPrice
}

var billedMeters = []domain.Meter{domain.MeterInput, domain.MeterOutput, domain.MeterCacheRead}

const lastDay = 60

func day(n int) time.Time { return time.Date(2026, time.January, 1+n, 0, 0, 0, 0, time.UTC) }

func aPast(t *rapid.T, model domain.ModelKey) billedPast {
	past := billedPast{model, map[domain.RateKey][]pastPrice{}}
	for _, meter := range billedMeters {
		for _, tier := range []domain.Tier{domain.TierStandard, domain.TierBatch} {
			for _, above := range []int64{0, 1001} {
				key := domain.RateKey{Model: model, Layer: domain.LayerList, Tier: tier, Meter: meter, Region: domain.RegionGlobal, MinPromptTokens: above}
				for from := rapid.IntRange(0, 80).Draw(t, "begins"); from < lastDay; {
					to := from + rapid.IntRange(1, 40).Draw(t, "days")
					past.prices[key] = append(past.prices[key], pastPrice{
						decimal.New(rapid.Int64Range(0, 1_000_000).Draw(t, "coefficient"), rapid.Int32Range(-6, 0).Draw(t, "exponent")), from, to,
					})
					from = to + rapid.IntRange(0, 10).Draw(t, "gap")
				}
			}
		}
	}
	return past
}

func (p billedPast) rates() []domain.Rate {
	var rates []domain.Rate
	for key, prices := range p.prices {
		for _, price := range prices {
			rates = append(rates, domain.Rate{
				RateKey: key, Basis: domain.BasisStated, Effective: domain.Span{From: day(price.from), To: day(price.to)},
				Price: domain.Price{Amount: price.amount, Unit: key.Meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted},
			})
		}
	}
	return rates
}

// at is the amount in force on a day, and whether there is one.
func (p billedPast) at(tier domain.Tier, meter domain.Meter, above int64, on int) (decimal.Decimal, bool) {
	key := domain.RateKey{Model: p.model, Layer: domain.LayerList, Tier: tier, Meter: meter, Region: domain.RegionGlobal, MinPromptTokens: above}
	for _, price := range p.prices[key] {
		if price.from <= on && on < price.to {
			return price.amount, true
		}
	}
	return decimal.Zero, false
}

// costs is what a usage cost on a day, and whether all of it had a price.
func (p billedPast) costs(tier domain.Tier, used map[string]int64, on int) (total decimal.Decimal, whole bool) {
	above := int64(0)
	if used["input"]+used["cache_read"] >= 1001 {
		for _, meter := range billedMeters {
			if _, priced := p.at(tier, meter, 1001, on); priced {
				above = 1001
			}
		}
	}
	whole = true
	for _, meter := range billedMeters {
		if n := used[string(meter)]; n > 0 {
			amount, priced := p.at(tier, meter, above, on)
			whole = whole && priced
			total = total.Add(amount.Mul(decimal.NewFromInt(n)).Div(decimal.New(1_000_000, 0)))
		}
	}
	return total, whole
}

// TestProperty38_HistoricalCost: a cost for an instant is what the rates of
// that instant make it, whatever came before and after; and when the past is
// corrected, as it was believed before.
func TestProperty38_HistoricalCost(t *testing.T) {
	store, err := postgres.Open(t.Context(), postgres.Config{DSN: pgtest.DSN(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	if err := postgres.Migrate(t.Context(), store, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	books, biller := postgres.NewLedger(store), app.NewBiller(postgres.NewCatalogue(store), app.NewProviders(app.ProvidersConfig{Kept: postgres.NewProviders(store)}))
	first, second := day(lastDay), day(lastDay+1)
	cases := 0
	rapid.Check(t, func(t *rapid.T) {
		cases++
		provider := domain.ProviderID(fmt.Sprint("billed-", cases))
		model := domain.ModelKey{Provider: provider, ID: "one"}
		believed, corrected := aPast(t, model), aPast(t, model)
		write := func(known time.Time, past billedPast) {
			_, err := books.Update(t.Context(), provider, func(s ledger.State) (ledger.Change, error) {
				c := ledger.Change{KnownAt: known, Supersede: s.Rates, Open: past.rates()}
				if len(s.Models) == 0 {
					c.Models = []domain.Model{{ModelKey: model, DisplayName: "One", Usability: domain.UsabilityAvailable, Classification: []domain.Class{domain.ClassGeneral}}}
				}
				return c, nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		write(first, believed)
		write(second, corrected)

		var lines []app.BillLine
		var days []int
		for range rapid.IntRange(1, 8).Draw(t, "lines") {
			on := rapid.IntRange(0, 110).Draw(t, "day")
			used := map[string]int64{}
			for _, m := range billedMeters {
				used[string(m)] = rapid.SampledFrom([]int64{0, 1, 400, 1000, 1001, 77_777}).Draw(t, "quantity")
			}
			lines, days = append(lines, app.BillLine{
				Model: "one", Provider: provider, At: day(on).Add(time.Duration(rapid.IntRange(0, 86_399).Draw(t, "second")) * time.Second),
				Tier: rapid.SampledFrom([]domain.Tier{domain.TierStandard, domain.TierBatch}).Draw(t, "tier"), Usage: used,
			}), append(days, on)
		}
		for _, known := range []struct {
			at   time.Time
			past billedPast
		}{{first, believed}, {second, corrected}, {time.Time{}, corrected}} {
			bill, err := biller.Bill(t.Context(), lines, known.at, second)
			if err != nil {
				t.Fatal(err)
			}
			for i, got := range bill.Lines {
				want, whole := known.past.costs(lines[i].Tier, lines[i].Usage, days[i])
				total, has := got.Total()
				none := got.Status == cost.TBD || got.Status == cost.BeforeHistory || got.Status == cost.TierNotPriced
				switch {
				case !got.Subtotal.Equal(want):
					t.Fatalf("line %d, known at %s: %s, want %s: %+v", i, known.at, got.Subtotal, want, got)
				case none && (has || !want.IsZero()), !none && has != whole, has && !total.Equal(want):
					t.Fatalf("line %d, known at %s: %s, total %s (%t); want %s (%t)", i, known.at, got.Status, total, has, want, whole)
				}
			}
		}
	})
}
