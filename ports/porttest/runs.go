package porttest

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"ratecard/domain"
	"ratecard/ports"
)

// Record are the ports that a run is recorded through.
type Record struct {
	Runs  ports.Runs
	Pages ports.Pages
}

// Runs tests what ports.Runs promises.
func Runs(t *testing.T, open func(testing.TB) Record) {
	run(t, open, map[string]func(*testing.T, Record){
		"a run begins and ends":             runEnds,
		"a run waits before it begins":      runWaits,
		"a run is started again":            runAgain,
		"a repeated finish changes nothing": finishTwice,
		"an end is told of once":            endIsTold,
		"last sync moves on success alone":  lastSync,
		"an older run's end does not stop":  olderEnds,
		"the runs of one sync, by provider": runsOfSync,
		"a run that is not there":           noRun,
		"ids that are none":                 noIDs,
	})
}

func aRun(p domain.ProviderID) domain.Run {
	return domain.Run{ID: uuid.NewString(), SyncID: uuid.NewString(), Provider: p, Trigger: domain.TriggerManual, Started: noon}
}

func ended(r domain.Run, outcome domain.Outcome, at time.Time) domain.Run {
	r.Ended, r.Outcome = at, outcome
	return r
}

func (r Record) begin(t failer, runs ...domain.Run) {
	t.Helper()
	for _, one := range runs {
		if err := r.Runs.Begin(context.Background(), one); err != nil {
			t.Fatalf("beginning: %v", err)
		}
	}
}

func (r Record) finish(t failer, one domain.Run) {
	t.Helper()
	if _, err := r.Runs.Finish(context.Background(), one); err != nil {
		t.Fatalf("finishing: %v", err)
	}
}

func (r Record) holds(t failer, want domain.Run) {
	t.Helper()
	got, err := r.Runs.Run(context.Background(), want.ID)
	if err != nil {
		t.Fatalf("reading a run: %v", err)
	}
	same(t, "the run", got, want)
}

func (r Record) status(t failer, p domain.ProviderID) domain.SyncStatus {
	t.Helper()
	list, err := r.Runs.Status(context.Background())
	if err != nil {
		t.Fatalf("reading the status: %v", err)
	}
	var found domain.SyncStatus
	for i, s := range list {
		if i > 0 && list[i-1].Provider >= s.Provider {
			t.Errorf("status of %s comes after %s", s.Provider, list[i-1].Provider)
		}
		if s.Provider == p {
			found = s
		}
	}
	return found
}

func runEnds(t *testing.T, r Record) {
	p := aProvider()
	one := aRun(p)
	r.begin(t, one)
	r.holds(t, one)
	same(t, "status", r.status(t, p), domain.SyncStatus{Provider: p, State: domain.SyncRunning, LastAttempt: noon, LastRun: &one})

	one = ended(one, domain.OutcomePartial, hour(1))
	one.Steps = []domain.Step{
		{Name: domain.StepDiscovery, Outcome: domain.StepSkipped, Started: noon, Ended: noon, Detail: "no key"},
		{Name: domain.StepPricing, Outcome: domain.StepFailed, Started: noon, Ended: hour(1), Error: "no table\x00"},
		{Name: domain.StepStorage, Outcome: domain.StepDone, Started: hour(1), Ended: hour(1)},
	}
	page := put(t, r.Pages, aPage(p, []byte("page")))
	one.Reads = []domain.SourceRead{
		{Source: "b", At: noon, Error: "blocked", Failure: domain.EventPageBlocked},
		{Source: "a", At: hour(1), Good: true, PageID: page, Strategy: "tables+text", ConfigVersion: 3, Quotes: 17},
	}
	one.Counts = domain.Counts{ModelsDiscovered: 1, ModelsAdded: 2, ModelsUpdated: 3, ModelsDeprecated: 4, PricingUpdated: 5}
	one.Version = 99
	r.finish(t, one)
	one.Steps[1].Error = "no table"
	r.holds(t, one)
	same(t, "status", r.status(t, p), domain.SyncStatus{
		Provider: p, State: domain.SyncIdle, LastAttempt: hour(1), LastRun: &one, Sources: []domain.SourceStatus{
			{Source: "a", LastAttempt: hour(1)}, {Source: "b", LastAttempt: noon, LastError: "blocked"},
		},
	})
}

func runWaits(t *testing.T, r Record) {
	one := aRun(aProvider())
	waiting := one
	waiting.Started = time.Time{}
	r.begin(t, waiting, waiting)
	r.holds(t, waiting)
	if s := r.status(t, one.Provider); s.State == domain.SyncRunning {
		t.Errorf("a run that waits has the status %+v", s)
	}
	r.begin(t, one, waiting) // the job was faster than whoever asked for it
	r.holds(t, one)
	one = ended(one, domain.OutcomeSuccess, hour(1))
	r.finish(t, one)
	r.begin(t, waiting)
	r.holds(t, one)
}

func runAgain(t *testing.T, r Record) {
	one := aRun(aProvider())
	r.begin(t, one)
	failed := ended(one, domain.OutcomeFailed, hour(1))
	failed.Steps = []domain.Step{{Name: domain.StepPricing, Outcome: domain.StepFailed, Started: noon, Ended: hour(1), Error: "away"}}
	failed.Reads = []domain.SourceRead{{Source: "a", At: noon, Error: "away", Failure: domain.EventPageUnread}}
	failed.Counts.ModelsAdded = 4
	r.finish(t, failed)
	if s := r.status(t, one.Provider); s.State != domain.SyncFailed || !s.LastSync.IsZero() {
		t.Errorf("after a failed run the status is %+v", s)
	}
	one.Started = hour(2)
	r.begin(t, one)
	r.holds(t, one)
	one = ended(one, domain.OutcomeSuccess, hour(3))
	r.finish(t, one)
	r.holds(t, one)
}

