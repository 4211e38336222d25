package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"ratecard/adapters/demosite"
	"ratecard/adapters/jobs"
	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/postgres"
	"ratecard/adapters/providers"
	"ratecard/app"
	"ratecard/domain"
	"ratecard/ports"
)

// waiting is a queue that keeps what is asked of it: what the scheduler asks
// for is looked at, not what River does with it.
type waiting struct{ asked [][]domain.ProviderID }

func (w *waiting) Enqueue(_ context.Context, syncID string, _ domain.Trigger, ids []domain.ProviderID) ([]ports.QueuedRun, error) {
	w.asked = append(w.asked, ids)
	runs := make([]ports.QueuedRun, len(ids))
	for i, id := range ids {
		runs[i] = ports.QueuedRun{Provider: id, RunID: uuid.NewString(), SyncID: syncID}
	}
	return runs, nil
}

// take gives the providers asked for since the last time.
func (w *waiting) take() []domain.ProviderID {
	all := slices.Concat(w.asked...)
	w.asked = nil
	return all
}

func newTestScheduler(b *bench) *app.Scheduler {
	schedule := postgres.NewSchedule(b.store)
	return app.NewScheduler(app.ScheduleConfig{
		Providers: newProviders(config{}, b.world, b.store), Schedule: schedule, Settings: schedule, Runs: postgres.NewRuns(b.store),
		Cron: "0 2 * * *", Following: jobs.Following, NewID: uuid.NewString,
	})
}

