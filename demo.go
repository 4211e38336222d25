package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"ratecard/adapters/cli"
	"ratecard/adapters/demosite"
	"ratecard/adapters/providers"
	"ratecard/domain"
)

// demo is a server that lives among simulated providers: a Postgres of its
// own, emptied at each start, their sites on loopback, and a clock that begins
// days ago and arrives at today.
func (p program) demo(ctx context.Context, args []string) int {
	if len(args) > 0 {
		return p.noArguments("demo")
	}
	if err := p.runDemo(ctx); err != nil {
		return explain(p.stderr, err)
	}
	return exitOK
}

func (p program) runDemo(ctx context.Context) error {
	if p.databaseURL != "" {
		fmt.Fprintln(p.stderr, "DATABASE_URL is left alone: the demo uses a database of its own")
	}
	sim, err := simulate(ctx)
	if err != nil {
		return err
	}
	defer sim.close()
	s, err := p.startDemo(ctx, sim.world)
	if err != nil {
		return err
	}
	serving, end := context.WithCancel(ctx)
	defer end()
	ended := make(chan error, 1)
	go func() { ended <- s.run(serving) }()
	tour := cli.Demo{
		Client:  cli.Client{URL: s.url(), Key: s.adminKey, Stdout: p.stdout, Stderr: p.stderr},
		Site:    sim.url,
		Program: os.Args[0],
		Days:    sim.site.Days(),
		Enter:   sim.enter,
	}
	if err := tour.Run(ctx); err != nil && ctx.Err() == nil {
		end()
		return errors.Join(err, <-ended)
	}
	return <-ended
}

// startDemo takes the usual port where it is free and nobody asked for
// another, else any.
func (p program) startDemo(ctx context.Context, w world) (*server, error) {
	c := p.demoConfig()
	s, err := start(ctx, c, w, p.stderr)
	if _, asked := p.environment("RATECARD_ADDR"); asked || !errors.Is(err, syscall.EADDRINUSE) {
		return s, err
	}
	c.addr = "127.0.0.1:0"
	return start(ctx, c, w, p.stderr)
}

// demoConfig is the demo's own: nothing of the user's database, keys and
// providers, and nobody is told of what only happens there.
func (p program) demoConfig() config {
	c := p.config
	c.databaseURL, c.valkeyURL, c.adminKey, c.providersDir, c.messenger = "", "", "", "", nil
	c.scrapeDelay = 0 // the simulated sites are our own
	c.drain = 0       // there is nowhere else to ask
	c.stateDir = filepath.Join(p.stateDir, "demo")
	if _, given := p.environment("LOG_LEVEL"); !given {
		c.logLevel = slog.LevelWarn
	}
	return c
}

// simulation is a world whose providers and clock can be moved from day to
// day.
type simulation struct {
	world
	site  *demosite.Site
	url   string       // where it is
	late  atomic.Int64 // how far the clock is behind, in nanoseconds
	close func()
}

// simulate serves the simulated providers on a free port of loopback. Their
// last day is today.
func simulate(ctx context.Context) (*simulation, error) {
	today := domain.DateOf(time.Now())
	site := demosite.New(demosite.Config{Key: simulationKey})
	site = demosite.New(demosite.Config{Key: simulationKey, Start: domain.DateOf(today.Start().AddDate(0, 0, 1-site.Days()))})
	var listening net.ListenConfig
	listener, err := listening.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	base := "http://" + listener.Addr().String()
	all, err := siteProviders(site, base)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: site.Handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with close, and says nothing but that
	sim := &simulation{site: site, url: base, close: func() { _ = server.Close() }}
	sim.fresh, sim.paused = true, true // the demo itself moves from day to day
	sim.key = func(string) string { return simulationKey }
	sim.now = func() time.Time { return time.Now().Add(-time.Duration(sim.late.Load())) }
	sim.providers, sim.simulated = all, sim.now
	if sim.reach, err = domain.ParseReach(listener.Addr().String()); err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return sim, nil
}

// siteProviders are the built-in providers as the simulated site serves them,
// and the one that only the file it hands out describes.
func siteProviders(site *demosite.Site, base string) ([]domain.Provider, error) {
	builtin, err := providers.BuiltIn()
	if err != nil {
		return nil, err
	}
	var all []domain.Provider
	for _, p := range builtin {
		all = append(all, site.Provider(base, p))
	}
	byFile, err := providers.ParseFile(site.File(base))
	byFile.Origin = domain.ProviderByFile
	return append(all, byFile), err
}

// enter moves providers and clock to a day.
func (sim *simulation) enter(day int) domain.Date {
	sim.late.Store(int64(sim.site.Days()-day) * int64(24*time.Hour))
	sim.site.SetDay(day)
	return sim.site.Date(day)
}
