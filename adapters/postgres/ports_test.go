package postgres_test

import (
	"testing"

	"ratecard/adapters/postgres"
	"ratecard/ports/porttest"
)

func books(tb testing.TB) porttest.Books {
	s := open(tb)
	return porttest.Books{Ledger: postgres.NewLedger(s), Catalogue: postgres.NewCatalogue(s), Pages: postgres.NewPages(s)}
}

func TestLedger(t *testing.T) { porttest.Ledger(t, books) }

func TestCatalogue(t *testing.T) { porttest.Catalogue(t, books) }
