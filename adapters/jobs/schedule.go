package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"ratecard/domain"
	"ratecard/ports"
)

// How often it is asked who is due, and whether pages have moved. River's own
// periodic jobs do not survive a restart; when providers are due stands in the
// store instead, and a look each minute loses no night.
const (
	tickEvery = time.Minute
	lookEvery = time.Hour
)

// Scheduler has the providers synced that are due; *app.Scheduler is one.
type Scheduler interface {
	// Tick starts what is due at now; see app.Scheduler.
	Tick(ctx context.Context, queue ports.Queue, now time.Time) error
}

// Looker has the providers synced whose pages have moved; *app.Looker is one.
type Looker interface {
	// Look asks the pages; see app.Looker.
	Look(ctx context.Context, queue ports.Queue) error
}

// tickArgs asks who is due.
type tickArgs struct{}

// Kind names the job in River's tables.
func (tickArgs) Kind() string { return "tick" }

// InsertOpts tries once: what is due is due still a minute later.
func (tickArgs) InsertOpts() river.InsertOpts { return once(1) }

type tickWorker struct {
	river.WorkerDefaults[tickArgs]
	schedule Scheduler
	queue    *Queue
	now      func() time.Time
}

// Work starts what is due.
func (w *tickWorker) Work(ctx context.Context, _ *river.Job[tickArgs]) error {
	return w.schedule.Tick(ctx, w.queue, domain.Instant(w.now()))
}

// lookArgs asks whether pages have moved.
type lookArgs struct{}

// Kind names the job in River's tables.
func (lookArgs) Kind() string { return "look" }

// InsertOpts tries once: the next look is an hour away.
func (lookArgs) InsertOpts() river.InsertOpts { return once(1) }

type lookWorker struct {
	river.WorkerDefaults[lookArgs]
	look  Looker
	queue *Queue
}

// Timeout leaves every provider's page its tries.
func (w *lookWorker) Timeout(*river.Job[lookArgs]) time.Duration { return lookEvery / 2 }

// Work asks the pages.
func (w *lookWorker) Work(ctx context.Context, _ *river.Job[lookArgs]) error {
	return w.look.Look(ctx, w.queue)
}
