package api

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"ratecard/domain"
	"ratecard/gen/oas"
	"ratecard/ports"
)

// A standing is a provider with how its syncs stand.
type standing struct {
	domain.Provider
	status domain.SyncStatus
}

// standings puts together every provider that is described, and those that were
// and are remembered, by id.
func standings(described []domain.Provider, statuses []domain.SyncStatus) []standing {
	byID := map[domain.ProviderID]domain.SyncStatus{}
	for _, s := range statuses {
		byID[s.Provider] = s
	}
	known := slices.Clone(described)
	for _, s := range statuses {
		if !slices.ContainsFunc(described, func(p domain.Provider) bool { return p.ID == s.Provider }) {
			known = append(known, domain.Provider{ID: s.Provider, Name: string(s.Provider)})
		}
	}
	slices.SortFunc(known, func(a, b domain.Provider) int { return cmp.Compare(a.ID, b.ID) })
	out := make([]standing, len(known))
	for i, p := range known {
		out[i] = standing{p, byID[p.ID]}
	}
	return out
}

// A judge says what is stale: by these settings, at this instant.
type judge struct {
	settings domain.Settings
	now      time.Time
}

func (j judge) syncStatus(described []domain.Provider, statuses []domain.SyncStatus) *oas.SyncStatus {
	return &oas.SyncStatus{
		LastSync:   timeOrNull(latestSync(statuses)),
		NextSync:   timeOrNull(earliestNext(statuses)),
		Status:     oas.SyncState(overallState(statuses)),
		LastResult: encodeResult(lastSyncRuns(statuses)),
		Providers:  encodeAll(standings(described, statuses), j.providerStatus),
	}
}

func (j judge) providerStatus(p standing) oas.ProviderStatus {
	var runs []domain.Run
	s := p.status
	if s.LastRun != nil && !s.LastRun.Ended.IsZero() {
		runs = []domain.Run{*s.LastRun}
	}
	return oas.ProviderStatus{
		Provider:    string(p.ID),
		Name:        cmp.Or(p.Name, string(p.ID)),
		Enabled:     p.Enabled,
		Status:      oas.SyncState(cmp.Or(s.State, domain.SyncIdle)),
		LastSync:    timeOrNull(s.LastSync),
		LastAttempt: timeOrNull(s.LastAttempt),
		NextSync:    timeOrNull(s.NextSync),
		LastResult:  encodeResult(runs),
		Sources:     encodeAll(s.Sources, j.sourceStatus),
	}
}

func (j judge) providerHealth(p standing) oas.ProviderHealth {
	s := p.status
	return oas.ProviderHealth{
		Provider:    string(p.ID),
		Name:        cmp.Or(p.Name, string(p.ID)),
		Enabled:     p.Enabled,
		Health:      oas.ProviderHealthHealth(domain.HealthOf(p.Enabled, s, j.settings, j.now)),
		Status:      oas.SyncState(cmp.Or(s.State, domain.SyncIdle)),
		LastSync:    timeOrNull(s.LastSync),
		LastAttempt: timeOrNull(s.LastAttempt),
		NextSync:    timeOrNull(s.NextSync),
		LastListing: timeOrNull(s.LastListing),
		RestsOn:     textOrNull(s.RestsOn()),
		StaleSince:  j.staleSince(s.LastGoodRead()),
		Models:      encodeAll(s.Models, encodeModelSource),
		Sources:     encodeAll(s.Sources, j.sourceStatus),
	}
}

func encodeModelSource(s domain.ModelSource) oas.ModelSource {
	return oas.ModelSource{Source: s.Source, Models: s.Models}
}

// staleSince is when what is stale by now was last read well; null: it is not
// stale.
func (j judge) staleSince(read time.Time) oas.NilDateTime {
	if !j.settings.Stale(read, j.now) {
		read = time.Time{}
	}
	return timeOrNull(read)
}

func (j judge) sourceStatus(s domain.SourceStatus) oas.SourceStatus {
	out := oas.SourceStatus{
		Source:       s.Source,
		LastGoodRead: timeOrNull(s.LastGoodRead),
		AgeSeconds:   oas.NilInt64{Null: true},
		Stale:        j.settings.Stale(s.LastGoodRead, j.now),
		StaleSince:   j.staleSince(s.LastGoodRead),
		LastAttempt:  timeOrNull(s.LastAttempt),
		LastError:    textOrNull(s.LastError),
	}
	if !s.LastGoodRead.IsZero() {
		out.AgeSeconds = oas.NewNilInt64(int64(j.now.Sub(s.LastGoodRead) / time.Second))
	}
	return out
}

// latestSync is when a provider was last synced with success.
func latestSync(standings []domain.SyncStatus) time.Time {
	var last time.Time
	for _, s := range standings {
		if s.LastSync.After(last) {
			last = s.LastSync
		}
	}
	return last
}

// earliestNext is when a provider is next to be synced.
func earliestNext(standings []domain.SyncStatus) time.Time {
	var next time.Time
	for _, s := range standings {
		if !s.NextSync.IsZero() && (next.IsZero() || s.NextSync.Before(next)) {
			next = s.NextSync
		}
	}
	return next
}

// overallState is running while one provider is, else failed where one is.
func overallState(standings []domain.SyncStatus) domain.SyncState {
	for _, state := range []domain.SyncState{domain.SyncRunning, domain.SyncFailed} {
		if slices.ContainsFunc(standings, func(s domain.SyncStatus) bool { return s.State == state }) {
			return state
		}
	}
	return domain.SyncIdle
}

