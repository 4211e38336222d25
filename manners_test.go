package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"ratecard/adapters/demosite"
	"ratecard/adapters/fetch"
	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/memory"
	"ratecard/adapters/postgres"
	"ratecard/app"
	"ratecard/domain"
	"ratecard/ports"
)

// leapClock is a clock that leaps to the next instant for which somebody waits,
// once everybody who works waits.
type leapClock struct {
	mu      sync.Mutex
	at      time.Time
	working int
	waiting []waiter
}

type waiter struct {
	until time.Time
	go_   chan struct{}
}

func (c *leapClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *leapClock) sleep(_ context.Context, d time.Duration) error {
	c.mu.Lock()
	w := waiter{c.at.Add(d), make(chan struct{})}
	c.waiting = append(c.waiting, w)
	c.leap()
	c.mu.Unlock()
	<-w.go_
	return nil
}

// together has several work at once, and gives when all are done.
func (c *leapClock) together(work ...func()) {
	c.working = len(work)
	var all sync.WaitGroup
	for _, do := range work {
		all.Go(func() {
			do()
			c.mu.Lock()
			defer c.mu.Unlock()
			c.working--
			c.leap()
		})
	}
	all.Wait()
}

func (c *leapClock) leap() {
	if len(c.waiting) == 0 || len(c.waiting) < c.working {
		return
	}
	next := slices.MinFunc(c.waiting, func(a, b waiter) int { return a.until.Compare(b.until) }).until
	if next.After(c.at) {
		c.at = next
	}
	c.waiting = slices.DeleteFunc(c.waiting, func(w waiter) bool {
		if w.until.After(c.at) {
			return false
		}
		close(w.go_)
		return true
	})
}

// visits are when each host was asked for something.
type visits struct {
	mu sync.Mutex
	at map[string][]time.Time
}

func (v *visits) note(host string, at time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.at == nil {
		v.at = map[string][]time.Time{}
	}
	v.at[host] = append(v.at[host], at)
}

// closest is the shortest time between two requests to a host.
func (v *visits) closest(host string) time.Duration {
	times := slices.SortedFunc(slices.Values(v.at[host]), time.Time.Compare)
	shortest := time.Duration(1<<63 - 1)
	for i := 1; i < len(times); i++ {
		shortest = min(shortest, times[i].Sub(times[i-1]))
	}
	return shortest
}

