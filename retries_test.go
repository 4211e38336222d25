package main

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ratecard/adapters/postgres"
	"ratecard/domain"
)

// TestProperty03_RetryLimitInASync: an API that is away is asked once and
// three times more, and the rest of the run goes on.
func TestProperty03_RetryLimitInASync(t *testing.T) {
	b := newBench(t)
	b.run(t)
	var asked atomic.Int32
	away := answers(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/anthropic/api/") {
			return false
		}
		asked.Add(1)
		w.WriteHeader(http.StatusBadGateway)
		return true
	})
	b.ahead.Store(&away)
	began := time.Now()
	run := b.run(t)
	if took := time.Since(began); asked.Load() != 4 || took < 6300*time.Millisecond || took > 60*time.Second {
		t.Errorf("asked %d times in %s, want 4 times over about 7 s", asked.Load(), took)
	}
	if d, p := step(t, run, domain.StepDiscovery), step(t, run, domain.StepPricing); d.Outcome != domain.StepFailed || p.Outcome != domain.StepDone || run.Outcome != domain.OutcomePartial {
		t.Errorf("%s: %+v", run.Outcome, run.Steps)
	}
}

// busy has every API turn every request away and ask to wait.
func (b *bench) busy(retryAfter string) (asked *atomic.Int32) {
	asked = new(atomic.Int32)
	answer := answers(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/api/v") {
			return false
		}
		asked.Add(1)
		w.Header().Set("Retry-After", retryAfter)
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	})
	b.ahead.Store(&answer)
	return asked
}

func (b *bench) nextSync(t testing.TB, provider domain.ProviderID) time.Time {
	t.Helper()
	all, err := postgres.NewRuns(b.store).Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(s domain.SyncStatus) bool { return s.Provider == provider })
	if i < 0 {
		t.Fatalf("%s has no standing", provider)
	}
	return all[i].NextSync
}

// TestProperty31_RateLimitBeyondTheTimeOut: an API that asks to wait for longer
// than a sync may take is left alone until then, whether it says so in seconds
// or with a date, and whatever else was scheduled; the other providers are not.
func TestProperty31_RateLimitBeyondTheTimeOut(t *testing.T) {
	b := newBench(t)
	schedule := postgres.NewSchedule(b.store)
	rapid.Check(t, func(rt *rapid.T) {
		wait := time.Duration(rapid.IntRange(int(benchTimeout/time.Second)+2, 40*86400).Draw(rt, "seconds")) * time.Second
		now := b.world.now()
		says := strconv.Itoa(int(wait / time.Second))
		awaited := min(wait, 31*24*time.Hour) // nobody is left alone for longer
		if rapid.Bool().Draw(rt, "as a date") {
			says = now.Add(wait).UTC().Format(http.TimeFormat)
		}
		planned := now.Add(time.Duration(rapid.IntRange(1, 100).Draw(rt, "planned in hours")) * time.Hour)
		if err := schedule.Next(context.Background(), b.world.enabled(), planned); err != nil {
			t.Fatal(err)
		}
		asked := b.busy(says)
		run := b.run(t)
		if run.Outcome != domain.OutcomePartial || asked.Load() != 1 {
			rt.Fatalf("asked %d times; %s: %+v", asked.Load(), run.Outcome, run.Steps)
		}
		then := b.nextSync(t, "anthropic")
		if off := then.Sub(now.Add(awaited)); off < -time.Second || off > 5*time.Second {
			rt.Fatalf("after %q at %s the next sync is at %s", says, now, then)
		}
		due, err := schedule.Due(context.Background(), []domain.ProviderID{"anthropic"}, then.Add(-time.Microsecond))
		if err != nil || len(due) != 0 {
			rt.Fatalf("due before: %v, %v", due, err)
		}
		if other := b.nextSync(t, "openai"); other.Sub(planned).Abs() > time.Microsecond {
			rt.Fatalf("another provider's next sync moved from %s to %s", planned, other)
		}
	})
}

// TestProperty31_AFailedRunThatIsToWait is not tried again sooner, and then is
// when the schedule says.
func TestProperty31_AFailedRunThatIsToWait(t *testing.T) {
	r := newRunning(t, 10*time.Second)
	r.site.SetDay(3) // OpenAI's pages have lost their figures
	r.busy("7200")
	runs := r.done(t, r.startSync(t, "openai"))
	then := r.nextSync(t, "openai")
	if wait := then.Sub(runs[0].Ended); runs[0].Outcome != domain.OutcomeFailed || wait < 119*time.Minute || wait > 121*time.Minute {
		t.Errorf("%s, and the next sync is %s later", runs[0].Outcome, wait)
	}
	eventually(t, func() bool { return r.job(t, "openai").State != "running" })
	if job := r.job(t, "openai"); job.State != "cancelled" {
		t.Errorf("the job is %+v: it would be tried again before", job)
	}
	queue := &waiting{}
	for at, want := range map[time.Time][]domain.ProviderID{then.Add(-time.Minute): nil, then: {"openai"}} {
		if err := postgres.NewSchedule(r.store).SaveSettings(t.Context(), domain.Settings{}, "test", at); err != nil {
			t.Fatal(err)
		}
		if err := postgres.NewSchedule(r.store).Next(t.Context(), r.world.enabled(), then.AddDate(0, 0, 9)); err != nil {
			t.Fatal(err)
		}
		if err := postgres.NewSchedule(r.store).Next(t.Context(), []domain.ProviderID{"openai"}, then); err != nil {
			t.Fatal(err)
		}
		if err := newTestScheduler(r.bench).Tick(t.Context(), queue, at); err != nil {
			t.Fatal(err)
		}
		if got := queue.take(); !slices.Equal(got, want) {
			t.Errorf("at %s %v are synced, want %v", at, got, want)
		}
	}
}

