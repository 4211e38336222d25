package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ratecard/adapters/postgres"
	"ratecard/domain"
)

// TestProperty16_AFullSyncAsksEveryProvider: its API and one of its pages, once
// each, and the runs are those of one sync.
func TestProperty16_AFullSyncAsksEveryProvider(t *testing.T) {
	r := newRunning(t, time.Minute)
	runs := r.done(t, r.startSync(t))
	asked := map[string]int{}
	for _, request := range r.site.Requests() {
		provider, path, _ := strings.Cut(strings.TrimPrefix(request.Path, "/"), "/")
		kind, _, _ := strings.Cut(path, "/")
		asked[provider+" "+kind]++
	}
	var want []domain.ProviderID
	for _, id := range r.world.enabled() {
		want = append(want, id)
		if asked[string(id)+" api"] == 0 {
			t.Errorf("%s was not asked: %v", id, asked)
		}
	}
	slices.Sort(want)
	var got []domain.ProviderID
	for _, run := range runs {
		got = append(got, run.Provider)
		if run.Outcome != domain.OutcomeSuccess {
			t.Errorf("%s: %+v", run.Provider, run.Steps)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the sync has runs of %v, want %v", got, want)
	}
}

// TestSilentProviderHoldsUpNobody: one that takes requests and never answers
// ends at the time-out with steps that say so, which is on record; what its
// page says is not lost when it is the API alone; the others are done by then.
func TestSilentProviderHoldsUpNobody(t *testing.T) {
	const timeout = 3 * time.Second
	for name, silent := range map[string]string{"everything of it": "/openai/", "its API": "/openai/api/"} {
		t.Run(name, func(t *testing.T) {
			r := newRunning(t, timeout)
			answer := answers(func(_ http.ResponseWriter, req *http.Request) bool {
				if !strings.HasPrefix(req.URL.Path, silent) {
					return false
				}
				<-req.Context().Done()
				return true
			})
			r.ahead.Store(&answer)
			for _, run := range r.done(t, r.startSync(t)) {
				if run.Provider != "openai" {
					if run.Outcome != domain.OutcomeSuccess || run.Ended.Sub(run.Started) > timeout {
						t.Errorf("%s: %s after %s", run.Provider, run.Outcome, run.Ended.Sub(run.Started))
					}
					continue
				}
				if took := run.Ended.Sub(run.Started); took < timeout || took > timeout+20*time.Second {
					t.Errorf("it took %s", took)
				}
				for _, name := range []domain.StepName{domain.StepDiscovery, domain.StepPricing} {
					if s := step(t, run, name); s.Outcome != domain.StepFailed || !strings.Contains(s.Error, "time-out of 3s was up") {
						t.Errorf("%s: %s %q", name, s.Outcome, s.Error)
					}
				}
				if s := step(t, run, domain.StepStorage); s.Outcome != domain.StepDone || run.Outcome != domain.OutcomeFailed {
					t.Errorf("%s: %+v", run.Outcome, s)
				}
			}
		})
	}
}

// TestWhatCameBeforeTheTimeOutIsStored: models that were listed stay, though
// the page never came.
func TestWhatCameBeforeTheTimeOutIsStored(t *testing.T) {
	r := newRunning(t, 2*time.Second)
	answer := answers(func(_ http.ResponseWriter, req *http.Request) bool {
		if !strings.HasPrefix(req.URL.Path, "/anthropic/pages/") {
			return false
		}
		<-req.Context().Done()
		return true
	})
	r.ahead.Store(&answer)
	run := r.done(t, r.startSync(t, "anthropic"))[0]
	if run.Outcome != domain.OutcomePartial || run.Counts.ModelsAdded == 0 || r.count(t, "models") != run.Counts.ModelsAdded {
		t.Errorf("%s, %+v: %+v", run.Outcome, run.Counts, run.Steps)
	}
}

// TestSyncStatusHasEveryField that was promised of it, with what they say.
func TestSyncStatusHasEveryField(t *testing.T) {
	r := newRunning(t, time.Minute)
	status := func() (all map[string]any) {
		r.ask(t, http.MethodGet, "/api/sync/status", "", &all)
		return all
	}
	before := status()
	for name, want := range map[string]any{"lastSync": nil, "nextSync": nil, "status": "idle", "lastResult": nil} {
		if got, there := before[name]; !there || got != want {
			t.Errorf("before any sync %s is %v", name, got)
		}
	}
	r.site.SetDay(3) // Google takes no key
	runs := r.done(t, r.startSync(t))
	next := domain.Instant(r.world.now().Add(time.Hour)).UTC()
	if err := postgres.NewSchedule(r.store).Next(t.Context(), r.world.enabled(), next); err != nil {
		t.Fatal(err)
	}
	var last time.Time
	var counts domain.Counts
	for _, run := range runs {
		counts.ModelsDiscovered += run.Counts.ModelsDiscovered
		counts.ModelsUpdated += run.Counts.ModelsAdded + run.Counts.ModelsUpdated
		counts.ModelsDeprecated += run.Counts.ModelsDeprecated
		counts.PricingUpdated += run.Counts.PricingUpdated
		if run.Outcome == domain.OutcomeSuccess && run.Ended.After(last) {
			last = run.Ended
		}
	}
	after := status()
	for name, want := range map[string]any{"lastSync": instant(last), "nextSync": instant(next), "status": "idle"} {
		if after[name] != want {
			t.Errorf("%s is %v, want %v", name, after[name], want)
		}
	}
	result, _ := after["lastResult"].(map[string]any)
	for name, want := range map[string]any{
		"success": false, "modelsDiscovered": float64(counts.ModelsDiscovered), "modelsUpdated": float64(counts.ModelsUpdated),
		"modelsDeprecated": float64(counts.ModelsDeprecated), "pricingUpdated": float64(counts.PricingUpdated),
	} {
		if result[name] != want {
			t.Errorf("lastResult.%s is %v, want %v", name, result[name], want)
		}
	}
	if at, ok := result["timestamp"].(string); !ok || at < instant(last) {
		t.Errorf("lastResult.timestamp is %v", result["timestamp"])
	}
	wrong := map[string]string{}
	for _, e := range result["errors"].([]any) {
		e := e.(map[string]any)
		if keys := slices.Sorted(maps.Keys(e)); !slices.Equal(keys, []string{"error", "provider", "stage"}) || e["error"] == "" {
			t.Errorf("an error is %v", e)
		}
		wrong[e["provider"].(string)] = e["stage"].(string)
	}
	if want := map[string]string{"google": "discovery", "openai": "pricing"}; !maps.Equal(wrong, want) {
		t.Errorf("errors of %v, want %v", wrong, want)
	}
}

func instant(t time.Time) string {
	text, err := json.Marshal(t.UTC())
	if err != nil {
		panic(err)
	}
	return strings.Trim(string(text), `"`)
}

// BenchmarkDemoSync times a full sync of the demo's providers through the
// queue, from the request for it until every run has ended: the first one, and
// one that finds everything as it was.
func BenchmarkDemoSync(b *testing.B) {
	b.Run("first", func(b *testing.B) {
		for range b.N {
			b.StopTimer()
			r := newRunning(b, time.Minute)
			b.StartTimer()
			r.done(b, r.startSync(b))
		}
	})
	b.Run("unchanged", func(b *testing.B) {
		r := newRunning(b, time.Minute)
		r.done(b, r.startSync(b))
		for b.Loop() {
			r.done(b, r.startSync(b))
		}
	})
}
