package ledger_test

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/domain/ledger"
)

// overlaid is a provider's books in the test of adjustments, with what is believed
// and the adjustments as somebody would keep them on paper.
type overlaid struct {
	state ledger.State
	rules []domain.Adjustment // as they are entered and ended
	begin time.Time
}

var overlaidKeys = func() (keys []domain.RateKey) {
	for _, model := range []string{"large-1", "small-1"} {
		for _, tier := range []domain.Tier{domain.TierStandard, domain.TierBatch} {
			for _, meter := range []domain.Meter{domain.MeterInput, "web_search"} {
				keys = append(keys, domain.RateKey{
					Model: domain.ModelKey{Provider: "acme", ID: model}, Layer: domain.LayerList, Tier: tier, Meter: meter, Region: domain.RegionGlobal,
				})
			}
		}
	}
	return keys
}()

func (o *overlaid) instant(t *rapid.T, label string) time.Time {
	return o.begin.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, label)) * time.Hour)
}

func (o *overlaid) span(t *rapid.T) domain.Span {
	span := domain.Span{From: o.instant(t, "from")}
	if rapid.Bool().Draw(t, "ends") {
		span.To = span.From.Add(time.Duration(rapid.IntRange(1, 60).Draw(t, "hours")) * time.Hour)
	}
	return span
}

func decimals(t *rapid.T, least, most int, label string) decimal.Decimal {
	return decimal.New(int64(rapid.IntRange(least*1_000_000, most*1_000_000).Draw(t, label)), -6)
}

// apply puts a change on record as the store does.
func (o *overlaid) apply(t *rapid.T, c ledger.Change) {
	c.KnownAt = o.state.LastKnown.Add(time.Minute)
	before := slices.Clone(o.state.Rates)
	c = ledger.Adjusted(o.state, c)
	o.state.Rates = ledger.Apply(o.state.Rates, ledger.RateChange{Supersede: c.Supersede, Open: c.Open})
	for i := range o.state.Adjustments {
		for _, e := range c.AdjustEnd {
			if a := &o.state.Adjustments[i]; a.ID == e.ID {
				a.Effective.To = e.At
			}
		}
	}
	for _, a := range c.Adjust {
		a.ID = int64(len(o.state.Adjustments) + 1)
		o.state.Adjustments = slices.Insert(o.state.Adjustments, 0, a)
	}
	o.state.LastKnown = c.KnownAt
	for _, row := range before { // what lies above and below is touched by nothing but its own changes
		if row.Layer == domain.LayerManual && !slices.ContainsFunc(o.state.Rates, func(r domain.Rate) bool { return r.RateKey == row.RateKey && r.Effective.Equal(row.Effective) }) &&
			!slices.ContainsFunc(c.Open, func(r domain.Rate) bool { return r.Layer == domain.LayerManual }) {
			t.Fatalf("the manual rate %+v went by itself", row)
		}
	}
	again := ledger.Adjusted(o.state, ledger.Change{KnownAt: c.KnownAt.Add(time.Minute), Adjust: nil, AdjustEnd: []ledger.AdjustmentEnd{{ID: -1}}})
	if len(again.Open)+len(again.Supersede)+len(again.Events) > 0 {
		t.Fatalf("a second look changes %+v", again)
	}
}

func (o *overlaid) step(t *rapid.T) {
	key := rapid.SampledFrom(overlaidKeys).Draw(t, "key")
	row := domain.Rate{RateKey: key, Price: domain.Price{
		Amount: decimals(t, 0, 50, "amount"), Unit: key.Meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted,
	}, Effective: o.span(t), Basis: domain.BasisStated}
	switch rapid.SampledFrom([]string{"list", "list", "manual", "adjust", "adjust", "end"}).Draw(t, "step") {
	case "list":
		rest := ledger.Withdraw(asManual(o.state.Rates, key), []domain.Rate{{RateKey: key, Effective: row.Effective}}, row.Effective.From, o.state.LastKnown.Add(time.Minute))
		c := ledger.Change{Supersede: asList(rest.Supersede), Open: append(asList(rest.Open), row)}
		o.apply(t, c)
	case "manual":
		c := ledger.Enter(o.state.Rates, []domain.Rate{row}, o.state.LastKnown.Add(time.Minute))
		o.apply(t, ledger.Change{Supersede: c.Supersede, Open: c.Open})
	case "adjust":
		a := domain.Adjustment{
			Provider: "acme", Percent: decimals(t, -100, 200, "percent"), Effective: row.Effective,
			Model: rapid.SampledFrom([]string{"", "large-1", "small-1"}).Draw(t, "model"),
			Tier:  rapid.SampledFrom([]domain.Tier{"", domain.TierStandard, domain.TierBatch}).Draw(t, "tier"),
			Meter: rapid.SampledFrom([]domain.Meter{"", domain.MeterInput, "web_search"}).Draw(t, "meter"),
		}
		o.rules = append(o.rules, a)
		o.apply(t, ledger.Change{Adjust: []domain.Adjustment{a}})
	case "end":
		if len(o.rules) == 0 {
			return
		}
		i := rapid.IntRange(0, len(o.rules)-1).Draw(t, "which")
		end := o.instant(t, "at")
		if end.Before(o.rules[i].Effective.From) {
			end = o.rules[i].Effective.From
		}
		if !o.rules[i].Effective.Open() && !end.Before(o.rules[i].Effective.To) {
			return
		}
		o.rules[i].Effective.To = end
		o.apply(t, ledger.Change{AdjustEnd: []ledger.AdjustmentEnd{{ID: int64(i + 1), At: end}}})
	}
}

