package cost_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/domain/cost"
)

// of is a rate of the standard tier, everywhere; turn changes that.
func of(meter domain.Meter, above int64, amount string, turn ...func(*domain.RateView)) domain.RateView {
	r := domain.RateView{Rate: domain.Rate{
		RateKey: domain.RateKey{Tier: domain.TierStandard, Region: domain.RegionGlobal, Layer: domain.LayerList, Meter: meter, MinPromptTokens: above},
		Price:   domain.Price{Amount: decimal.RequireFromString(amount), Unit: meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted},
	}}
	for _, f := range turn {
		f(&r)
	}
	return r
}

func in(tier domain.Tier) func(*domain.RateView) { return func(r *domain.RateView) { r.Tier = tier } }
func from(layer domain.Layer) func(*domain.RateView) {
	return func(r *domain.RateView) { r.Layer = layer }
}
func at(region domain.Region) func(*domain.RateView) {
	return func(r *domain.RateView) { r.Region = region }
}

func TestOf(t *testing.T) {
	plain := []domain.RateView{of(domain.MeterInput, 0, "3"), of(domain.MeterOutput, 0, "15"), of(domain.MeterCacheRead, 0, "0.3")}
	cliff := append(slices.Clone(plain), of(domain.MeterInput, 200_001, "6"), of(domain.MeterOutput, 200_001, "22.5"))
	tests := map[string]struct {
		rates  []domain.RateView
		usage  domain.Usage
		turn   func(*cost.Request, *cost.Tariff)
		status cost.Status
		total  string // of the parts
		missed string // what and why, joined
	}{
		"plain":                            {rates: plain, usage: domain.Usage{"input": 1000, "output": 100, "cache_read": 10_000}, status: cost.Priced, total: "0.0075"},
		"one token":                        {rates: plain, usage: domain.Usage{"input": 1}, status: cost.Priced, total: "0.000003"},
		"nothing used":                     {rates: plain, usage: domain.Usage{"input": 0}, status: cost.Priced, total: "0"},
		"just below a cliff":               {rates: cliff, usage: domain.Usage{"input": 200_000, "output": 10}, status: cost.Priced, total: "0.60015"},
		"at a cliff, the whole request":    {rates: cliff, usage: domain.Usage{"input": 200_001, "output": 10}, status: cost.Priced, total: "1.200231"},
		"what was cached counts as prompt": {rates: cliff, usage: domain.Usage{"input": 1, "cache_write": 200_000}, status: cost.Incomplete, total: "0.000006", missed: "cache_write no_rate"},
		"no base rate above a cliff":       {rates: cliff, usage: domain.Usage{"input": 200_000, "cache_read": 1}, status: cost.Incomplete, total: "1.2", missed: "cache_read no_rate_above_threshold"},
		"the answer is no prompt":          {rates: cliff, usage: domain.Usage{"input": 10, "output": 300_000}, status: cost.Priced, total: "4.50003"},
		"another tier is not taken": {rates: plain, usage: domain.Usage{"input": 1},
			turn: func(r *cost.Request, _ *cost.Tariff) { r.Tier = domain.TierBatch }, status: cost.TierNotPriced, total: "0", missed: "input no_rate"},
		"a tier that prices half": {rates: append(slices.Clone(plain), of("input", 0, "1.5", in(domain.TierBatch))), usage: domain.Usage{"input": 2, "output": 2},
			turn: func(r *cost.Request, _ *cost.Tariff) { r.Tier = domain.TierBatch }, status: cost.Incomplete, total: "0.000003", missed: "output no_rate"},
		"pictures follow text":         {rates: plain, usage: domain.Usage{"input_image": 10, "input_video": 10, "cache_read_image": 10}, status: cost.Priced, total: "0.000063"},
		"pictures at their own price":  {rates: append(slices.Clone(plain), of("input_image", 0, "4")), usage: domain.Usage{"input_image": 10}, status: cost.Priced, total: "0.00004"},
		"sound follows nothing":        {rates: plain, usage: domain.Usage{"input_audio": 10, "output_audio": 3, "cache_read_audio": 1}, status: cost.Incomplete, total: "0", missed: "input_audio no_rate, output_audio no_rate, cache_read_audio no_rate"},
		"a search without a price":     {rates: plain, usage: domain.Usage{"input": 1, "web_search": 2}, status: cost.Incomplete, total: "0.000003", missed: "web_search no_rate"},
		"a search by the piece":        {rates: append(slices.Clone(plain), of("web_search", 0, "0.01")), usage: domain.Usage{"web_search": 2, "input": 300_000}, status: cost.Priced, total: "0.92"},
		"a negotiated price":           {rates: append(slices.Clone(plain), of("input", 0, "2", from(domain.LayerManual)), of("input", 0, "9", from(domain.LayerImported))), usage: domain.Usage{"input": 10}, status: cost.Priced, total: "0.00002"},
		"a region of its own":          {rates: append(slices.Clone(plain), of("input", 0, "3.3", at("us"))), usage: domain.Usage{"input": 10, "output": 10}, turn: func(r *cost.Request, _ *cost.Tariff) { r.Region = "us" }, status: cost.Priced, total: "0.000183"},
		"a region of others":           {rates: append(slices.Clone(plain), of("input", 0, "3.3", at("us"))), usage: domain.Usage{"input": 10}, status: cost.Priced, total: "0.00003"},
		"another currency":             {rates: []domain.RateView{of("input", 0, "3", func(r *domain.RateView) { r.Currency = "EUR" })}, usage: domain.Usage{"input": 10}, status: cost.TierNotPriced, total: "0", missed: "input no_rate"},
		"a literal 0":                  {rates: []domain.RateView{of("input", 0, "0"), of("output", 0, "0")}, usage: domain.Usage{"input": 10, "output": 1}, status: cost.Free, total: "0"},
		"storage is no prompt":         {rates: append(slices.Clone(cliff), of("cache_storage", 0, "1")), usage: domain.Usage{"input": 200_001, "cache_storage": 500_000}, status: cost.Priced, total: "1.700006"},
		"no rate at all":               {usage: domain.Usage{"input": 10}, status: cost.TBD, total: "0", missed: "input no_rate"},
		"said to be free":              {usage: domain.Usage{"input": 10}, turn: func(_ *cost.Request, f *cost.Tariff) { f.Stated = domain.Free }, status: cost.Free, total: "0"},
		"free, but for a search":       {usage: domain.Usage{"input": 10, "web_search": 1}, turn: func(_ *cost.Request, f *cost.Tariff) { f.Stated = domain.Free }, status: cost.Incomplete, total: "0", missed: "input no_rate, web_search no_rate"},
		"sold by the picture":          {usage: domain.Usage{"input": 10}, turn: func(_ *cost.Request, f *cost.Tariff) { f.Stated = domain.NotPerToken }, status: cost.NotPerToken, total: "0", missed: "input no_rate"},
		"priced by the picture":        {rates: []domain.RateView{of("image", 0, "0.04")}, usage: domain.Usage{"input": 10}, status: cost.NotPerToken, total: "0", missed: "input no_rate"},
		"before anything was known":    {usage: domain.Usage{"input": 10}, turn: func(_ *cost.Request, f *cost.Tariff) { f.Before = true }, status: cost.BeforeHistory, total: "0", missed: "input no_rate"},
		"a count that nobody knows":    {rates: plain, usage: domain.Usage{"input": 1}, turn: func(r *cost.Request, _ *cost.Tariff) { r.Unknown = map[string]int64{"b": 2, "a": 1, "none": 0} }, status: cost.Incomplete, total: "0.000003", missed: "a unknown_count, b unknown_count"},
		"> and ≥ of two layers, below": {rates: append(slices.Clone(cliff), of("input", 200_000, "5", from(domain.LayerManual))), usage: domain.Usage{"input": 199_999}, status: cost.Priced, total: "0.599997"},
		"> and ≥ of two layers, at it": {rates: append(slices.Clone(cliff), of("input", 200_000, "5", from(domain.LayerManual))), usage: domain.Usage{"input": 200_000}, status: cost.Priced, total: "1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			request, tariff := cost.Request{Usage: test.usage, Tier: domain.TierStandard, Region: domain.RegionGlobal}, cost.Tariff{Rates: test.rates}
			if test.turn != nil {
				test.turn(&request, &tariff)
			}
			got := cost.Of(request, tariff)
			missed := ""
			for _, m := range got.Missing {
				if missed != "" {
					missed += ", "
				}
				missed += m.What + " " + string(m.Reason)
			}
			if got.Status != test.status || got.Subtotal.String() != test.total || missed != test.missed {
				t.Errorf("got %s %s, missing %q; want %s %s, missing %q", got.Status, got.Subtotal, missed, test.status, test.total, test.missed)
			}
			if _, known := got.Total(); known != (test.status == cost.Priced || test.status == cost.Free) {
				t.Errorf("%s has a total: %t", got.Status, known)
			}
		})
	}
}

