package app

import (
	"context"
	"log/slog"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// A writingLedger looks, while it would write, whether what was decided is still held.
type writingLedger struct {
	ports.Ledger
	rates int
	held  bool
}

func (l *writingLedger) Update(_ context.Context, _ domain.ProviderID, decide ports.Decide) (int64, error) {
	change, err := decide(ledger.State{})
	if err != nil {
		return 0, err
	}
	l.rates = len(change.Open)
	rate := weak.Make(&change.Open[0])
	runtime.GC() // the change is used no more
	l.held = rate.Value() != nil
	return 1, nil
}

type nothingSet struct{}

func (nothingSet) SaveSettings(context.Context, domain.Settings, string, time.Time) error { return nil }

func (nothingSet) Settings(context.Context) (domain.Settings, error) { return domain.Settings{}, nil }

// TestAStoredRunHoldsNoRates: of what a run decides it keeps what it reports, while it
// is written, and not the rates, which are many times as large.
func TestAStoredRunHoldsNoRates(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	model := domain.Model{ModelKey: domain.ModelKey{Provider: "acme", ID: "acme-1"}, DisplayName: "Acme 1", Source: "api"}
	read := &pageRead{
		domain.Reading{Quotes: []domain.Quote{{
			QuoteKey: domain.QuoteKey{Name: "Acme 1", Tier: domain.TierStandard, Meter: domain.TokenMeters()[0], Region: domain.RegionGlobal},
			Amount:   decimal.NewFromInt(3),
		}}},
		domain.SourceRead{Source: "prices", At: at, Good: true},
	}
	written := &writingLedger{}
	s := NewSync(SyncConfig{Ledger: written, Settings: nothingSet{}, Now: func() time.Time { return at }, Log: slog.New(slog.DiscardHandler)})
	run := &domain.Run{Reads: []domain.SourceRead{read.read}}
	s.store(t.Context(), run, domain.Provider{ID: "acme"}, discovered{listing: &domain.Listing{Models: []domain.Model{model}, Complete: true, At: at}}, read)
	if written.rates != 1 || written.held {
		t.Errorf("%d rates are written; held meanwhile: %v", written.rates, written.held)
	}
	if want := (domain.Counts{ModelsAdded: 1, PricingUpdated: 1}); run.Counts != want {
		t.Errorf("it reports %+v, want %+v", run.Counts, want)
	}
	joined := run.Steps[0]
	if joined.Name != domain.StepEnrichment || joined.Detail != "1 models priced, 0 without a price, 0 names without a model" {
		t.Errorf("the joining is reported as %+v", joined)
	}
}