// asManual and asList let the list layer be cut by what cuts the manual one.
func asManual(rates []domain.Rate, key domain.RateKey) (out []domain.Rate) {
	for _, r := range rates {
		if r.RateKey == key {
			r.Layer = domain.LayerManual
			out = append(out, r)
		}
	}
	return out
}

func asList(rates []domain.Rate) []domain.Rate {
	for i := range rates {
		rates[i].Layer, rates[i].Basis = domain.LayerList, domain.BasisStated
	}
	return rates
}

func (o *overlaid) amount(key domain.RateKey, layer domain.Layer, at time.Time) *big.Rat {
	key.Layer = layer
	for _, r := range o.state.Rates {
		if r.RateKey == key && r.Effective.Contains(at) {
			return r.Amount.Rat()
		}
	}
	return nil
}

// percent is what applies to a key at an instant, found the long way.
func (o *overlaid) percent(key domain.RateKey, at time.Time) *big.Rat {
	for _, narrow := range [][3]bool{
		{true, true, true}, {true, true, false}, {true, false, true}, {true, false, false},
		{false, true, true}, {false, true, false}, {false, false, true}, {false, false, false},
	} {
		for _, a := range slices.Backward(o.rules) {
			if !a.Effective.Empty() && a.Effective.Contains(at) &&
				(a.Model != "") == narrow[0] && (a.Tier != "") == narrow[1] && (a.Meter != "") == narrow[2] &&
				(a.Model == "" || a.Model == key.Model.ID) && (a.Tier == "" || a.Tier == key.Tier) && (a.Meter == "" || a.Meter == key.Meter) {
				return a.Percent.Rat()
			}
		}
	}
	return nil
}

// TestAdjustedPricesFollowTheList: after any history of list changes, manual rates
// and adjustments, at every instant, the adjusted price is the list price times
// (1 + p/100), exactly, for the p that applies then; there is none where no
// adjustment or no list price is.
func TestAdjustedPricesFollowTheList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := &overlaid{begin: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
		o.state.LastKnown = o.begin
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			o.step(t)
		}
		for _, key := range overlaidKeys {
			for hour := range 170 {
				at := o.begin.Add(time.Duration(hour) * time.Hour)
				listed, percent, got := o.amount(key, domain.LayerList, at), o.percent(key, at), o.amount(key, domain.LayerAdjusted, at)
				var want *big.Rat
				if listed != nil && percent != nil {
					want = new(big.Rat).Mul(listed, new(big.Rat).Add(big.NewRat(1, 1), new(big.Rat).Quo(percent, big.NewRat(100, 1))))
				}
				if (want == nil) != (got == nil) || want != nil && want.Cmp(got) != 0 {
					t.Fatalf("%v at hour %d: list %v, percent %v, adjusted %v, want %v", key, hour, listed, percent, got, want)
				}
			}
		}
	})
}

// TestChangeWithoutPricesIsGivenBack, whatever is adjusted: it costs nothing.
func TestChangeWithoutPricesIsGivenBack(t *testing.T) {
	state := ledger.State{Adjustments: []domain.Adjustment{{ID: 1, Provider: "acme", Percent: decimal.NewFromInt(5)}}}
	c := ledger.Adjusted(state, ledger.Change{Unlisted: overlaidKeys[:1]})
	if len(c.Open)+len(c.Supersede)+len(c.Events) > 0 {
		t.Errorf("%+v", c)
	}
}
