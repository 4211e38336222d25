package jobs

import (
	"fmt"
	"log/slog"
	"net/http"

	"riverqueue.com/riverui"
)

// Console gives River's own pages about the jobs, to be served below a path. It
// asks nobody who they are: whoever serves it has to. It answers in full after
// Start.
func (q *Queue) Console(path string, log *slog.Logger) (http.Handler, error) {
	console, err := riverui.NewHandler(&riverui.HandlerOpts{
		Endpoints: riverui.NewEndpoints(q.client, nil),
		Logger:    log,
		Prefix:    path,
	})
	if err != nil {
		return nil, fmt.Errorf("the pages about background jobs: %w", err)
	}
	q.console = console
	return console, nil
}
