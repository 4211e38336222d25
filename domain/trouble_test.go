package domain_test

import (
	"testing"

	"pgregory.net/rapid"

	"ratecard/domain"
)

// TestProperty18_TroublesInARow compares the counting with a look back over
// the whole history of runs.
func TestProperty18_TroublesInARow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var history []domain.Run
		var before domain.Troubles
		for range rapid.IntRange(1, 12).Draw(t, "runs") {
			run := aRun(t)
			history = append(history, run)
			event := domain.Ending(run, before)
			before = before.After(run)

			failed := lookBack(history, func(r domain.Run) bool { return r.Outcome == domain.OutcomeFailed })
			row := failed
			for _, step := range []domain.StepName{domain.StepDiscovery, domain.StepPricing, domain.StepStorage} {
				row = max(row, lookBack(history, func(r domain.Run) bool { return failedIn(r, step) }))
			}
			want := domain.Severity("")
			switch {
			case row >= 3:
				want = domain.SeverityCritical
			case failed > 0:
				want = domain.SeverityWarning
			}
			payload := event.Payload.(domain.SyncPayload)
			if payload.Severity != want || payload.InARow != row || (event.Kind == domain.EventSyncFailed) != (want != "") {
				t.Fatalf("%s %+v, want %q with %d in a row, after %+v", event.Kind, payload, want, row, history)
			}
		}
	})
}

// aRun is one that ended in any way.
func aRun(t *rapid.T) domain.Run {
	run := domain.Run{ID: "run", Outcome: domain.OutcomeSuccess}
	for _, name := range []domain.StepName{domain.StepDiscovery, domain.StepPricing, domain.StepStorage} {
		step := domain.Step{Name: name, Outcome: rapid.SampledFrom([]domain.StepOutcome{domain.StepDone, domain.StepFailed}).Draw(t, "step")}
		if step.Outcome == domain.StepFailed {
			step.Error = "no"
			run.Outcome = domain.OutcomePartial
		}
		run.Steps = append(run.Steps, step)
	}
	if failedIn(run, domain.StepStorage) || failedIn(run, domain.StepDiscovery) && failedIn(run, domain.StepPricing) {
		run.Outcome = domain.OutcomeFailed
	}
	return run
}

func failedIn(run domain.Run, name domain.StepName) bool {
	for _, step := range run.Steps {
		if step.Name == name && step.Outcome == domain.StepFailed {
			return true
		}
	}
	return false
}

// lookBack counts the last runs for which something holds.
func lookBack(history []domain.Run, is func(domain.Run) bool) (n int) {
	for i := len(history) - 1; i >= 0 && is(history[i]); i-- {
		n++
	}
	return n
}
