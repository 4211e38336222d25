package ports

import (
	"context"

	"ratecard/domain"
)

// Runs keeps the record of syncs.
type Runs interface {
	// Begin records that a run has started, or, with a zero Started, that it
	// waits to. A run that is there already is started again (a job may be
	// tried more than once); one that has started never waits again. Of every
	// start the event log tells in the same transaction, as domain.Beginning says;
	// a repeat changes and tells nothing.
	Begin(ctx context.Context, run domain.Run) error
	// Finish records how a run ended, with its steps and counts, moves the
	// provider's status, counts what went wrong in a row (domain.Troubles), and
	// tells of the end in the event log as domain.Ending says, all at once; it
	// gives that event, nil where it is a repeat. A repeat changes and tells nothing. The
	// catalogue version stays: what readers see of models and prices does.
	Finish(ctx context.Context, run domain.Run) (told *domain.Event, err error)
	// Run gives one run; KindNotFound where there is none.
	Run(ctx context.Context, id string) (domain.Run, error)
	// Sync gives the runs of one sync, by provider; none where there is none.
	Sync(ctx context.Context, syncID string) ([]domain.Run, error)
	// Status gives every known provider's standing, by provider.
	Status(ctx context.Context) ([]domain.SyncStatus, error)
}
