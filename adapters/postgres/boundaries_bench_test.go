package postgres_test

import (
	"testing"

	"ratecard/adapters/postgres"
)

// BenchmarkLookForBoundaries is the look that finds nothing, once a minute,
// among a million rates of which a thousand were scheduled and have come.
func BenchmarkLookForBoundaries(b *testing.B) {
	s := open(b)
	const million = `
		WITH m AS (
			INSERT INTO models (provider, id, discovered_at)
			SELECT 'p' || n % 4, 'm' || n, '2020-01-01' FROM generate_series(1, 2000) n RETURNING number
		), k AS (
			INSERT INTO rate_keys (model, layer, tier, meter, region, min_prompt_tokens)
			SELECT m.number, 'list', 'standard', 'meter ' || n, 'global', 0 FROM m, generate_series(1, 10) n RETURNING number
		)
		INSERT INTO rates (key, amount, unit, currency, origin, basis, effective, known_from)
		SELECT k.number, n, '1M_tokens', 'USD', 'printed', 'observed',
			tstzrange('2020-01-01'::timestamptz + n * '1 day'::interval, CASE WHEN n < 50 THEN '2020-01-01'::timestamptz + (n + 1) * '1 day'::interval END),
			'2020-01-01'::timestamptz + (n + 1 - CASE WHEN k.number % 1000 = 0 THEN 2 ELSE 0 END) * '1 day'::interval
		FROM k, generate_series(1, 50) n`
	for _, statement := range []string{million, "INSERT INTO ledgers (provider, last_known, announced_until) SELECT 'p' || n, '2020-01-01', '2020-01-01' FROM generate_series(0, 3) n", "ANALYZE"} {
		if _, err := s.Pool().Exec(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	boundaries := postgres.NewBoundaries(s)
	told, err := boundaries.Announce(b.Context(), at)
	if err != nil || told == 0 {
		b.Fatalf("%d were told, %v", told, err)
	}
	for b.Loop() {
		if told, err := boundaries.Announce(b.Context(), at); err != nil || told != 0 {
			b.Fatalf("%d were told, %v", told, err)
		}
	}
}
