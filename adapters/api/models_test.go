package api_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/gen/oas"
	"ratecard/ports"
)

func TestAModelInJSON(t *testing.T) {
	m := model("acme", "large-2",
		rate(domain.TierStandard, domain.MeterOutput, 200001, "22.50"),
		rate(domain.TierStandard, domain.MeterInput, 0, "3.00"),
		rate(domain.TierStandard, domain.MeterOutput, 0, "15"),
		rate(domain.TierStandard, domain.MeterInput, 200001, "6"),
		rate(domain.TierBatch, domain.MeterInput, 0, "1.5"),
		rate(domain.TierStandard, domain.MeterCacheStorage, 0, "4.5"),
		rate(domain.TierStandard, "web_search", 0, "0.01"),
	)
	m.Rates[2].Effective.From = noon.AddDate(0, 0, -2)
	window := int64(200_000)
	retires := time.Date(2027, 1, 1, 0, 0, 0, 0, time.FixedZone("CET", 3600))
	m.ContextWindow, m.RetiresAt, m.DisplayName = &window, &retires, "Large 2"
	m.Capabilities = []domain.Capability{{Type: "vision", Supported: true}, {Type: "audio"}}
	m.Aliases = []string{"large-latest"}
	w := newWorld(t)
	w.catalogue.models = append(w.catalogue.models, m)

	const want = `{
		"id": "large-2", "provider": "acme", "displayName": "Large 2", "ownedBy": null, "created": null, "source": "api",
		"classification": ["chat"], "capabilities": [{"type": "vision", "supported": true}, {"type": "audio", "supported": false}],
		"contextWindow": 200000, "maxOutputTokens": null, "usability": "available", "aliases": ["large-latest"],
		"discoveredAt": "2026-02-01T12:00:00Z", "updatedAt": "2026-02-28T12:00:00Z", "deprecatedAt": null, "retiresAt": "2026-12-31T23:00:00Z",
		"pricingStatus": "priced", "stale": null, "heldChange": null, "pricing": [
			{"tier": "standard", "region": "global", "minPromptTokens": 0, "contextLimit": 200000, "inputCostPerMillion": "3", "outputCostPerMillion": "15",
			 "rates": {"input": "3", "output": "15"},
			 "charges": [{"meter": "cache_storage", "amount": "4.5", "unit": "1M tokens·hour"}, {"meter": "web_search", "amount": "0.01", "unit": "web_search"}],
			 "effectiveDate": "2026-02-27T12:00:00Z"},
			{"tier": "standard", "region": "global", "minPromptTokens": 200001, "contextLimit": null, "inputCostPerMillion": "6", "outputCostPerMillion": "22.5",
			 "rates": {"input": "6", "output": "22.5"}, "charges": [], "effectiveDate": "2026-02-19T12:00:00Z"},
			{"tier": "batch", "region": "global", "minPromptTokens": 0, "contextLimit": null, "inputCostPerMillion": "1.5", "outputCostPerMillion": null,
			 "rates": {"input": "1.5"}, "charges": [], "effectiveDate": "2026-02-19T12:00:00Z"}
		]}`
	for _, path := range []string{"/api/models/large-2", "/api/models/large-latest"} {
		sameJSON(t, w.get(path).Body.Bytes(), []byte(want))
	}
	sameJSON(t, w.get("/api/models").Body.Bytes(), fmt.Appendf(nil, `{"items": [%s], "nextCursor": null, "total": 1}`, want))
}

func sameJSON(t *testing.T, got, want []byte) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal(got, &g); err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	if err := json.Unmarshal(want, &w); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(g, w) {
		t.Errorf("got\n%s\nexpected\n%s", got, want)
	}
}

func TestPricingStatus(t *testing.T) {
	dear, free := rate(domain.TierStandard, domain.MeterInput, 0, "1"), rate(domain.TierStandard, domain.MeterOutput, 0, "0")
	for name, test := range map[string]struct {
		stated domain.PricingStatus
		rates  []domain.RateView
		want   oas.PricingStatus
	}{
		"nothing known":             {"", nil, "TBD"},
		"stated free":               {domain.Free, nil, "free"},
		"stated sold otherwise":     {domain.NotPerToken, nil, "not_per_token"},
		"a rate":                    {"", []domain.RateView{dear}, "priced"},
		"a rate, one of them 0":     {"", []domain.RateView{free, dear}, "priced"},
		"rates of 0":                {"", []domain.RateView{free}, "free"},
		"a rate and stated free":    {domain.Free, []domain.RateView{dear}, "priced"},
		"a rate and sold otherwise": {domain.NotPerToken, []domain.RateView{dear}, "priced"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			m := model("acme", "m", test.rates...)
			m.StatedPricing = test.stated
			w.catalogue.models = append(w.catalogue.models, m)
			got := decode[oas.Model](t, w.get("/api/models/m"))
			if got.PricingStatus != test.want || (len(test.rates) == 0) != (len(got.Pricing) == 0) {
				t.Errorf("%s with %v", got.PricingStatus, got.Pricing)
			}
		})
	}
}

