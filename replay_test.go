package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/adapters/api"
	"ratecard/adapters/cli"
	"ratecard/adapters/postgres"
	"ratecard/adapters/scrape"
	"ratecard/app"
	"ratecard/domain"
	"ratecard/gen/oas"
	"ratecard/ports"
)

// configure stores a configuration as an administrator's and makes it the one
// in force.
func (b *bench) configure(t testing.TB, scraping domain.Scraping) {
	t.Helper()
	b.believe(t) // a configuration that misreads would be held
	text, err := json.Marshal(scraping)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []struct {
		sql  string
		args []any
	}{
		{"UPDATE scraping_config SET active = false WHERE provider = $1", []any{string(b.whose)}},
		{`INSERT INTO scraping_config (provider, version, config, author, active, created_at)
			SELECT $1, max(version) + 1, $2, 'somebody', true, now() FROM scraping_config WHERE provider = $1`, []any{string(b.whose), text}},
	} {
		if _, err := b.store.Pool().Exec(context.Background(), change.sql, change.args...); err != nil {
			t.Fatal(err)
		}
	}
}

// believe lets everything be believed that covers enough.
func (b *bench) believe(t testing.TB) {
	t.Helper()
	if err := postgres.NewSchedule(b.store).SaveSettings(t.Context(), domain.Settings{Guard: domain.Guard{Off: true}}, "a test", b.world.now()); err != nil {
		t.Fatal(err)
	}
}

// scraping is the provider's own configuration, with knobs turned.
func (b *bench) scraping(t testing.TB, turn func(*domain.ReaderConfig)) domain.Scraping {
	t.Helper()
	p, known := b.world.provider(b.whose)
	if !known {
		t.Fatalf("no provider %q", b.whose)
	}
	sources := slices.Clone(p.Scraping.Sources)
	for i := range sources {
		sources[i].Readers = slices.Clone(sources[i].Readers)
		for j := range sources[i].Readers {
			turn(&sources[i].Readers[j])
		}
	}
	return domain.Scraping{Sources: sources}
}

// days syncs each of the demo's days in turn and gives the instants after each.
func (b *bench) days(t testing.TB, days ...int) []time.Time {
	t.Helper()
	var after []time.Time
	for _, day := range days {
		b.site.SetDay(day)
		if run := b.run(t); run.Counts.PricingUpdated == 0 && day == 1 {
			t.Fatalf("day %d: no price was read: %+v", day, run.Steps)
		}
		after = append(after, domain.Instant(b.world.now()))
		b.pass(24 * time.Hour)
	}
	return after
}

func (b *bench) replay(t testing.TB, apply bool) app.Replayed {
	t.Helper()
	replayed, err := newReplay(config{}, b.world, b.store).Run(context.Background(), b.whose, apply)
	if err != nil {
		t.Fatal(err)
	}
	return replayed
}

// prices gives what every key cost at an instant, as believed at another.
func (b *bench) prices(t testing.TB, at, knownAt time.Time) map[domain.RateKey]string {
	t.Helper()
	prices := map[domain.RateKey]string{}
	for _, r := range b.rates(t, at, knownAt) {
		prices[r.RateKey] = r.Amount.String()
	}
	return prices
}

func (b *bench) rates(t testing.TB, at, knownAt time.Time) []domain.RateView {
	t.Helper()
	page, err := postgres.NewCatalogue(b.store).Models(context.Background(), ports.ModelQuery{
		AsOf: domain.AsOf{At: at, KnownAt: knownAt}, Providers: []domain.ProviderID{b.whose}, Limit: 1000,
		Usabilities: []domain.Usability{domain.UsabilityAvailable, domain.UsabilityPreview, domain.UsabilityDeprecated},
	})
	if err != nil {
		t.Fatal(err)
	}
	var rates []domain.RateView
	for _, m := range page.Models {
		rates = append(rates, m.Rates...)
	}
	return rates
}

// written counts the rows that a correction writes, or a run that has anything to
// say.
func (b *bench) written(t testing.TB) map[string]int {
	t.Helper()
	rows := map[string]int{}
	for _, table := range []string{"rates", "superseded_rates", "source_statements", "source_quotes", "unlisted_rates", "events WHERE kind NOT LIKE 'sync.%'", "pages", "model_versions", "runs"} {
		rows[table] = b.count(t, table)
	}
	return rows
}

func tenfold(t testing.TB, amount string) string {
	t.Helper()
	d, err := decimal.NewFromString(amount)
	if err != nil {
		t.Fatal(err)
	}
	return d.Mul(decimal.NewFromInt(10)).String()
}

