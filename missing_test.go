package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ratecard/adapters/postgres"
	"ratecard/domain"
)

// TestProperty09_MissingPricing: a model that the page does not price is TBD,
// without a number anywhere, and is warned of once, after the time that is set;
// from the page that prices it on it is priced, and a row that goes again takes
// no price away.
func TestProperty09_MissingPricing(t *testing.T) {
	s, b := newShop(t)
	const patience = 2 // hours, of which one passes between two runs
	if err := postgres.NewSchedule(b.store).SaveSettings(t.Context(), domain.Settings{UnpricedAfterHours: patience}, "test", b.world.now()); err != nil {
		t.Fatal(err)
	}
	b.run(t)
	reads := b.asker(t).server
	const yes, no, gone = "priced", "TBD", "unlisted"
	was := map[string]string{} // by id: how it stands
	var ids []string
	warned := map[string]int{}
	runs, found := 0, map[string]int{} // by id: the run that saw it first
	last := lastEvent(t, postgres.NewCatalogue(b.store))
	look := func(rt *rapid.T, id string) {
		answer := httptest.NewRecorder()
		reads.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/api/models/"+id, nil))
		var m struct {
			PricingStatus string `json:"pricingStatus"`
			Pricing       []any  `json:"pricing"`
		}
		if err := json.Unmarshal(answer.Body.Bytes(), &m); err != nil || answer.Code != http.StatusOK {
			rt.Fatalf("%s: status %d, %v", id, answer.Code, err)
		}
		if was[id] == no && (m.PricingStatus != "TBD" || len(m.Pricing) > 0) || was[id] != no && m.PricingStatus != "priced" {
			rt.Fatalf("%s stands as %s: %s", id, was[id], answer.Body)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		var touched []string
		for range rapid.IntRange(0, 3).Draw(rt, "new") {
			id := fmt.Sprintf("acme-item%d-2", len(ids))
			ids, touched = append(ids, id), append(touched, id)
			was[id] = rapid.SampledFrom([]string{yes, no}).Draw(rt, "stands")
		}
		if len(ids) > 0 { // one of the others gets or loses its row
			id := rapid.SampledFrom(ids).Draw(rt, "moves")
			if was[id], touched = map[string]string{yes: gone, no: yes, gone: yes}[was[id]], append(touched, id); warned[id] == 0 && was[id] == gone && b.unseen(t, id) {
				was[id] = no
			}
		}
		page := &strings.Builder{}
		page.WriteString(shopPage)
		for i, id := range ids {
			switch was[id] {
			case yes:
				fmt.Fprintf(page, "| %s | $%d / MTok | $%d / MTok |\n", id, i+1, i+2)
			case no:
				if i%2 == 0 { // named, but without a figure
					fmt.Fprintf(page, "| %s | - | TBD |\n", id)
				}
			}
		}
		s.more.Store(&ids)
		s.show(page.String())
		b.pass(time.Hour)
		if run := b.run(t); run.Outcome != domain.OutcomeSuccess {
			rt.Fatalf("%+v", run.Steps)
		}
		for _, id := range touched {
			look(rt, id)
		}
		for _, line := range b.told(t, last, domain.EventModelUnpriced) {
			warned[strings.Fields(line)[1]]++
		}
		last = lastEvent(t, postgres.NewCatalogue(b.store))
		runs++
		for _, id := range ids {
			if found[id] == 0 {
				found[id] = runs
			}
			want := 0
			if age := runs - found[id]; age >= patience {
				want = 1
			}
			if was[id] == no && warned[id] != want || warned[id] > want {
				rt.Fatalf("%s stands as %s since run %d of %d and was warned of %d times", id, was[id], found[id], runs, warned[id])
			}
		}
	})
	if n := b.count(t, "rates WHERE amount = 0"); n != 0 {
		t.Errorf("%d rates of 0", n)
	}
}

// unseen reports whether no run has seen a model yet.
func (b *bench) unseen(t *testing.T, id string) bool {
	t.Helper()
	return b.count(t, "models WHERE id = '"+id+"'") == 0
}
