package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/ports"
)

// The size of a catalogue after many years: 2,000 models with 12 prices each,
// every one of which has changed 41 times. Each of 1,008,000 believed rates has
// an earlier self, which was believed until the change that ended it was seen.
const (
	agedModels  = 2000
	agedChanges = 42
)

// aged fills a store with SQL of its own, in the order in which time would have
// done it, and without what keeps rows consistent one by one: that would take
// longer than everything that is measured.
const aged = `
ALTER TABLE rates DROP CONSTRAINT rates_key_fkey, DROP CONSTRAINT rates_quote_fkey, DROP CONSTRAINT rates_statement_fkey, DROP CONSTRAINT rates_modifier_fkey;
ALTER TABLE superseded_rates DROP CONSTRAINT superseded_rates_key_fkey, DROP CONSTRAINT superseded_rates_quote_fkey, DROP CONSTRAINT superseded_rates_statement_fkey, DROP CONSTRAINT superseded_rates_modifier_fkey;
INSERT INTO sources (number, provider, name) VALUES (1, 'acme', 'page');
INSERT INTO models (number, provider, id, discovered_at)
SELECT n, 'acme', 'model-' || n, '2024-01-01Z' FROM generate_series(1, 2000) n;
INSERT INTO model_versions (model, seen, display_name, owned_by, source, classification, capabilities, context_window, usability, aliases, remarks, stated_pricing, raw)
SELECT m, tstzrange('2024-01-01Z'::timestamptz + v * interval '1 year', CASE WHEN v < 2 THEN '2025-01-01Z'::timestamptz + v * interval '1 year' END),
       'Model ' || m, 'acme', 'api', '{chat}', '[{"type": "vision", "supported": true}]', 200000, 'available', ARRAY['alias-' || m], '{}', '', '{"id": "model"}'
FROM generate_series(1, 2000) m, generate_series(0, 2) v;
INSERT INTO rate_keys (number, model, layer, tier, meter, region, min_prompt_tokens)
SELECT 12 * (m - 1) + t * 4 + row_number() OVER (PARTITION BY m, t), m, 'list', (ARRAY['standard', 'standard', 'batch'])[t + 1], meter, 'global', CASE t WHEN 1 THEN 200000 ELSE 0 END
FROM generate_series(1, 2000) m, generate_series(0, 2) t, unnest(ARRAY['input', 'output', 'cache_read', 'cache_write']) meter;
INSERT INTO source_quotes (number, source, name, tier, meter, region, above, min_prompt_tokens)
SELECT k.number, 1, 'Model ' || k.model, k.tier, k.meter, k.region, k.min_prompt_tokens, k.min_prompt_tokens FROM rate_keys k;
CREATE FUNCTION pg_temp.change(n integer) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$ SELECT '2024-01-01Z'::timestamptz + n * interval '20 days' $$;
INSERT INTO rates (key, amount, unit, currency, origin, basis, effective, known_from, quote)
SELECT k.number, (k.number + n) % 97 / 8.0, '1M tokens', 'USD', 'printed', 'observed',
       tstzrange(pg_temp.change(n), CASE WHEN n < 41 THEN pg_temp.change(n + 1) END), pg_temp.change(least(n + 1, 41)), k.number
FROM generate_series(0, 41) n, rate_keys k ORDER BY n, k.number;
INSERT INTO superseded_rates (id, key, amount, unit, currency, origin, basis, effective, known_from, known_to, quote)
SELECT 2000000 + 42 * k.number + n, k.number, (k.number + n) % 97 / 8.0, '1M tokens', 'USD', 'printed', 'observed',
       tstzrange(pg_temp.change(n), NULL), pg_temp.change(n), pg_temp.change(n + 1), k.number
FROM generate_series(0, 41) n, rate_keys k ORDER BY n, k.number;
VACUUM ANALYZE`

