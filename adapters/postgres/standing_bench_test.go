package postgres_test

import (
	"testing"
	"time"

	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// BenchmarkStanding reads what is believed of a provider of 10,000 models: all of it
// at once, without haste, and what is told otherwise after one of them has changed.
func BenchmarkStanding(b *testing.B) {
	s := open(b)
	whole := wholeCatalogue()
	update(b, postgres.NewLedger(s), "p", func(ledger.State) (ledger.Change, error) { return whole, nil })
	if _, err := s.Pool().Exec(b.Context(), "ANALYZE"); err != nil {
		b.Fatal(err)
	}
	c, later := postgres.NewCatalogue(s), whole.KnownAt.Add(time.Hour)
	before, err := c.Changes(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	changed := whole.Models[77]
	changed.DisplayName += " II"
	update(b, postgres.NewLedger(s), "p", func(ledger.State) (ledger.Change, error) {
		return ledger.Change{KnownAt: later, Models: []domain.Model{changed}}, nil
	})
	for _, bench := range []struct {
		name string
		q    ports.StandingQuery
		want int
	}{
		{"at once", ports.StandingQuery{}, len(whole.Models)},
		{"without haste", ports.StandingQuery{Of: []domain.ProviderID{"p"}}, len(whole.Models)},
		{"one changed", ports.StandingQuery{Of: []domain.ProviderID{"p"}, Held: before.Providers}, 1},
	} {
		b.Run(bench.name, func(b *testing.B) {
			q := bench.q
			q.At, q.Stale = later, later
			for b.Loop() {
				if got, err := c.Standing(b.Context(), q); err != nil || len(got.Models) != bench.want {
					b.Fatalf("%d models, %v; want %d", len(got.Models), err, bench.want)
				}
			}
		})
	}
}