func (w world) enabled() []domain.ProviderID {
	var ids []domain.ProviderID
	for _, p := range w.providers {
		if p.Enabled {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// TestProperty16_ProviderCoverage: a sync that is due asks every enabled
// provider, once; a night that was missed is made up for by one run; a pause
// starts nothing, and a new schedule counts from now on.
func TestProperty16_ProviderCoverage(t *testing.T) {
	b := newBench(t)
	s, queue, ctx := newTestScheduler(b), &waiting{}, t.Context()
	all := b.world.enabled()
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	tick := func(at time.Time, want []domain.ProviderID) {
		t.Helper()
		if err := newTestScheduler(b).Tick(ctx, queue, at); err != nil {
			t.Fatal(err)
		}
		if got := queue.take(); !slices.Equal(got, want) {
			t.Errorf("at %s asked for %v, want %v", at, got, want)
		}
	}
	tick(noon, all) // never synced: at once
	tick(noon, nil)
	tick(noon.Add(14*time.Hour-time.Second), nil)
	tick(noon.Add(14*time.Hour), all) // 02:00
	tick(noon.Add(14*time.Hour+time.Minute), nil)
	tick(noon.AddDate(0, 0, 5), all) // four nights were missed
	tick(noon.AddDate(0, 0, 5).Add(time.Minute), nil)

	change := func(settings domain.Settings, at time.Time) {
		t.Helper()
		if err := s.Change(ctx, settings, "ops", at); err != nil {
			t.Fatal(err)
		}
	}
	later := noon.AddDate(0, 0, 6)
	change(domain.Settings{Paused: true}, later)
	tick(later, nil)
	change(domain.Settings{Schedule: "30 12 * * *"}, later)
	tick(later.Add(29*time.Minute), nil)
	tick(later.Add(30*time.Minute), all)
	if err := s.Change(ctx, domain.Settings{Schedule: "now and then"}, "ops", later); domain.KindOf(err) != domain.KindInvalid {
		t.Errorf("a schedule that cannot be read: %v", err)
	}
	if got, err := s.Current(ctx); err != nil || got.Schedule != "30 12 * * *" {
		t.Errorf("after it: %+v, %v", got, err)
	}
}

// TestSyncsSpread: the next sync is at the instant that the schedule names or a
// little later, however often it is named, and never as late as the one after.
func TestSyncsSpread(t *testing.T) {
	b := newBench(t)
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for cron, most := range map[string]time.Duration{
		"0 2 * * *": 5 * time.Minute, "0 * * * *": 5 * time.Minute, "*/10 * * * *": time.Minute, "* * * * *": 6 * time.Second,
	} {
		for _, part := range []float64{0, 0.5, 0.999} {
			s := newTestScheduler(b)
			s.Cron, s.Jitter = cron, func(below time.Duration) time.Duration {
				if below != most {
					t.Errorf("%s: spread over %s, want %s", cron, below, most)
				}
				return time.Duration(part * float64(below))
			}
			noon = noon.AddDate(0, 0, 2)
			if err := s.Tick(t.Context(), &waiting{}, noon); err != nil {
				t.Fatal(err)
			}
			named, err := jobs.Following(cron, noon)
			if err != nil {
				t.Fatal(err)
			}
			if next := b.nextSync(t, "openai"); !next.Equal(named.Add(time.Duration(part * float64(most)))) {
				t.Errorf("%s: the next sync is at %s, named is %s", cron, next, named)
			}
		}
	}
}

// TestLookAsksOncePerPage: a page that says what it said costs one conditional
// request and writes nothing; one that says something else has its provider
// synced.
func TestLookAsksOncePerPage(t *testing.T) {
	b := newBench(t)
	b.run(t)
	looker := newLooker(config{userAgent: "ratecard/test", scrapeTimeout: 30 * time.Second}, b.only("anthropic"), b.store, slog.New(slog.DiscardHandler))
	queue := &waiting{}
	tables := []string{"model_versions", "rates", "pages", "events", "source_reads", "runs"}
	before := map[string]int{}
	for _, table := range tables {
		before[table] = b.count(t, table)
	}
	asked := len(b.site.Requests())
	if err := looker.Look(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	if got := len(b.site.Requests()) - asked; got != 1 || len(queue.take()) != 0 {
		t.Errorf("an unchanged page cost %d requests", got)
	}
	for _, table := range tables {
		if n := b.count(t, table); n != before[table] {
			t.Errorf("%s: %d rows, %d before the look", table, n, before[table])
		}
	}
	b.site.SetDay(2)
	if err := looker.Look(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	if got := queue.take(); !slices.Equal(got, []domain.ProviderID{"anthropic"}) {
		t.Errorf("a page that moved had %v synced", got)
	}
}

// unreadable is a reader that nobody may ask.
type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte, domain.Source) (domain.Reading, error) {
	u.t.Error("the same page was read again")
	return domain.Reading{}, domain.Errorf(domain.KindUnread, "nothing")
}

// TestLookDoesNotReadTheSameBytes: a site that ignores what we have sends its page
// whole; it is known by its bytes.
func TestLookDoesNotReadTheSameBytes(t *testing.T) {
	b := newBench(t)
	b.run(t)
	forgetful := answers(func(_ http.ResponseWriter, r *http.Request) bool {
		r.Header.Del("If-None-Match")
		r.Header.Del("If-Modified-Since")
		return false
	})
	b.ahead.Store(&forgetful)
	looker := newLooker(config{userAgent: "ratecard/test", scrapeTimeout: 30 * time.Second}, b.only("anthropic"), b.store, slog.New(slog.DiscardHandler))
	looker.Reader = unreadable{t}
	queue := &waiting{}
	if err := looker.Look(t.Context(), queue); err != nil || len(queue.take()) != 0 {
		t.Errorf("an unchanged page had its provider synced, or failed: %v", err)
	}
}

// TestLookNoticesWhatComesBack: a page that says again what it said before the last
// change is another than the one that was read last, though it is stored.
func TestLookNoticesWhatComesBack(t *testing.T) {
	for name, forgets := range map[string]bool{"by what we have": false, "by its bytes": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			forgetful := answers(func(_ http.ResponseWriter, r *http.Request) bool {
				if forgets {
					r.Header.Del("If-None-Match")
					r.Header.Del("If-Modified-Since")
				}
				return false
			})
			b.ahead.Store(&forgetful)
			price := func(factor string) {
				t.Helper()
				if err := b.site.Reprice("anthropic", "claude-haiku-4-5-20251001", decimal.RequireFromString(factor)); err != nil {
					t.Fatal(err)
				}
			}
			for _, factor := range []string{"1", "0.9", "1"} {
				price(factor)
				b.pass(time.Hour)
				b.run(t)
			}
			looker := newLooker(config{userAgent: "ratecard/test", scrapeTimeout: 30 * time.Second}, b.only("anthropic"), b.store, slog.New(slog.DiscardHandler))
			queue := &waiting{}
			if err := looker.Look(t.Context(), queue); err != nil || len(queue.take()) != 0 {
				t.Errorf("the page that was read last had its provider synced, or failed: %v", err)
			}
			price("0.9")
			if err := looker.Look(t.Context(), queue); err != nil {
				t.Fatal(err)
			}
			if got := queue.take(); !slices.Equal(got, []domain.ProviderID{"anthropic"}) {
				t.Errorf("a price that came back had %v synced", got)
			}
		})
	}
}

func (b *bench) only(id domain.ProviderID) world {
	w := b.world
	p, _ := w.provider(id)
	w.providers = []domain.Provider{p}
	return w
}

// TestSettingsOverHTTP: a running server pauses and reschedules without a
// restart, and says what is wrong with a schedule.
func TestSettingsOverHTTP(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	site := demosite.New(demosite.Config{Key: siteKey})
	server := httptest.NewServer(site.Handler())
	defer server.Close()
	builtin, err := providers.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	w := world{key: func(string) string { return siteKey }, now: time.Now, paused: true, reach: reach(t, "127.0.0.1")}
	for _, p := range builtin {
		w.providers = append(w.providers, site.Provider(server.URL, p))
	}
	const key = "an-admin-key-for-tests"
	c := config{
		databaseURL: pgtest.DSN(t), addr: "127.0.0.1:0", adminKey: key, cron: "0 2 * * *", logLevel: slog.LevelError,
		syncTimeout: time.Minute, scrapeTimeout: time.Minute, userAgent: "ratecard/test",
	}
	s, err := start(ctx, c, w, testWriter{t})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.run(ctx) }()
	defer func() {
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	ask := func(method, body string, status int) map[string]any {
		t.Helper()
		req, err := http.NewRequestWithContext(ctx, method, s.url()+"/api/admin/settings", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-API-Key", key)
		if body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var got map[string]any
		if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || resp.StatusCode != status {
			t.Fatalf("%s %s: %d %v, %v", method, body, resp.StatusCode, got, err)
		}
		return got
	}
	if got := ask(http.MethodGet, "", 200); got["paused"] != true || got["schedule"] != "0 2 * * *" {
		t.Errorf("at the start: %v", got)
	}
	if got := ask(http.MethodPut, `{"paused":false,"schedule":"30 4 * * *"}`, 200); got["paused"] != false || got["schedule"] != "30 4 * * *" {
		t.Errorf("rescheduled: %v", got)
	}
	if got := ask(http.MethodPut, `{"paused":false,"schedule":"whenever"}`, 400); !strings.Contains(got["detail"].(string), "schedule") {
		t.Errorf("a schedule that is none: %v", got)
	}
	ask(http.MethodPut, `{"pause":true}`, 400)
	if got := ask(http.MethodGet, "", 200); got["unpricedAfterHours"] != 24.0 {
		t.Errorf("nothing is set: %v", got)
	}
	if got := ask(http.MethodPut, `{"paused":false,"unpricedAfterHours":2}`, 200); got["unpricedAfterHours"] != 2.0 {
		t.Errorf("another waiting time: %v", got)
	}
	ask(http.MethodPut, `{"paused":false,"unpricedAfterHours":0}`, 400)
}

// testWriter logs into the test.
type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}
