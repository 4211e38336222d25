package main

import (
	"context"
	"crypto/rand"
	_ "embed" // the interface's description is part of the program
	"errors"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"ratecard/adapters/api"
	"ratecard/adapters/cached"
	"ratecard/adapters/fetch"
	"ratecard/adapters/fetch/chromium"
	"ratecard/adapters/jobs"
	"ratecard/adapters/localpg"
	"ratecard/adapters/memory"
	"ratecard/adapters/postgres"
	"ratecard/adapters/providers"
	"ratecard/adapters/scrape"
	"ratecard/app"
	"ratecard/domain"
	"ratecard/ports"
)

//go:embed openapi.yaml
var openapi []byte

// world is what a server lives in: the real one, or the demo's.
type world struct {
	providers []domain.Provider       // as the program and files describe them
	key       func(env string) string // the providers' keys
	now       func() time.Time
	simulated func() time.Time                           // the clock by which hosts are left alone; nil: the database's
	sleep     func(context.Context, time.Duration) error // lets time go by; nil: really
	reach     domain.Reach                               // what is fetched from besides the public internet and what the settings name
	browser   *chromium.Browser                          // shows the pages that scripts build; nil: nothing does
	ledger    ports.Ledger                               // nil: the store's own
	fresh     bool                                       // begin with an empty database
	paused    bool                                       // begin with nothing scheduled
}

// realWorld reads provider files and keys from where the settings say.
func realWorld(c config) (world, error) {
	all, err := c.providers()
	if err != nil {
		return world{}, err
	}
	keys := map[string]string{}
	var wrong []domain.FieldError
	for _, p := range all {
		if p.API == nil || p.API.KeyEnv == "" {
			continue
		}
		key, err := c.providerKey(p.API.KeyEnv)
		if err != nil {
			wrong = append(wrong, domain.FieldError{Path: p.API.KeyEnv, Message: err.Error()})
		}
		keys[p.API.KeyEnv] = key
	}
	if len(wrong) > 0 {
		return world{}, &domain.Error{Kind: domain.KindInvalid, Message: "the environment has wrong values", Fields: wrong}
	}
	key := func(env string) string {
		held, read := keys[env]
		if !read { // of a provider that was described since
			held, _ = c.providerKey(env) // why it cannot be read was said as it was described
		}
		return held
	}
	return world{providers: all, key: key, now: time.Now}, nil
}

// providers are the built-in ones and those of the settings' folder.
func (c config) providers() ([]domain.Provider, error) {
	all, err := providers.BuiltIn()
	if err == nil && c.providersDir != "" {
		all, err = providers.LoadDir(os.DirFS(c.providersDir))
	}
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if err := checkSources("", p.Scraping); err != nil {
			return nil, fmt.Errorf("provider %s: %w", p.ID, err)
		}
	}
	return all, nil
}

// parseProvider reads a provider file, and checks that its readers can be used.
func parseProvider(text []byte) (domain.Provider, error) {
	p, err := providers.ParseFile(text)
	if err != nil {
		return domain.Provider{}, err
	}
	return p, checkSources("scraping.", p.Scraping)
}

// parseScraping reads a scraping configuration in either form, and checks that
// its readers can be used.
func parseScraping(text []byte) (domain.Scraping, error) {
	scraping, err := providers.ParseScraping(text)
	if err != nil {
		return domain.Scraping{}, err
	}
	return scraping, checkSources("", scraping)
}

// checkSources names what the readers refuse by its path, which begins as said.
func checkSources(path string, scraping domain.Scraping) error {
	var faults []domain.FieldError
	for i, source := range scraping.Sources {
		var e *domain.Error
		err := scrape.Check(source)
		if err != nil && !errors.As(err, &e) {
			return err
		}
		if e == nil {
			continue
		}
		for _, f := range e.Fields {
			faults = append(faults, domain.FieldError{Path: fmt.Sprintf("%ssources[%d].%s", path, i, f.Path), Message: f.Message})
		}
	}
	if faults == nil {
		return nil
	}
	return &domain.Error{Kind: domain.KindInvalid, Message: "invalid scraping configuration", Fields: faults}
}

// hosts is what is known of the hosts that are fetched from.
type hosts interface {
	ports.Turns
	ports.Robots
}

// fetcher gets bytes for a sync or for a single page.
func (c config) fetcher(w world, known hosts, log *slog.Logger) *fetch.Fetcher {
	return fetch.New(fetch.Config{
		UserAgent: c.userAgent, Timeout: c.scrapeTimeout, Door: c.door(w.reach), Browser: w.browser,
		Turns: known, Robots: known, Delay: c.scrapeDelay, Sleep: w.sleep, Now: w.now, Log: log,
	})
}

// polite gets bytes as one of all replicas, which keep their distance together.
func (c config) polite(w world, store *postgres.Store, log *slog.Logger) *fetch.Fetcher {
	return c.fetcher(w, postgres.NewHosts(store, w.simulated), log)
}

