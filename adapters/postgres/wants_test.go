package postgres_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

var at = time.Date(2026, time.May, 4, 3, 2, 1, 0, time.UTC)

// wants decides whatever is missing for a provider to have so many models with
// two prices each: a decision that, repeated, changes nothing.
func wants(provider domain.ProviderID, models int, price int64) ports.Decide {
	return func(s ledger.State) (ledger.Change, error) {
		c := ledger.Change{KnownAt: at, Reads: []domain.SourceRead{{Source: "prices", At: at, Good: true}}}
		if !at.After(s.LastKnown) {
			c.KnownAt = s.LastKnown.Add(time.Microsecond)
		}
		known := map[string]bool{}
		for _, m := range s.Models {
			known[m.ID] = true
		}
		believed := map[domain.RateKey]domain.Rate{}
		for _, r := range s.Rates {
			believed[r.RateKey] = r
		}
		stated := map[domain.QuoteKey]int64{}
		for _, said := range s.Statements {
			stated[said.Quote.QuoteKey] = said.ID
		}
		for i := range models {
			m := domain.Model{ModelKey: domain.ModelKey{Provider: provider, ID: fmt.Sprintf("m%d", i)}, Usability: domain.UsabilityAvailable}
			if !known[m.ID] {
				c.Models = append(c.Models, m)
			}
			for _, meter := range domain.TokenMeters()[:2] {
				want(&c, m.ModelKey, meter, decimal.NewFromInt(price), believed, stated)
			}
		}
		for _, r := range c.Open {
			c.Events = append(c.Events, domain.Event{At: at, Kind: domain.EventRateOpened, Provider: provider, Model: r.Model.ID})
		}
		return c, nil
	}
}

func want(c *ledger.Change, m domain.ModelKey, meter domain.Meter, amount decimal.Decimal, believed map[domain.RateKey]domain.Rate, stated map[domain.QuoteKey]int64) {
	key := domain.RateKey{Model: m, Layer: domain.LayerList, Tier: domain.TierStandard, Meter: meter, Region: domain.RegionGlobal}
	quote := domain.QuoteKey{Name: m.ID, Tier: key.Tier, Meter: meter, Region: key.Region}
	old, known := believed[key]
	if known && old.Amount.Equal(amount) {
		return
	}
	if known {
		c.Supersede = append(c.Supersede, old)
	}
	if id := stated[quote]; id != 0 {
		c.StatementsEnd = append(c.StatementsEnd, id)
	}
	c.StatementsOpen = append(c.StatementsOpen, domain.Statement{
		Provider: m.Provider, Source: "prices", Quote: domain.Quote{QuoteKey: quote, Amount: amount}, Stated: domain.Span{From: at},
	})
	c.Open = append(c.Open, domain.Rate{
		RateKey: key, Price: domain.Price{Amount: amount, Unit: meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted},
		Effective: domain.Span{From: at}, Basis: domain.BasisObserved, Source: "prices", Quote: quote,
	})
}

func update(tb testing.TB, l *postgres.Ledger, provider domain.ProviderID, decide ports.Decide) {
	tb.Helper()
	if _, err := l.Update(tb.Context(), provider, decide); err != nil {
		tb.Fatal(err)
	}
}

// scalar asks the database one thing, past every port.
func scalar[T any](tb testing.TB, s *postgres.Store, query string, args ...any) T {
	tb.Helper()
	var v T
	if err := s.Pool().QueryRow(tb.Context(), query, args...).Scan(&v); err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
	return v
}

// counter counts what is sent to the server, and may act on it.
type counter struct {
	sent atomic.Int64
	act  func(conn *pgx.Conn, n int64) // before the n-th is sent; nil: nothing
}

func (c *counter) count(conn *pgx.Conn) {
	n := c.sent.Add(1)
	if c.act != nil {
		c.act(conn, n)
	}
}

func (c *counter) TraceQueryStart(ctx context.Context, conn *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.count(conn)
	return ctx
}
func (c *counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (c *counter) TraceCopyFromStart(ctx context.Context, conn *pgx.Conn, _ pgx.TraceCopyFromStartData) context.Context {
	c.count(conn)
	return ctx
}
func (c *counter) TraceCopyFromEnd(context.Context, *pgx.Conn, pgx.TraceCopyFromEndData) {}
