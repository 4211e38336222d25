package ledger_test

import (
	"slices"
	"testing"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
)

// TestWarnUnpriced: a model without a price is told of once, when the time is up, and
// again only after something has priced it.
func TestWarnUnpriced(t *testing.T) {
	const wait = 24 * time.Hour
	found := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	model := domain.Model{ModelKey: domain.ModelKey{Provider: "acme", ID: "one"}, Usability: domain.UsabilityAvailable}
	rate := domain.Rate{RateKey: domain.RateKey{Model: model.ModelKey}, Effective: domain.Span{From: found}}
	known := func(change func(*domain.Model)) ledger.State {
		m := model
		if change != nil {
			change(&m)
		}
		return ledger.State{Models: []domain.ModelVersion{{Model: m, DiscoveredAt: found}}}
	}
	for what, c := range map[string]struct {
		state          ledger.State
		change         ledger.Change
		after          time.Duration
		told, repriced bool
	}{
		"the time is not up":     {state: known(nil), after: wait - time.Microsecond},
		"the time is up":         {state: known(nil), after: wait, told: true},
		"found just now":         {change: ledger.Change{Models: []domain.Model{model}}, after: wait},
		"it was told":            {state: func() ledger.State { s := known(nil); s.Unpriced = map[string]time.Time{"one": found}; return s }(), after: 3 * wait},
		"it has a price":         {state: func() ledger.State { s := known(nil); s.Rates = []domain.Rate{rate}; return s }(), after: wait},
		"it gets a price":        {state: known(nil), change: ledger.Change{Open: []domain.Rate{rate}}, after: wait},
		"told, and gets a price": {state: func() ledger.State { s := known(nil); s.Unpriced = map[string]time.Time{"one": found}; return s }(), change: ledger.Change{Open: []domain.Rate{rate}}, after: wait, repriced: true},
		"it is deprecated":       {state: known(func(m *domain.Model) { m.Usability = domain.UsabilityDeprecated }), after: wait},
		"it is sold otherwise":   {state: known(func(m *domain.Model) { m.StatedPricing = domain.NotPerToken }), after: wait},
		"it lost its name lately": {state: func() ledger.State {
			s := known(nil)
			s.Matches = map[string]domain.Match{"one": {ModelID: "one", Since: found.Add(time.Hour)}}
			return s
		}(), after: wait},
		"it lost its name long ago": {state: func() ledger.State {
			s := known(nil)
			s.Matches = map[string]domain.Match{"one": {ModelID: "one", Since: found.Add(time.Hour)}}
			return s
		}(), after: wait + time.Hour, told: true},
	} {
		c.change.KnownAt = found.Add(c.after)
		ledger.WarnUnpriced(c.state, &c.change, wait)
		if got := slices.Contains(c.change.Unpriced, "one"); got != c.told || len(c.change.Events) != len(c.change.Unpriced) {
			t.Errorf("%s: told %v with %d events, want %v", what, got, len(c.change.Events), c.told)
		}
		if got := slices.Contains(c.change.Repriced, "one"); got != c.repriced {
			t.Errorf("%s: priced again %v, want %v", what, got, c.repriced)
		}
	}
}
