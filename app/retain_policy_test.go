package app_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/postgres"
	"ratecard/app"
	"ratecard/ports/porttest"
)

func TestProperty39_RetentionPolicy(t *testing.T) {
	store, err := postgres.Open(t.Context(), postgres.Config{DSN: pgtest.DSN(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	if err := postgres.Migrate(t.Context(), store, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	vault := porttest.Vault{
		Books: porttest.Books{Ledger: postgres.NewLedger(store), Catalogue: postgres.NewCatalogue(store), Pages: postgres.NewPages(store)},
		Runs:  postgres.NewRuns(store), Retention: postgres.NewRetention(store),
	}
	porttest.RetentionPolicy(t, vault, func(ctx context.Context, months int, now time.Time) error {
		retain, err := app.NewRetain(app.RetainConfig{Store: vault.Retention, Months: months, Now: func() time.Time { return now }})
		if err != nil {
			return err
		}
		_, err = retain.Run(ctx)
		return err
	})
}
