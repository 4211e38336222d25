package app

import (
	"context"

	"ratecard/domain"
	"ratecard/ports"
)

// RequestSync asks for one run per provider in the background and records
// those that wait, so that whoever asks about the sync sees every run of it
// from the beginning. syncID is a new UUID of the caller's. A provider whose
// run waits or is being done keeps that one: its own ids are given.
func RequestSync(ctx context.Context, queue ports.Queue, runs ports.Runs, syncID string, trigger domain.Trigger, providers []domain.ProviderID) ([]ports.QueuedRun, error) {
	queued, err := queue.Enqueue(ctx, syncID, trigger, providers)
	if err != nil {
		return nil, err
	}
	for _, q := range queued {
		waiting := domain.Run{ID: q.RunID, SyncID: q.SyncID, Provider: q.Provider, Trigger: trigger}
		if err := runs.Begin(ctx, waiting); err != nil {
			return nil, err
		}
	}
	return queued, nil
}
