package postgres_test

import (
	"testing"

	"ratecard/adapters/postgres"
	"ratecard/ports/porttest"
)

func TestMatching(t *testing.T) {
	porttest.Matching(t, func(tb testing.TB) porttest.Matched {
		s := open(tb)
		l := postgres.NewLedger(s)
		return porttest.Matched{Books: porttest.Books{Ledger: l, Catalogue: postgres.NewCatalogue(s), Pages: postgres.NewPages(s)}, Matching: l}
	})
}
