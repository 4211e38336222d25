package postgres_test

import (
	"testing"

	"ratecard/adapters/postgres"
	"ratecard/ports/porttest"
)

func TestArchive(t *testing.T) {
	porttest.Archive(t, func(tb testing.TB) porttest.Shelf {
		s := open(tb)
		return porttest.Shelf{
			Books: porttest.Books{Ledger: postgres.NewLedger(s), Catalogue: postgres.NewCatalogue(s), Pages: postgres.NewPages(s)},
			Runs:  postgres.NewRuns(s), Archive: postgres.NewArchive(s),
		}
	})
}
