package postgres_test

import (
	"testing"

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

func TestKeys(t *testing.T) {
	porttest.Keys(t, func(tb testing.TB) ports.Keys { return postgres.NewKeys(open(tb)) })
}

func TestProperty04_StorageCompleteness(t *testing.T) { porttest.StorageCompleteness(t, books(t)) }
func TestProperty08_MultiTierStorage(t *testing.T)    { porttest.MultiTierStorage(t, books(t)) }
func TestProperty35_HistoryPreserved(t *testing.T)    { porttest.HistoryPreserved(t, books(t)) }
func TestProperty36_DateRange(t *testing.T)           { porttest.DateRange(t, books(t)) }
func TestFilteringByEveryRule(t *testing.T)           { porttest.Filtering(t, books(t)) }

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