// TestProperty33_Throttling: requests to one host begin at least the delay
// apart, or as far as its robots.txt asks for where that is more: of several
// replicas at once, tries again, redirects and robots.txt itself included.
func TestProperty33_Throttling(t *testing.T) {
	store, err := postgres.Open(t.Context(), postgres.Config{DSN: pgtest.DSN(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	if err := postgres.Migrate(t.Context(), store, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	clock := &leapClock{at: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	rapid.Check(t, func(rt *rapid.T) {
		clock.at = clock.at.Add(48 * time.Hour) // what was kept of a robots.txt is old
		delay := time.Duration(rapid.IntRange(0, 3000).Draw(rt, "delay")) * time.Millisecond
		crawl := rapid.IntRange(0, 4).Draw(rt, "crawl-delay")
		var seen visits
		var mu sync.Mutex
		fails := rapid.SliceOfN(rapid.SampledFrom([]string{"", "", "busy", "moved"}), 0, 12).Draw(rt, "answers")
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			host, _, _ := net.SplitHostPort(r.Host)
			seen.note(host, clock.now())
			if r.URL.Path == "/robots.txt" {
				fmt.Fprintf(w, "User-agent: *\nCrawl-delay: %d\n", crawl)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			how := ""
			if len(fails) > 0 {
				how, fails = fails[0], fails[1:]
			}
			switch how {
			case "busy":
				w.WriteHeader(http.StatusServiceUnavailable)
			case "moved":
				http.Redirect(w, r, "/elsewhere", http.StatusFound)
			}
		}))
		defer server.Close()
		var work []func()
		for range rapid.IntRange(1, 3).Draw(rt, "replicas") {
			f := fetch.New(fetch.Config{
				UserAgent: "ratecard/test", Door: fetch.NewDoor(fetch.DoorConfig{Reach: reach(t, "127.0.0.1", "localhost")}),
				Turns: postgres.NewHosts(store, clock.now), Robots: postgres.NewHosts(store, clock.now),
				Delay: delay, Sleep: clock.sleep, Now: clock.now,
			})
			for range rapid.IntRange(1, 2).Draw(rt, "at once") {
				host := rapid.SampledFrom([]string{"127.0.0.1", "localhost"}).Draw(rt, "host")
				url := strings.Replace(server.URL, "127.0.0.1", host, 1) + "/pricing"
				work = append(work, func() {
					_, _ = f.Fetch(context.Background(), ports.FetchRequest{URL: url, Page: true}) // whether it came is no matter
				})
			}
		}
		clock.together(work...)
		for host := range seen.at {
			if apart := seen.closest(host); apart < delay {
				rt.Fatalf("two requests to %s are %s apart, the delay is %s", host, apart, delay)
			}
			if pages := seen.at[host][1:]; len(pages) > 0 && len(work) == 1 { // alone, its robots.txt is known before any page
				alone := visits{at: map[string][]time.Time{host: pages}}
				if apart := alone.closest(host); apart < time.Duration(crawl)*time.Second {
					rt.Fatalf("two requests to %s are %s apart, its robots.txt asks for %d s", host, apart, crawl)
				}
			}
		}
	})
}

// TestADayOverThreeReplicas: hourly syncs of all providers, each done by one of
// three replicas, keep their distance at every host.
func TestADayOverThreeReplicas(t *testing.T) {
	const delay = 2 * time.Second
	clock := &leapClock{at: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	var seen visits
	site := demosite.New(demosite.Config{Key: siteKey})
	w := world{key: func(string) string { return siteKey }, now: clock.now, simulated: clock.now, sleep: clock.sleep}
	for i := range 5 {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.%d:0", 2+i)) // a host for each provider
		if err != nil {
			t.Skipf("this machine has no further addresses of loopback: %v", err)
		}
		pages := site.Handler()
		server := &httptest.Server{Listener: listener, Config: &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen.note(listener.Addr().String(), clock.now())
			pages.ServeHTTP(w, r)
		})}}
		server.Start()
		t.Cleanup(server.Close)
		all, err := siteProviders(site, server.URL)
		if err != nil {
			t.Fatal(err)
		}
		w.providers = append(w.providers, all[i])
		w.reach = w.reach.And(reach(t, listener.Addr().String()))
	}
	dsn := pgtest.DSN(t)
	var replicas []*app.Sync
	for range 3 {
		store, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(store.Close)
		log := slog.New(slog.DiscardHandler)
		if err := postgres.Migrate(t.Context(), store, log); err != nil {
			t.Fatal(err)
		}
		if err := postgres.NewConfigs(store).Adopt(t.Context(), w.providers, clock.now()); err != nil {
			t.Fatal(err)
		}
		replicas = append(replicas, newSync(config{userAgent: "ratecard/test", scrapeTimeout: time.Minute, scrapeDelay: delay, syncTimeout: benchTimeout}, w, store, log))
	}
	for hour := range 24 {
		clock.at = time.Date(2026, 3, 1, hour, 0, 0, 0, time.UTC)
		var work []func()
		for i, provider := range w.providers {
			work = append(work, func() {
				run, err := replicas[(hour+i)%len(replicas)].Run(context.Background(), app.SyncJob{
					RunID: uuid.NewString(), SyncID: uuid.NewString(), Provider: provider, Trigger: domain.TriggerSchedule,
				})
				if err != nil || run.Outcome != domain.OutcomeSuccess {
					t.Errorf("hour %d, %s: %s, %v: %+v", hour, provider.ID, run.Outcome, err, run.Steps)
				}
			})
		}
		clock.together(work...)
	}
	t.Logf("%-20s %-12s %9s %9s", "host", "provider", "requests", "closest")
	for i, host := range slices.Sorted(maps.Keys(seen.at)) {
		closest := seen.closest(host)
		t.Logf("%-20s %-12s %9d %9s", host, w.providers[i].ID, len(seen.at[host]), closest)
		if closest < delay {
			t.Errorf("two requests to %s are %s apart", host, closest)
		}
	}
	if len(seen.at) != 5 {
		t.Errorf("%d hosts were asked", len(seen.at))
	}
}

// TestWhatARobotsTxtDecides: what it forbids is not asked for; where there is
// none everything is; where it cannot be had nothing is; it holds for a day, and
// for pages alone.
func TestWhatARobotsTxtDecides(t *testing.T) {
	clock := &leapClock{at: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	robots, status := "User-agent: ratecard\nDisallow: /private", http.StatusOK
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		if r.Header.Get("User-Agent") != "ratecard/test" {
			t.Errorf("%s is asked for as %q", r.URL.Path, r.Header.Get("User-Agent"))
		}
		switch r.URL.Path {
		case "/robots.txt":
			w.WriteHeader(status)
			fmt.Fprint(w, robots)
		case "/moved":
			http.Redirect(w, r, "/private/page", http.StatusFound)
		}
	}))
	defer server.Close()
	known := memory.NewHosts(clock.now)
	f := fetch.New(fetch.Config{
		UserAgent: "ratecard/test", Door: fetch.NewDoor(fetch.DoorConfig{Reach: reach(t, "127.0.0.1")}),
		Turns: known, Robots: known, Sleep: clock.sleep, Now: clock.now,
	})
	ask := func(path string, page bool) (kind domain.Kind, requests string) {
		asked = nil
		_, err := f.Fetch(t.Context(), ports.FetchRequest{URL: server.URL + path, Page: page})
		if err != nil {
			kind = domain.KindOf(err)
		}
		return kind, strings.Join(asked, " ")
	}
	for _, step := range []struct {
		what   string
		before func()
		path   string
		api    bool
		kind   domain.Kind
		asked  string
	}{
		{"allowed", nil, "/pricing", false, "", "/robots.txt /pricing"},
		{"known for a day", func() { clock.at = clock.at.Add(23 * time.Hour) }, "/pricing", false, "", "/pricing"},
		{"forbidden", nil, "/private/page", false, domain.KindDisallowed, ""},
		{"forbidden where it leads to", nil, "/moved", false, domain.KindDisallowed, "/moved"},
		{"an API", nil, "/private/models", true, "", "/private/models"},
		{"asked for the next day", func() { clock.at = clock.at.Add(time.Hour); robots = "User-agent: *\nDisallow:" }, "/private/page", false, "", "/robots.txt /private/page"},
		{"it cannot be had", func() { clock.at = clock.at.Add(24 * time.Hour); status = http.StatusInternalServerError }, "/pricing", false, domain.KindUnavailable, "/robots.txt /robots.txt /robots.txt /robots.txt"},
		{"there is none", func() { status, robots = http.StatusNotFound, "User-agent: *\nDisallow: /" }, "/pricing", false, "", "/robots.txt /pricing"},
		{"they do not tell us", func() { clock.at = clock.at.Add(24 * time.Hour); status = http.StatusForbidden }, "/pricing", false, "", "/robots.txt /pricing"},
	} {
		if step.before != nil {
			step.before()
		}
		var kind domain.Kind
		var requests string
		clock.together(func() { kind, requests = ask(step.path, !step.api) })
		if kind != step.kind || requests != step.asked {
			t.Errorf("%s: %q, asked for %q; want %q, %q", step.what, kind, requests, step.kind, step.asked)
		}
	}
}

