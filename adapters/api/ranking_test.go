package api_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/adapters/postgres"
	"ratecard/app"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/gen/oas"
)

// A workload is drawn, and asked for as a query and as a line of costs.
type workload struct {
	usage        map[string]int64
	tier, region string
	requests     int64
}

func aWorkload(t *rapid.T) workload {
	w := workload{usage: map[string]int64{}, requests: rapid.Int64Range(1, 1_000_000).Draw(t, "requests")}
	meters := []string{"input", "output", "cache_read", "input_image", "web_search"}
	for _, m := range rapid.SliceOfNDistinct(rapid.SampledFrom(meters), 1, 4, rapid.ID).Draw(t, "meters") {
		w.usage[m] = rapid.Int64Range(1, 250_000).Draw(t, m)
	}
	w.tier = rapid.SampledFrom([]string{"", "standard", "standard", "batch", "flex"}).Draw(t, "tier")
	w.region = rapid.SampledFrom([]string{"", "global", "us"}).Draw(t, "region")
	return w
}

// someFilters give a query of some filters, or none.
func someFilters(t *rapid.T) url.Values {
	query := url.Values{}
	for name, values := range map[string][]string{
		"provider": {"acme", "acme,zenith", "nobody"}, "classification": {"chat", "embedding,image"}, "capability": {"vision"},
		"usability": {"available,preview,deprecated", "deprecated"}, "minContextWindow": {"100000"}, "maxInputCost": {"3"}, "q": {"large"},
	} {
		if rapid.IntRange(0, 4).Draw(t, "filters by "+name) == 0 {
			query.Set(name, rapid.SampledFrom(values).Draw(t, name))
		}
	}
	return query
}

// ranked walks over all pages of a ranking.
func ranked(t *rapid.T, w *world, of workload, query url.Values) (all []oas.ComparedModel) {
	query.Set("requests", fmt.Sprint(of.requests))
	var usage []string
	for meter, n := range of.usage {
		usage = append(usage, fmt.Sprintf("%s:%d", meter, n))
	}
	slices.Sort(usage)
	query.Set("usage", strings.Join(usage, ","))
	for name, value := range map[string]string{"tier": of.tier, "region": of.region} {
		if value != "" {
			query.Set(name, value)
		}
	}
	limit := pageSize(t)
	query.Set("limit", fmt.Sprint(limit))
	for {
		answer := w.ask("/api/compare?" + query.Encode())
		var page oas.Comparison
		if err := page.UnmarshalJSON(answer.Body.Bytes()); err != nil || answer.Code != http.StatusOK {
			t.Fatalf("%s: status %d: %s", query.Encode(), answer.Code, answer.Body)
		}
		all = append(all, page.Items...)
		cursor, more := page.NextCursor.Get()
		if !more {
			if page.Total != len(all) {
				t.Fatalf("the total is %d, the pages had %d", page.Total, len(all))
			}
			return all
		}
		if len(page.Items) != limit {
			t.Fatalf("%d models on a page of %d that is not the last", len(page.Items), limit)
		}
		query.Set("cursor", cursor)
	}
}

