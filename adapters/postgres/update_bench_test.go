package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

const (
	benchModels = 10_000
	benchRates  = 5
)

// BenchmarkUpdateFirst writes 10,000 models with 5 rates each, none of them known.
func BenchmarkUpdateFirst(b *testing.B) {
	l := postgres.NewLedger(open(b))
	whole := wholeCatalogue()
	for n := 0; b.Loop(); n++ {
		provider := domain.ProviderID(fmt.Sprintf("p%d", n))
		if _, err := l.Update(b.Context(), provider, func(ledger.State) (ledger.Change, error) { return whole, nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUpdateUnchanged reads all of that and compares it, and has nothing to write.
func BenchmarkUpdateUnchanged(b *testing.B) {
	l := postgres.NewLedger(open(b))
	whole := wholeCatalogue()
	if _, err := l.Update(b.Context(), "p", func(ledger.State) (ledger.Change, error) { return whole, nil }); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		unchanged(b, l, whole)
	}
}

// BenchmarkUpdateOne changes the two prices of one model.
func BenchmarkUpdateOne(b *testing.B) {
	l := postgres.NewLedger(open(b))
	for price := int64(1); b.Loop(); price = 3 - price {
		update(b, l, "p", wants("p", 1, price))
	}
}

// BenchmarkListing reads a page of 50 of these models.
func BenchmarkListing(b *testing.B) {
	s := open(b)
	whole := wholeCatalogue()
	update(b, postgres.NewLedger(s), "p", func(ledger.State) (ledger.Change, error) { return whole, nil })
	if _, err := s.Pool().Exec(b.Context(), "ANALYZE"); err != nil {
		b.Fatal(err)
	}
	c := postgres.NewCatalogue(s)
	two := decimal.NewFromInt(2)
	later := whole.KnownAt.Add(time.Hour)
	q := ports.ModelQuery{AsOf: domain.AsOf{At: later, KnownAt: later}, Limit: 50}
	for name, narrow := range map[string]func(*ports.ModelQuery){
		"all":    func(*ports.ModelQuery) {},
		"class":  func(q *ports.ModelQuery) { q.Classifications = []domain.Class{domain.ClassTools} },
		"priced": func(q *ports.ModelQuery) { q.MaxInputCost = &two },
	} {
		b.Run(name, func(b *testing.B) {
			q := q
			narrow(&q)
			for b.Loop() {
				if page, err := c.Models(b.Context(), q); err != nil || len(page.Models) != 50 {
					b.Fatal(len(page.Models), err)
				}
			}
		})
	}
	b.Run("one model", func(b *testing.B) {
		for b.Loop() {
			if found, err := c.Model(b.Context(), "p", "model-4-4", q.AsOf); err != nil || len(found) != 1 {
				b.Fatal(found, err)
			}
		}
	})
}

func unchanged(b *testing.B, l *postgres.Ledger, whole ledger.Change) {
	_, err := l.Update(context.Background(), "p", func(s ledger.State) (ledger.Change, error) {
		rates := make(map[domain.RateKey]domain.Price, len(s.Rates))
		for _, r := range s.Rates {
			rates[r.RateKey] = r.Price
		}
		differ := len(s.Models) - len(whole.Models)
		for _, r := range whole.Open {
			r.Model.Provider = "p"
			if !rates[r.RateKey].Equal(r.Price) {
				differ++
			}
		}
		if differ != 0 {
			return ledger.Change{}, fmt.Errorf("%d models or rates differ", differ)
		}
		return ledger.Change{}, nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func wholeCatalogue() ledger.Change {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	window := int64(200_000)
	c := ledger.Change{KnownAt: at, Reads: []domain.SourceRead{{Source: "prices", At: at, Good: true}}}
	meters := domain.TokenMeters()[:benchRates]
	for i := range benchModels {
		id := fmt.Sprintf("model-%d-%d", i%7, i)
		c.Models = append(c.Models, domain.Model{
			ModelKey: domain.ModelKey{Provider: "p", ID: id}, DisplayName: "Model " + id, Source: "api", Created: &at,
			Classification: []domain.Class{domain.ClassChat, domain.ClassTools}, Usability: domain.UsabilityAvailable, ContextWindow: &window,
			Capabilities: []domain.Capability{{Type: "vision", Supported: true}, {Type: "batch", Supported: i%2 == 0}},
			Raw:          fmt.Appendf(nil, `{"id":%q,"type":"model","display_name":"Model %s","created_at":"2026-01-02T03:04:05Z"}`, id, id),
		})
		for j, meter := range meters {
			q := domain.QuoteKey{Name: "Model " + id, Tier: domain.TierStandard, Meter: meter, Region: domain.RegionGlobal}
			amount := decimal.New(int64(i%400+j), -2)
			c.StatementsOpen = append(c.StatementsOpen, domain.Statement{
				Provider: "p", Source: "prices", Stated: domain.Span{From: at}, ConfigVersion: 1,
				Quote: domain.Quote{QuoteKey: q, Amount: amount, Place: domain.Place{
					Reader: "tables", Path: fmt.Sprintf("main > table:nth-of-type(2) > tbody > tr:nth-child(%d) > td:nth-child(%d)", i, j),
					Row: q.Name, Header: string(meter), Cell: "$" + amount.String() + " / MTok",
				}},
			})
			c.Open = append(c.Open, domain.Rate{
				RateKey: domain.RateKey{Model: domain.ModelKey{Provider: "p", ID: id}, Layer: domain.LayerList, Tier: q.Tier, Meter: meter, Region: q.Region},
				Price:   domain.Price{Amount: amount, Unit: meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted},
				Basis:   domain.BasisObserved, Effective: domain.Span{From: at}, NotAfter: at, Source: "prices", Quote: q,
			})
		}
	}
	return c
}
