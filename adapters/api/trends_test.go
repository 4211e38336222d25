package api_test

import (
	"encoding/csv"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/trend"
	"ratecard/gen/oas"
	"ratecard/ports"
)

// line is what a model cost for input: amounts in dollars from days of 2026 on; an
// empty one ends the one before.
func line(model string, steps ...any) trend.Timeline {
	t := trend.Timeline{
		RateKey: domain.RateKey{Model: domain.ModelKey{Provider: "acme", ID: model}, Layer: domain.LayerList, Tier: domain.TierStandard, Meter: domain.MeterInput, Region: domain.RegionGlobal},
		Unit:    domain.UnitMillionTokens, Classes: []domain.Class{domain.ClassChat, domain.ClassTools},
	}
	for i := 0; i < len(steps); i += 2 {
		at, amount := steps[i].(time.Time), steps[i+1].(string)
		if n := len(t.Periods); n > 0 && t.Periods[n-1].Open() {
			t.Periods[n-1].To = at
		}
		if amount != "" {
			t.Periods = append(t.Periods, trend.Period{Span: domain.Span{From: at}, Amount: decimal.RequireFromString(amount)})
		}
	}
	return t
}

func trendWorld(t testing.TB) *world {
	w := newWorld(t, func(w *world) { w.config.AnonymousReads = true })
	w.catalogue.timelines = []trend.Timeline{
		line("=1+1", day(2025, 12, 1), "0", day(2026, 1, 20), "0.1"),
		line("large-1", day(2025, 11, 1), "3", day(2026, 1, 15), "2.5", day(2026, 2, 2), "", day(2026, 2, 20), "4"),
		line("small-1", day(2025, 1, 1), "1", day(2026, 1, 31), "1.25", day(2026, 2, 1), "0.5"),
	}
	return w
}

func TestPriceTrendsByModel(t *testing.T) {
	w := trendWorld(t)
	got := decode[oas.PriceTrends](t, w.ask("/api/analytics/price-trends?from=2026-01-01&to=2026-02-28"))
	if got.By != "model" || !got.Interval.Null || !got.KnownAt.Null || !got.From.Equal(day(2026, 1, 1)) || !got.To.Equal(day(2026, 3, 1).Add(-time.Microsecond)) {
		t.Errorf("%+v", got)
	}
	var steps []string
	for _, s := range got.Items {
		for _, step := range s.Steps {
			steps = append(steps, s.ModelID.Value+" "+step.At.Format(time.DateOnly)+" "+step.Amount.Or("none"))
		}
		if len(s.Points) != 0 || s.Meter != "input" || s.Unit != "1M tokens" || s.Provider.Value != "acme" || !s.Classification.Null {
			t.Errorf("%+v", s)
		}
	}
	want := []string{
		"=1+1 2026-01-01 0", "=1+1 2026-01-20 0.1",
		"large-1 2026-01-01 3", "large-1 2026-01-15 2.5", "large-1 2026-02-02 none", "large-1 2026-02-20 4",
		"small-1 2026-01-01 1", "small-1 2026-01-31 1.25", "small-1 2026-02-01 0.5",
	}
	if !slices.Equal(steps, want) {
		t.Errorf("got %q\nwant %q", steps, want)
	}
}

func TestPriceTrendsByGroup(t *testing.T) {
	w := trendWorld(t)
	for by, names := range map[string][]string{"provider": {"acme"}, "classification": {"chat", "tools"}} {
		got := decode[oas.PriceTrends](t, w.ask("/api/analytics/price-trends?by="+by+"&from=2026-01-10&to=2026-03-01T00:00:00Z&interval=month"))
		var groups []string
		for _, s := range got.Items {
			groups = append(groups, s.Provider.Or("")+s.Classification.Or(""))
			var points []string
			for _, p := range s.Points {
				points = append(points, strings.Join([]string{p.At.Format(time.DateOnly), p.Min.Or("none"), p.Median.Or("none"), p.Max.Or("none")}, " "))
			}
			if want := []string{"2026-01-10 0 1 3", "2026-02-01 0.1 0.5 2.5", "2026-03-01 0.1 0.5 4"}; !slices.Equal(points, want) {
				t.Errorf("%s: %q, want %q", by, points, want)
			}
			if len(s.Steps) != 0 || !s.ModelID.Null || s.Points[0].Models != 3 {
				t.Errorf("%+v", s)
			}
		}
		if !slices.Equal(groups, names) || got.Interval.Value != "month" {
			t.Errorf("by %s: %q, %v", by, groups, got.Interval)
		}
	}
	w.catalogue.timelines = w.catalogue.timelines[:1]
	early := decode[oas.PriceTrends](t, w.ask("/api/analytics/price-trends?by=provider&from=2025-11-30&to=2025-12-01"))
	if p := early.Items[0].Points; len(p) != 2 || p[0].Models != 0 || !p[0].Min.Null || !p[0].Median.Null || p[1].Max.Value != "0" {
		t.Errorf("before there were any: %+v", p)
	}
}

