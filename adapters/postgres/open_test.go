package postgres_test

import (
	"log/slog"
	"testing"

	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/postgres"
)

// open gives a store with a fresh and migrated database.
func open(tb testing.TB) *postgres.Store {
	tb.Helper()
	return openAt(tb, postgres.Config{DSN: pgtest.DSN(tb)})
}

func openAt(tb testing.TB, c postgres.Config) *postgres.Store {
	tb.Helper()
	s, err := postgres.Open(tb.Context(), c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	if err := postgres.Migrate(tb.Context(), s, slog.New(slog.DiscardHandler)); err != nil {
		tb.Fatal(err)
	}
	return s
}
