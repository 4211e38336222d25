package api_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/gen/oas"
)

// believe stores that models are there from an instant on, each with its price.
func believe(t testing.TB, w *world, known time.Time, price string, ids ...string) {
	t.Helper()
	_, err := w.config.Ledger.Update(t.Context(), "acme", func(state ledger.State) (ledger.Change, error) {
		c := ledger.Change{KnownAt: known}
		for _, id := range ids {
			r := rate(domain.TierStandard, domain.MeterInput, 0, price).Rate
			r.Model = domain.ModelKey{Provider: "acme", ID: id}
			r.ID, r.Known, r.Evidence, r.Source, r.Quote = 0, domain.Span{}, 0, "", domain.QuoteKey{}
			r.Effective = domain.Span{From: known}
			for _, old := range state.Rates {
				if old.Model == r.Model && old.Effective.Open() {
					c.Supersede = append(c.Supersede, old)
					old.Effective.To = known
					c.Open = append(c.Open, old)
				}
			}
			m := model("acme", id).Model
			m.Usability, m.DisplayName = domain.UsabilityAvailable, id+" at "+price
			c.Models, c.Open = append(c.Models, m), append(c.Open, r)
		}
		return c, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTheCatalogueOfAnInstant: models and prices as they were, over pages that
// keep to the instants of the first whatever happens meanwhile.
func TestTheCatalogueOfAnInstant(t *testing.T) {
	w, _ := stored(t)
	first, second := noon.Add(-48*time.Hour), noon.Add(-24*time.Hour)
	believe(t, w, first, "3", "a", "b", "c")
	believe(t, w, second, "2", "a", "b", "d")
	walk := func(path string, meanwhile func()) string {
		var all []string
		for next := path; next != ""; {
			page := decode[oas.ModelPage](t, w.ask(next))
			for _, m := range page.Items {
				all = append(all, m.ID+" "+m.Pricing[0].InputCostPerMillion.Value+" "+m.DisplayName)
			}
			if next = ""; !page.NextCursor.Null {
				next = "/api/models?limit=1&cursor=" + page.NextCursor.Value
				meanwhile()
			}
		}
		return strings.Join(all, ", ")
	}
	stamp := func(t time.Time) string { return url.QueryEscape(t.Format(time.RFC3339)) }
	nothing := func() {}
	for query, want := range map[string]string{
		"":                                   "a 2 a at 2, b 2 b at 2, c 3 c at 3, d 2 d at 2",
		"&at=" + stamp(first.Add(time.Hour)): "a 3 a at 3, b 3 b at 3, c 3 c at 3",
		"&knownAt=" + stamp(first.Add(time.Hour)):                         "a 3 a at 3, b 3 b at 3, c 3 c at 3",
		"&at=" + stamp(noon.Add(time.Hour)) + "&knownAt=" + stamp(second): "a 2 a at 2, b 2 b at 2, c 3 c at 3, d 2 d at 2",
	} {
		if got := walk("/api/models?limit=1"+query, nothing); got != want {
			t.Errorf("%q: %s, want %s", query, got, want)
		}
	}
	if m := decode[oas.Model](t, w.ask("/api/models/a?at="+stamp(first))); m.Pricing[0].InputCostPerMillion.Value != "3" || m.DisplayName != "a at 3" {
		t.Errorf("a model as it was: %+v", m)
	}
	if answer := w.ask("/api/models/d?knownAt=" + stamp(first)); answer.Code != 404 || !strings.Contains(answer.Body.String(), "as of") {
		t.Errorf("a model before it was found: %d %s", answer.Code, answer.Body)
	}

	// A walk that says at alone is of this very instant of knowledge; what is
	// stored during it becomes known later.
	step := 0
	got := walk("/api/models?limit=1&at="+stamp(noon.Add(time.Hour)), func() {
		step++
		w.now = noon.Add(time.Duration(step) * time.Minute)
		believe(t, w, w.now, fmt.Sprint(10+step), "a", "b", "c", "d")
	})
	if want := "a 2 a at 2, b 2 b at 2, c 3 c at 3, d 2 d at 2"; got != want {
		t.Errorf("while prices changed the walk gave %s, want %s", got, want)
	}

	cursor := decode[oas.ModelPage](t, w.ask("/api/models?limit=1&at="+stamp(first))).NextCursor.Value
	plain := decode[oas.ModelPage](t, w.ask("/api/models?limit=1")).NextCursor.Value
	for query, path := range map[string]string{
		"cursor=" + cursor + "&at=" + stamp(second):      "at",
		"cursor=" + cursor + "&knownAt=" + stamp(second): "knownAt",
		"cursor=" + plain + "&at=" + stamp(second):       "at",
		"knownAt=" + stamp(noon.Add(time.Hour)):          "knownAt",
		"at=soon":                                        "at",
	} {
		answer := w.ask("/api/models?" + query)
		problem := problemOf(t, answer)
		if answer.Code != 400 || !slices.ContainsFunc(problem.Errors, func(e oas.FieldProblem) bool { return e.Path == path }) {
			t.Errorf("%s: %d %+v, want %s to be refused", query, answer.Code, problem, path)
		}
	}
	if answer := w.ask("/api/models?limit=1&cursor=" + cursor + "&at=" + stamp(first)); answer.Code != 200 {
		t.Errorf("what the cursor says, said again: %d %s", answer.Code, answer.Body)
	}
}
