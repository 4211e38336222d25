package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// TestEditionsAreForgotten: who holds one that is not remembered any more, or that
// never was, reads all of the provider again.
func TestEditionsAreForgotten(t *testing.T) {
	s := open(t)
	c, l := postgres.NewCatalogue(s), postgres.NewLedger(s)
	const updates = 25
	var editions []string
	for i := range updates {
		m := domain.Model{ModelKey: domain.ModelKey{Provider: "p", ID: fmt.Sprintf("m%02d", i)}, Usability: domain.UsabilityAvailable}
		update(t, l, "p", func(ledger.State) (ledger.Change, error) {
			return ledger.Change{KnownAt: at.Add(time.Duration(i) * time.Hour), Models: []domain.Model{m}}, nil
		})
		now, err := c.Changes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		editions = append(editions, now.Providers["p"])
	}
	for held, want := range map[string]int{
		editions[updates-2]:                    1,
		editions[updates-20]:                   19,
		editions[updates-21]:                   updates,
		editions[0]:                            updates,
		"00000000-0000-0000-0000-000000000000": updates,
		"no uuid":                              updates,
	} {
		q := ports.StandingQuery{Of: []domain.ProviderID{"p"}, Held: map[domain.ProviderID]string{"p": held}, At: at, Stale: at}
		got, err := c.Standing(t.Context(), q)
		if err != nil || len(got.Models) != want || got.Partly["p"] != (want < updates) {
			t.Errorf("after %s: %d models, partly %v, %v; want %d", held, len(got.Models), got.Partly["p"], err, want)
		}
	}
	if n := scalar[int](t, s, "SELECT count(*)::int FROM editions"); n != 20 {
		t.Errorf("%d editions are remembered, want 20", n)
	}
}
