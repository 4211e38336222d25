package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"ratecard/adapters/demosite"
	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/postgres"
	"ratecard/app"
	"ratecard/domain"
	"ratecard/ports"
)

// bench is a sync among real parts: the demo's sites over HTTP and a Postgres.
type bench struct {
	site  *demosite.Site
	world world
	store *postgres.Store
	sync  *app.Sync
	late  atomic.Int64 // nanoseconds that the clock is ahead
	keyIs atomic.Pointer[string]
	whose domain.ProviderID // runs are looked at
	dsn   string

	settings  func(*config)           // of its servers, beyond the usual; nil: none
	valkeyURL string                  // what its servers share; empty: nothing
	ahead     atomic.Pointer[answers] // answers instead of the site; nil: nothing does
}

// answers reports whether it has answered a request.
type answers func(w http.ResponseWriter, r *http.Request) bool

// benchTimeout is the time-out of a bench's syncs.
const benchTimeout = 5 * time.Minute

const siteKey = "the-sites-own-key"

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{site: demosite.New(demosite.Config{Key: siteKey}), whose: "anthropic"}
	b.setKey(siteKey)
	site := b.site.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ahead := b.ahead.Load(); ahead == nil || !(*ahead)(w, r) {
			site.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	all, err := siteProviders(b.site, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	b.world.providers = all
	b.world.reach = reach(t, "127.0.0.1", "localhost")
	b.world.key = func(string) string { return *b.keyIs.Load() }
	b.world.now = func() time.Time { return time.Now().Add(time.Duration(b.late.Load())) }
	b.open(t)
	return b
}

// open wires a sync of the bench's world on a database of its own.
func (b *bench) open(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	b.dsn = pgtest.DSN(t)
	store, err := postgres.Open(ctx, postgres.Config{DSN: b.dsn})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	log := slog.New(slog.DiscardHandler)
	if err := postgres.Migrate(ctx, store, log); err != nil {
		t.Fatal(err)
	}
	if err := postgres.NewConfigs(store).Adopt(ctx, b.world.providers, b.world.now()); err != nil {
		t.Fatal(err)
	}
	b.store = store
	c := config{userAgent: "ratecard/test", scrapeTimeout: 30 * time.Second, syncTimeout: benchTimeout}
	b.sync = newSync(c, b.world, store, log)
}

// reach is what may be fetched from besides the public internet.
func reach(t testing.TB, hosts ...string) domain.Reach {
	t.Helper()
	r, err := domain.ParseReach(hosts...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (b *bench) setKey(key string) { b.keyIs.Store(&key) }

// pass lets time go by.
func (b *bench) pass(d time.Duration) { b.late.Add(int64(d)) }

func (b *bench) run(t testing.TB) domain.Run {
	t.Helper()
	provider, known := b.world.provider(b.whose)
	if !known {
		t.Fatalf("no provider %q", b.whose)
	}
	run, err := b.sync.Run(context.Background(), app.SyncJob{
		RunID: uuid.NewString(), SyncID: uuid.NewString(), Provider: provider, Trigger: domain.TriggerManual,
	})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func (b *bench) model(t testing.TB, id string) ports.ModelView {
	t.Helper()
	now := b.world.now()
	found, err := postgres.NewCatalogue(b.store).Model(context.Background(), "", id, domain.AsOf{At: now, KnownAt: now})
	if err != nil || len(found) != 1 {
		t.Fatalf("model %s: %d found, %v", id, len(found), err)
	}
	return found[0]
}

func (b *bench) count(t testing.TB, what string) (n int) {
	t.Helper()
	if err := b.store.Pool().QueryRow(context.Background(), "SELECT count(*) FROM "+what).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func step(t testing.TB, run domain.Run, name domain.StepName) domain.Step {
	t.Helper()
	i := slices.IndexFunc(run.Steps, func(s domain.Step) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("the run has no step %s: %+v", name, run.Steps)
	}
	return run.Steps[i]
}

// TestSecondSyncWritesNothing: a page and a list that say what they said write
// no model, rate or statement, and no event but those of the run's start and end,
// and raise no version.
func TestSecondSyncWritesNothing(t *testing.T) {
	b := newBench(t)
	first := b.run(t)
	tables := []string{"model_versions", "model_matches", "rates", "superseded_rates", "source_statements", "events WHERE kind NOT LIKE 'sync.%'", "pages"}
	before := map[string]int{}
	for _, table := range tables {
		before[table] = b.count(t, table)
	}
	if before["rates"] == 0 || before["model_versions"] == 0 || first.Outcome != domain.OutcomeSuccess {
		t.Fatalf("the first run stored %v: %+v", before, first.Steps)
	}
	b.pass(time.Hour)
	second := b.run(t)
	for _, table := range tables {
		if n := b.count(t, table); n != before[table] {
			t.Errorf("%s: %d rows, %d before", table, n, before[table])
		}
	}
	if second.Outcome != domain.OutcomeSuccess || second.Version != first.Version {
		t.Errorf("a second run: %s, version %d after %d", second.Outcome, second.Version, first.Version)
	}
	for _, kind := range []domain.EventKind{domain.EventSyncStarted, domain.EventSyncFinished} {
		told := events[struct{ RunID, SyncID string }](t, b, kind)
		if len(told) != 2 || told[0].RunID != first.ID || told[1].RunID != second.ID || told[1].SyncID != second.SyncID {
			t.Errorf("%s: told of %+v", kind, told)
		}
	}
}

// TestDaysOfTheTimeline follows prices and models through the demo's days.
func TestDaysOfTheTimeline(t *testing.T) {
	b := newBench(t)
	const cut, gone = "claude-haiku-4-5-20251001", "claude-sonnet-4-20250514"
	var amounts, usabilities []string
	for day := 1; day <= b.site.Days(); day++ {
		b.site.SetDay(day)
		b.run(t)
		amounts = append(amounts, input(b.model(t, cut)))
		usabilities = append(usabilities, string(b.model(t, gone).Usability))
		b.pass(24 * time.Hour)
	}
	if want := []string{"1", "0.9", "0.9", "0.9", "0.9"}; !slices.Equal(amounts, want) {
		t.Errorf("the price that is cut: %v, want %v", amounts, want)
	}
	if want := []string{"available", "available", "deprecated", "deprecated", "deprecated"}; !slices.Equal(usabilities, want) {
		t.Errorf("the model that goes: %v, want %v", usabilities, want)
	}
	if left := input(b.model(t, gone)); left != "3" {
		t.Errorf("the last price of the model that went is %s, want 3: absence is not an end", left)
	}
}

// input is a model's standard input price.
func input(view ports.ModelView) string {
	for _, r := range view.Rates {
		if r.Tier == domain.TierStandard && r.Meter == domain.MeterInput {
			return r.Amount.String()
		}
	}
	return "none"
}

// TestRiseAnnouncedAndWithdrawn: what a page announces is scheduled for its
// day; a page that no longer says so takes it back before it has begun.
func TestRiseAnnouncedAndWithdrawn(t *testing.T) {
	b := newBench(t)
	const model = "claude-sonnet-5"
	then := b.site.Date(20).Start()
	at := func() string {
		found, err := postgres.NewCatalogue(b.store).Model(context.Background(), "", model, domain.AsOf{At: then, KnownAt: b.world.now()})
		if err != nil || len(found) != 1 {
			t.Fatalf("%d found, %v", len(found), err)
		}
		return input(found[0])
	}
	var amounts []string
	for day := 1; day <= b.site.Days(); day++ {
		b.site.SetDay(day)
		b.run(t)
		amounts = append(amounts, at())
		b.pass(24 * time.Hour)
	}
	if want := []string{"2", "2", "3", "2", "2"}; !slices.Equal(amounts, want) {
		t.Errorf("what is believed to hold in three weeks: %v, want %v", amounts, want)
	}
}

// TestProviderByItsFileAlone: one that speaks OpenAI's dialect needs a file and
// no code.
func TestProviderByItsFileAlone(t *testing.T) {
	b := newBench(t)
	b.whose = "groq"
	var amounts []string
	for day := 1; day <= b.site.Days(); day++ {
		b.site.SetDay(day)
		run := b.run(t)
		if s := step(t, run, domain.StepDiscovery); s.Outcome != domain.StepDone || run.Counts.ModelsDiscovered < 7 {
			t.Fatalf("day %d: %s: %+v", day, run.Outcome, run.Steps)
		}
		amounts = append(amounts, input(b.model(t, "moonshotai/kimi-k2-instruct-0905")))
		b.pass(24 * time.Hour)
	}
	if want := []string{"1", "1", "0.75", "0.75", "0.75"}; !slices.Equal(amounts, want) {
		t.Errorf("the price that is cut: %v, want %v", amounts, want)
	}
	if m := b.model(t, "openai/gpt-oss-20b"); m.ContextWindow == nil || *m.ContextWindow != 131_072 || m.OwnedBy != "OpenAI" {
		t.Errorf("the model that is new: %+v", m.Model)
	}
}

// TestOneProvidersTroubleIsItsOwn: over the days each provider has its bad
// ones (a broken page, an empty one, a challenge, a refused key), and only that step of that run fails.
func TestOneProvidersTroubleIsItsOwn(t *testing.T) {
	b := newBench(t)
	want := map[domain.ProviderID]string{
		"openai":    "success success pricing success success",
		"anthropic": "success success success success success",
		"google":    "success success discovery success success",
		"xai":       "success success success success success", // its API states what its page then does not
		"groq":      "success pricing success pricing success",
	}
	got := map[domain.ProviderID][]string{}
	for day := 1; day <= b.site.Days(); day++ {
		b.site.SetDay(day)
		for _, p := range b.world.providers {
			if _, looked := want[p.ID]; looked {
				b.whose = p.ID
				got[p.ID] = append(got[p.ID], failing(b.run(t)))
			}
		}
		b.pass(24 * time.Hour)
	}
	for id, days := range want {
		if strings.Join(got[id], " ") != days {
			t.Errorf("%s: %v, want %s", id, got[id], days)
		}
	}
	if m := b.model(t, "grok-4.5"); !slices.Contains(m.Aliases, "grok-latest") {
		t.Errorf("the alias that moved: %v", m.Aliases)
	}
	tier := func(id string, tier domain.Tier, meter domain.Meter) (n int) {
		for _, r := range b.model(t, id).Rates {
			if r.Tier == tier && r.Meter == meter {
				n++
			}
		}
		return n
	}
	if n := tier("gpt-5.2", domain.TierPriority, domain.MeterInput); n != 1 {
		t.Errorf("the new tier: %d prices", n)
	}
	if n := tier("gpt-5.6-sol", domain.TierStandard, domain.MeterCacheWrite); n != 2 {
		t.Errorf("the new column: %d prices, want one for short and one for long prompts", n)
	}
}

// failing names the step that failed, or the outcome.
func failing(run domain.Run) string {
	for _, s := range run.Steps {
		if s.Outcome == domain.StepFailed {
			return string(s.Name)
		}
	}
	return string(run.Outcome)
}

// TestProperty02_GracefulProviderFailure: a refused key fails the discovery
// step alone; prices of known models go on, and the run is partial.
func TestProperty02_GracefulProviderFailure(t *testing.T) {
	b := newBench(t)
	b.run(t)
	models := b.count(t, "model_versions")
	b.site.SetDay(2)
	b.setKey("no-such-key")
	b.pass(time.Hour)
	run := b.run(t)
	if run.Outcome != domain.OutcomePartial {
		t.Errorf("outcome %s, want partial: %+v", run.Outcome, run.Steps)
	}
	if s := step(t, run, domain.StepDiscovery); s.Outcome != domain.StepFailed || strings.Contains(s.Error, "no-such-key") {
		t.Errorf("discovery: %s %q", s.Outcome, s.Error)
	}
	if s := step(t, run, domain.StepPricing); s.Outcome != domain.StepDone {
		t.Errorf("pricing: %s %q", s.Outcome, s.Error)
	}
	if run.Counts.PricingUpdated == 0 {
		t.Error("the price cut of the day was not taken up")
	}
	if n := b.count(t, "model_versions"); n != models {
		t.Errorf("%d versions of models after a refused list, %d before", n, models)
	}
}

// TestNoKeySkipsDiscovery: without a key the run can still be a success.
func TestNoKeySkipsDiscovery(t *testing.T) {
	b := newBench(t)
	b.setKey("")
	run := b.run(t)
	if s := step(t, run, domain.StepDiscovery); s.Outcome != domain.StepSkipped || run.Outcome != domain.OutcomeSuccess {
		t.Errorf("discovery %s (%s), run %s", s.Outcome, s.Detail, run.Outcome)
	}
}

// TestProperty05_Deprecation: a model that a complete list no longer names is
// deprecated with the time; back again, it is what its sources say, and its
// history is kept.
func TestProperty05_Deprecation(t *testing.T) {
	b := newBench(t)
	const gone = "claude-sonnet-4-20250514"
	b.run(t)
	rates := b.count(t, "rates")
	b.site.SetDay(3)
	b.pass(time.Hour)
	run := b.run(t)
	m := b.model(t, gone)
	if run.Counts.ModelsDeprecated != 1 || m.Usability != domain.UsabilityDeprecated || m.DeprecatedAt == nil || b.world.now().Sub(*m.DeprecatedAt) > time.Minute {
		t.Errorf("%d deprecated; %s since %v", run.Counts.ModelsDeprecated, m.Usability, m.DeprecatedAt)
	}
	b.site.SetDay(1)
	b.pass(time.Hour)
	b.run(t)
	m = b.model(t, gone)
	if m.Usability != domain.UsabilityAvailable || m.DeprecatedAt != nil {
		t.Errorf("back again it is %s since %v", m.Usability, m.DeprecatedAt)
	}
	if b.count(t, "rates") < rates {
		t.Error("rates were lost on the way")
	}
	if n := b.count(t, "model_versions v JOIN models m ON m.number = v.model WHERE m.id = '"+gone+"'"); n != 3 {
		t.Errorf("%d versions are kept, want its three", n)
	}
}

// TestProperty17_Timestamp: last_sync moves on success alone and lies within a
// second of the end; last_attempt moves always.
func TestProperty17_Timestamp(t *testing.T) {
	b := newBench(t)
	standing := func() domain.SyncStatus {
		all, err := postgres.NewRuns(b.store).Status(context.Background())
		if err != nil || len(all) != 1 {
			t.Fatalf("%d standings, %v", len(all), err)
		}
		return all[0]
	}
	good := b.run(t)
	after := standing()
	if d := after.LastSync.Sub(good.Ended).Abs(); d > time.Second {
		t.Errorf("last sync is %s off the end", d)
	}
	b.pass(time.Hour)
	b.setKey("no-such-key")
	bad := b.run(t)
	later := standing()
	if !later.LastSync.Equal(after.LastSync) {
		t.Errorf("a %s run moved the last sync from %s to %s", bad.Outcome, after.LastSync, later.LastSync)
	}
	if !later.LastAttempt.After(after.LastAttempt) {
		t.Errorf("the last attempt stayed at %s", later.LastAttempt)
	}
}
