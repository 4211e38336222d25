package main

import (
	"context"
	_ "embed" // the interface's description is part of the program
	"errors"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"ratecard/adapters/api"
	"ratecard/adapters/cached"
	"ratecard/adapters/export"
	"ratecard/adapters/jobs"
	"ratecard/adapters/localpg"
	"ratecard/adapters/memory"
	"ratecard/adapters/postgres"
	"ratecard/adapters/providers"
	"ratecard/adapters/scrape"
	"ratecard/app"
	"ratecard/domain"
)

//go:embed openapi.yaml
var openapi []byte

// start makes a server that listens, works and answers once run is called. On
// an error nothing is left behind.
func start(ctx context.Context, c config, w world, stderr io.Writer) (_ *server, err error) {
	if c.spare {
		spare()
	}
	if c.seldom {
		seldom()
	}
	s := &server{log: c.logger(stderr), stderr: stderr}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop(ctx))
		}
	}()
	// The port first: whoever starts a second server hears of it at once.
	if s.listener, err = api.Listen(ctx, c.addr); err != nil {
		return nil, err
	}
	s.onStop(func(context.Context) error { return ignoreClosed(s.listener.Close()) })
	store, err := s.connect(ctx, c)
	if err != nil {
		return nil, err
	}
	if err = s.prepare(ctx, c, w, store); err != nil {
		if c.valkeyURL == "" || domain.KindOf(err) != domain.KindUnavailable {
			return nil, err
		}
		s.missing = err
	}
	w.browser = c.browser(w.reach, s.log)
	s.onStop(w.browser.Stop)
	if err := s.wire(ctx, c, w, store); err != nil {
		return nil, err
	}
	if s.missing != nil {
		s.await(ctx, c, w, store)
		return s, nil
	}
	return s, s.queue.Start(context.WithoutCancel(ctx))
}

// prepare brings a database to where this program can work with it.
func (s *server) prepare(ctx context.Context, c config, w world, store *postgres.Store) error {
	if err := store.Greet(ctx); err != nil {
		return err
	}
	if w.fresh {
		if err := postgres.Wipe(ctx, store); err != nil {
			return err
		}
	}
	if err := postgres.Migrate(ctx, store, s.log); err != nil {
		return err
	}
	described, err := newProviders(c, w, store).All(ctx)
	if err != nil {
		return err
	}
	if err := postgres.NewConfigs(store).Adopt(ctx, described, w.now()); err != nil || !w.paused {
		return err
	}
	return postgres.NewSchedule(store).SaveSettings(ctx, domain.Settings{Paused: true}, "start", w.now())
}

// connect leads to the database, our own where none is named.
func (s *server) connect(ctx context.Context, c config) (*postgres.Store, error) {
	dsn := c.databaseURL
	if dsn == "" {
		own, err := localpg.Start(ctx, localpg.Config{
			Dir: filepath.Join(c.stateDir, "postgres"), BinDir: c.postgresBin, BinDirSetting: "RATECARD_POSTGRES_BIN", Log: s.log,
		})
		if err != nil {
			return nil, err
		}
		s.onStop(own.Stop)
		s.lost = own.Done()
		dsn = own.DSN()
	}
	store, err := postgres.New(ctx, postgres.Config{DSN: dsn})
	if err != nil {
		return nil, err
	}
	s.onStop(func(context.Context) error { store.Close(); return nil })
	return store, nil
}

// await prepares the database as soon as it is there, and lets the work begin that
// needs it. Until then what other replicas have copied is answered.
func (s *server) await(ctx context.Context, c config, w world, store *postgres.Store) {
	s.log.Warn("the database is away; until it is there, what other replicas have copied is answered, and nothing can be changed", slog.Any("error", s.missing))
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	var waiting sync.WaitGroup
	waiting.Go(func() {
		for told := s.missing.Error(); ; {
			select {
			case <-running.Done():
				return
			case <-time.After(awaitEvery):
			}
			err := s.prepare(running, c, w, store)
			if err == nil {
				err = s.queue.Start(context.WithoutCancel(ctx))
			}
			switch {
			case err == nil:
				s.log.Info("the database is there")
				return
			case running.Err() == nil && err.Error() != told:
				told = err.Error()
				s.log.Warn("the database cannot be used yet", slog.Any("error", err))
			}
		}
	})
	s.onStop(func(context.Context) error {
		end()
		waiting.Wait()
		return nil
	})
}

