package jobs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Chore is something to be done again and again, by one replica at a time.
type Chore struct {
	Name    string // names the job; never changes
	Every   time.Duration
	Timeout time.Duration
	Do      func(ctx context.Context, now time.Time) error
}

// choreArgs asks for one doing of a chore.
type choreArgs struct {
	Name string `json:"name" river:"unique"`
}

// Kind names the job in River's tables.
func (choreArgs) Kind() string { return "chore" }

// InsertOpts lets a chore wait or run once at a time, and be tried once: its
// next turn comes soon enough.
func (choreArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		MaxAttempts: 1,
		UniqueOpts: river.UniqueOpts{
			ByArgs: true,
			ByState: []rivertype.JobState{
				rivertype.JobStateAvailable, rivertype.JobStatePending,
				rivertype.JobStateRunning, rivertype.JobStateScheduled,
			},
		},
	}
}

// periodic has River's leader ask for each chore in its turn, and at the start.
func periodic(chores []Chore) []*river.PeriodicJob {
	jobs := make([]*river.PeriodicJob, len(chores))
	for i, c := range chores {
		jobs[i] = river.NewPeriodicJob(
			river.PeriodicInterval(c.Every),
			func() (river.JobArgs, *river.InsertOpts) { return choreArgs{Name: c.Name}, nil },
			&river.PeriodicJobOpts{RunOnStart: true},
		)
	}
	return jobs
}

// choreWorker does chores.
type choreWorker struct {
	river.WorkerDefaults[choreArgs]
	chores []Chore
	now    func() time.Time
}

func (w *choreWorker) find(name string) (Chore, bool) {
	i := slices.IndexFunc(w.chores, func(c Chore) bool { return c.Name == name })
	if i < 0 {
		return Chore{}, false
	}
	return w.chores[i], true
}

// Timeout is the chore's own.
func (w *choreWorker) Timeout(job *river.Job[choreArgs]) time.Duration {
	c, _ := w.find(job.Args.Name)
	return c.Timeout
}

// Work does a chore once. One that this release no longer knows is dropped.
func (w *choreWorker) Work(ctx context.Context, job *river.Job[choreArgs]) error {
	c, known := w.find(job.Args.Name)
	if !known {
		return river.JobCancel(fmt.Errorf("there is no chore %q", job.Args.Name))
	}
	return c.Do(ctx, w.now())
}
