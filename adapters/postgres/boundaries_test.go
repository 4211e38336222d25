package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// plans decides that a model costs 1 now, 2 from an hour later on, and so on.
func plans(provider domain.ProviderID, prices int) ports.Decide {
	return func(s ledger.State) (ledger.Change, error) {
		c := ledger.Change{KnownAt: at}
		if len(s.Rates) > 0 {
			return c, nil
		}
		m := domain.Model{ModelKey: domain.ModelKey{Provider: provider, ID: "m"}, Usability: domain.UsabilityAvailable}
		c.Models = []domain.Model{m}
		for i := range prices {
			r := domain.Rate{
				RateKey: domain.RateKey{
					Model: m.ModelKey, Layer: domain.LayerList, Tier: domain.TierStandard, Meter: domain.MeterInput, Region: domain.RegionGlobal,
				},
				Price: domain.Price{
					Amount: decimal.NewFromInt(int64(1 + i)), Unit: domain.MeterInput.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted,
				},
				Effective: domain.Span{From: at.Add(time.Duration(i) * time.Hour)}, Basis: domain.BasisStated,
			}
			if i+1 < prices {
				r.Effective.To = r.Effective.From.Add(time.Hour)
			}
			c.Open = append(c.Open, r)
		}
		return c, nil
	}
}

const announced = "SELECT count(*) FROM events WHERE kind = 'rate.changed'"

// TestLookThatFindsNothingWritesNothing, before anything came and after it was told.
func TestLookThatFindsNothingWritesNothing(t *testing.T) {
	s := open(t)
	update(t, postgres.NewLedger(s), "p", plans("p", 2))
	boundaries := postgres.NewBoundaries(s)
	written := func() string {
		return rowVersions(t, s) + scalar[string](t, s, "SELECT string_agg(ctid || ' ' || xmin, ',') FROM ledgers")
	}
	look := func(until time.Time) {
		t.Helper()
		if _, err := boundaries.Announce(t.Context(), until); err != nil {
			t.Fatal(err)
		}
	}
	for _, until := range []time.Time{at.Add(time.Hour), at.Add(5 * time.Hour)} {
		before := written()
		look(until.Add(-time.Second))
		look(until.Add(-time.Microsecond))
		if after := written(); after != before {
			t.Errorf("before %s rows were written:\n%s\nbefore:\n%s", until, after, before)
		}
		look(until)
	}
	if n := scalar[int](t, s, announced); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
}

// TestConnectionLostWhileAnnouncing cuts the connection before each statement
// in turn: what came is told all the same, and once.
func TestConnectionLostWhileAnnouncing(t *testing.T) {
	dsn := pgtest.DSN(t)
	killer := openAt(t, postgres.Config{DSN: dsn})
	l := postgres.NewLedger(killer)
	for cut, whole := int64(0), int64(0); cut <= whole; cut++ { // first without any cut
		provider := domain.ProviderID(fmt.Sprint("p", cut))
		update(t, l, provider, func(s ledger.State) (ledger.Change, error) {
			// Each later than the one before: what was told is known.
			c, err := plans(provider, 2)(s)
			for i := range c.Open {
				span := &c.Open[i].Effective
				span.From = span.From.AddDate(0, 0, int(cut))
				if !span.Open() {
					span.To = span.To.AddDate(0, 0, int(cut))
				}
			}
			return c, err
		})
		sent := &counter{}
		s := openAt(t, postgres.Config{DSN: dsn, Tracer: sent, MaxConns: 2})
		begin := sent.sent.Load()
		sent.act = func(conn *pgx.Conn, n int64) {
			if cut == 0 || n != begin+cut {
				return
			}
			var gone bool
			if err := killer.Pool().QueryRow(context.Background(), "SELECT pg_terminate_backend($1, 5000)", conn.PgConn().PID()).Scan(&gone); err != nil || !gone {
				t.Errorf("the connection could not be cut: %v", err)
			}
		}
		if _, err := postgres.NewBoundaries(s).Announce(t.Context(), at.AddDate(0, 0, int(cut)).Add(2*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if cut == 0 {
			if whole = sent.sent.Load() - begin; whole < 8 {
				t.Errorf("only %d statements to cut at", whole)
			}
		}
		if n := scalar[int](t, killer, announced+" AND provider = $1", string(provider)); n != 1 {
			t.Errorf("cut before statement %d: told %d times", cut, n)
		}
		s.Close()
	}
}

// TestAnnouncingAmongUpdates: whoever announces takes the locks of all
// providers while each of them is updated, and nobody waits for ever.
func TestAnnouncingAmongUpdates(t *testing.T) {
	dsn := pgtest.DSN(t)
	watcher := openAt(t, postgres.Config{DSN: dsn, MaxConns: 2})
	s := openAt(t, postgres.Config{DSN: dsn, MaxConns: 12})
	l, boundaries := postgres.NewLedger(s), postgres.NewBoundaries(s)
	const providers, hours = 5, 20
	for p := range providers {
		update(t, l, domain.ProviderID(fmt.Sprint("p", p)), plans(domain.ProviderID(fmt.Sprint("p", p)), hours))
	}
	var all sync.WaitGroup
	for p := range providers {
		all.Go(func() {
			provider := domain.ProviderID(fmt.Sprint("p", p))
			for i := range hours {
				_, err := l.Update(t.Context(), provider, func(s ledger.State) (ledger.Change, error) {
					m := domain.Model{ModelKey: domain.ModelKey{Provider: provider, ID: fmt.Sprint("new ", i)}, Usability: domain.UsabilityAvailable}
					return ledger.Change{KnownAt: s.LastKnown.Add(time.Minute), Models: []domain.Model{m}}, nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 3 {
		all.Go(func() {
			for i := range hours {
				if _, err := boundaries.Announce(t.Context(), at.Add(time.Duration(i)*time.Hour)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if _, err := boundaries.Announce(t.Context(), at.Add(hours*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n := scalar[int](t, s, announced); n != providers*(hours-1) {
		t.Errorf("%d changes were told, want %d", n, providers*(hours-1))
	}
	if n := scalar[int](t, s, "SELECT count(*) FROM (SELECT 1 FROM events WHERE kind = 'rate.changed' GROUP BY provider, at HAVING count(*) > 1) t"); n != 0 {
		t.Errorf("%d were told more than once", n)
	}
	// A deadlock would only show as a repeat. Servers' processes count them when they end.
	s.Close()
	for scalar[int](t, watcher, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()") > 1 {
		select { // PostgreSQL does not announce who has gone
		case <-time.After(time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("connections stay")
		}
	}
	if n := scalar[int](t, watcher, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"); n != 0 {
		t.Errorf("%d deadlocks", n)
	}
}