// lastSyncRuns are the ended runs of the sync that ended last.
func lastSyncRuns(standings []domain.SyncStatus) []domain.Run {
	var last domain.Run
	var ended []domain.Run
	for _, s := range standings {
		if s.LastRun == nil || s.LastRun.Ended.IsZero() {
			continue
		}
		ended = append(ended, *s.LastRun)
		if s.LastRun.Ended.After(last.Ended) {
			last = *s.LastRun
		}
	}
	return slices.DeleteFunc(ended, func(r domain.Run) bool { return r.SyncID != last.SyncID })
}

// encodeResult adds up ended runs; none is null.
func encodeResult(runs []domain.Run) oas.NilSyncResult {
	if len(runs) == 0 {
		return oas.NilSyncResult{Null: true}
	}
	result := oas.SyncResult{Success: true, Errors: []oas.SyncError{}}
	for _, run := range runs {
		result.Success = result.Success && run.Outcome == domain.OutcomeSuccess
		if run.Ended.After(result.Timestamp) {
			result.Timestamp = run.Ended.UTC()
		}
		result.ModelsDiscovered += run.Counts.ModelsDiscovered
		result.ModelsUpdated += run.Counts.ModelsAdded + run.Counts.ModelsUpdated
		result.ModelsDeprecated += run.Counts.ModelsDeprecated
		result.PricingUpdated += run.Counts.PricingUpdated
		for _, step := range run.Steps {
			if step.Outcome == domain.StepFailed {
				result.Errors = append(result.Errors, oas.SyncError{
					Provider: string(run.Provider), Stage: oas.Stage(step.Name), Error: step.Error,
				})
			}
		}
	}
	return oas.NewNilSyncResult(result)
}

// encodeSyncStarted names, as the sync, the new one, unless every run that was
// asked for belongs to an earlier one.
func encodeSyncStarted(syncID uuid.UUID, queued []ports.QueuedRun) (*oas.SyncStarted, error) {
	runs, err := encodeEach(queued, encodeQueued)
	if err != nil {
		return nil, err
	}
	isNew := func(r oas.QueuedRun) bool { return r.SyncID == syncID }
	if len(runs) > 0 && !slices.ContainsFunc(runs, isNew) {
		syncID = runs[0].SyncID
	}
	return &oas.SyncStarted{SyncID: syncID, Runs: runs}, nil
}

func encodeQueued(q ports.QueuedRun) (oas.QueuedRun, error) {
	runID, syncID, err := parseIDs(q.RunID, q.SyncID)
	return oas.QueuedRun{Provider: string(q.Provider), RunID: runID, SyncID: syncID}, err
}

func parseIDs(run, sync string) (runID, syncID uuid.UUID, err error) {
	if runID, err = uuid.Parse(run); err != nil {
		return runID, syncID, fmt.Errorf("run id %q: %w", run, err)
	}
	if syncID, err = uuid.Parse(sync); err != nil {
		return runID, syncID, fmt.Errorf("sync id %q: %w", sync, err)
	}
	return runID, syncID, nil
}

func encodeSync(syncID uuid.UUID, runs []domain.Run) (*oas.Sync, error) {
	encoded, err := encodeEach(runs, encodeRun)
	if err != nil {
		return nil, err
	}
	running := func(r domain.Run) bool { return r.Ended.IsZero() }
	return &oas.Sync{SyncID: syncID, Done: !slices.ContainsFunc(runs, running), Runs: encoded}, nil
}

func encodeRun(r domain.Run) (oas.Run, error) {
	runID, syncID, err := parseIDs(r.ID, r.SyncID)
	out := oas.Run{
		RunID:            runID,
		SyncID:           syncID,
		Provider:         string(r.Provider),
		Trigger:          oas.RunTrigger(r.Trigger),
		StartedAt:        timeOrNull(r.Started),
		EndedAt:          timeOrNull(r.Ended),
		Outcome:          oas.NilRunOutcome{Null: true},
		Steps:            encodeAll(r.Steps, encodeStep),
		Reads:            encodeAll(r.Reads, encodeRead),
		ModelsDiscovered: r.Counts.ModelsDiscovered,
		ModelsAdded:      r.Counts.ModelsAdded,
		ModelsUpdated:    r.Counts.ModelsUpdated,
		ModelsDeprecated: r.Counts.ModelsDeprecated,
		PricingUpdated:   r.Counts.PricingUpdated,
		CatalogueVersion: intOrNull(r.Version),
	}
	if r.Outcome != "" {
		out.Outcome = oas.NewNilRunOutcome(oas.RunOutcome(r.Outcome))
	}
	return out, err
}

func encodeStep(s domain.Step) oas.Step {
	return oas.Step{
		Name:      oas.Stage(s.Name),
		Outcome:   oas.StepOutcome(s.Outcome),
		StartedAt: s.Started.UTC(),
		EndedAt:   timeOrNull(s.Ended),
		Detail:    s.Detail,
		Error:     textOrNull(s.Error),
	}
}

func encodeRead(r domain.SourceRead) oas.SourceRead {
	return oas.SourceRead{
		Source:        r.Source,
		At:            r.At.UTC(),
		Good:          r.Good,
		PageID:        intOrNull(r.PageID),
		Strategy:      r.Strategy,
		ConfigVersion: r.ConfigVersion,
		Quotes:        r.Quotes,
		Error:         textOrNull(r.Error),
	}
}
