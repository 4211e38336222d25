package postgres_test

import (
	"sync/atomic"
	"testing"
	"time"

	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/ports"
	"ratecard/ports/porttest"
)

func books(tb testing.TB) porttest.Books {
	s := open(tb)
	return porttest.Books{Ledger: postgres.NewLedger(s), Catalogue: postgres.NewCatalogue(s), Pages: postgres.NewPages(s)}
}

func TestLedger(t *testing.T) { porttest.Ledger(t, books) }

func TestCatalogue(t *testing.T) { porttest.Catalogue(t, books) }

func TestStandings(t *testing.T) {
	porttest.Standings(t, func(tb testing.TB) porttest.Followed {
		s := open(tb)
		c := postgres.NewCatalogue(s)
		return porttest.Followed{Books: porttest.Books{Ledger: postgres.NewLedger(s), Catalogue: c, Pages: postgres.NewPages(s)}, Standings: c}
	})
}

func TestPresent(t *testing.T) { porttest.Present(t, books) }

func TestBoundaries(t *testing.T) {
	porttest.Boundaries(t, func(tb testing.TB) porttest.Calendar {
		s := open(tb)
		return porttest.Calendar{
			Books:      porttest.Books{Ledger: postgres.NewLedger(s), Catalogue: postgres.NewCatalogue(s)},
			Boundaries: postgres.NewBoundaries(s),
		}
	})
}

func TestRetention(t *testing.T) {
	porttest.Retention(t, func(tb testing.TB) porttest.Vault {
		s := open(tb)
		return porttest.Vault{
			Books: porttest.Books{Ledger: postgres.NewLedger(s), Catalogue: postgres.NewCatalogue(s), Pages: postgres.NewPages(s)},
			Runs:  postgres.NewRuns(s), Retention: postgres.NewRetention(s),
		}
	})
}

func TestPages(t *testing.T) {
	porttest.Pages(t, func(tb testing.TB) ports.Pages { return postgres.NewPages(open(tb)) })
}

func TestRuns(t *testing.T) {
	porttest.Runs(t, func(tb testing.TB) porttest.Record {
		s := open(tb)
		return porttest.Record{Runs: postgres.NewRuns(s), Pages: postgres.NewPages(s)}
	})
}

func TestConfigs(t *testing.T) {
	porttest.Configs(t, func(tb testing.TB) ports.Configs { return postgres.NewConfigs(open(tb)) })
}

func TestProviders(t *testing.T) {
	porttest.Providers(t, func(tb testing.TB) porttest.Described {
		s := open(tb)
		return porttest.Described{Providers: postgres.NewProviders(s), Configs: postgres.NewConfigs(s)}
	})
}

// TestAdministratorsConfigStays: what somebody saved is not replaced by a release's default.
func TestAdministratorsConfigStays(t *testing.T) {
	s := open(t)
	c := postgres.NewConfigs(s)
	first := domain.Provider{ID: "p", Scraping: domain.Scraping{Sources: []domain.Source{{Name: "one", URL: "https://one.example"}}}}
	second := domain.Provider{ID: "p", Scraping: domain.Scraping{Sources: []domain.Source{{Name: "two", URL: "https://two.example"}}}}
	if err := c.Adopt(t.Context(), []domain.Provider{first}, at); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pool().Exec(t.Context(), "UPDATE scraping_config SET author = 'somebody'"); err != nil {
		t.Fatal(err)
	}
	if err := c.Adopt(t.Context(), []domain.Provider{second}, at); err != nil {
		t.Fatal(err)
	}
	got, err := c.Active(t.Context(), "p")
	if err != nil || got.Version != 1 || got.Author != "somebody" || got.Scraping.Sources[0].Name != "one" {
		t.Errorf("got %+v, %v; want what somebody saved", got, err)
	}
}

func TestHosts(t *testing.T) {
	porttest.Hosts(t, func(tb testing.TB) porttest.Neighbours {
		s, passed := open(tb), new(atomic.Int64)
		clock := func() time.Time { return at.Add(time.Duration(passed.Load())) }
		n := porttest.Neighbours{Pass: func(d time.Duration) { passed.Add(int64(d)) }}
		for range 3 {
			h := postgres.NewHosts(s, clock)
			n.Turns, n.Robots = append(n.Turns, h), append(n.Robots, h)
		}
		return n
	})
}

// TestTurnsByTheDatabasesClock, where nobody simulates one.
func TestTurnsByTheDatabasesClock(t *testing.T) {
	h := postgres.NewHosts(open(t), nil)
	for i := range 3 {
		wait, taken, err := h.Take(t.Context(), "example.org", time.Hour, 3*time.Hour)
		if most := time.Duration(i) * time.Hour; err != nil || !taken || wait > most || wait < most-time.Minute {
			t.Errorf("turn %d: in %s, taken %v, %v", i, wait, taken, err)
		}
	}
	if wait, taken, err := h.Take(t.Context(), "example.org", time.Hour, time.Minute); err != nil || taken || wait < 2*time.Hour {
		t.Errorf("beyond patience: in %s, taken %v, %v", wait, taken, err)
	}
}

func TestKeys(t *testing.T) {
	porttest.Keys(t, func(tb testing.TB) ports.Keys { return postgres.NewKeys(open(tb)) })
}

func TestProperty04_StorageCompleteness(t *testing.T) { porttest.StorageCompleteness(t, books(t)) }
func TestProperty08_MultiTierStorage(t *testing.T)    { porttest.MultiTierStorage(t, books(t)) }
func TestProperty35_HistoryPreserved(t *testing.T)    { porttest.HistoryPreserved(t, books(t)) }
func TestProperty36_DateRange(t *testing.T)           { porttest.DateRange(t, books(t)) }
func TestFilteringByEveryRule(t *testing.T)           { porttest.Filtering(t, books(t)) }

func TestTimelines(t *testing.T) {
	porttest.Timelines(t, func(tb testing.TB) porttest.Moving {
		s := open(tb)
		c := postgres.NewCatalogue(s)
		return porttest.Moving{Books: porttest.Books{Ledger: postgres.NewLedger(s), Catalogue: c, Pages: postgres.NewPages(s)}, Timelines: c}
	})
}

func TestMarket(t *testing.T) {
	porttest.Market(t, func(tb testing.TB) porttest.Traded {
		s := open(tb)
		c := postgres.NewCatalogue(s)
		return porttest.Traded{Books: porttest.Books{Ledger: postgres.NewLedger(s), Catalogue: c, Pages: postgres.NewPages(s)}, Market: c}
	})
}

func TestTariff(t *testing.T) {
	porttest.Tariff(t, func(tb testing.TB) porttest.Priced {
		s := open(tb)
		c := postgres.NewCatalogue(s)
		return porttest.Priced{Books: porttest.Books{Ledger: postgres.NewLedger(s), Catalogue: c, Pages: postgres.NewPages(s)}, Tariff: c}
	})
}

func TestAlerts(t *testing.T) {
	porttest.Alerts(t, func(tb testing.TB) porttest.Told {
		s := open(tb)
		return porttest.Told{Alerts: postgres.NewAlerts(s), Events: postgres.NewEventLog(s), Catalogue: postgres.NewCatalogue(s)}
	})
}

func TestEventLog(t *testing.T) {
	porttest.EventLog(t, func(tb testing.TB) porttest.Logged {
		s := open(tb)
		return porttest.Logged{Events: postgres.NewEventLog(s), Catalogue: postgres.NewCatalogue(s)}
	})
}