func TestAnOverlayStandsBeforeWhatItOverlays(t *testing.T) {
	list, manual, imported := rate(domain.TierStandard, domain.MeterInput, 0, "3"), rate(domain.TierStandard, domain.MeterInput, 0, "2"), rate(domain.TierStandard, domain.MeterInput, 0, "4")
	manual.Layer, imported.Layer = domain.LayerManual, domain.LayerImported
	orders := [][]domain.RateView{{list, manual, imported}, {manual, imported, list}, {imported, list, manual}}
	for _, rates := range orders {
		w := newWorld(t)
		w.catalogue.models = append(w.catalogue.models, model("acme", "m", rates...))
		got := decode[oas.Model](t, w.get("/api/models/m"))
		if len(got.Pricing) != 1 || got.Pricing[0].InputCostPerMillion.Value != "2" {
			t.Errorf("%+v", got.Pricing)
		}
	}
}

// Money is written so that it reads back as the same amount, without exponent
// and without trailing zeros.
func TestMoneyIsExact(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		cost := decimal.New(rapid.Int64Range(0, 1e15).Draw(t, "coefficient"), rapid.Int32Range(-14, 6).Draw(t, "exponent"))
		r := rate(domain.TierStandard, domain.MeterInput, 0, "0")
		r.Amount = cost
		w.catalogue.models = []ports.ModelView{model("acme", "m", r)}
		var got oas.Model
		answer := w.get("/api/models/m")
		if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if err := got.Validate(); err != nil { // the pattern in openapi.yaml
			t.Fatal(err)
		}
		if back := decimal.RequireFromString(got.Pricing[0].Rates.Input.Value); !back.Equal(cost) {
			t.Fatalf("%s became %s", cost, back)
		}
	})
}

func TestFiltersReachTheCatalogue(t *testing.T) {
	w := newWorld(t)
	answer := w.get("/api/models?provider=acme,zenith&classification=chat,image&usability=deprecated&capability=vision,tools" +
		"&minContextWindow=200000&maxInputCost=2.50&maxOutputCost=10&q=" + url.QueryEscape("Große 100%") + "&limit=500&sort=-contextWindow")
	if answer.Code != 200 {
		t.Fatal(answer.Body)
	}
	window, in, out := int64(200000), decimal.RequireFromString("2.5"), decimal.RequireFromString("10")
	got := w.catalogue.asked
	if !got.MaxInputCost.Equal(in) || !got.MaxOutputCost.Equal(out) {
		t.Errorf("costs %s, %s", got.MaxInputCost, got.MaxOutputCost)
	}
	got.MaxInputCost, got.MaxOutputCost = nil, nil
	want := ports.ModelQuery{
		AsOf:      domain.AsOf{At: noon}, // and as it is believed now
		Providers: []domain.ProviderID{"acme", "zenith"}, Classifications: []domain.Class{"chat", "image"},
		Usabilities: []domain.Usability{"deprecated"}, Capabilities: []string{"vision", "tools"},
		MinContextWindow: &window, Text: "Große 100%", Limit: 500, Sort: ports.SortContextWindow, Descending: true,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("asked for %+v, expected %+v", got, want)
	}
	w.get("/api/models")
	if got := w.catalogue.asked; got.Limit != 50 || got.Providers != nil || got.Usabilities != nil || got.After != nil || got.Sort != ports.SortID || got.Descending {
		t.Errorf("by default %+v", got)
	}
}