// TestForbiddenPage: a page that its site's robots.txt forbids is told of, its
// prices stay, and the site's other page is read.
func TestForbiddenPage(t *testing.T) {
	s, b := newTwoPageShop(t)
	other := shopPage
	s.other.Store(&other)
	allows, forbids := "User-agent: *\nAllow: /", "User-agent: ratecard\nDisallow: /pricing.md"
	s.robots.Store(&allows)
	b.run(t)
	a := b.asker(t)
	good := a.shopPrices(t)
	s.robots.Store(&forbids)
	b.pass(25 * time.Hour)
	last := lastEvent(t, postgres.NewCatalogue(b.store))
	run := b.run(t)
	if run.Outcome != domain.OutcomeSuccess || len(run.Reads) != 2 || run.Reads[0].Good || !run.Reads[1].Good || !strings.Contains(run.Reads[0].Error, "robots.txt") {
		t.Errorf("%s: %+v", run.Outcome, run.Reads)
	}
	told := b.told(t, last, domain.EventPageBlocked, domain.EventPageUnread)
	if len(told) != 1 || !strings.Contains(told[0], "robots") {
		t.Errorf("told %v", told)
	}
	if got := a.shopPrices(t); got.amounts != good.amounts {
		t.Errorf("the prices are %s, were %s", got.amounts, good.amounts)
	}
}
