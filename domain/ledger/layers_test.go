package ledger_test

import (
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/ledger"
)

func manualRow(k domain.RateKey, amount string, from, to time.Time) domain.Rate {
	return domain.Rate{RateKey: k, Price: price(amount), Effective: domain.Span{From: from, To: to}}
}

func inLayer(rates []domain.Rate, layer domain.Layer, k domain.RateKey, t time.Time) string {
	k.Layer = layer
	return (&reader{rates: rates}).at(k, t)
}

func manualRows(rates []domain.Rate) []domain.Rate {
	return slices.DeleteFunc(slices.Clone(rates), func(r domain.Rate) bool { return r.Layer != domain.LayerManual })
}

// TestManualOverlaysAndLeaves: a manual rate stands beside the list price, may
// be replaced in part, and after its removal the list price stands alone.
func TestManualOverlaysAndLeaves(t *testing.T) {
	k := key("m", domain.MeterInput)
	var r reader
	r.read(days(0), stated(k, "3", "", ""))
	c := ledger.Enter(r.rates, []domain.Rate{manualRow(k, "2", days(1), time.Time{})}, days(1))
	r.rates = ledger.Apply(r.rates, c)
	if got := kinds(c); !slices.Equal(got, []domain.EventKind{domain.EventRateOpened}) {
		t.Errorf("entering told %v", got)
	}
	r.rates = ledger.Apply(r.rates, ledger.Enter(r.rates, []domain.Rate{manualRow(k, "1", days(3), days(5))}, days(2)))
	for day, want := range map[int]string{0: "none", 1: "2", 3: "1", 5: "2"} {
		if got := inLayer(r.rates, domain.LayerManual, k, days(day)); got != want {
			t.Errorf("on day %d the manual price is %s, want %s", day, got, want)
		}
	}
	c = ledger.Withdraw(r.rates, manualRows(r.rates), days(4), days(4))
	r.rates = ledger.Apply(r.rates, c)
	for day, want := range map[int]string{3: "1", 4: "none", 9: "none"} {
		if got := inLayer(r.rates, domain.LayerManual, k, days(day)); got != want {
			t.Errorf("after its removal the manual price on day %d is %s, want %s", day, got, want)
		}
	}
	if got := r.at(k, days(9)); got != "3" {
		t.Errorf("the list price became %s", got)
	}
	checkNoOverlap(t, r.rates)
	if again := ledger.Withdraw(r.rates, manualRows(r.rates), days(4), days(6)); len(again.Supersede)+len(again.Open)+len(again.Events) != 0 {
		t.Errorf("removed again, it changed %+v", again)
	}
}

// TestRetirementEndsListPrices, stated still or not, and nothing before it.
func TestRetirementEndsListPrices(t *testing.T) {
	still, gone := key("m", domain.MeterInput), key("m", domain.MeterOutput)
	var r reader
	r.read(days(0), stated(still, "3", "", ""), stated(gone, "9", "", ""))
	end := days(10)
	for day := 1; day < 3; day++ {
		c := ledger.Diff(r.rates, nil, ledger.Reading{
			Seen: days(day), KnownAt: days(day), Stated: []ledger.Stated{stated(still, "3", "", "")},
			Before: map[string]time.Time{source: r.last}, Retires: map[string]time.Time{"m": end},
		})
		if day == 2 && len(c.Supersede)+len(c.Open) != 0 {
			t.Errorf("said again, the retirement changed %+v", c)
		}
		r.rates = ledger.Apply(r.rates, c)
	}
	for _, k := range []domain.RateKey{still, gone} {
		if r.at(k, end.Add(-time.Second)) == "none" || r.at(k, end) != "none" {
			t.Errorf("%s: %s before and %s at the retirement", k.Meter, r.at(k, end.Add(-time.Second)), r.at(k, end))
		}
	}
}

// TestCorrectBelievesWhatIsReadAgain and says once per key which period it
// touches; corrected again, nothing changes.
func TestCorrectBelievesWhatIsReadAgain(t *testing.T) {
	k, same := key("m", domain.MeterInput), key("n", domain.MeterInput)
	var wrong, right reader
	wrong.read(days(0), stated(k, "3", "", ""), stated(same, "1", "", ""))
	wrong.read(days(2), stated(k, "30", "", ""), stated(same, "1", "", ""))
	wrong.read(days(4), stated(k, "4", "", ""), stated(same, "1", "", ""))
	right.read(days(0), stated(k, "3", "", ""), stated(same, "1", "", ""))
	right.read(days(2), stated(k, "3", "", ""), stated(same, "1", "", ""))
	right.read(days(4), stated(k, "4", "", ""), stated(same, "1", "", ""))
	c := ledger.Correct(wrong.rates, right.rates, []string{source}, days(9))
	after := ledger.Apply(wrong.rates, c)
	checkNoOverlap(t, after)
	for day := range 6 {
		if got, want := (&reader{rates: after}).at(k, days(day)), right.at(k, days(day)); got != want {
			t.Errorf("on day %d %s, want %s", day, got, want)
		}
	}
	if len(c.Events) != 1 || c.Events[0].Kind != domain.EventRateCorrected {
		t.Fatalf("told %v", kinds(c))
	}
	p, ok := c.Events[0].Payload.(domain.RatePayload)
	if !ok || p.Old != "30" || p.New != "3" || p.Effective != days(2).Format(time.RFC3339Nano) || p.Until != days(4).Format(time.RFC3339Nano) {
		t.Errorf("told of %+v", p)
	}
	if again := ledger.Correct(after, right.rates, []string{source}, days(10)); len(again.Open)+len(again.Supersede)+len(again.Events) != 0 {
		t.Errorf("corrected again, it changed %+v", again)
	}
	if other := ledger.Correct(wrong.rates, nil, []string{"another"}, days(10)); len(other.Open)+len(other.Supersede) != 0 {
		t.Errorf("rates of a source that was not read again were touched: %+v", other)
	}
}

