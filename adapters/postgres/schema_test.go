package postgres_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/domain/ledger"
)

// TestEveryConstraintHasAMessage: who breaks a rule learns which, whatever rule
// a later migration adds.
func TestEveryConstraintHasAMessage(t *testing.T) {
	s := open(t)
	rows, err := s.Pool().Query(t.Context(), `
		SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u', 'x') AND conname NOT LIKE 'goose%'
		UNION
		SELECT indexrelid::regclass::text FROM pg_index WHERE indisunique AND NOT indisprimary AND indpred IS NOT NULL
			AND (SELECT relnamespace FROM pg_class WHERE oid = indexrelid) = 'public'::regnamespace`)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if len(names) < 30 {
		t.Errorf("only %d constraints were found", len(names))
	}
	for _, name := range names {
		if !postgres.HasRefusal(name) {
			t.Errorf("%s has no message", name)
		}
	}
}

func TestEveryTableHasAComment(t *testing.T) {
	s := open(t)
	missing := scalar[[]string](t, s, `
		SELECT coalesce(array_agg(relname::text), '{}') FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition
			AND relname NOT LIKE 'goose%' AND obj_description(oid) IS NULL`)
	if len(missing) > 0 {
		t.Errorf("no comment on %v", missing)
	}
}

// TestFlatViews reads the two views under the original's names.
func TestFlatViews(t *testing.T) {
	s := open(t)
	m := domain.Model{ModelKey: domain.ModelKey{Provider: "p", ID: "m0"}, Usability: domain.UsabilityAvailable}
	year := func(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
	c := ledger.Change{KnownAt: year(2020), Models: []domain.Model{m}}
	for _, r := range []struct {
		tier      domain.Tier
		meter     domain.Meter
		region    domain.Region
		threshold int64
		amount    string
		from, to  int
	}{
		{"standard", "input", "global", 0, "3", 2020, 2021}, {"standard", "input", "global", 0, "4", 2021, 2999},
		{"standard", "input", "global", 0, "5", 2999, 0}, {"standard", "output", "global", 0, "15", 2020, 0},
		{"standard", "input", "global", 200_000, "6", 2020, 0}, {"batch", "input", "global", 0, "1.5", 2020, 0},
		{"standard", "input", "us", 0, "99", 2020, 0}, {"standard", "cache_read", "global", 0, "0.3", 2020, 0},
	} {
		rate := domain.Rate{
			RateKey:   domain.RateKey{Model: m.ModelKey, Layer: domain.LayerList, Tier: r.tier, Meter: r.meter, Region: r.region, MinPromptTokens: r.threshold},
			Price:     domain.Price{Amount: decimal.RequireFromString(r.amount), Unit: r.meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted},
			Effective: domain.Span{From: year(r.from)}, Basis: domain.BasisStated,
		}
		if r.to != 0 {
			rate.Effective.To = year(r.to)
		}
		c.Open = append(c.Open, rate)
	}
	update(t, postgres.NewLedger(s), "p", func(ledger.State) (ledger.Change, error) { return c, nil })
	got := collect(t, s, `SELECT concat_ws(' ', model_id, tier, input_cost_per_million, output_cost_per_million, coalesce(context_limit::text, '-'),
		to_char(effective_date AT TIME ZONE 'UTC', 'YYYY-MM-DD')) FROM model_pricing ORDER BY tier, min_prompt_tokens`)
	want := []string{"m0 batch 1.5 - 2020-01-01", "m0 standard 4 15 199999 2021-01-01", "m0 standard 6 - 2020-01-01"}
	if !slices.Equal(got, want) {
		t.Errorf("model_pricing: got %q, want %q", got, want)
	}
	got = collect(t, s, `SELECT concat_ws(' ', input_cost_per_million, coalesce(output_cost_per_million::text, '-'),
		to_char(effective_date AT TIME ZONE 'UTC', 'YYYY-MM-DD'), coalesce(to_char(end_date AT TIME ZONE 'UTC', 'YYYY-MM-DD'), 'now'),
		to_char(created_at AT TIME ZONE 'UTC', 'YYYY')) FROM pricing_history WHERE tier = 'standard' AND min_prompt_tokens = 0 ORDER BY effective_date`)
	want = []string{"3 15 2020-01-01 2021-01-01 2020", "4 15 2021-01-01 2999-01-01 2020", "5 15 2999-01-01 now 2020"}
	if !slices.Equal(got, want) {
		t.Errorf("pricing_history: got %q, want %q", got, want)
	}
}

func collect(t *testing.T, s *postgres.Store, query string) []string {
	t.Helper()
	rows, err := s.Pool().Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}