// BenchmarkAsOf asks that catalogue for the past. What is promised: one model
// as of an instant within 5 ms (p99), its whole history within 10 ms (p99), all
// 2,000 models as of an instant within 150 ms. With -v it shows the plans.
func BenchmarkAsOf(b *testing.B) {
	seen := &asked{}
	s := openAt(b, postgres.Config{DSN: pgtest.DSN(b), Tracer: seen, MaxConns: 2})
	began := time.Now()
	for _, statement := range strings.Split(aged, ";\n") {
		if _, err := s.Pool().Exec(b.Context(), statement, pgx.QueryExecModeSimpleProtocol); err != nil {
			b.Fatalf("%s: %v", statement, err)
		}
	}
	b.Logf("%d rates and %d superseded, made in %s", scalar[int](b, s, "SELECT count(*) FROM rates"),
		scalar[int](b, s, "SELECT count(*) FROM superseded_rates"), time.Since(began).Round(time.Second))
	c := postgres.NewCatalogue(s)
	// The heap of a program that has been running for a while: an empty one is
	// collected several times during each listing.
	heap := make([]byte, 64<<20)
	defer runtime.KeepAlive(heap)
	some := rand.New(rand.NewPCG(1, 2))
	past := func() time.Time {
		return time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(some.IntN(agedChanges*20*24)) * time.Hour)
	}
	model := func() string { return fmt.Sprintf("model-%d", 1+some.IntN(agedModels)) }
	year := domain.Span{From: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	month := domain.Span{From: time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC), To: year.To}
	tariff, meters := []domain.Tier{domain.TierStandard}, []domain.Meter{domain.MeterInput, domain.MeterOutput}
	for _, q := range []struct {
		name    string
		promise time.Duration
		ask     func() int
		want    int // rates
	}{
		{"a model as of an instant", 5 * time.Millisecond, func() int { return asOf(b, c, model(), domain.AsOf{At: past(), KnownAt: past()}) }, -1},
		{"a model now", 5 * time.Millisecond, func() int { return asOf(b, c, model(), domain.AsOf{At: time.Now()}) }, 12},
		{"a model's history as known at an instant", 10 * time.Millisecond, func() int { return historyOf(b, c, model(), past()) }, -1},
		{"a model's history", 10 * time.Millisecond, func() int { return historyOf(b, c, model(), time.Time{}) }, 12 * agedChanges},
		{"all models as of an instant", 150 * time.Millisecond, func() int {
			at := past()
			return allOf(b, c, domain.AsOf{At: at, KnownAt: at.Add(30 * 24 * time.Hour)})
		}, 12 * agedModels},
		{"how a model's prices moved in a year", 10 * time.Millisecond, func() int {
			return moved(b, c, ports.TimelineQuery{Models: []string{model()}, Tiers: tariff, Meters: meters, Range: year})
		}, -1},
		{"how all models' prices moved in a year", time.Second, func() int {
			return moved(b, c, ports.TimelineQuery{Tiers: tariff, Meters: meters, MinPromptTokens: new(int64), Range: year})
		}, -1},
		{"which prices moved in a month", time.Second, func() int {
			return moved(b, c, ports.TimelineQuery{Range: month, Moved: true})
		}, -1},
		{"all models now", 150 * time.Millisecond, func() int { return allOf(b, c, domain.AsOf{At: time.Now()}) }, 12 * agedModels},
	} {
		b.Run(q.name, func(b *testing.B) {
			var times []time.Duration
			for b.Loop() {
				began := time.Now()
				got := q.ask()
				times = append(times, time.Since(began))
				if q.want >= 0 && got != q.want {
					b.Fatalf("%d rates, want %d", got, q.want)
				}
			}
			slices.Sort(times)
			b.ReportMetric(milliseconds(times[len(times)/2]), "p50-ms")
			b.ReportMetric(milliseconds(times[len(times)*99/100]), "p99-ms")
			b.ReportMetric(milliseconds(q.promise), "promised-ms")
			if testing.Verbose() && len(times) > 1 {
				b.Log(seen.plans(b, s, func() { q.ask() }))
			}
		})
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func asOf(b *testing.B, c *postgres.Catalogue, ref string, when domain.AsOf) (rates int) {
	found, err := c.Model(b.Context(), "", ref, when)
	if err != nil || len(found) != 1 {
		b.Fatalf("%d models, %v", len(found), err)
	}
	return len(found[0].Rates)
}

func historyOf(b *testing.B, c *postgres.Catalogue, id string, known time.Time) (rates int) {
	rows, err := c.History(b.Context(), domain.ModelKey{Provider: "acme", ID: id}, ports.HistoryQuery{KnownAt: known})
	if err != nil {
		b.Fatal(err)
	}
	return len(rows)
}

func moved(b *testing.B, c *postgres.Catalogue, q ports.TimelineQuery) (rates int) {
	q.Layer, q.Most = domain.LayerList, 100_000
	lines, err := c.Timelines(b.Context(), q)
	if err != nil {
		b.Fatal(err)
	}
	for _, l := range lines {
		rates += len(l.Periods)
	}
	if rates == 0 {
		b.Fatal("nothing moved")
	}
	return rates
}

func allOf(b *testing.B, c *postgres.Catalogue, when domain.AsOf) (rates int) {
	page, err := c.Models(b.Context(), ports.ModelQuery{AsOf: when, Limit: agedModels})
	if err != nil {
		b.Fatal(err)
	}
	for _, m := range page.Models {
		rates += len(m.Rates)
	}
	return rates
}

// asked remembers what is asked of the database.
type asked struct{ queries []pgx.TraceQueryStartData }

func (a *asked) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	a.queries = append(a.queries, q)
	return ctx
}

func (a *asked) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// plans does something once more and explains how its queries about rates were
// answered.
func (a *asked) plans(b *testing.B, s *postgres.Store, do func()) string {
	a.queries = nil
	do()
	var all strings.Builder
	for _, q := range slices.Clone(a.queries) {
		name, _, _ := strings.Cut(strings.TrimPrefix(q.SQL, "-- name: "), "\n")
		if !strings.Contains(q.SQL, "-- name: ") || strings.Contains(name, "Quotes") || strings.Contains(name, "CatalogueVersion") {
			continue
		}
		rows, err := s.Pool().Query(b.Context(), "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) "+q.SQL, q.Args...)
		if err != nil {
			b.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			b.Fatal(err)
		}
		fmt.Fprintf(&all, "\n%s\n  %s\n", name, strings.Join(lines, "\n  "))
	}
	return all.String()
}