// TestArriveTellsOfWhatWasAnnounced, once, at its instant, and of nothing that
// was told when it became known.
func TestArriveTellsOfWhatWasAnnounced(t *testing.T) {
	k := key("m", domain.MeterInput)
	var r reader
	r.read(days(0), stated(k, "2", "", "2026-08-31"), stated(k, "4", "2026-09-01", "2026-09-30"))
	rise, end := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	if events := ledger.Arrive(r.rates, days(-5), days(5)); len(events) != 0 {
		t.Errorf("before anything comes it told %v", events)
	}
	for _, c := range []struct {
		after, until time.Time
		want         []domain.EventKind
	}{
		{days(5), rise, []domain.EventKind{domain.EventRateChanged}},
		{rise, end, []domain.EventKind{domain.EventRateEnded}},
		{days(5), end.AddDate(1, 0, 0), []domain.EventKind{domain.EventRateChanged, domain.EventRateEnded}},
		{end, end.AddDate(1, 0, 0), nil},
	} {
		if got := kinds(ledger.RateChange{Events: ledger.Arrive(r.rates, c.after, c.until)}); !slices.Equal(got, c.want) {
			t.Errorf("between %s and %s it told %v, want %v", c.after, c.until, got, c.want)
		}
	}
}

// TestDerivedRates: a modifier prices what is not printed, only where it is
// proven, and says so; a new modifier prices it anew.
func TestDerivedRates(t *testing.T) {
	k := func(model string, tier domain.Tier, meter domain.Meter) domain.RateKey {
		key := key(model, meter)
		key.Tier = tier
		return key
	}
	printed := []ledger.Stated{
		stated(k("true", domain.TierStandard, domain.MeterInput), "4", "", ""),
		stated(k("true", domain.TierStandard, domain.MeterOutput), "20", "", ""),
		stated(k("true", domain.TierStandard, domain.MeterCacheRead), "0.4", "", ""),
		stated(k("true", domain.TierFast, domain.MeterInput), "24", "", ""),
		stated(k("odd", domain.TierStandard, domain.MeterInput), "0.25", "", ""),
		stated(k("odd", domain.TierStandard, domain.MeterCacheRead), "0.03", "", ""),
		stated(k("odd", domain.TierFast, domain.MeterInput), "2", "", ""),
	}
	modifier := func(what, factor string) domain.Modifier {
		return domain.Modifier{What: what, Factor: decimal.RequireFromString(factor)}
	}
	got := map[string]string{}
	for _, s := range ledger.Derive(printed, []domain.Modifier{modifier("cache_read", "0.1"), modifier("batch", "0.5"), modifier("fast", "6"), modifier("us", "1.1")}) {
		if s.Price.Origin != domain.OriginDerived {
			t.Errorf("%v is %s", s.Key, s.Price.Origin)
		}
		got[s.Key.Model.ID+" "+string(s.Key.Tier)+" "+string(s.Key.Meter)] = s.Price.Amount.String()
	}
	want := map[string]string{
		"true batch input": "2", "true batch output": "10", "odd batch input": "0.125", // batch is printed for nobody
		"true fast cache_read": "2.4", // proven by its standard price; odd's is not
	}
	if len(got) != len(want) {
		t.Errorf("derived %v, want %v", got, want)
	}
	for name, amount := range want {
		if got[name] != amount {
			t.Errorf("%s derived as %q, want %s", name, got[name], amount)
		}
	}

	alone := modifier("batch", "0.8")
	alone.Name = "true" // stated for one model
	for _, s := range ledger.Derive(printed, []domain.Modifier{alone}) {
		if s.Key.Model.ID != "true" {
			t.Errorf("a modifier of another model priced %v", s.Key)
		}
	}

	var r reader
	base := k("m", domain.TierStandard, domain.MeterInput)
	batch := k("m", domain.TierBatch, domain.MeterInput)
	for day, factor := range []string{"0.5", "0.5", "0.4"} {
		said := []ledger.Stated{stated(base, "4", "", "")}
		said = append(said, ledger.Derive(said, []domain.Modifier{modifier("batch", factor)})...)
		c := r.read(days(day), said...)
		if day == 1 && len(c.Open)+len(c.Supersede) != 0 {
			t.Errorf("the same modifier changed %+v", c)
		}
	}
	if r.at(batch, days(1)) != "2" || r.at(batch, days(2)) != "1.6" {
		t.Errorf("derived %s and then %s, want 2 and 1.6", r.at(batch, days(1)), r.at(batch, days(2)))
	}
}
