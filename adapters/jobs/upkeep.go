package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/ports"
)

// upkeepQueue is apart from that of the syncs, so that nothing waits for a
// provider that is slow.
const upkeepQueue = "upkeep"

// parallelUpkeep is how much of it one replica does at once: each kind in its
// turn, so that what is due each minute never waits for what takes an hour.
const parallelUpkeep = 4

// How often upkeep is done, and once at the start: the clock of periodic jobs
// begins anew with every leader.
const (
	announceEvery = time.Minute
	retainEvery   = 24 * time.Hour
)

// upkeep are the jobs that the clock starts. The leader of the replicas alone
// asks for them.
func upkeep() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		every(tickEvery, tickArgs{}), every(lookEvery, lookArgs{}),
		every(recheckEvery, recheckTickArgs{}), every(announceEvery, announceArgs{}), every(retainEvery, retainArgs{}),
	}
}

func every(interval time.Duration, args river.JobArgs) *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(interval),
		func() (river.JobArgs, *river.InsertOpts) { return args, nil },
		&river.PeriodicJobOpts{ID: args.Kind(), RunOnStart: true})
}

// once makes a job unique until it was done.
func once(attempts int) river.InsertOpts {
	return river.InsertOpts{
		Queue: upkeepQueue, MaxAttempts: attempts,
		UniqueOpts: river.UniqueOpts{ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
			rivertype.JobStateRunning, rivertype.JobStateScheduled,
		}},
	}
}

// announceArgs asks to tell of the scheduled rates that have begun or ended.
type announceArgs struct{}

// Kind names the job in River's tables.
func (announceArgs) Kind() string { return "announce" }

// InsertOpts tries once: what could not be told is told a minute later.
func (announceArgs) InsertOpts() river.InsertOpts { return once(1) }

type announceWorker struct {
	river.WorkerDefaults[announceArgs]
	boundaries ports.Boundaries
	now        func() time.Time
	log        *slog.Logger
}

// Work tells of what has come by now.
func (w *announceWorker) Work(ctx context.Context, _ *river.Job[announceArgs]) error {
	told, err := w.boundaries.Announce(ctx, domain.Instant(w.now()))
	if told > 0 {
		w.log.InfoContext(ctx, "scheduled rates have come", "events", told)
	}
	return err
}

// retainArgs asks to delete what need not be kept.
type retainArgs struct{}

// Kind names the job in River's tables.
func (retainArgs) Kind() string { return "retain" }

// InsertOpts tries a few times: the next day is far.
func (retainArgs) InsertOpts() river.InsertOpts { return once(5) }

// Retainer deletes what need not be kept; *app.Retain is one.
type Retainer interface {
	// Run deletes what may go by now; see app.Retain.
	Run(ctx context.Context) (app.Forgotten, error)
}

type retainWorker struct {
	river.WorkerDefaults[retainArgs]
	retain Retainer
	log    *slog.Logger
}

// Timeout is long: the first time there may be years to delete, in portions.
func (w *retainWorker) Timeout(*river.Job[retainArgs]) time.Duration { return time.Hour }

// Work deletes what may go by now.
func (w *retainWorker) Work(ctx context.Context, _ *river.Job[retainArgs]) error {
	gone, err := w.retain.Run(ctx)
	if gone != (app.Forgotten{}) {
		w.log.InfoContext(ctx, "deleted what need not be kept", "rates", gone.Rates, "superseded", gone.Superseded, "pages", gone.Pages)
	}
	return err
}
