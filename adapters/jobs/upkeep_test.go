package jobs_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/adapters/jobs"
	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/postgres"
	"ratecard/app"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

var today = time.Date(2026, time.May, 4, 3, 2, 1, 0, time.UTC)

func open(t *testing.T) *postgres.Store {
	store, err := postgres.Open(t.Context(), postgres.Config{DSN: pgtest.DSN(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	if err := postgres.Migrate(t.Context(), store, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return store
}

// noticed lets a test wait for the upkeep that the real parts do.
type noticed struct {
	ports.Boundaries
	*app.Retain
	announced, retained chan error
}

func (n noticed) Announce(ctx context.Context, until time.Time) (int, error) {
	told, err := n.Boundaries.Announce(ctx, until)
	n.announced <- err
	return told, err
}

func (n noticed) Run(ctx context.Context) (app.Forgotten, error) {
	gone, err := n.Retain.Run(ctx)
	n.retained <- err
	return gone, err
}

// nobody is due, and no page has moved.
type nobody struct{}

func (nobody) Tick(context.Context, ports.Queue, time.Time) error { return nil }

func (nobody) Look(context.Context, ports.Queue) error { return nil }

// TestUpkeepAtTheStart: two replicas start, and what has come is told once,
// what may go is gone.
func TestUpkeepAtTheStart(t *testing.T) {
	store := open(t)
	believe(t, store)
	now := func() time.Time { return today }
	retain, err := app.NewRetain(app.RetainConfig{Store: postgres.NewRetention(store), Months: 12, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	parts := noticed{postgres.NewBoundaries(store), retain, make(chan error, 100), make(chan error, 100)}
	for range 2 {
		queue, err := jobs.New(jobs.Config{
			Pool: store.Pool(), Boundaries: parts, Retain: parts, Runs: postgres.NewRuns(store), Schedule: nobody{}, Look: nobody{}, Now: now,
			Timeout: time.Second, Log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := queue.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := queue.Stop(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
	for _, done := range []chan error{parts.announced, parts.retained} {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(time.Minute):
			t.Fatal("no upkeep was done")
		}
	}
	catalogue := postgres.NewCatalogue(store)
	events, err := catalogue.Events(t.Context(), 0, 10)
	if err != nil || len(events) != 1 || events[0].Kind != domain.EventRateChanged || !events[0].At.Equal(today) {
		t.Errorf("got events %+v, %v; want the scheduled change", events, err)
	}
	rates, err := catalogue.History(t.Context(), domain.ModelKey{Provider: "p", ID: "m"}, ports.HistoryQuery{})
	if err != nil || len(rates) != 2 {
		t.Errorf("got %d rates, %v; want the two that do not lie back too far", len(rates), err)
	}
}

// believe stores a rate that ended two years ago, one in force until today,
// and one from today on.
func believe(t *testing.T, store *postgres.Store) {
	m := domain.Model{ModelKey: domain.ModelKey{Provider: "p", ID: "m"}, Usability: domain.UsabilityAvailable, Raw: json.RawMessage("{}")}
	change := ledger.Change{KnownAt: today.AddDate(0, 0, -1), Models: []domain.Model{m}}
	from := today.AddDate(-3, 0, 0)
	for i, to := range []time.Time{today.AddDate(-2, 0, 0), today, {}} {
		change.Open = append(change.Open, domain.Rate{
			RateKey: domain.RateKey{
				Model: m.ModelKey, Layer: domain.LayerList, Tier: domain.TierStandard, Meter: domain.MeterInput, Region: domain.RegionGlobal,
			},
			Price: domain.Price{
				Amount: decimal.NewFromInt(int64(i)), Unit: domain.MeterInput.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted,
			},
			Effective: domain.Span{From: from, To: to}, Basis: domain.BasisStated,
		})
		from = to
	}
	if _, err := postgres.NewLedger(store).Update(t.Context(), "p", func(ledger.State) (ledger.Change, error) { return change, nil }); err != nil {
		t.Fatal(err)
	}
}
