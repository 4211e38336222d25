package jobs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"ratecard/domain"
)

// recheckEvery is how often it is looked whether a change is held of which no
// other source was asked. Whoever holds one asks at once: this finds those of
// which that was lost, and asks again later.
const recheckEvery = time.Minute

// Rechecker asks other sources about held changes; *app.Recheck is one.
type Rechecker interface {
	// Due gives the providers whose other sources are to be asked.
	Due(ctx context.Context) ([]domain.ProviderID, error)
	// Run asks a provider's; see app.Recheck.
	Run(ctx context.Context, provider domain.Provider) error
}

// recheckArgs asks for the other sources of one provider to be asked.
type recheckArgs struct {
	Provider domain.ProviderID `json:"provider" river:"unique"`
}

// Kind names the job in River's tables.
func (recheckArgs) Kind() string { return "recheck" }

// InsertOpts makes the job unique per provider until it was done.
func (recheckArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 2, UniqueOpts: river.UniqueOpts{
		ByArgs: true,
		ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
			rivertype.JobStateRunning, rivertype.JobStateScheduled,
		},
	}}
}

type recheckWorker struct {
	river.WorkerDefaults[recheckArgs]
	recheck   Rechecker
	providers Providers
	timeout   time.Duration
}

// Timeout leaves what used up its own time-out the time to record so.
func (w *recheckWorker) Timeout(*river.Job[recheckArgs]) time.Duration {
	return w.timeout + 30*time.Second
}

// NextRetry comes well within the quarter of an hour.
func (w *recheckWorker) NextRetry(job *river.Job[recheckArgs]) time.Time {
	return job.AttemptedAt.Add(5 * time.Minute)
}

// Work asks a provider's other sources.
func (w *recheckWorker) Work(ctx context.Context, job *river.Job[recheckArgs]) error {
	provider, err := w.providers.Provider(ctx, job.Args.Provider)
	switch {
	case domain.KindOf(err) == domain.KindNotFound:
		return river.JobCancel(err)
	case err != nil || !provider.Enabled:
		return err
	}
	return w.recheck.Run(ctx, provider)
}

// enqueueRechecks asks for rechecks, from within a job.
func enqueueRechecks(ctx context.Context, providers []domain.ProviderID) error {
	if len(providers) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(providers))
	for i, p := range providers {
		params[i].Args = recheckArgs{Provider: p}
	}
	_, err := insertMany(ctx, river.ClientFromContext[pgx.Tx](ctx), params)
	return err
}

// recheckTickArgs asks whether anything is to be asked again.
type recheckTickArgs struct{}

// Kind names the job in River's tables.
func (recheckTickArgs) Kind() string { return "recheck-tick" }

// InsertOpts tries once: the next one comes in a minute.
func (recheckTickArgs) InsertOpts() river.InsertOpts { return once(1) }

type recheckTickWorker struct {
	river.WorkerDefaults[recheckTickArgs]
	recheck Rechecker
}

// Work asks for what is due.
func (w *recheckTickWorker) Work(ctx context.Context, _ *river.Job[recheckTickArgs]) error {
	due, err := w.recheck.Due(ctx)
	if err != nil {
		return err
	}
	return enqueueRechecks(ctx, due)
}
