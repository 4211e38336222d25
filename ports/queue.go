package ports

import (
	"context"

	"ratecard/domain"
)

// QueuedRun is a run that will be, or is being, done.
type QueuedRun struct {
	Provider domain.ProviderID
	RunID    string
	SyncID   string
}

// Queue takes syncs to be done in the background.
type Queue interface {
	// Enqueue asks for one run per provider. Where a run of a provider waits or
	// is being done already, that one is given instead of a second.
	Enqueue(ctx context.Context, syncID string, trigger domain.Trigger, providers []domain.ProviderID) ([]QueuedRun, error)
}
