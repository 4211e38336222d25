package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"riverqueue.com/riverui"

	"ratecard/domain"
	"ratecard/ports"
)

// Schema is the database schema that holds River's own tables.
const Schema = "river"

// parallelRuns is how many providers one replica syncs at once. A run mostly
// waits for other people's servers.
const parallelRuns = 8

// Config is what the queue needs.
type Config struct {
	Pool       *pgxpool.Pool
	Sync       Syncer
	Recheck    Rechecker
	Boundaries ports.Boundaries
	Retain     Retainer
	Runs       ports.Runs
	Providers  Providers
	Timeout    time.Duration // of one run
	Quietly    func(func())  // does work and gives way to others meanwhile; nil: like any other
	Schedule   Scheduler
	Look       Looker
	Alert      Alerter // nil: nobody is to be told of anything
	Now        func() time.Time
	Log        *slog.Logger
}

// Queue takes and does background work. It is a ports.Queue.
type Queue struct {
	client  *river.Client[pgx.Tx]
	runs    ports.Runs
	console *riverui.Handler // nil: not asked for
	closing context.CancelFunc
}

var _ ports.Queue = (*Queue)(nil)

// New makes a Queue that takes work; Start makes it do work too.
func New(c Config) (*Queue, error) {
	q := &Queue{runs: c.Runs}
	if c.Quietly == nil {
		c.Quietly = func(work func()) { work() }
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &syncWorker{sync: c.Sync, providers: c.Providers, timeout: c.Timeout, quietly: c.Quietly})
	river.AddWorker(workers, &announceWorker{boundaries: c.Boundaries, now: c.Now, log: c.Log})
	river.AddWorker(workers, &retainWorker{retain: c.Retain, log: c.Log})
	river.AddWorker(workers, &tickWorker{schedule: c.Schedule, queue: q, now: c.Now})
	river.AddWorker(workers, &recheckWorker{recheck: c.Recheck, providers: c.Providers, timeout: c.Timeout})
	river.AddWorker(workers, &recheckTickWorker{recheck: c.Recheck})
	river.AddWorker(workers, &lookWorker{look: c.Look, queue: q})
	periodic := upkeep()
	if c.Alert != nil {
		river.AddWorker(workers, &alertWorker{alert: c.Alert, log: c.Log})
		periodic = append(periodic, every(alertEvery, alertArgs{}))
	}
	var err error
	q.client, err = river.NewClient(riverpgxv5.New(c.Pool), &river.Config{
		Schema:          Schema,
		Logger:          c.Log,
		Queues:          map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: parallelRuns}, upkeepQueue: {MaxWorkers: parallelUpkeep}},
		Workers:         workers,
		PeriodicJobs:    periodic,
		SoftStopTimeout: c.Timeout,
		// River tells its workers of new jobs once within this time; of those
		// that come after they hear a second later. Whoever waits for a turn
		// asks again and again, and the last time is the one that counts.
		FetchCooldown: tickOff / 2,
	})
	if err != nil {
		return nil, fmt.Errorf("background jobs: %w", err)
	}
	return q, nil
}

// Start begins to do work, until Stop.
func (q *Queue) Start(ctx context.Context) error {
	if err := q.client.Start(ctx); err != nil || q.console == nil {
		return err
	}
	ctx, q.closing = context.WithCancel(ctx)
	return q.console.Start(ctx)
}

// Stop takes no new work and waits for what is being done; when ctx ends first,
// what is being done is cancelled (a run may be interrupted anywhere).
func (q *Queue) Stop(ctx context.Context) error {
	if q.closing != nil {
		q.closing()
	}
	if err := q.client.Stop(ctx); err == nil || ctx.Err() == nil {
		return err
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return q.client.StopAndCancel(last)
}

// Enqueue asks for one run per provider. A run that has ended may leave its
// job running for a moment, until River has ticked it off: such a job stands
// for nothing any more, and the provider's turn is waited for.
func (q *Queue) Enqueue(ctx context.Context, syncID string, trigger domain.Trigger, providers []domain.ProviderID) ([]ports.QueuedRun, error) {
	runs := make([]ports.QueuedRun, 0, len(providers))
	for waiting := providers; ; {
		queued, err := q.insert(ctx, syncID, trigger, waiting)
		if err != nil {
			return nil, err
		}
		waiting = nil
		for _, run := range queued {
			over := false
			if run.earlier { // a new one may be over by now, and is what was asked for
				if over, err = q.over(ctx, run.QueuedRun); err != nil {
					return nil, err
				}
			}
			if over {
				waiting = append(waiting, run.Provider)
			} else {
				runs = append(runs, run.QueuedRun)
			}
		}
		if len(waiting) == 0 {
			return runs, nil
		}
		select {
		case <-ctx.Done():
			return nil, domain.Wrap(domain.KindUnavailable, ctx.Err(), "an earlier sync is still being put away; try again")
		case <-time.After(tickOff):
		}
	}
}

// tickOff is about how long River takes to tick off a job that was done.
const tickOff = 20 * time.Millisecond

// over reports whether a run has ended already. One that was never begun waits.
func (q *Queue) over(ctx context.Context, run ports.QueuedRun) (bool, error) {
	was, err := q.runs.Run(ctx, run.RunID)
	if domain.KindOf(err) == domain.KindNotFound {
		return false, nil
	}
	return !was.Ended.IsZero(), err
}

// inserted is the run of a job that is there now.
type inserted struct {
	ports.QueuedRun
	earlier bool // somebody else has asked for it
}

// insert asks River for a job per provider and gives the jobs that are there
// now.
func (q *Queue) insert(ctx context.Context, syncID string, trigger domain.Trigger, providers []domain.ProviderID) ([]inserted, error) {
	params := make([]river.InsertManyParams, len(providers))
	for i, provider := range providers {
		params[i].Args = syncArgs{Provider: provider, RunID: uuid.NewString(), SyncID: syncID, Trigger: trigger}
	}
	results, err := insertMany(ctx, q.client, params)
	if err != nil {
		return nil, domain.Wrap(domain.KindUnavailable, err, "the sync could not be queued")
	}
	runs := make([]inserted, len(results))
	for i, result := range results {
		var args syncArgs
		if err := json.Unmarshal(result.Job.EncodedArgs, &args); err != nil {
			return nil, fmt.Errorf("job %d: %w", result.Job.ID, err)
		}
		runs[i] = inserted{
			QueuedRun: ports.QueuedRun{Provider: args.Provider, RunID: args.RunID, SyncID: args.SyncID}, earlier: result.UniqueSkippedAsDuplicate,
		}
	}
	return runs, nil
}
