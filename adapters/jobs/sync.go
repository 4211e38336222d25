package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"ratecard/app"
	"ratecard/domain"
)

// syncArgs asks for one run of one provider. Only the provider makes a job
// unique: a second request while one waits or runs is that one.
type syncArgs struct {
	Provider domain.ProviderID `json:"provider" river:"unique"`
	RunID    string            `json:"runId"`
	SyncID   string            `json:"syncId"`
	Trigger  domain.Trigger    `json:"trigger"`
}

// Kind names the job in River's tables.
func (syncArgs) Kind() string { return "sync" }

// InsertOpts makes the job unique per provider while it waits or runs. A job
// that waits for its retry does not count: whoever asks now wants it now.
func (syncArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		MaxAttempts: 1 + len(retryAfter),
		UniqueOpts: river.UniqueOpts{
			ByArgs: true,
			ByState: []rivertype.JobState{
				rivertype.JobStateAvailable, rivertype.JobStatePending,
				rivertype.JobStateRunning, rivertype.JobStateScheduled,
			},
		},
	}
}

// retryAfter is how long a failed run waits before each retry (PROPERTIES 18).
// Retries within a run are the fetcher's.
var retryAfter = []time.Duration{5 * time.Minute, 30 * time.Minute}

// ErrFailedRun is what a job fails with whose run failed: River then does it
// again. The run itself says what went wrong.
var ErrFailedRun = errors.New("the run failed")

// Syncer does a run; *app.Sync is one.
type Syncer interface {
	// Run does one run; see app.Sync.
	Run(ctx context.Context, job app.SyncJob) (domain.Run, error)
}

// syncWorker does sync jobs.
type syncWorker struct {
	river.WorkerDefaults[syncArgs]
	sync      Syncer
	providers Providers
	timeout   time.Duration
	quietly   func(func())
}

// Providers knows who is synced; *app.Providers is one.
type Providers interface {
	// Provider gives one as it is in force now; KindNotFound where none of that id
	// is described.
	Provider(ctx context.Context, id domain.ProviderID) (domain.Provider, error)
}

// Timeout leaves a run that used up its own time-out the time to record so.
func (w *syncWorker) Timeout(*river.Job[syncArgs]) time.Duration { return w.timeout + 30*time.Second }

// NextRetry spaces the retries of a failed run.
func (w *syncWorker) NextRetry(job *river.Job[syncArgs]) time.Time {
	wait := retryAfter[min(max(job.Attempt, 1), len(retryAfter))-1]
	return job.AttemptedAt.Add(wait)
}

// Work does one run. A partial run is not done again: what failed in it is
// looked at when the next one is due.
func (w *syncWorker) Work(ctx context.Context, job *river.Job[syncArgs]) (err error) {
	w.quietly(func() { err = w.work(ctx, job) })
	return err
}

func (w *syncWorker) work(ctx context.Context, job *river.Job[syncArgs]) error {
	provider, err := w.providers.Provider(ctx, job.Args.Provider)
	switch {
	case domain.KindOf(err) == domain.KindNotFound:
		return river.JobCancel(err)
	case err != nil:
		return err
	}
	run, err := w.sync.Run(ctx, app.SyncJob{
		RunID: job.Args.RunID, SyncID: job.Args.SyncID, Provider: provider, Trigger: job.Args.Trigger,
	})
	if err != nil {
		return err
	}
	if run.Held > 0 {
		if err := enqueueRechecks(ctx, []domain.ProviderID{provider.ID}); err != nil {
			return err
		}
	}
	if run.Outcome != domain.OutcomeFailed {
		return nil
	}
	i := slices.IndexFunc(run.Steps, func(s domain.Step) bool { return s.Outcome == domain.StepFailed })
	failed := fmt.Errorf("%w: %s: %s", ErrFailedRun, run.Steps[i].Name, run.Steps[i].Error)
	if !run.ComeBack.IsZero() || !provider.Enabled {
		return river.JobCancel(failed) // the schedule brings it back when the provider will have us, or an administrator does
	}
	return failed
}
