package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
)

// alertEvery is how often people are told of what came up.
const alertEvery = time.Minute

// alertArgs asks to tell people of what somebody ought to look at.
type alertArgs struct{}

// Kind names the job in River's tables.
func (alertArgs) Kind() string { return "alert" }

// InsertOpts tries once: whom could not be told is told a minute later.
func (alertArgs) InsertOpts() river.InsertOpts { return once(1) }

// Alerter tells people of what somebody ought to look at; *app.Alert is one.
type Alerter interface {
	// Run tells each receiver of what came since; see app.Alert.
	Run(ctx context.Context) (sent int, err error)
}

type alertWorker struct {
	river.WorkerDefaults[alertArgs]
	alert Alerter
	log   *slog.Logger
}

// Work tells whoever was not told yet.
func (w *alertWorker) Work(ctx context.Context, _ *river.Job[alertArgs]) error {
	sent, err := w.alert.Run(ctx)
	if sent > 0 {
		w.log.InfoContext(ctx, "alerts were sent", "messages", sent)
	}
	if err != nil {
		w.log.WarnContext(ctx, "not everybody could be told of what came up; it is tried again in a minute", "error", err)
	}
	return err
}