// aTariff prices some meters of some tiers, each from 0 and from some cliffs.
func aTariff(t *rapid.T) []domain.RateView {
	var rates []domain.RateView
	for _, meter := range domain.TokenMeters() {
		for _, tier := range []domain.Tier{domain.TierStandard, domain.TierBatch} {
			for _, above := range []int64{0, 200_001} {
				if rapid.IntRange(0, 2).Draw(t, "has") > 0 {
					amount := decimal.New(rapid.Int64Range(0, 1_000_000).Draw(t, "coefficient"), rapid.Int32Range(-12, 0).Draw(t, "exponent"))
					rates = append(rates, of(meter, above, amount.String(), in(tier)))
				}
			}
		}
	}
	return rates
}

func aUsage(t *rapid.T, most int64) domain.Usage {
	u := domain.Usage{}
	for _, m := range rapid.SliceOfNDistinct(rapid.SampledFrom(append(domain.TokenMeters(), "web_search")), 0, 8, rapid.ID).Draw(t, "meters") {
		u[m] = rapid.Int64Range(0, most).Draw(t, "quantity")
	}
	return u
}

// TestEverythingUsedIsPricedOrMissing: each meter stands in exactly one part or
// among what is missing, whole; the parts add up; none is of another tier.
func TestEverythingUsedIsPricedOrMissing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := cost.Request{Usage: aUsage(t, 1_000_000), Tier: rapid.SampledFrom(domain.Tiers()).Draw(t, "tier"), Region: domain.RegionGlobal}
		got := cost.Of(r, cost.Tariff{Rates: aTariff(t)})
		told := domain.Usage{}
		var sum decimal.Decimal
		for _, p := range got.Parts {
			told[p.Meter] += p.Quantity
			sum = sum.Add(p.Amount)
			exact := decimal.NewFromInt(p.Quantity).Mul(p.Rate.Amount)
			if p.Rate.Tier != r.Tier || !p.Amount.Mul(decimal.New(1, p.Rate.Meter.UnitSize())).Equal(exact) {
				t.Fatalf("%+v, asked for %s", p, r.Tier)
			}
			if p.Rate.MinPromptTokens > r.Usage.PromptTokens() {
				t.Fatalf("a cliff of %d for a prompt of %d", p.Rate.MinPromptTokens, r.Usage.PromptTokens())
			}
		}
		for _, m := range got.Missing {
			told[domain.Meter(m.What)] += m.Quantity
		}
		used := maps.Clone(r.Usage)
		maps.DeleteFunc(used, func(_ domain.Meter, n int64) bool { return n == 0 })
		if !maps.Equal(told, used) || !sum.Equal(got.Subtotal) {
			t.Fatalf("used %v, told %v; the parts add up to %s, subtotal %s", used, told, sum, got.Subtotal)
		}
	})
}

// TestTwiceTheUsageCostsTwice, where no prompt reaches a cliff.
func TestTwiceTheUsageCostsTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tariff := cost.Tariff{Rates: aTariff(t)}
		once, twice := aUsage(t, 5000), domain.Usage{}
		for m, n := range once {
			twice[m] = 2 * n
		}
		a := cost.Of(cost.Request{Usage: once, Tier: domain.TierStandard, Region: domain.RegionGlobal}, tariff)
		b := cost.Of(cost.Request{Usage: twice, Tier: domain.TierStandard, Region: domain.RegionGlobal}, tariff)
		if !a.Subtotal.Mul(decimal.NewFromInt(2)).Equal(b.Subtotal) || a.Status != b.Status {
			t.Fatalf("once %s %s, twice %s %s", a.Status, a.Subtotal, b.Status, b.Subtotal)
		}
	})
}