func TestTrendsAreAskedOfTheStore(t *testing.T) {
	w := trendWorld(t) // noon is 2026-03-01
	zero := int64(0)
	for path, want := range map[string]ports.TimelineQuery{
		"/api/analytics/price-trends": {
			Tiers: []domain.Tier{"standard"}, Meters: []domain.Meter{"input", "output"}, Regions: []domain.Region{"global"}, MinPromptTokens: &zero,
			Layer: "list", Range: domain.Span{From: day(2025, 3, 1), To: day(2026, 3, 2)}, Most: 100_000,
		},
		"/api/analytics/price-trends?provider=acme,zenith&model=a&classification=chat&meter=image&tier=batch&region=us&minPromptTokens=0&layer=manual&to=2024-02-29&knownAt=2026-02-01": {
			Providers: []domain.ProviderID{"acme", "zenith"}, Models: []string{"a"}, Classes: []domain.Class{"chat"},
			Tiers: []domain.Tier{"batch"}, Meters: []domain.Meter{"image"}, Regions: []domain.Region{"us"}, MinPromptTokens: &zero,
			Layer: "manual", Range: domain.Span{From: day(2023, 3, 1), To: day(2024, 3, 1)}, KnownAt: day(2026, 2, 1), Most: 100_000,
		},
		"/api/analytics/movers": {
			Layer: "list", Range: domain.Span{From: day(2026, 1, 30), To: day(2026, 3, 2)}, Moved: true, Most: 100_000,
		},
		"/api/analytics/movers?tier=batch,flex&meter=input&region=global&from=2026-02-01T06:00:00Z": {
			Tiers: []domain.Tier{"batch", "flex"}, Meters: []domain.Meter{"input"}, Regions: []domain.Region{"global"},
			Layer: "list", Range: domain.Span{From: day(2026, 2, 1).Add(6 * time.Hour), To: day(2026, 3, 2)}, Moved: true, Most: 100_000,
		},
	} {
		if answer := w.ask(path); answer.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, answer.Code, answer.Body)
		}
		if !reflect.DeepEqual(w.catalogue.moved, want) {
			t.Errorf("%s asked for %+v, want %+v", path, w.catalogue.moved, want)
		}
	}
}

func TestMovers(t *testing.T) {
	w := trendWorld(t)
	answer := w.ask("/api/analytics/movers?from=2026-01-01&to=2026-02-28")
	got := decode[oas.PriceMoves](t, answer)
	var moves []string
	for _, m := range got.Items {
		moves = append(moves, strings.Join([]string{m.ModelID, m.OldAmount, m.NewAmount, m.Change, m.ChangePercent.Or("none"), m.LastChangedAt.Format(time.DateOnly)}, " "))
	}
	want := []string{"=1+1 0 0.1 0.1 none 2026-01-20", "small-1 1 0.5 -0.5 -50 2026-02-01", "large-1 3 4 1 33.3333 2026-02-20"}
	if !slices.Equal(moves, want) || got.Total != 3 || got.Items[1].Changes != 2 || got.Items[2].Changes != 2 {
		t.Errorf("%q, want %q; %+v", moves, want, got)
	}
	down := decode[oas.PriceMoves](t, w.ask("/api/analytics/movers?from=2026-01-01&to=2026-02-28&direction=down"))
	if len(down.Items) != 1 || down.Items[0].ModelID != "small-1" {
		t.Errorf("down: %+v", down)
	}
	first := decode[oas.PriceMoves](t, w.ask("/api/analytics/movers?from=2026-01-01&to=2026-02-28&limit=1"))
	if len(first.Items) != 1 || first.Total != 3 {
		t.Errorf("the first: %+v", first)
	}
	again := w.with("/api/analytics/movers?from=2026-01-01&to=2026-02-28", "If-None-Match", answer.Header().Get("ETag"))
	if again.Code != http.StatusNotModified {
		t.Errorf("asked again: %d", again.Code)
	}
}

