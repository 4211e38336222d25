package api_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"ratecard/domain"
	"ratecard/gen/oas"
	"ratecard/ports"
)

func (w *world) startSync(body string) oas.SyncStarted {
	answer := w.do(exchange{method: "POST", path: "/api/admin/sync", key: w.admin, body: body})
	if answer.Code != http.StatusAccepted {
		panic(answer.Body.String())
	}
	var started oas.SyncStarted
	if err := started.UnmarshalJSON(answer.Body.Bytes()); err != nil {
		panic(err)
	}
	return started
}

func TestASyncIsOfEveryEnabledProviderOrOfThoseNamed(t *testing.T) {
	for body, want := range map[string][]domain.ProviderID{
		"":                         {"acme", "zenith"},
		"{}":                       {"acme", "zenith"},
		`{"providers":["zenith"]}`: {"zenith"},
	} {
		w := newWorld(t)
		started := w.startSync(body)
		if !slices.Equal(w.queue.asked, want) || len(started.Runs) != len(want) {
			t.Errorf("%q: asked for %v, answered %+v", body, w.queue.asked, started)
		}
		told := w.catalogue.events[len(w.catalogue.events)-1]
		if asked := told.Payload.(domain.SyncRequestedPayload); told.Kind != domain.EventSyncRequested || asked.SyncID != started.SyncID.String() || !slices.Equal(asked.Providers, want) || asked.By == "" {
			t.Errorf("%q: told of as %+v", body, told)
		}
		for _, run := range started.Runs {
			if run.SyncID != started.SyncID || run.RunID == uuid.Nil {
				t.Errorf("%q: %+v", body, run)
			}
		}
	}
}

func TestASyncThatIsUnderWayIsNamed(t *testing.T) {
	earlier := ports.QueuedRun{Provider: "acme", RunID: uuid.NewString(), SyncID: uuid.NewString()}
	w := newWorld(t)
	w.queue.busy["acme"] = earlier
	if both := w.startSync(""); both.SyncID.String() == earlier.SyncID || both.Runs[0].SyncID.String() != earlier.SyncID || both.Runs[1].SyncID != both.SyncID {
		t.Errorf("with another provider: %+v", both)
	}
	if alone := w.startSync(`{"providers":["acme"]}`); alone.SyncID.String() != earlier.SyncID || alone.Runs[0].RunID.String() != earlier.RunID {
		t.Errorf("alone: %+v", alone)
	}
}

func TestNothingToSync(t *testing.T) {
	w := newWorld(t, func(w *world) { w.config.Providers = providersOf(domain.Provider{ID: "asleep"}) })
	answer := w.do(exchange{method: "POST", path: "/api/admin/sync", key: w.admin})
	if p := problemOf(t, answer); p.Kind != "conflict" {
		t.Errorf("%+v", p)
	}
}

// The standing of all is put together from the standing of each.
func TestTheStandingOfAll(t *testing.T) {
	sync, before := uuid.NewString(), uuid.NewString()
	ended := func(p domain.ProviderID, syncID string, at time.Time, o domain.Outcome, n int, failed ...domain.StepName) *domain.Run {
		run := &domain.Run{ID: uuid.NewString(), SyncID: syncID, Provider: p, Started: at.Add(-time.Minute), Ended: at, Outcome: o,
			Counts: domain.Counts{ModelsDiscovered: n, ModelsAdded: n, ModelsUpdated: n, ModelsDeprecated: n, PricingUpdated: n}}
		for _, step := range failed {
			run.Steps = append(run.Steps, domain.Step{Name: step, Outcome: domain.StepFailed, Error: "no"})
		}
		return run
	}
	hour := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
	acme := domain.SyncStatus{Provider: "acme", State: domain.SyncIdle, LastSync: hour(-1), LastAttempt: hour(-1), NextSync: hour(5),
		LastRun: ended("acme", sync, hour(-1), domain.OutcomeSuccess, 3)}
	zenith := domain.SyncStatus{Provider: "zenith", State: domain.SyncIdle, LastSync: hour(-9), LastAttempt: hour(-2), NextSync: hour(4),
		LastRun: ended("zenith", sync, hour(-2), domain.OutcomePartial, 1, domain.StepDiscovery)}
	gone := domain.SyncStatus{Provider: "gone", State: domain.SyncIdle, LastSync: hour(-50), LastRun: ended("gone", before, hour(-50), domain.OutcomeSuccess, 7)}

	w := newWorld(t)
	w.runs.standings = []domain.SyncStatus{acme, gone, zenith}
	got := decode[oas.SyncStatus](t, w.get("/api/sync/status"))
	if got.Status != "idle" || !got.LastSync.Value.Equal(hour(-1)) || !got.NextSync.Value.Equal(hour(4)) {
		t.Errorf("%+v", got)
	}
	result := got.LastResult.Value
	if result.Success || !result.Timestamp.Equal(hour(-1)) || result.ModelsDiscovered != 4 || result.ModelsUpdated != 8 || result.ModelsDeprecated != 4 || result.PricingUpdated != 4 {
		t.Errorf("%+v", result)
	}
	if want := []oas.SyncError{{Provider: "zenith", Stage: "discovery", Error: "no"}}; !slices.Equal(result.Errors, want) {
		t.Errorf("errors %+v", result.Errors)
	}
	var names []string
	for _, p := range got.Providers {
		names = append(names, p.Provider)
	}
	if want := []string{"acme", "asleep", "gone", "zenith"}; !slices.Equal(names, want) {
		t.Errorf("providers %v", names)
	}
	if asleep := got.Providers[1]; asleep.Enabled || asleep.Status != "idle" || !asleep.LastResult.Null || asleep.Sources == nil {
		t.Errorf("%+v", asleep)
	}

	for state, others := range map[domain.SyncState]domain.SyncState{domain.SyncRunning: domain.SyncFailed, domain.SyncFailed: domain.SyncIdle} {
		acme.State, zenith.State = others, state
		w.runs.standings = []domain.SyncStatus{acme, zenith}
		if got := decode[oas.SyncStatus](t, w.get("/api/sync/status")); string(got.Status) != string(state) {
			t.Errorf("%s beside %s is %s", state, others, got.Status)
		}
	}
}

func TestNeverSynced(t *testing.T) {
	w := newWorld(t)
	got := decode[oas.SyncStatus](t, w.get("/api/sync/status"))
	if got.Status != "idle" || !got.LastSync.Null || !got.NextSync.Null || !got.LastResult.Null || len(got.Providers) != 3 {
		t.Errorf("%+v", got)
	}
}