func (b *bench) misreadTwoDays(t testing.TB) []time.Time {
	t.Helper()
	ten := decimal.NewFromInt(10)
	b.configure(t, b.scraping(t, func(r *domain.ReaderConfig) { r.Divisor = &ten }))
	after := b.days(t, 1, 2)
	b.configure(t, b.scraping(t, func(*domain.ReaderConfig) {}))
	return append(after, b.days(t, 3)...)
}

// TestReplayCorrectsAMisreading: two days were read ten times too cheap.
// Reading them again shows that and nothing else, and corrects it beside what
// was believed.
func TestReplayCorrectsAMisreading(t *testing.T) {
	right := newBench(t)
	rightly := right.days(t, 1, 2, 3)
	b := newBench(t)
	after := b.misreadTwoDays(t)
	then := b.world.now()

	rows := b.written(t)
	dry := b.replay(t, false)
	if again := b.written(t); !maps.Equal(again, rows) {
		t.Errorf("looking alone wrote: %v, before %v", again, rows)
	}
	if dry.Reads != 3 || len(dry.Skipped) != 0 {
		t.Errorf("%d reads, skipped %+v", dry.Reads, dry.Skipped)
	}
	wrong := b.prices(t, after[0], then)
	keys := map[domain.RateKey]bool{}
	for _, d := range dry.Differences {
		keys[d.Key] = true
		if d.Old == nil || d.New == nil || tenfold(t, d.Old.Amount.String()) != d.New.Amount.String() {
			t.Errorf("%+v: from %+v to %+v is not the misreading", d.Key, d.Old, d.New)
		}
	}
	for key := range wrong {
		if !keys[key] {
			t.Errorf("%+v was read wrongly and is not shown", key)
		}
	}

	b.pass(time.Hour)
	applied := b.replay(t, true)
	if len(applied.Differences) != len(dry.Differences) || applied.Version <= dry.Version {
		t.Errorf("applied %d differences of %d, version %d after %d", len(applied.Differences), len(dry.Differences), applied.Version, dry.Version)
	}
	now := b.world.now()
	instants := append(slices.Clone(after), after[2].AddDate(0, 0, 30))
	for i, at := range instants {
		same := slices.Concat(rightly, []time.Time{rightly[2].AddDate(0, 0, 30)})[i]
		if got, want := b.prices(t, at, now), right.prices(t, same, right.world.now()); !maps.Equal(got, want) {
			t.Errorf("on day %d it is not believed what a right reading gave:\n%v\n%v", i+1, got, want)
		}
	}
	if got := b.prices(t, after[0], then); !maps.Equal(got, wrong) {
		t.Errorf("as it was known then, day 1 is no more what it was:\n%v\n%v", got, wrong)
	}

	b.checkToldOnce(t, keys)
	b.checkEvidence(t, after[0], now)

	rows = b.written(t)
	b.pass(time.Hour)
	if second := b.replay(t, true); len(second.Differences) != 0 || second.Version != applied.Version {
		t.Errorf("a second time it corrects %d, version %d after %d", len(second.Differences), second.Version, applied.Version)
	}
	if again := b.written(t); !maps.Equal(again, rows) {
		t.Errorf("a second time it wrote: %v, before %v", again, rows)
	}
	// And a sync finds nothing to change.
	b.run(t)
	rows["runs"]++
	if again := b.written(t); !maps.Equal(again, rows) {
		t.Errorf("a sync after it wrote: %v, before %v", again, rows)
	}
}

