package domain

// Severity says how soon somebody ought to look.
type Severity string

// The severities. What has none is only worth knowing.
const (
	SeverityWarning  Severity = "warning"
	SeverityCritical Severity = "critical"
)

// criticalInARow is for how many runs in a row something may go wrong before
// it is critical (PROPERTIES 18).
const criticalInARow = 3

// Troubles counts what went wrong in a provider's runs, one after another.
// Each end of a run counts: one that is tried again counts each time.
type Troubles struct {
	Runs  int              `json:"runs,omitempty"`  // runs that failed
	Steps map[StepName]int `json:"steps,omitempty"` // runs in which the step failed, whatever their outcome
}

// After counts a run that has ended.
func (t Troubles) After(run Run) Troubles {
	next := Troubles{Steps: map[StepName]int{}}
	if run.Outcome == OutcomeFailed {
		next.Runs = t.Runs + 1
	}
	for _, step := range run.Steps {
		if step.Outcome == StepFailed {
			next.Steps[step.Name] = t.Steps[step.Name] + 1
		}
	}
	return next
}

// inARow is the longest of the rows.
func (t Troubles) inARow() int {
	longest := t.Runs
	for _, n := range t.Steps {
		longest = max(longest, n)
	}
	return longest
}

// severity of a run's end: a run that failed is a warning, a partial one waits
// for the next look, and what goes wrong again and again is critical.
func (t Troubles) severity() Severity {
	switch {
	case t.inARow() >= criticalInARow:
		return SeverityCritical
	case t.Runs > 0:
		return SeverityWarning
	}
	return ""
}

// Beginning is the event that tells of a run's start.
func Beginning(run Run) Event {
	return Event{
		At: run.Started, Kind: EventSyncStarted, Provider: run.Provider,
		Payload: SyncStartedPayload{RunID: run.ID, SyncID: run.SyncID, Trigger: run.Trigger},
	}
}

// Ending is the event that tells of a run's end.
func Ending(run Run, before Troubles) Event {
	after := before.After(run)
	payload := SyncPayload{
		RunID: run.ID, SyncID: run.SyncID, Trigger: run.Trigger, Outcome: run.Outcome,
		Severity: after.severity(), InARow: after.inARow(),
		ModelsDiscovered: run.Counts.ModelsDiscovered, ModelsUpdated: run.Counts.ModelsAdded + run.Counts.ModelsUpdated,
		ModelsDeprecated: run.Counts.ModelsDeprecated, PricingUpdated: run.Counts.PricingUpdated,
	}
	for _, step := range run.Steps {
		if step.Outcome == StepFailed {
			payload.Errors = append(payload.Errors, StageError{Stage: step.Name, Error: step.Error})
		}
	}
	event := Event{At: run.Ended, Kind: EventSyncFinished, Provider: run.Provider, Payload: payload}
	if payload.Severity != "" {
		event.Kind = EventSyncFailed
	}
	return event
}