// costsOf asks what a workload costs with each of these models.
func costsOf(t *rapid.T, w *world, of workload, models []oas.Model, when url.Values) []oas.CostLine {
	if len(models) == 0 {
		return nil
	}
	body := map[string]any{}
	var lines []map[string]any
	for _, m := range models {
		line := map[string]any{"model": m.ID, "provider": m.Provider, "usage": of.usage, "tier": of.tier, "region": of.region}
		if when.Has("at") {
			line["at"] = when.Get("at")
		}
		lines = append(lines, line)
	}
	body["lines"] = lines
	if when.Has("knownAt") {
		body["knownAt"] = when.Get("knownAt")
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	answer := w.do(exchange{method: http.MethodPost, path: "/api/costs", body: string(text)})
	var costs oas.Costs
	if err := costs.UnmarshalJSON(answer.Body.Bytes()); err != nil || answer.Code != http.StatusOK {
		t.Fatalf("%s: status %d: %s", text, answer.Code, answer.Body)
	}
	return costs.Lines
}

// rankedByHand is what a ranking has to be, made of the listing and of costs.
func rankedByHand(of workload, models []oas.Model, lines []oas.CostLine) []oas.ComparedModel {
	want := make([]oas.ComparedModel, len(models))
	totals := make(map[string]decimal.Decimal)
	var lowest decimal.Decimal
	name := func(m oas.ComparedModel) string { return m.Provider + "/" + m.ID }
	null := oas.NilString{Null: true}
	for i, m := range models {
		line := lines[i]
		want[i] = oas.ComparedModel{
			Rank: oas.NilInt64{Null: true}, ID: m.ID, Provider: m.Provider, DisplayName: m.DisplayName, ContextWindow: m.ContextWindow,
			Status: oas.ComparedModelStatus(line.Status), Cost: line.Total, Total: null, TimesCheapest: null, MinPromptTokens: line.MinPromptTokens,
			Parts: line.Parts, Missing: line.Missing, Stale: m.Stale, HeldChange: m.HeldChange,
		}
		if window, known := m.ContextWindow.Get(); known && window < line.PromptTokens {
			want[i].Status, want[i].Cost, want[i].MinPromptTokens = "exceeds_context_window", null, 0
			want[i].Parts, want[i].Missing = []oas.CostPart{}, []oas.CostMissing{}
			continue
		}
		if cost, known := line.Total.Get(); known {
			total := decimal.RequireFromString(cost).Mul(decimal.NewFromInt(of.requests))
			totals[name(want[i])], want[i].Total = total, oas.NewNilString(total.String())
			if total.IsPositive() && (lowest.IsZero() || total.LessThan(lowest)) {
				lowest = total
			}
		}
	}
	slices.SortStableFunc(want, func(a, b oas.ComparedModel) int {
		switch {
		case a.Cost.Null && b.Cost.Null:
			return 0
		case a.Cost.Null != b.Cost.Null:
			return cmp.Compare(len(b.Cost.Value), 0) - cmp.Compare(len(a.Cost.Value), 0)
		}
		return totals[name(a)].Cmp(totals[name(b)])
	})
	for i := range want {
		total, known := totals[name(want[i])]
		if !known {
			continue
		}
		want[i].Rank = oas.NewNilInt64(int64(i + 1))
		if i > 0 && totals[name(want[i-1])].Equal(total) {
			want[i].Rank = want[i-1].Rank
		}
		want[i].TimesCheapest = oas.NewNilString("0")
		if total.IsPositive() {
			want[i].TimesCheapest = oas.NewNilString(total.DivRound(lowest, 4).String())
		}
	}
	return want
}

// TestARankingIsTheListingSortedByItsCosts: of what is held and of what is stored,
// now and at an instant, whatever is filtered. Each model stands in it once, and
// one of which the cost is not known never before another.
func TestARankingIsTheListingSortedByItsCosts(t *testing.T) {
	w, store := newStock().put(t)
	w.config.Biller = app.NewBiller(postgres.NewCatalogue(store), providersOf())
	c := w.hold(t, store)
	asked := 0
	rapid.Check(t, func(t *rapid.T) {
		of, query := aWorkload(t), someFilters(t)
		when := url.Values{}
		switch rapid.IntRange(0, 5).Draw(t, "when") {
		case 0:
			when.Set("at", "2026-02-01")
			when.Set("knownAt", "2026-01-15")
		case 1:
			when.Set("at", "2026-02-01")
		}
		for name, values := range when {
			query[name] = values
		}
		models := walk(t, w, cloned(query), 500)
		want := rankedByHand(of, models, costsOf(t, w, of, models, when))
		got := ranked(t, w, of, query)
		if len(got) != len(want) {
			t.Fatalf("%d of %d models", len(got), len(want))
		}
		for i := range want {
			if g, x := inJSON(t, got[i]), inJSON(t, want[i]); g != x {
				t.Fatalf("at %d:\n%s\nwant\n%s", i, g, x)
			}
			if i > 0 && got[i-1].Rank.Null && !got[i].Rank.Null {
				t.Fatal("one whose cost is not known stands before one of which it is")
			}
		}
		asked += len(want)
	})
	if c.asked.Load() == 0 || asked == 0 {
		t.Error("nothing was ranked: this test shows nothing")
	}
}

func cloned(query url.Values) url.Values {
	out := url.Values{}
	for name, values := range query {
		out[name] = slices.Clone(values)
	}
	return out
}

func inJSON(t *rapid.T, m oas.ComparedModel) string {
	text, err := m.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestARankingEndsWithTheCatalogueItIsOf: a walk that began before a change is
// told so; one over an instant goes on over what was believed then.
func TestARankingEndsWithTheCatalogueItIsOf(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *world{
		"held": func(t testing.TB) *world { w, _ := inMemory(t); return w },
		"stored": func(t testing.TB) *world {
			w, store := stored(t)
			w.config.Ledger = postgres.NewLedger(store)
			return w
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			believe(t, w, noon.Add(-time.Hour), "3", "a", "b", "c")
			w.now = noon.Add(time.Minute)
			const path = "/api/compare?usage=input:1&limit=1"
			at := "&at=" + url.QueryEscape(w.now.Format(time.RFC3339))
			first := func(query string) (cursor string, page oas.Comparison) {
				page = decode[oas.Comparison](t, w.ask(path+query))
				return query + "&cursor=" + page.NextCursor.Value, page
			}
			now, held := first("")
			then, past := first(at)
			if held.Total != 3 || past.Total != 3 || past.KnownAt.Null || !held.KnownAt.Null {
				t.Fatalf("%+v\n%+v", held, past)
			}
			if second := decode[oas.Comparison](t, w.ask(path+now)); second.Items[0].ID != "b" || !second.At.Equal(held.At) {
				t.Errorf("the second page is %+v", second)
			}
			tag := w.ask(path).Header().Get("ETag")
			announce(t, w, noon.Add(2*time.Minute), noon.Add(2*time.Minute), "1", "b")
			w.now = noon.Add(3 * time.Minute)
			if p := problemOf(t, w.ask(path+now)); p.Kind != "cursor_expired" || p.Status != http.StatusGone {
				t.Errorf("after a change: %+v", p)
			}
			if second := decode[oas.Comparison](t, w.ask(path+then)); second.Items[0].ID != "b" || second.Items[0].Cost.Value != "0.000003" {
				t.Errorf("the second page of the past is %+v", second)
			}
			after := w.ask(path)
			if page := decode[oas.Comparison](t, after); page.Items[0].ID != "b" || page.Items[0].Cost.Value != "0.000001" || after.Header().Get("ETag") == tag {
				t.Errorf("after a change: %s %+v", after.Header().Get("ETag"), page)
			}
		})
	}
}

// TestARegionNobodyNamesHasThePricesOfEverywhere, and one that is named its own;
// what is asked for by one never answers another.
func TestARegionNobodyNamesHasThePricesOfEverywhere(t *testing.T) {
	w, _ := inMemory(t)
	believe(t, w, noon.Add(-time.Hour), "3", "a")
	_, err := w.config.Ledger.Update(t.Context(), "acme", func(state ledger.State) (ledger.Change, error) {
		there := state.Rates[0]
		there.ID, there.Region, there.Amount = 0, "us", decimal.NewFromInt(4)
		return ledger.Change{KnownAt: noon.Add(-time.Minute), Open: []domain.Rate{there}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for region, want := range map[string]string{"global": "0.000003", "eu": "0.000003", "us": "0.000004", "mars-1": "0.000003"} {
		page := decode[oas.Comparison](t, w.ask("/api/compare?usage=input:1&region="+region))
		if got := page.Items[0].Cost.Value; got != want || page.Workload.Region != region {
			t.Errorf("%s: %s in %s, want %s", region, got, page.Workload.Region, want)
		}
	}
}
