package cached_test

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/adapters/cached"
	"ratecard/adapters/memory"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// manyModels are how many a cold start reads, with five rates each.
const manyModels = 10_000

func catalogueOf(n int) ledger.Change {
	c := ledger.Change{KnownAt: noon}
	window := int64(200_000)
	for i := range n {
		id := fmt.Sprintf("acme-model-%05d", i)
		m := domain.Model{
			ModelKey: domain.ModelKey{Provider: "acme", ID: id}, Source: "api", DisplayName: fmt.Sprint("Acme Model ", i), Usability: domain.UsabilityAvailable,
			ContextWindow: &window, Classification: []domain.Class{domain.ClassChat}, Capabilities: []domain.Capability{{Type: "chat", Supported: true}, {Type: "vision"}},
			Raw: json.RawMessage(fmt.Sprintf(`{"id":%q,"object":"model","created":1700000000,"owned_by":"acme"}`, id)),
		}
		c.Models = append(c.Models, m)
		for j, meter := range domain.TokenMeters()[:5] {
			c.Open = append(c.Open, domain.Rate{
				RateKey:   domain.RateKey{Model: m.ModelKey, Layer: domain.LayerList, Tier: domain.TierStandard, Meter: meter, Region: domain.RegionGlobal},
				Price:     domain.Price{Amount: decimal.New(int64(i+j+1), -2), Unit: meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted},
				Effective: domain.Span{From: noon}, Basis: domain.BasisObserved,
			})
		}
	}
	return c
}

// BenchmarkColdStart is what a replica takes to answer its first question of
// 10,000 models: from PostgreSQL alone, from the copies in a Valkey, and from what
// is kept there for a time without PostgreSQL.
func BenchmarkColdStart(b *testing.B) {
	w := newWorld(open(b), shared(b))
	if _, err := w.book.Update(b.Context(), "acme", func(ledger.State) (ledger.Change, error) { return catalogueOf(manyModels), nil }); err != nil {
		b.Fatal(err)
	}
	w.clock.Store(noon.Add(time.Minute).UnixMicro())
	warm := w.replica(b)
	began := time.Now()
	warm.copies.TendOnce(b.Context())
	copying := time.Since(began)
	ask := func(c ports.Catalogue) {
		page, err := c.Models(context.Background(), ports.ModelQuery{AsOf: domain.AsOf{At: w.now()}, Limit: 50})
		if err != nil || page.Total != manyModels {
			b.Fatalf("%d models, %v", page.Total, err)
		}
	}
	b.Run("from PostgreSQL", func(b *testing.B) {
		for b.Loop() {
			alone, err := memory.NewCatalogue(b.Context(), w.store, w.store, w.now)
			if err != nil {
				b.Fatal(err)
			}
			ask(alone)
		}
	})
	b.Run("from copies", func(b *testing.B) {
		before := w.asked.Load()
		for b.Loop() {
			ask(w.replica(b))
		}
		if w.asked.Load() != before {
			b.Fatal("the store was asked")
		}
		b.ReportMetric(float64(copying.Milliseconds()), "ms/copying")
	})
	b.Run("without PostgreSQL", func(b *testing.B) {
		w.away.Store(true)
		for b.Loop() {
			lone, is := w.revived("acme")
			if !is {
				b.Fatal("nothing was copied")
			}
			ask(lone)
		}
		w.away.Store(false)
	})
	b.Run("memory", func(b *testing.B) {
		var before, after runtime.MemStats
		for b.Loop() {
			runtime.GC()
			runtime.ReadMemStats(&before)
			one := cached.NewStandings(w.store, w.config())
			held, err := memory.NewCatalogue(b.Context(), w.store, one, w.now)
			if err != nil {
				b.Fatal(err)
			}
			ask(held)
			runtime.GC()
			runtime.ReadMemStats(&after)
			runtime.KeepAlive(held)
			runtime.KeepAlive(one)
		}
		b.ReportMetric(float64(int64(after.HeapAlloc)-int64(before.HeapAlloc))/(manyModels/1000)/1e6, "MB/1000-models")
	})
}