func finishTwice(t *testing.T, r Record) {
	one := aRun(aProvider())
	r.begin(t, one)
	one = ended(one, domain.OutcomeSuccess, hour(1))
	r.finish(t, one)
	other := ended(one, domain.OutcomeFailed, hour(2))
	other.Counts.ModelsAdded = 7
	r.finish(t, other)
	r.holds(t, one)
	if s := r.status(t, one.Provider); s.State != domain.SyncIdle || !s.LastAttempt.Equal(hour(1)) {
		t.Errorf("a repeat moved the status to %+v", s)
	}
}

func lastSync(t *testing.T, r Record) {
	p := aProvider()
	for i, step := range []struct {
		outcome  domain.Outcome
		lastSync time.Time
		state    domain.SyncState
	}{
		{domain.OutcomePartial, time.Time{}, domain.SyncIdle},
		{domain.OutcomeSuccess, hour(2), domain.SyncIdle},
		{domain.OutcomeFailed, hour(2), domain.SyncFailed},
		{domain.OutcomePartial, hour(2), domain.SyncIdle},
		{domain.OutcomeSuccess, hour(5), domain.SyncIdle},
	} {
		one := aRun(p)
		one.Started = hour(i)
		r.begin(t, one)
		r.finish(t, ended(one, step.outcome, hour(i+1)))
		s := r.status(t, p)
		if !s.LastSync.Equal(step.lastSync) || !s.LastAttempt.Equal(hour(i+1)) || s.State != step.state || s.LastRun.ID != one.ID {
			t.Errorf("after run %d (%s) the status is %+v", i, step.outcome, s)
		}
	}
}

func olderEnds(t *testing.T, r Record) {
	one := aRun(aProvider())
	two := aRun(one.Provider)
	two.Started = hour(1)
	r.begin(t, one, two)
	r.finish(t, ended(one, domain.OutcomeSuccess, hour(2)))
	if s := r.status(t, one.Provider); s.State != domain.SyncRunning || s.LastRun.ID != two.ID || !s.LastSync.Equal(hour(2)) {
		t.Errorf("while the second runs the status is %+v", s)
	}
}

func runsOfSync(t *testing.T, r Record) {
	first, second, other := aRun(aProvider()), aRun(aProvider()), aRun(aProvider())
	second.SyncID = first.SyncID
	r.begin(t, second, other, first)
	got, err := r.Runs.Sync(context.Background(), first.SyncID)
	if err != nil {
		t.Fatal(err)
	}
	want := []domain.Run{first, second}
	if second.Provider < first.Provider {
		want[0], want[1] = second, first
	}
	same(t, "runs", got, want)
	for _, id := range []string{uuid.NewString(), "nothing", ""} {
		if none, err := r.Runs.Sync(context.Background(), id); err != nil || len(none) > 0 {
			t.Errorf("sync %q: got %v, %v", id, none, err)
		}
	}
}

// endIsTold: what goes wrong is counted over the runs of one provider, and each
// end is told of once, also that of a run that is started again.
func endIsTold(t *testing.T, r Record) {
	p, other := aProvider(), aRun(aProvider())
	failing := []domain.Step{{Name: domain.StepPricing, Outcome: domain.StepFailed, Started: noon, Ended: noon, Error: "no table\x00"}}
	end := func(one domain.Run, outcome domain.Outcome, steps []domain.Step) *domain.Event {
		t.Helper()
		r.begin(t, one)
		one = ended(one, outcome, hour(1))
		one.Steps = steps
		told, err := r.Runs.Finish(context.Background(), one)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := r.Runs.Finish(context.Background(), one); again != nil || err != nil {
			t.Errorf("a repeat is told of as %+v, %v", again, err)
		}
		return told
	}
	one := aRun(p)
	for n, want := range []domain.Severity{domain.SeverityWarning, domain.SeverityWarning, domain.SeverityCritical} {
		told := end(one, domain.OutcomeFailed, failing)
		if told == nil {
			t.Fatalf("failure %d is not told of", n+1)
		}
		payload, ok := told.Payload.(domain.SyncPayload)
		if !ok || told.Kind != domain.EventSyncFailed || told.Provider != p || payload.Severity != want || payload.InARow != n+1 {
			t.Errorf("failure %d is told of as %+v", n+1, told)
		}
		if n > 0 { // the first run is tried again, then another fails
			one = aRun(p)
		}
	}
	for what, one := range map[string]domain.Run{"another provider's quiet run": other, "the end of the row": aRun(p)} {
		if told := end(one, domain.OutcomeSuccess, nil); told == nil || told.Kind != domain.EventSyncFinished || told.Provider != one.Provider {
			t.Errorf("%s is told of as %+v", what, told)
		}
	}
}

func noRun(t *testing.T, r Record) {
	for _, id := range []string{uuid.NewString(), "nothing", "", "\x00"} {
		_, err := r.Runs.Run(context.Background(), id)
		fails(t, "run "+id, err, domain.KindNotFound)
	}
	_, err := r.Runs.Finish(context.Background(), ended(aRun(aProvider()), domain.OutcomeSuccess, hour(1)))
	fails(t, "finishing what never began", err, domain.KindNotFound)
}

func noIDs(t *testing.T, r Record) {
	one := aRun(aProvider())
	one.SyncID = "x"
	fails(t, "a sync id that is none", r.Runs.Begin(context.Background(), one), domain.KindInvalid)
	one = aRun(aProvider())
	r.begin(t, one)
	_, err := r.Runs.Finish(context.Background(), one)
	fails(t, "an end without an outcome", err, domain.KindInvalid)
}
