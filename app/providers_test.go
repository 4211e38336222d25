package app

import (
	"context"
	"testing"
	"time"

	"ratecard/domain"
)

// awayProviders is a store that is there or away, and counts how often it is asked.
type awayProviders struct {
	entries []domain.ProviderEntry
	away    bool
	asked   int
}

func (a *awayProviders) Entries(context.Context) ([]domain.ProviderEntry, error) {
	a.asked++
	if a.away {
		return nil, domain.Errorf(domain.KindUnavailable, "the database is away")
	}
	return a.entries, nil
}

func (a *awayProviders) Save(context.Context, domain.ProviderEntry, *domain.Scraping, domain.Event) (domain.ProviderEntry, error) {
	panic("nothing is saved here")
}

// What reads while the database is away goes by what was said of providers before,
// and nobody waits for the database again and again.
func TestProvidersWhileTheDatabaseIsAway(t *testing.T) {
	off := false
	kept := &awayProviders{away: true, entries: []domain.ProviderEntry{{ID: "acme", Version: 1, Enabled: &off}}}
	own := []domain.Provider{{ID: "acme", Name: "Acme", Enabled: true}}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	p := NewProviders(ProvidersConfig{Own: own, Kept: kept, Now: clock})
	for range 100 {
		if got := p.Known(t.Context()); len(got) != 1 || !got[0].Enabled {
			t.Fatalf("before anything was heard: %+v; expected the program's own", got)
		}
	}
	if kept.asked != 1 {
		t.Errorf("100 readers asked a database that is away %d times; expected once", kept.asked)
	}

	kept = &awayProviders{entries: kept.entries}
	p = NewProviders(ProvidersConfig{Own: own, Kept: kept, Now: clock})
	if got := p.Known(t.Context()); got[0].Enabled {
		t.Fatalf("%+v; expected what is in force: not enabled", got)
	}
	kept.away = true
	for range 100 {
		if got := p.Known(t.Context()); got[0].Enabled {
			t.Fatalf("%+v; expected what was in force last: not enabled", got)
		}
	}
	if kept.asked != 2 {
		t.Errorf("asked %d times; expected once before and once after it went away", kept.asked)
	}
	kept.away, kept.entries = false, nil
	now = now.Add(knownWithin)
	if got := p.Known(t.Context()); !got[0].Enabled {
		t.Fatalf("%+v; expected what is in force now that it is there again: enabled", got)
	}
}