// checkToldOnce: one event per key, with model, prices and period.
func (b *bench) checkToldOnce(t *testing.T, keys map[domain.RateKey]bool) {
	t.Helper()
	events, err := postgres.NewCatalogue(b.store).Events(context.Background(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	told := map[domain.RateKey]int{}
	for _, e := range events {
		if e.Kind != domain.EventRateCorrected {
			continue
		}
		var p domain.RatePayload
		raw, ok := e.Payload.(json.RawMessage)
		if !ok || json.Unmarshal(raw, &p) != nil {
			t.Fatalf("payload %v", e.Payload)
		}
		key := domain.RateKey{
			Model: domain.ModelKey{Provider: e.Provider, ID: e.Model}, Layer: p.Layer,
			Tier: p.Tier, Meter: p.Meter, Region: p.Region, MinPromptTokens: p.MinPromptTokens,
		}
		told[key]++
		if from, err := time.Parse(time.RFC3339Nano, p.Effective); err != nil || from.IsZero() || p.Old == "" || p.New == "" || p.EvidenceID == 0 {
			t.Errorf("%s was told of with %+v", e.Model, p)
		}
	}
	for key := range keys {
		if told[key] != 1 {
			t.Errorf("%+v was told of %d times", key, told[key])
		}
	}
	if len(told) != len(keys) {
		t.Errorf("%d keys were told of, want %d", len(told), len(keys))
	}
}

// checkEvidence: every rate in force at an instant rests on a cell with its
// figure, in a page that came before that instant.
func (b *bench) checkEvidence(t *testing.T, at, knownAt time.Time) {
	t.Helper()
	for _, r := range b.rates(t, at, knownAt) {
		e, err := postgres.NewCatalogue(b.store).Evidence(context.Background(), r.Evidence)
		if err != nil {
			t.Errorf("%+v: %v", r.RateKey, err)
			continue
		}
		if r.Origin == domain.OriginPrinted && (!e.Quote.Amount.Equal(r.Amount) || !strings.Contains(e.Quote.Place.Cell, r.Amount.String())) {
			t.Errorf("%+v costs %s and rests on %s in the cell %q", r.RateKey, r.Amount, e.Quote.Amount, e.Quote.Place.Cell)
		}
		late := e.Page.FetchedAt.After(at) && r.Effective.Open() // else it may have stated the end
		if late || !bytes.Contains(e.Page.Body, []byte(e.Quote.Place.Cell)) {
			t.Errorf("%+v rests on a page of %s that says %q: %t", r.RateKey, e.Page.FetchedAt, e.Quote.Place.Cell, bytes.Contains(e.Page.Body, []byte(e.Quote.Place.Cell)))
		}
	}
}

// TestReplayOfWhatIsRightShowsNothing, whatever went wrong on the way.
func TestReplayOfWhatIsRightShowsNothing(t *testing.T) {
	b := newBench(t)
	for _, p := range b.world.providers {
		b.whose = p.ID
		for day := 1; day <= b.site.Days(); day++ {
			b.site.SetDay(day)
			b.run(t)
			b.pass(24 * time.Hour)
		}
		rows := b.written(t)
		replayed := b.replay(t, true)
		for _, d := range replayed.Differences {
			t.Errorf("%s: %+v from %+v to %+v in %v", p.ID, d.Key, d.Old, d.New, d.Effective)
		}
		if len(replayed.Skipped) != 0 {
			t.Errorf("%s: skipped %+v", p.ID, replayed.Skipped)
		}
		if again := b.written(t); !maps.Equal(again, rows) {
			t.Errorf("%s: it wrote %v, before %v", p.ID, again, rows)
		}
	}
}

// TestReplayMovesWhatStoodUnderAWrongMeter: a column was taken for another
// meter's. What never was is believed no longer, and not missed either.
func TestReplayMovesWhatStoodUnderAWrongMeter(t *testing.T) {
	b := newBench(t)
	b.configure(t, b.scraping(t, func(r *domain.ReaderConfig) {
		r.Headers = map[string][]string{string(domain.MeterOutputAudio): {"Output Tokens", "Output"}}
	}))
	after := b.days(t, 1)
	b.configure(t, b.scraping(t, func(*domain.ReaderConfig) {}))
	after = append(after, b.days(t, 2)...)
	count := func(at time.Time, meter domain.Meter) (n int) {
		for key := range b.prices(t, at, b.world.now()) {
			if key.Meter == meter {
				n++
			}
		}
		return n
	}
	wrong, others := count(after[0], domain.MeterOutputAudio), count(after[0], domain.MeterOutput)
	if wrong == 0 || b.count(t, "unlisted_rates WHERE upper_inf(unlisted)") == 0 {
		t.Fatalf("the knob misled nobody: %d rates of the wrong meter", wrong)
	}
	b.pass(time.Hour)
	b.replay(t, true)
	for i, at := range after {
		if n := count(at, domain.MeterOutputAudio); n != 0 {
			t.Errorf("on day %d %d rates of the wrong meter are left", i+1, n)
		}
		if n := count(at, domain.MeterOutput); n < wrong+others {
			t.Errorf("on day %d %d rates of the right meter are there, want %d", i+1, n, wrong+others)
		}
	}
	if n := b.count(t, "unlisted_rates WHERE upper_inf(unlisted)"); n != 0 {
		t.Errorf("%d rates that never were are missed", n)
	}
	b.checkEvidence(t, after[0], b.world.now())
}

// blind is a reader that cannot read the pages of which it is told.
type blind struct {
	ports.Reader
	cannot func(body []byte) bool
}

func (r blind) Read(body []byte, source domain.Source) (domain.Reading, error) {
	if r.cannot(body) {
		return domain.Reading{}, domain.Errorf(domain.KindUnread, "no table with prices")
	}
	return r.Reader.Read(body, source)
}

// replayBlind replays where the page of one day cannot be read any more.
func (b *bench) replayBlind(t *testing.T, day int) app.Replayed {
	t.Helper()
	var page int64
	err := b.store.Pool().QueryRow(context.Background(), `SELECT p.id FROM pages p JOIN sources s ON s.number = p.source
		WHERE s.name LIKE 'pricing%' ORDER BY p.fetched_at OFFSET $1 LIMIT 1`, day-1).Scan(&page)
	if err != nil {
		t.Fatal(err)
	}
	unread, err := postgres.NewPages(b.store).Page(context.Background(), page)
	if err != nil {
		t.Fatal(err)
	}
	replay := newReplay(config{}, b.world, b.store)
	replay.Reader = blind{scrape.New(), func(body []byte) bool { return bytes.Equal(body, unread.Body) }}
	replayed, err := replay.Run(context.Background(), b.whose, true)
	if err != nil {
		t.Fatal(err)
	}
	if replayed.Reads != 2 || len(replayed.Skipped) != 1 {
		t.Fatalf("%d reads, skipped %+v", replayed.Reads, replayed.Skipped)
	}
	if s := replayed.Skipped[0]; s.PageID != page || s.Reads != 1 || s.Reason != "no table with prices" || s.Source == "" || !s.At.Equal(unread.FetchedAt) {
		t.Errorf("skipped %+v", s)
	}
	return replayed
}

// TestAPageThatCannotBeReadAnyMoreTakesNothingAway: what was believed because
// of it stays.
func TestAPageThatCannotBeReadAnyMoreTakesNothingAway(t *testing.T) {
	b := newBench(t)
	b.days(t, 1, 2, 3)
	rows := b.written(t)
	for day := 1; day <= 3; day++ {
		for _, d := range b.replayBlind(t, day).Differences {
			t.Errorf("without the page of day %d: %+v from %+v to %+v in %v", day, d.Key, d.Old, d.New, d.Effective)
		}
	}
	if again := b.written(t); !maps.Equal(again, rows) {
		t.Errorf("it wrote %v, before %v", again, rows)
	}
}

// TestWhatCannotBeReadAgainIsNotCorrected, and what can be is.
func TestWhatCannotBeReadAgainIsNotCorrected(t *testing.T) {
	b := newBench(t)
	after := b.misreadTwoDays(t)
	wrong := b.prices(t, after[0], b.world.now())
	b.replayBlind(t, 1)
	now := b.world.now()
	if got := b.prices(t, after[0], now); !maps.Equal(got, wrong) {
		t.Error("the day whose page cannot be read any more was corrected")
	}
	for key, amount := range b.prices(t, after[1], now) {
		if was, known := wrong[key]; known && amount != tenfold(t, was) && key.Model.ID != "claude-haiku-4-5-20251001" {
			t.Errorf("on day 2 %+v costs %s, read rightly it was %s", key, amount, tenfold(t, was))
		}
	}
}

// TestSourcesThatAreGoneTakeNothingAway: their pages are skipped, and said.
func TestSourcesThatAreGoneTakeNothingAway(t *testing.T) {
	b := newBench(t)
	b.days(t, 1, 2)
	left := b.scraping(t, func(*domain.ReaderConfig) {})
	gone := left.Sources[0].Name
	left.Sources = left.Sources[1:]
	b.configure(t, left)
	b.days(t, 3)
	replayed := b.replay(t, true)
	if len(replayed.Differences) != 0 {
		t.Errorf("it differs: %+v", replayed.Differences[0])
	}
	if len(replayed.Skipped) != 2 || replayed.Reads != 1 {
		t.Fatalf("%d reads, skipped %+v", replayed.Reads, replayed.Skipped)
	}
	for _, s := range replayed.Skipped {
		if s.Source != gone || !strings.Contains(s.Reason, gone) {
			t.Errorf("skipped %+v", s)
		}
	}
}

// TestARunThatDiedAfterItStoredIsPartOfThePast: its read was never recorded.
func TestARunThatDiedAfterItStoredIsPartOfThePast(t *testing.T) {
	b := newBench(t)
	b.days(t, 1, 2, 3)
	if _, err := b.store.Pool().Exec(context.Background(), "DELETE FROM source_reads"); err != nil {
		t.Fatal(err)
	}
	replayed := b.replay(t, true)
	if replayed.Reads != 3 || len(replayed.Differences) != 0 || len(replayed.Skipped) != 0 {
		t.Errorf("%d reads, skipped %+v, %d differences", replayed.Reads, replayed.Skipped, len(replayed.Differences))
	}
}

// TestReplayBringsNothingBack that was forgotten after its time.
func TestReplayBringsNothingBack(t *testing.T) {
	b := newBench(t)
	b.days(t, 1, 2, 3)
	b.pass(400 * 24 * time.Hour)
	b.run(t)
	retain, err := app.NewRetain(app.RetainConfig{Store: postgres.NewRetention(b.store), Months: 12, Now: b.world.now})
	if err != nil {
		t.Fatal(err)
	}
	if gone, err := retain.Run(context.Background()); err != nil || gone.Rates == 0 {
		t.Fatalf("forgotten: %+v, %v", gone, err)
	}
	for months, want := range map[int]bool{0: true, 12: false} {
		replayed, err := newReplay(config{retention: months}, b.world, b.store).Run(context.Background(), b.whose, false)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(replayed.Differences) > 0; got != want {
			t.Errorf("where prices are kept for %d months it differs: %t", months, got)
		}
	}
}

// TestReplaysAndSyncsAtOnce: each waits for the other, and what comes of it is
// what comes of one after the other.
func TestReplaysAndSyncsAtOnce(t *testing.T) {
	b := newBench(t)
	b.misreadTwoDays(t)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if _, err := newReplay(config{}, b.world, b.store).Run(context.Background(), b.whose, true); err != nil {
				t.Error(err)
			}
		})
	}
	all.Go(func() {
		b.site.SetDay(4)
		b.run(t)
	})
	all.Wait()
	if left := b.replay(t, true); len(left.Differences) != 0 {
		t.Errorf("%d differences are left, such as %+v", len(left.Differences), left.Differences[0])
	}
}

