package main

import (
	"log/slog"

	"github.com/google/uuid"

	"ratecard/adapters/jobs"
	"ratecard/adapters/postgres"
	"ratecard/adapters/providers"
	"ratecard/adapters/scrape"
	"ratecard/app"
	"ratecard/ports"
)

// book is where what is found is written.
func (w world) book(store *postgres.Store) ports.Ledger {
	if w.ledger != nil {
		return w.ledger
	}
	return postgres.NewLedger(store)
}

// newProviders builds what knows the providers: as the world has them, with what
// administrators say of them.
func newProviders(c config, w world, store *postgres.Store) *app.Providers {
	held := func(env string) (bool, error) {
		if c.environment != nil {
			if _, err := c.providerKey(env); err != nil {
				return false, err
			}
		}
		return w.key != nil && w.key(env) != "", nil
	}
	return app.NewProviders(app.ProvidersConfig{
		Own: w.providers, Kept: postgres.NewProviders(store), Parse: parseProvider,
		Configs: postgres.NewConfigs(store), Pages: postgres.NewPages(store), Reader: scrape.New(),
		KeyHeld: held, Now: w.now, Reach: c.reach.And(w.reach),
	})
}

// newSync builds what brings a provider up to date.
func newSync(c config, w world, store *postgres.Store, log *slog.Logger) *app.Sync {
	fetcher := c.polite(w, store, log)
	return app.NewSync(app.SyncConfig{
		Lister:   providers.NewLister(providers.Config{Fetcher: fetcher, Key: w.key, Now: w.now, Log: log}),
		Configs:  postgres.NewConfigs(store),
		Fetcher:  w.keyed(c, store, fetcher),
		Pages:    postgres.NewPages(store),
		Reader:   scrape.New(),
		Models:   scrape.New(),
		Ledger:   w.book(store),
		Runs:     postgres.NewRuns(store),
		Settings: postgres.NewSchedule(store),
		Schedule: postgres.NewSchedule(store),
		Now:      w.now,
		Timeout:  c.syncTimeout,
		Log:      log,
	})
}

// newAlert builds what tells people of what somebody ought to look at; nil where
// nobody is to be told.
func newAlert(c config, w world, store *postgres.Store) jobs.Alerter {
	if c.messenger == nil {
		return nil
	}
	return app.NewAlert(app.AlertConfig{
		Events: postgres.NewCatalogue(store), Alerts: postgres.NewAlerts(store), Messenger: c.messenger,
		Server: c.publicURL, Now: w.now,
	})
}

// newReplay builds what reads the past again.
func newReplay(c config, w world, store *postgres.Store) *app.Replay {
	return app.NewReplay(app.ReplayConfig{
		Archive: postgres.NewArchive(store),
		Pages:   postgres.NewPages(store),
		Configs: postgres.NewConfigs(store),
		Reader:  scrape.New(),
		Ledger:  w.book(store),
		Months:  c.retention,
		Now:     w.now,
	})
}

// newConfigure builds what changes and tries scraping configurations.
func newConfigure(c config, w world, store *postgres.Store, log *slog.Logger) *app.Configure {
	return app.NewConfigure(app.ConfigureConfig{
		Providers: newProviders(c, w, store), Parse: parseScraping, Configs: postgres.NewConfigs(store), Pages: postgres.NewPages(store),
		Fetcher: w.keyed(c, store, c.polite(w, store, log)), Reader: scrape.New(), Ledger: w.book(store), Now: w.now,
		Reach: c.reach.And(w.reach),
	})
}

// newLooker builds what asks pages for news between syncs.
func newLooker(c config, w world, store *postgres.Store, log *slog.Logger) *app.Looker {
	return app.NewLooker(app.LookConfig{
		Providers: newProviders(c, w, store),
		Settings:  postgres.NewSchedule(store),
		Configs:   postgres.NewConfigs(store),
		Pages:     postgres.NewPages(store),
		Fetcher:   w.keyed(c, store, c.polite(w, store, log)),
		Reader:    scrape.New(),
		Ledger:    w.book(store),
		Runs:      postgres.NewRuns(store),
		NewID:     uuid.NewString,
		Log:       log,
	})
}

// keyed lets price sources at a provider's own API be asked with its key.
func (w world) keyed(c config, store *postgres.Store, fetcher ports.Fetcher) ports.Fetcher {
	return providers.Keyed{Fetcher: fetcher, Providers: newProviders(c, w, store).All, Key: w.key}
}
