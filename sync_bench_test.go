package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"ratecard/domain"
)

// large serves a provider with many models in Anthropic's dialect: a list in
// pages of a thousand and a price page with five prices each.
func large(models int) http.Handler {
	family := func(i int) string { return string([]byte{'q' + byte(i/100/10), 'a' + byte(i/100%10), 'x'}) }
	id := func(i int) string { return fmt.Sprintf("acme-%s-%d", family(i), i%100) }
	name := func(i int) string { return fmt.Sprintf("Acme %s %d", family(i), i%100) }
	numbers := make(map[string]int, models)
	for i := range models {
		numbers[id(i)] = i
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/models", func(w http.ResponseWriter, r *http.Request) {
		from := 0
		if after := r.URL.Query().Get("after_id"); after != "" {
			from = numbers[after] + 1
		}
		to := min(from+1000, models)
		entries := make([]map[string]any, 0, to-from)
		for i := from; i < to; i++ {
			entries = append(entries, map[string]any{
				"type": "model", "id": id(i), "display_name": name(i), "created_at": "2026-01-02T00:00:00Z", "max_input_tokens": 200000,
			})
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"data": entries, "has_more": to < models, "last_id": id(to - 1)})
	})
	var page strings.Builder
	page.WriteString("# Prices\n\n| Model | Base Input Tokens | 5m Cache Writes | 1h Cache Writes | Cache Hits | Output Tokens |\n| --- | --- | --- | --- | --- | --- |\n")
	for i := range models {
		fmt.Fprintf(&page, "| %s | $%d / MTok | $%d.25 / MTok | $%d.5 / MTok | $0.%d / MTok | $%d / MTok |\n", name(i), 1+i%9, 1+i%9, 1+i%9, 1+i%8, 5+i%40)
	}
	text := page.String()
	mux.HandleFunc("GET /pricing.md", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/markdown")
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		_, _ = w.Write([]byte(text))
	})
	return mux
}

func largeBench(b *testing.B, models int) *bench {
	b.Helper()
	server := httptest.NewServer(large(models))
	b.Cleanup(server.Close)
	at := &bench{whose: "acme"}
	at.setKey("a key")
	at.world = world{
		reach: reach(b, "127.0.0.1", "localhost"),
		providers: []domain.Provider{{
			ID: "acme", Name: "Acme", Enabled: true,
			API: &domain.ListAPI{Dialect: domain.DialectAnthropic, BaseURL: server.URL, KeyEnv: "ACME_KEY"},
			Scraping: domain.Scraping{Sources: []domain.Source{{
				Name: "page", URL: server.URL + "/pricing.md", Readers: []domain.ReaderConfig{{Reader: "tables"}},
			}}},
		}},
		key: func(string) string { return *at.keyIs.Load() },
		now: func() time.Time { return time.Now().Add(time.Duration(at.late.Load())) },
	}
	at.open(b)
	return at
}

// BenchmarkSync times whole runs of 10,000 models with five prices each, from
// the bytes of list and page to the end of the transaction: the first one, and
// one that finds everything as it was.
func BenchmarkSync(b *testing.B) {
	const models, prices = 10_000, 50_000
	b.Run("first", func(b *testing.B) {
		for range b.N {
			b.StopTimer()
			at := largeBench(b, models)
			b.StartTimer()
			run := at.run(b)
			b.StopTimer()
			if n := at.count(b, "rates"); run.Outcome != domain.OutcomeSuccess || n != prices {
				b.Fatalf("%s with %d rates: %+v", run.Outcome, n, run.Steps)
			}
		}
	})
	b.Run("unchanged", func(b *testing.B) {
		at := largeBench(b, models)
		at.run(b)
		if _, err := at.store.Pool().Exec(context.Background(), "ANALYZE"); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			at.pass(time.Hour)
			if run := at.run(b); run.Outcome != domain.OutcomeSuccess || run.Counts.PricingUpdated != 0 {
				b.Fatalf("%s: %+v", run.Outcome, run.Steps)
			}
		}
	})
}