// TestARunThatIsFasterThanItsSchedule keeps the time that its provider asked
// for, though who started it notes the regular one after it.
func TestARunThatIsFasterThanItsSchedule(t *testing.T) {
	b := newBench(t)
	schedule, now := postgres.NewSchedule(b.store), domain.Instant(b.world.now())
	asked := now.Add(6 * time.Hour)
	if err := schedule.Next(t.Context(), []domain.ProviderID{"openai"}, asked); err != nil {
		t.Fatal(err)
	}
	if err := schedule.Pass(t.Context(), []domain.ProviderID{"anthropic", "openai"}, now, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := b.nextSync(t, "openai"); !got.Equal(asked) {
		t.Errorf("it is due at %s, want %s", got, asked)
	}
	if got := b.nextSync(t, "anthropic"); !got.Equal(now.Add(time.Hour)) {
		t.Errorf("the other is due at %s", got)
	}
}

// comes makes the time come at which a job is tried again.
func (r *running) comes(t testing.TB, provider domain.ProviderID) {
	t.Helper()
	_, err := r.store.Pool().Exec(context.Background(), "UPDATE river.river_job SET state = 'available', scheduled_at = now() WHERE id = $1", r.job(t, provider).ID)
	if err != nil {
		t.Fatal(err)
	}
}

// TestProperty18_SyncFailure: a failed run is tried again as a job after 5 and
// after 30 minutes, then waits for its schedule; each time it is told of, the
// third time as critical; a run that goes well ends the row.
func TestProperty18_SyncFailure(t *testing.T) {
	r := newRunning(t, time.Minute)
	r.breakOpenAI()
	sync := r.startSync(t, "openai")
	for attempt, want := range []struct {
		state    string
		waits    time.Duration
		severity domain.Severity
	}{
		{"retryable", 5 * time.Minute, domain.SeverityWarning},
		{"retryable", 30 * time.Minute, domain.SeverityWarning},
		{"discarded", 0, domain.SeverityCritical},
	} {
		if attempt > 0 {
			r.comes(t, "openai")
		}
		eventually(t, func() bool { j := r.job(t, "openai"); return j.Attempt == attempt+1 && j.State != "running" })
		job := r.job(t, "openai")
		if job.State != want.state || want.waits > 0 && (job.Waits-want.waits).Abs() > 2*time.Second {
			t.Errorf("after attempt %d the job is %+v, want %+v", attempt+1, job, want)
		}
		told := events[domain.SyncPayload](t, r.bench, domain.EventSyncFailed)
		if len(told) != attempt+1 {
			t.Fatalf("after attempt %d there are %d events", attempt+1, len(told))
		}
		last := told[attempt]
		if last.Severity != want.severity || last.InARow != attempt+1 || last.Outcome != domain.OutcomeFailed || last.SyncID != sync || len(last.Errors) != 2 {
			t.Errorf("attempt %d is told of as %+v", attempt+1, last)
		}
	}
	if log := r.log.String(); strings.Count(log, "event=sync.failed") != 3 || !strings.Contains(log, "severity=critical") || strings.Contains(log, "no-such-key") {
		t.Errorf("the log: %s", log)
	}
	r.mendOpenAI()
	r.done(t, r.startSync(t, "openai"))
	r.breakOpenAI()
	r.done(t, r.startSync(t, "openai"))
	told := events[domain.SyncPayload](t, r.bench, domain.EventSyncFailed)
	if last := told[len(told)-1]; len(told) != 4 || last.InARow != 1 || last.Severity != domain.SeverityWarning {
		t.Errorf("after a run that went well: %d events, the last %+v", len(told), last)
	}
}

// TestProperty18_PartialRuns: one waits for the next look; three in a row with
// the same failed step are critical.
func TestProperty18_PartialRuns(t *testing.T) {
	b := newBench(t)
	b.run(t)
	b.setKey("no-such-key")
	for n := 1; n <= 4; n++ {
		b.pass(time.Hour)
		if run := b.run(t); run.Outcome != domain.OutcomePartial {
			t.Fatalf("run %d: %+v", n, run.Steps)
		}
		failed := events[domain.SyncPayload](t, b, domain.EventSyncFailed)
		if len(failed) != max(0, n-2) {
			t.Fatalf("after %d partial runs there are %+v", n, failed)
		}
		if n >= 3 {
			last := failed[len(failed)-1]
			if last.Severity != domain.SeverityCritical || last.InARow != n || last.Outcome != domain.OutcomePartial || last.Errors[0].Stage != domain.StepDiscovery {
				t.Errorf("run %d is told of as %+v", n, last)
			}
		}
	}
	b.setKey(siteKey)
	b.pass(time.Hour)
	b.run(t)
	finished := events[domain.SyncPayload](t, b, domain.EventSyncFinished)
	if last := finished[len(finished)-1]; len(finished) != 4 || last.Outcome != domain.OutcomeSuccess || last.InARow != 0 {
		t.Errorf("the row's end is told of as %+v of %d", last, len(finished))
	}
}
