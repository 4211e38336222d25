package memory_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/shopspring/decimal"

	"ratecard/adapters/memory"
	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
	"ratecard/ports/porttest"
)

// TestMarket: what is offered now is held, and anything else the store's answer.
func TestMarket(t *testing.T) {
	store := open(t)
	porttest.Market(t, func(tb testing.TB) porttest.Traded {
		h := hold(tb, store, noon)
		return porttest.Traded{Books: porttest.Books{Ledger: h.ledger, Catalogue: h.Catalogue, Pages: postgres.NewPages(store)}, Market: memory.Market{Market: h.store, Catalogue: h.Catalogue}}
	})
}

// closed is a market that answers nothing.
type closed struct{}

func (closed) Offers(context.Context, ports.OfferQuery) (ports.Offers, error) {
	return ports.Offers{}, errAway
}

// TestWhatIsOfferedNowNeedsNoStore, and what was offered then does.
func TestWhatIsOfferedNowNeedsNoStore(t *testing.T) {
	h := hold(t, open(t), noon)
	if _, err := h.ledger.Update(t.Context(), "acme", func(ledger.State) (ledger.Change, error) { return many(20), nil }); err != nil {
		t.Fatal(err)
	}
	market := memory.Market{Market: closed{}, Catalogue: h.Catalogue}
	q := ports.OfferQuery{ModelQuery: ports.ModelQuery{AsOf: domain.AsOf{At: noon}}, Tier: domain.TierStandard, Region: domain.RegionGlobal}
	got, err := market.Offers(t.Context(), q)
	if err != nil || len(got.Models) != 20 {
		t.Fatalf("%d models, %v", len(got.Models), err)
	}
	again, err := market.Offers(t.Context(), q)
	if err != nil || again.Priced[7].Schedule != got.Priced[7].Schedule {
		t.Errorf("they are laid out anew when they are asked for again; %v", err)
	}
	q.AsOf.KnownAt = noon
	if _, err := market.Offers(t.Context(), q); domain.KindOf(err) != domain.KindUnavailable {
		t.Errorf("the error is %v", err)
	}
}

// many are models with rates of two tiers, each of them with prices of its own.
func many(n int) ledger.Change {
	c := ledger.Change{KnownAt: noon}
	for i := range n {
		m := domain.Model{ModelKey: domain.ModelKey{Provider: "acme", ID: fmt.Sprintf("m%05d", i)}, Source: "api", Usability: domain.UsabilityAvailable}
		c.Models = append(c.Models, m)
		for k, meter := range []domain.Meter{domain.MeterInput, domain.MeterOutput, domain.MeterCacheRead} {
			for _, tier := range []domain.Tier{domain.TierStandard, domain.TierBatch} {
				c.Open = append(c.Open, domain.Rate{
					RateKey:   domain.RateKey{Model: m.ModelKey, Layer: domain.LayerList, Tier: tier, Meter: meter, Region: domain.RegionGlobal},
					Price:     domain.Price{Amount: decimal.New(int64(1+(i*7919+k*31)%9973), -int32(i%4)), Unit: meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted},
					Effective: domain.Span{From: noon}, Basis: domain.BasisStated,
				})
			}
		}
	}
	return c
}

// BenchmarkMarket asks for what 10,000 models cost in a moment: as it is asked
// again, and for the first time, when all have to be laid out.
func BenchmarkMarket(b *testing.B) {
	h := hold(b, open(b), noon)
	if _, err := h.ledger.Update(b.Context(), "acme", func(ledger.State) (ledger.Change, error) { return many(10_000), nil }); err != nil {
		b.Fatal(err)
	}
	market := memory.Market{Catalogue: h.Catalogue}
	q := ports.OfferQuery{ModelQuery: ports.ModelQuery{AsOf: domain.AsOf{At: noon}}, Tier: domain.TierStandard, Region: domain.RegionGlobal}
	ask := func(b *testing.B) {
		b.Helper()
		if got, err := market.Offers(b.Context(), q); err != nil || len(got.Models) != 10_000 {
			b.Fatal(len(got.Models), err)
		}
	}
	b.Run("again", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ask(b)
		}
	})
	b.Run("for the first time", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			h.Forget()
			ask(b)
		}
	})
}
