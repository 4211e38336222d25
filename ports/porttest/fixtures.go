package porttest

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// Books are the ports that a catalogue is written and read through. Catalogue
// answers what Ledger has stored; Pages holds the pages of its evidence.
type Books struct {
	Ledger    ports.Ledger
	Catalogue ports.Catalogue
	Pages     ports.Pages
}

// noon is when the tests' time begins.
var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func hour(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }

func now(at time.Time) domain.AsOf { return domain.AsOf{At: at, KnownAt: at} }

var providers atomic.Int64

// aProvider names a provider that nothing else in the store has.
func aProvider() domain.ProviderID {
	return domain.ProviderID(fmt.Sprintf("provider-%d", providers.Add(1)))
}

func aModel(provider domain.ProviderID, id string) domain.Model {
	return domain.Model{
		ModelKey: domain.ModelKey{Provider: provider, ID: id}, DisplayName: "The " + id, Source: "api",
		Classification: []domain.Class{domain.ClassGeneral}, Usability: domain.UsabilityAvailable,
	}
}

func aKey(model domain.ModelKey, meter domain.Meter) domain.RateKey {
	return domain.RateKey{
		Model: model, Layer: domain.LayerList, Tier: domain.TierStandard, Meter: meter, Region: domain.RegionGlobal,
	}
}

// aRate is a rate without evidence, in force from an instant on.
func aRate(key domain.RateKey, amount string, from time.Time) domain.Rate {
	return domain.Rate{
		RateKey: key,
		Price: domain.Price{
			Amount: decimal.RequireFromString(amount), Unit: key.Meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted,
		},
		Effective: domain.Span{From: from}, Basis: domain.BasisStated,
	}
}

// aStatement is what a source states of a rate, and the rate that rests on it.
func aStatement(source string, r domain.Rate, at time.Time) (domain.Statement, domain.Rate) {
	quote := domain.QuoteKey{
		Name: "The " + r.Model.ID, Tier: r.Tier, Meter: r.Meter, Region: r.Region, MinPromptTokens: r.MinPromptTokens,
	}
	r.Source, r.Quote = source, quote
	return domain.Statement{
		Provider: r.Model.Provider, Source: source, ConfigVersion: 1, Stated: domain.Span{From: at},
		Quote: domain.Quote{QuoteKey: quote, Amount: r.Amount, Place: domain.Place{
			Reader: "tables", Path: "table > tr:nth-child(2)", Row: quote.Name, Header: "Price", Cell: "$" + r.Amount.String(),
		}},
	}, r
}

// update writes a change and gives the catalogue version after it.
func (b Books) update(t failer, provider domain.ProviderID, change ledger.Change) int64 {
	t.Helper()
	version, err := b.Ledger.Update(context.Background(), provider, func(ledger.State) (ledger.Change, error) { return change, nil })
	if err != nil {
		t.Fatalf("updating %s: %v", provider, err)
	}
	return version
}

// state reads what is believed of a provider.
func (b Books) state(t failer, provider domain.ProviderID) ledger.State {
	t.Helper()
	var state ledger.State
	_, err := b.Ledger.Update(context.Background(), provider, func(s ledger.State) (ledger.Change, error) {
		state = s
		return ledger.Change{}, nil
	})
	if err != nil {
		t.Fatalf("reading %s: %v", provider, err)
	}
	return state
}

func (b Books) models(t failer, q ports.ModelQuery) ports.ModelPage {
	t.Helper()
	page, err := b.Catalogue.Models(context.Background(), q)
	if err != nil {
		t.Fatalf("listing models: %v", err)
	}
	return page
}

func (b Books) history(t failer, model domain.ModelKey, q ports.HistoryQuery) []domain.RateView {
	t.Helper()
	list, err := b.Catalogue.History(context.Background(), model, q)
	if err != nil {
		t.Fatalf("reading the history of %s: %v", model, err)
	}
	return list
}

// failer is what *testing.T and *rapid.T have in common here.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// same compares values as the domain does: amounts and instants by what they
// mean, JSON by what it says, an empty list as none.
func same(t failer, what string, got, want any) {
	t.Helper()
	written := func(a, b json.RawMessage) bool { return len(a)+len(b) > 0 }
	jsonMeans := cmp.FilterValues(written, cmp.Transformer("JSON", func(raw json.RawMessage) any {
		var v any
		if len(raw) > 0 && json.Unmarshal(raw, &v) != nil {
			return string(raw)
		}
		return v
	}))
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), jsonMeans); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// fails checks the kind of an error.
func fails(t failer, what string, err error, kind domain.Kind) {
	t.Helper()
	if err == nil || domain.KindOf(err) != kind {
		t.Errorf("%s: got error %v, want one of kind %s", what, err, kind)
	}
}

// run makes a subtest of each test of a suite, on one store.
func run[S any](t *testing.T, open func(testing.TB) S, tests map[string]func(*testing.T, S)) {
	store := open(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, store) })
	}
}
