package cost_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/domain/cost"
)

// TestRankIsTheOrderOfCosts: each offer comes once, in the order of what Of says
// of it; one that Of has no total for, or whose window the prompt exceeds, comes
// after all others and without a rank.
func TestRankIsTheOrderOfCosts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := cost.Request{Usage: aUsage(t, 300_000), Tier: rapid.SampledFrom(domain.Tiers()).Draw(t, "tier"), Region: rapid.SampledFrom([]domain.Region{domain.RegionGlobal, "us"}).Draw(t, "region")}
		w := cost.NewWorkload(r)
		offers := make([]cost.Offer, rapid.IntRange(0, 12).Draw(t, "offers"))
		costs := make([]cost.Cost, len(offers))
		for i := range offers {
			tariff := cost.Tariff{Rates: aTariff(t), Stated: rapid.SampledFrom([]domain.PricingStatus{"", domain.Free, domain.NotPerToken}).Draw(t, "stated")}
			offers[i] = cost.Offer{Schedule: cost.NewSchedule(tariff, r.Tier, r.Region), ContextWindow: rapid.Ptr(rapid.Int64Range(0, 1_000_000), true).Draw(t, "window")}
			if costs[i] = cost.Of(r, tariff); offers[i].ContextWindow != nil && r.Usage.PromptTokens() > *offers[i].ContextWindow {
				costs[i] = cost.Cost{Status: cost.ExceedsContextWindow, PromptTokens: r.Usage.PromptTokens()}
			}
		}
		ranking := w.Rank(offers)
		want := make([]int, len(offers))
		for i := range want {
			want[i] = i
		}
		total := func(i int) decimal.Decimal { d, _ := costs[i].Total(); return d }
		known := func(i int) bool { _, is := costs[i].Total(); return is }
		slices.SortStableFunc(want, func(a, b int) int {
			switch {
			case known(a) != known(b) && known(a):
				return -1
			case known(a) != known(b):
				return 1
			case known(a):
				return total(a).Cmp(total(b))
			}
			return 0
		})
		if ranking.Len() != len(offers) {
			t.Fatalf("%d of %d are ranked", ranking.Len(), len(offers))
		}
		var cheapest decimal.Decimal
		for i, offer := range want {
			got, rank := ranking.At(i), 0
			if known(offer) {
				rank = 1 + slices.IndexFunc(want, func(o int) bool { return total(o).Equal(total(offer)) })
				if cheapest.IsZero() {
					cheapest = total(offer)
				}
			}
			if got.Offer != offer || got.Rank != rank || fmt.Sprint(got.Cost) != fmt.Sprint(costs[offer]) || ranking.Position(offer) != i {
				t.Fatalf("at %d: got %d, rank %d, %+v; want %d, rank %d, %+v", i, got.Offer, got.Rank, got.Cost, offer, rank, costs[offer])
			}
		}
		if got := ranking.Cheapest(); !got.Equal(cheapest) {
			t.Fatalf("the cheapest costs %s, want %s", got, cheapest)
		}
	})
}

// BenchmarkRank ranks 10,000 models, each with rates of two tiers and two
// thresholds, all of them with another price.
func BenchmarkRank(b *testing.B) {
	offers := make([]cost.Offer, 10_000)
	for i := range offers {
		var rates []domain.RateView
		for m, meter := range []domain.Meter{domain.MeterInput, domain.MeterOutput, domain.MeterCacheRead} {
			for _, above := range []int64{0, 200_001} {
				for _, tier := range []domain.Tier{domain.TierStandard, domain.TierBatch} {
					rates = append(rates, of(meter, above, decimal.New(int64(1+(i*7919+m*31)%9973), -int32(i%4)).String(), in(tier)))
				}
			}
		}
		offers[i].Schedule = cost.NewSchedule(cost.Tariff{Rates: rates}, domain.TierStandard, domain.RegionGlobal)
	}
	usage := domain.Usage{domain.MeterInput: 12_000, domain.MeterOutput: 800, domain.MeterCacheRead: 4000}
	b.ReportAllocs()
	for b.Loop() {
		ranking := cost.NewWorkload(cost.Request{Usage: usage}).Rank(offers)
		for i := range 50 {
			ranking.At(i)
		}
	}
}
