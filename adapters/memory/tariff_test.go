package memory_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ratecard/adapters/memory"
	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
	"ratecard/ports/porttest"
)

// lost is a store that may not answer what models cost.
type lost struct {
	*postgres.Catalogue
	away bool
}

func (l *lost) Tariffs(ctx context.Context, q ports.TariffQuery) (ports.Tariffs, error) {
	if l.away {
		return ports.Tariffs{}, errAway
	}
	return l.Catalogue.Tariffs(ctx, q)
}

// TestTariff: what models cost is the store's answer; what they cost now is the
// same while it is away, whatever they are called by.
func TestTariff(t *testing.T) {
	store := open(t)
	h := hold(t, store, noon)
	stored := &lost{Catalogue: h.store}
	tariff := memory.Tariff{Tariff: stored, Catalogue: h.Catalogue}
	porttest.Tariff(t, func(testing.TB) porttest.Priced {
		return porttest.Priced{Books: porttest.Books{Ledger: h.ledger, Catalogue: h.Catalogue, Pages: postgres.NewPages(store)}, Tariff: tariff}
	})

	r := rand.New(rand.NewPCG(11, 11))
	at := noon.Add(100 * time.Hour)
	for _, p := range []domain.ProviderID{"acme", "zenith", "acme"} {
		at = at.Add(time.Minute)
		h.clock.Store(at.UnixMicro())
		if _, err := h.ledger.Update(t.Context(), p, func(s ledger.State) (ledger.Change, error) {
			c := someChange(r, s, p, at)
			for i := range c.Models {
				c.Models[i].Aliases = []string{"the-best", fmt.Sprint("alias-", r.IntN(3))}
			}
			return c, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	stored.away = true
	read := at
	priced := 0
	for ; at.Before(read.Add(50 * time.Hour)); at = at.Add(time.Hour) {
		for _, refs := range [][]string{{"m0", "the-best"}, {"m1"}, {"alias-0", "m3", "alias-2", "nobody"}, {"nobody"}} {
			q := ports.TariffQuery{Refs: refs, Range: domain.Span{From: at, To: at.Add(30 * time.Minute)}}
			held, err := tariff.Tariffs(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			want, err := h.store.Tariffs(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := spelled(t, held), spelled(t, want); got != want {
				t.Fatalf("%v at %s: held\n%s\nstored\n%s", refs, at, got, want)
			}
			for _, m := range want.Models {
				priced += len(m.Rates)
			}
		}
	}
	if priced == 0 {
		t.Error("nothing had a price: this test shows nothing")
	}
	for name, q := range map[string]ports.TariffQuery{
		"earlier":   {Refs: []string{"m0"}, Range: domain.Span{From: read.Add(-time.Hour), To: at}},
		"as it was": {Refs: []string{"m0"}, Range: domain.Span{From: at, To: at.Add(time.Hour)}, KnownAt: at},
	} {
		if _, err := tariff.Tariffs(t.Context(), q); domain.KindOf(err) != domain.KindUnavailable {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

// spelled is what bills look at, in one order.
func spelled(t *testing.T, all ports.Tariffs) string {
	t.Helper()
	for i := range all.Models {
		m := &all.Models[i]
		if m.Since.IsZero() {
			t.Errorf("%s is known since ever", m.ModelKey)
		}
		m.Since = time.Time{} // of a time before the question
		m.Rates = append([]domain.RateView{}, m.Rates...)
		for j := range m.Rates {
			m.Rates[j].Held = nil // shown to nobody who is billed
		}
		slices.SortFunc(m.Rates, func(a, b domain.RateView) int { return cmp.Compare(a.ID, b.ID) })
		for j := range m.Attributes {
			m.Attributes[j].Aliases = append([]string{}, m.Attributes[j].Aliases...)
		}
	}
	text, err := json.Marshal(any(all))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