// awaitEvery is how often a database that was away is looked for.
const awaitEvery = time.Second

// wire builds what works and what answers on top of the store.
func (s *server) wire(ctx context.Context, c config, w world, store *postgres.Store) error {
	runs := postgres.NewRuns(store)
	shared, err := s.share(c, w, store)
	if err != nil {
		return err
	}
	keys, err := s.keyring(ctx, c, store, shared)
	if err != nil {
		return err
	}
	if err := s.hold(ctx, c, w, store, shared); err != nil {
		return err
	}
	w.ledger = s.ledger
	retain, err := app.NewRetain(app.RetainConfig{Store: postgres.NewRetention(store), Months: c.retention, Now: w.now})
	if err != nil {
		return err
	}
	described := newProviders(c, w, store)
	schedule := postgres.NewSchedule(store)
	scheduler := app.NewScheduler(app.ScheduleConfig{
		Providers: described, Schedule: schedule, Settings: schedule, Runs: runs,
		Cron: c.cron, Following: jobs.Following, NewID: uuid.NewString, Jitter: mathrand.N[time.Duration],
	})
	sync := newSync(c, w, store, s.log)
	s.queue, err = jobs.New(jobs.Config{
		Pool: store.Pool(), Sync: sync, Recheck: app.NewRecheck(sync, postgres.NewHeld(store)), Schedule: scheduler, Look: newLooker(c, w, store, s.log),
		Boundaries: postgres.NewBoundaries(store), Retain: retain,
		Runs: runs, Providers: described, Now: w.now, Timeout: c.syncTimeout, Quietly: quietly, Log: s.log, Alert: newAlert(c, w, store),
	})
	if err != nil {
		return err
	}
	s.onStop(s.queue.Stop)
	console, err := s.queue.Console(api.ConsolePath, s.log)
	if err != nil {
		return err
	}
	var admin [32]byte
	if s.missing == nil || c.adminKey != "" { // else somebody has used the database before, so there is one
		if admin, err = s.adminKeyHash(ctx, c, keys, w.now()); err != nil {
			return err
		}
	}
	schema, err := providers.ScrapingSchema()
	if err != nil {
		return err
	}
	stored, book := postgres.NewCatalogue(store), postgres.NewLedger(store)
	s.api, err = api.New(api.Config{
		Catalogue: s.catalogue, Editions: s.catalogue, Runs: cached.NewRuns(runs, runs, s.catalogue, shared), Keys: keys, Queue: s.queue, Scheduler: scheduler,
		Ledger: s.ledger, Matching: book, Manual: stored, Adjustments: book, Held: postgres.NewHeld(store),
		Biller:    app.NewBiller(memory.Tariff{Tariff: stored, Catalogue: s.catalogue}, described),
		Comparer:  app.NewComparer(memory.Market{Market: stored, Catalogue: s.catalogue}),
		Replay:    newReplay(c, w, store),
		Configure: newConfigure(c, w, store, s.log), ScrapingSchema: schema,
		Events:    postgres.NewEventLog(store),
		Timelines: stored,
		Exporter:  export.Writer{},
		Locator:   scrape.New(),
		Audit:     postgres.NewAudit(store),
		Console:   console,
		Providers: described, ProviderSchema: providers.Schema(),
		AdminKeyHash: admin, AnonymousReads: c.anonymousReads, CORSOrigins: c.corsOrigins, TrustedProxies: c.trustedProxies,
		Leases: s.leases, KeyLimit: c.keyLimit, AnonymousLimit: c.anonymousLimit, Streams: c.streams,
		Drain: c.drain, PublicURL: c.publicURL,
		Version: version, Spec: openapi, Now: w.now, Log: s.log, Ready: store.Ping,
	})
	if err == nil {
		s.tellStreams(ctx, store)
	}
	return err
}

func (c config) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.logLevel}
	if c.logJSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