// As CSV it is the same, in the manner of RFC 4180, with nothing that a spreadsheet runs.
func TestTrendsAsCSV(t *testing.T) {
	w := trendWorld(t)
	w.catalogue.timelines = append(w.catalogue.timelines, line("a \"b\",\nc", day(2026, 1, 1), "1", day(2026, 1, 2), "2"))
	for path, want := range map[string][]string{
		"/api/analytics/price-trends?format=csv&from=2026-01-01&to=2026-02-28": {
			"provider|model|tier|region|min_prompt_tokens|layer|meter|unit|currency|at|amount",
			"acme|'=1+1|standard|global|0|list|input|1M tokens|USD|2026-01-01T00:00:00Z|0",
			"acme|'=1+1|standard|global|0|list|input|1M tokens|USD|2026-01-20T00:00:00Z|0.1",
			"acme|large-1|standard|global|0|list|input|1M tokens|USD|2026-01-01T00:00:00Z|3",
			"acme|large-1|standard|global|0|list|input|1M tokens|USD|2026-01-15T00:00:00Z|2.5",
			"acme|large-1|standard|global|0|list|input|1M tokens|USD|2026-02-02T00:00:00Z|",
			"acme|large-1|standard|global|0|list|input|1M tokens|USD|2026-02-20T00:00:00Z|4",
			"acme|small-1|standard|global|0|list|input|1M tokens|USD|2026-01-01T00:00:00Z|1",
			"acme|small-1|standard|global|0|list|input|1M tokens|USD|2026-01-31T00:00:00Z|1.25",
			"acme|small-1|standard|global|0|list|input|1M tokens|USD|2026-02-01T00:00:00Z|0.5",
			"acme|a \"b\",\nc|standard|global|0|list|input|1M tokens|USD|2026-01-01T00:00:00Z|1",
			"acme|a \"b\",\nc|standard|global|0|list|input|1M tokens|USD|2026-01-02T00:00:00Z|2",
		},
		"/api/analytics/price-trends?format=csv&by=provider&interval=day&from=2024-12-31&to=2025-01-01": {
			"provider|tier|region|min_prompt_tokens|layer|meter|unit|currency|at|models|min|median|max",
			"acme|standard|global|0|list|input|1M tokens|USD|2024-12-31T00:00:00Z|0|||",
			"acme|standard|global|0|list|input|1M tokens|USD|2025-01-01T00:00:00Z|1|1|1|1",
		},
		"/api/analytics/movers?format=csv&from=2026-01-01&to=2026-02-28&limit=2": {
			"provider|model|tier|meter|region|min_prompt_tokens|unit|currency|old_amount|new_amount|change|change_percent|changes|last_changed_at",
			"acme|'=1+1|standard|input|global|0|1M tokens|USD|0|0.1|0.1||1|2026-01-20T00:00:00Z",
			"acme|a \"b\",\nc|standard|input|global|0|1M tokens|USD|1|2|1|100|1|2026-01-02T00:00:00Z",
		},
	} {
		answer := w.ask(path)
		if content := answer.Header().Get("Content-Type"); answer.Code != http.StatusOK || content != "text/csv" {
			t.Fatalf("%s: %d, %s", path, answer.Code, content)
		}
		if body := answer.Body.String(); strings.Count(body, "\r\n") < len(want) {
			t.Errorf("%s: lines end without CR LF: %q", path, body)
		}
		rows, err := csv.NewReader(answer.Body).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			got = append(got, strings.Join(r, "|"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q\nwant %q", path, got, want)
		}
	}
}

func TestTrendsRefuse(t *testing.T) {
	w := trendWorld(t)
	for query, want := range map[string][2]string{
		"price-trends?by=day":                                              {"by", "classification"},
		"price-trends?interval=day":                                        {"interval", "by model every step is answered"},
		"price-trends?by=provider&interval=hour":                           {"interval", "month"},
		"price-trends?by=provider&interval=day&from=2020-01-01":            {"interval", "1000 points"},
		"price-trends?meter=":                                              {"meter", "leave it out"},
		"price-trends?meter=input,":                                        {"meter[1]", "at least 1"},
		"price-trends?classification=poet":                                 {"classification[0]", "multimodal"},
		"price-trends?minPromptTokens=-1":                                  {"minPromptTokens", "-1"},
		"price-trends?layer=house":                                         {"layer", "imported"},
		"price-trends?format=xml":                                          {"format", "csv"},
		"price-trends?from=soon":                                           {"from", "RFC 3339"},
		"price-trends?to=soon":                                             {"to", "RFC 3339"},
		"price-trends?from=2026-03-02":                                     {"from", "after today"},
		"price-trends?from=2026-03-02&to=2026-03-01":                       {"to", "before from"},
		"price-trends?knownAt=2026-03-02":                                  {"knownAt", "future"},
		"price-trends?by=provider&limit=5":                                 {"limit", "interval"},
		"movers?direction=sideways":                                        {"direction", "up"},
		"movers?limit=501":                                                 {"limit", "500"},
		"movers?interval=day":                                              {"interval", "direction"},
		"movers?tier=" + strings.TrimSuffix(strings.Repeat("a,", 51), ","): {"tier", "50"},
		"movers?from=2026-03-02":                                           {"from", "after today"},
	} {
		answer := w.ask("/api/analytics/" + query)
		problem := problemOf(t, answer)
		if answer.Code != http.StatusBadRequest || len(problem.Errors) != 1 || problem.Errors[0].Path != want[0] || !strings.Contains(problem.Errors[0].Message, want[1]) {
			t.Errorf("%s: %d %+v, want %q", query, answer.Code, problem.Errors, want)
		}
	}
}