// browser shows pages that scripts build. What it loads comes through the door
// that everything else comes through.
func (c config) browser(reach domain.Reach, log *slog.Logger) *chromium.Browser {
	return chromium.New(chromium.Config{Path: c.chromiumPath, UserAgent: c.userAgent, Door: c.door(reach), Timeout: c.scrapeTimeout, Log: log})
}

// door leads to the public internet, to what the settings name, and to what else
// is named.
func (c config) door(reach domain.Reach) *fetch.Door {
	return fetch.NewDoor(fetch.DoorConfig{Reach: c.reach.And(reach), Outbound: c.outbound})
}

func (c config) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.logLevel}
	if c.logJSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// server is a running ratecard. Its parts are made in the order in which they
// need each other and taken down in the reverse.
type server struct {
	log       *slog.Logger
	stderr    io.Writer
	listener  net.Listener
	api       *api.Server
	queue     *jobs.Queue
	catalogue *memory.Catalogue
	leases    ports.Leases
	ledger    memory.Ledger                 // whoever writes through it is answered by the catalogue what he wrote
	down      []func(context.Context) error // what has to be taken down, last first
	missing   error                         // why the database was away at this start; nil: it was there
	lost      <-chan struct{}               // closed when our own Postgres ended by itself; nil: not ours
	adminKey  string                        // made at this start; empty: there was one
}

// stopWithin is how long a server may take to go down.
const stopWithin = 30 * time.Second

// start makes a server that listens, works and answers once run is called. On
// an error nothing is left behind.
func start(ctx context.Context, c config, w world, stderr io.Writer) (_ *server, err error) {
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
		Runs: runs, Providers: described, Now: w.now, Timeout: c.syncTimeout, Log: s.log, Alert: newAlert(c, w, store),
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
		Replay:    newReplay(c, w, store),
		Configure: newConfigure(c, w, store, s.log), ScrapingSchema: schema,
		Events:    postgres.NewEventLog(store),
		Locator:   scrape.New(),
		Audit:     postgres.NewAudit(store),
		Console:   console,
		Providers: described, ProviderSchema: providers.Schema(), AdminKeyHash: admin, AnonymousReads: c.anonymousReads, CORSOrigins: c.corsOrigins, Drain: c.drain, KeyLimit: c.keyLimit, AnonymousLimit: c.anonymousLimit, Leases: s.leases, TrustedProxies: c.trustedProxies,
		Version: version, Spec: openapi, Now: w.now, Log: s.log, Ready: store.Ping,
	})
	return err
}

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

func (w world) provider(id domain.ProviderID) (domain.Provider, bool) {
	i := slices.IndexFunc(w.providers, func(p domain.Provider) bool { return p.ID == id })
	if i < 0 {
		return domain.Provider{}, false
	}
	return w.providers[i], true
}

// adminKeyHash gives the hash of the settings' admin key. Without one, a
// server that has no admin key yet makes one, which is shown once.
func (s *server) adminKeyHash(ctx context.Context, c config, keys ports.Keys, now time.Time) ([32]byte, error) {
	if c.adminKey != "" {
		return app.HashSecret(c.adminKey), nil
	}
	all, err := keys.List(ctx)
	if err != nil || slices.ContainsFunc(all, func(k domain.APIKey) bool { return k.Scope == domain.ScopeAdmin && k.RevokedAt.IsZero() }) {
		return [32]byte{}, err
	}
	_, s.adminKey, err = app.CreateKey(ctx, keys, rand.Reader, app.NewKey{Name: "first admin key", Scope: domain.ScopeAdmin, At: now})
	return [32]byte{}, err
}

// url is where the server answers, for somebody on this machine.
func (s *server) url() string {
	host, port, err := net.SplitHostPort(s.listener.Addr().String())
	if err != nil {
		return "http://" + s.listener.Addr().String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// run answers until ctx ends, then takes everything down in order.
func (s *server) run(ctx context.Context) error {
	serving, end := context.WithCancelCause(ctx)
	defer end(nil)
	go func() {
		select {
		case <-s.lost:
			end(errors.New("our own PostgreSQL ended by itself; its log in the state directory says why"))
		case <-serving.Done():
		}
	}()
	err := s.api.Serve(serving, s.listener)
	if cause := context.Cause(serving); err == nil && ctx.Err() == nil && cause != nil {
		err = cause
	}
	return errors.Join(err, s.stop(ctx))
}

func (s *server) onStop(do func(context.Context) error) { s.down = append(s.down, do) }

// stop takes down what was made, last first. It may be called again.
func (s *server) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	var errs []error
	for _, down := range slices.Backward(s.down) {
		errs = append(errs, down(ctx))
	}
	s.down = nil
	return errors.Join(errs...)
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
