package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ratecard/adapters/postgres"
	"ratecard/domain"
)

// shop is a small provider in Anthropic's dialect whose price page can be
// exchanged.
type shop struct {
	page   atomic.Pointer[string]
	other  atomic.Pointer[string] // a second page of prices; nil: there is none
	turn   atomic.Pointer[turnAway]
	robots atomic.Pointer[string]   // its robots.txt; nil: there is none
	asked  atomic.Int32             // how often pages were asked for
	more   atomic.Pointer[[]string] // ids that the list has besides, "id=name" where its name is another; nil: none
}

const shopPage = "# Prices\n\n| Model | Base Input Tokens | Output Tokens |\n| --- | --- | --- |\n| Acme Large 2 | $3 / MTok | $15 / MTok |\n| Acme Small 2 | $1 / MTok | $5 / MTok |\n"

// turnAway is how pages are refused.
type turnAway struct {
	status       int
	header, body string
}

func (s *shop) show(page string) { s.page.Store(&page) }

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if robots := s.robots.Load(); r.URL.Path == "/robots.txt" {
		if robots == nil {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(*robots))
		return
	}
	if page := map[string]*string{"/pricing.md": s.page.Load(), "/other.md": s.other.Load()}[r.URL.Path]; strings.HasSuffix(r.URL.Path, ".md") {
		s.asked.Add(1)
		if away := s.turn.Load(); away != nil {
			if away.header != "" {
				w.Header().Set("Cf-Mitigated", away.header)
			}
			w.WriteHeader(away.status)
			_, _ = w.Write([]byte(away.body))
			return
		}
		if page == nil {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "text/markdown")
		_, _ = w.Write([]byte(*page))
		return
	}
	models := []map[string]any{
		{"type": "model", "id": "acme-large-2", "display_name": "Acme Large 2"},
		{"type": "model", "id": "acme-small-2", "display_name": "Acme Small 2"},
	}
	if more := s.more.Load(); more != nil {
		for _, entry := range *more {
			id, name, named := strings.Cut(entry, "=")
			if !named {
				name = id
			}
			models = append(models, map[string]any{"type": "model", "id": id, "display_name": name})
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"has_more": false, "data": models})
}

func newShop(t *testing.T) (*shop, *bench) {
	t.Helper()
	s := &shop{}
	s.show(shopPage)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	b := &bench{whose: "acme"}
	b.setKey("a key")
	b.world = world{
		reach: reach(t, "127.0.0.1", "localhost"),
		providers: []domain.Provider{{
			ID: "acme", Name: "Acme", Enabled: true,
			API: &domain.ListAPI{Dialect: domain.DialectAnthropic, BaseURL: server.URL, KeyEnv: "ACME_KEY"},
			Scraping: domain.Scraping{Sources: []domain.Source{{
				Name: "page", URL: server.URL + "/pricing.md", Readers: []domain.ReaderConfig{{Reader: "tables"}},
			}}},
		}},
		key: func(string) string { return *b.keyIs.Load() },
		now: func() time.Time { return time.Now().Add(time.Duration(b.late.Load())) },
	}
	b.open(t)
	return s, b
}

// unreadPage draws a page without a price that could be read: nothing, prose,
// tables of other things, tables whose figures are gone.
func unreadPage(t *rapid.T) string {
	word := func() string {
		return rapid.SampledFrom([]string{"model", "Acme Large 2", "tokens", "price", "$", "MTok", "soon", "200k", "input"}).Draw(t, "word")
	}
	var page strings.Builder
	for range rapid.IntRange(0, 6).Draw(t, "blocks") {
		switch rapid.IntRange(0, 3).Draw(t, "block") {
		case 0:
			fmt.Fprintf(&page, "## %s %s\n\n", word(), word())
		case 1:
			fmt.Fprintf(&page, "%s %s %s.\n\n", word(), word(), word())
		case 2:
			page.WriteString("| Model | Base Input Tokens | Output Tokens |\n| --- | --- | --- |\n| Acme Large 2 | - | - |\n| Acme Small 2 | N/A | ask us |\n\n")
		case 3:
			page.WriteString("| Model | Tool use tokens |\n| --- | --- |\n| Acme Large 2 | 346 tokens |\n\n")
		}
	}
	return page.String()
}