// TestReplayCommand shows the differences through the server, and corrects them
// when it is told to.
func TestReplayCommand(t *testing.T) {
	b := newBench(t)
	b.misreadTwoDays(t)
	const key = "rc_an-administrators-key-for-this-test"
	answering, err := api.New(api.Config{
		Catalogue: postgres.NewCatalogue(b.store), Runs: postgres.NewRuns(b.store), Keys: b.keyring(t), Scheduler: newTestScheduler(b),
		Replay: newReplay(config{}, b.world, b.store), Providers: newProviders(config{}, b.world, b.store), AdminKeyHash: app.HashSecret(key),
		Version: "test", Spec: openapi, Now: b.world.now, Log: slog.New(slog.DiscardHandler), Ready: b.store.Ping,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(answering)
	t.Cleanup(server.Close)
	replay := func(args ...string) (stdout, stderr string, status int) {
		var out, errs bytes.Buffer
		status = cli.Client{URL: server.URL, Key: key, Stdout: &out, Stderr: &errs}.Replay(context.Background(), args)
		return out.String(), errs.String(), status
	}

	shown, said, status := replay("anthropic")
	lines := strings.Split(strings.TrimSpace(shown), "\n")
	if status != 0 || !strings.HasPrefix(lines[0], "PROVIDER") || !strings.Contains(said, "nothing was changed") {
		t.Fatalf("status %d:\n%s%s", status, shown, said)
	}
	cut := slices.IndexFunc(lines, func(l string) bool {
		f := strings.Fields(l)
		return f[1] == "claude-haiku-4-5-20251001" && f[2] == "standard" && f[3] == "input" && f[len(f)-2] == "0.1" && f[len(f)-1] == "1"
	})
	if cut < 0 {
		t.Errorf("the misread price is not shown:\n%s", shown)
	}

	text, _, status := replay("--format", "json", "--apply", "anthropic")
	var answer oas.ReplayResult
	if err := answer.UnmarshalJSON([]byte(text)); err != nil || status != 0 || !answer.Applied || len(answer.Providers) != 1 {
		t.Fatalf("status %d, %v: %s", status, err, text)
	}
	if got := answer.Providers[0].Differences; len(got) != len(lines)-1 {
		t.Errorf("%d differences were applied, %d shown", len(got), len(lines)-1)
	}
	if shown, said, status := replay(); status != 0 || !strings.Contains(shown, "is what the stored pages say") || !strings.Contains(said, "anthropic: 3 readings repeated, 0 differences") {
		t.Errorf("status %d:\n%s%s", status, shown, said)
	}
	if _, said, status := replay("nobody"); status != 1 || !strings.Contains(said, "nobody") {
		t.Errorf("an unknown provider: status %d, %s", status, said)
	}
	if _, _, status := replay("--sideways"); status != 2 {
		t.Errorf("an unknown flag: status %d", status)
	}
}