// Over all pages of any size every model appears once, in order, whatever its id.
func TestCursorsGoThroughEverything(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOfN(rapid.RuneFrom([]rune("aZ0-._/:é%+ ")), 1, 12, -1)
		keys := rapid.SliceOfDistinct(rapid.Custom(func(t *rapid.T) domain.ModelKey {
			return domain.ModelKey{ID: name.Draw(t, "id"), Provider: domain.ProviderID(rapid.SampledFrom([]string{"acme", "zenith", "é"}).Draw(t, "provider"))}
		}), func(k domain.ModelKey) domain.ModelKey { return k }).Draw(t, "models")
		slices.SortFunc(keys, compareKeys)
		w.catalogue.models = nil
		for _, k := range keys {
			w.catalogue.models = append(w.catalogue.models, model(string(k.Provider), k.ID))
		}
		limit := rapid.IntRange(1, 5).Draw(t, "limit")
		var got []domain.ModelKey
		for path := fmt.Sprintf("/api/models?limit=%d", limit); path != ""; {
			var page oas.ModelPage
			answer := w.get(path)
			if err := json.Unmarshal(answer.Body.Bytes(), &page); err != nil || answer.Code != 200 {
				t.Fatalf("%v: %s", err, answer.Body)
			}
			for _, m := range page.Items {
				got = append(got, domain.ModelKey{Provider: domain.ProviderID(m.Provider), ID: m.ID})
			}
			path = ""
			if cursor, ok := page.NextCursor.Get(); ok {
				path = fmt.Sprintf("/api/models?limit=%d&cursor=%s", limit, cursor)
			}
			if len(got) > len(keys) {
				t.Fatalf("more than there are: %v", got)
			}
		}
		if !slices.Equal(got, keys) {
			t.Fatalf("got %v, expected %v", got, keys)
		}
	})
}

// A cursor that anybody may have bent is refused or works, and breaks nothing.
func FuzzCursor(f *testing.F) {
	f.Add("AWxhcmdlLTIAYWNtZQ")
	f.Add("")
	f.Add("!")
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, cursor string) {
		if answer := w.get("/api/models?cursor=" + url.QueryEscape(cursor)); answer.Code != 200 && answer.Code != 400 {
			t.Errorf("status %d: %s", answer.Code, answer.Body)
		}
	})
}

func TestPricingAsksForOneInstant(t *testing.T) {
	w := newWorld(t)
	w.catalogue.models = append(w.catalogue.models, model("acme", "m"))
	w.catalogue.rates = []domain.RateView{
		rate(domain.TierBatch, domain.MeterInput, 0, "1"),
		rate(domain.TierStandard, domain.MeterOutput, 0, "15"),
		rate(domain.TierStandard, domain.MeterInput, 0, "3"),
	}
	for query, want := range map[string]struct{ at, known time.Time }{
		"":                                  {noon, noon},
		"?at=2026-01-31":                    {day(2026, 1, 31), noon},
		"?at=2027-01-31":                    {day(2027, 1, 31), noon},
		"?at=2026-01-31T10:00:00.5%2B02:00": {day(2026, 1, 31).Add(8*time.Hour + 500*time.Millisecond), noon},
		"?at=2026-01-31&knownAt=2026-02-01": {day(2026, 1, 31), day(2026, 2, 1)},
	} {
		got := decode[oas.Pricing](t, w.get("/api/models/m/pricing"+query))
		if !got.At.Equal(want.at) || !got.KnownAt.Equal(want.known) {
			t.Errorf("%s: at %s, known at %s", query, got.At, got.KnownAt)
		}
		asked := ports.HistoryQuery{Range: domain.Span{From: want.at, To: want.at.Add(time.Microsecond)}, Overlapping: true, KnownAt: want.known}
		if query == "" { // what is believed now
			asked.Now = noon
		}
		if w.catalogue.history != asked {
			t.Errorf("%s: asked for %+v", query, w.catalogue.history)
		}
		var order []string
		for _, r := range got.Rates {
			order = append(order, r.Tier+" "+r.Meter)
		}
		if strings.Join(order, ", ") != "standard input, standard output, batch input" {
			t.Errorf("order %v", order)
		}
	}
}

func TestHistoryRangesHoldBothEnds(t *testing.T) {
	w := newWorld(t)
	w.catalogue.models = append(w.catalogue.models, model("acme", "m"))
	for query, want := range map[string]domain.Span{
		"":                               {},
		"?from=2026-01-01":               {From: day(2026, 1, 1)},
		"?to=2026-01-31":                 {To: day(2026, 2, 1)},
		"?to=2026-01-31T00:00:00Z":       {To: day(2026, 1, 31).Add(time.Microsecond)},
		"?from=2026-01-31&to=2026-01-31": {From: day(2026, 1, 31), To: day(2026, 2, 1)},
	} {
		if answer := w.get("/api/models/m/pricing-history" + query); answer.Code != 200 {
			t.Fatalf("%s: %s", query, answer.Body)
		}
		if got := w.catalogue.history; !got.Range.Equal(want) || got.Overlapping || !got.KnownAt.Equal(noon) {
			t.Errorf("%s: asked for %+v", query, got)
		}
	}
	w.get("/api/models/m/pricing-history?overlapping=true&knownAt=2026-02-01")
	if got := w.catalogue.history; !got.Overlapping || !got.KnownAt.Equal(day(2026, 2, 1)) {
		t.Errorf("asked for %+v", got)
	}
}

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