// TestProperty10_ScrapingFailureDetection: a page without the expected
// structure fails the pricing step with what was looked for, tells of it, and
// removes no price.
func TestProperty10_ScrapingFailureDetection(t *testing.T) {
	s, b := newShop(t)
	if run := b.run(t); run.Outcome != domain.OutcomeSuccess {
		t.Fatalf("the good page: %+v", run.Steps)
	}
	rates, catalogue := b.count(t, "rates"), postgres.NewCatalogue(b.store)
	rapid.Check(t, func(rt *rapid.T) {
		s.show(unreadPage(rt))
		b.pass(time.Hour)
		last := lastEvent(t, catalogue)
		run := b.run(t)
		pricing := step(t, run, domain.StepPricing)
		if pricing.Outcome != domain.StepFailed || run.Outcome != domain.OutcomePartial || !strings.Contains(pricing.Error, "page: ") {
			rt.Fatalf("%s, pricing %s: %q", run.Outcome, pricing.Outcome, pricing.Error)
		}
		if n := b.count(t, "rates"); n != rates {
			rt.Fatalf("%d rates, %d before", n, rates)
		}
		if n := b.count(t, "unlisted_rates"); n != 0 {
			rt.Fatalf("%d rates are no longer listed, says a page that could not be read", n)
		}
		told, err := catalogue.Events(context.Background(), last, 100)
		if err != nil {
			rt.Fatal(err)
		}
		found := false
		for _, e := range told {
			found = found || e.Kind == domain.EventPageUnread && e.Provider == "acme"
		}
		if !found {
			rt.Fatalf("nothing told of the page: %+v", told)
		}
	})
	s.show(shopPage)
	b.pass(time.Hour)
	if run := b.run(t); run.Outcome != domain.OutcomeSuccess || run.Counts.PricingUpdated != 0 {
		t.Errorf("the good page again: %s, %d prices changed", run.Outcome, run.Counts.PricingUpdated)
	}
}

func lastEvent(t *testing.T, c *postgres.Catalogue) int64 {
	t.Helper()
	var last int64
	for {
		events, err := c.Events(context.Background(), last, 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			return last
		}
		last = events[len(events)-1].ID
	}
}

// TestHalfAPageIsNotBelieved: a page that lost over half of its prices changes
// nothing, however well the rest reads.
func TestHalfAPageIsNotBelieved(t *testing.T) {
	s, b := newShop(t)
	b.run(t)
	s.show(strings.Replace(strings.Replace(shopPage, "| Acme Small 2 | $1 / MTok | $5 / MTok |\n", "", 1), "$15 / MTok", "-", 1))
	b.pass(time.Hour)
	run := b.run(t)
	if p := step(t, run, domain.StepPricing); p.Outcome != domain.StepFailed || !strings.Contains(p.Error, "under 50 %") {
		t.Errorf("pricing %s: %q", p.Outcome, p.Error)
	}
	if n := b.count(t, "unlisted_rates"); n != 0 || run.Counts.PricingUpdated != 0 {
		t.Errorf("%d unlisted, %d prices changed", n, run.Counts.PricingUpdated)
	}
}

// TestOnePageForManyStrategies: where one reader fails, the next reads the page that
// has come already, also where it is another source's.
func TestOnePageForManyStrategies(t *testing.T) {
	s, b := newShop(t)
	first := b.world.providers[0].Scraping.Sources[0]
	first.Name, first.Readers = "first", []domain.ReaderConfig{{Reader: "json"}, {Reader: "script"}}
	second := first
	second.Name, second.Readers = "second", []domain.ReaderConfig{{Reader: "tables"}}
	b.configure(t, domain.Scraping{Sources: []domain.Source{first, second}})
	run := b.run(t)
	if n := s.asked.Load(); n != 1 || run.Outcome != domain.OutcomeSuccess || len(run.Reads) != 2 || run.Reads[1].Strategy != "tables" || run.Reads[0].PageID == run.Reads[1].PageID {
		t.Errorf("%s after %d requests: %+v", run.Outcome, n, run.Reads)
	}
}
