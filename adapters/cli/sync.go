package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"ratecard/gen/oas"
)

// Sync asks the server to sync, waits for the end, and says how it went.
func (c Client) Sync(ctx context.Context, args []string) int {
	f := c.flags("sync", "[PROVIDER …] [flags]")
	detach := f.Bool("detach", false, "do not wait for the end")
	format := f.String("format", "table", "json or table")
	providers, err := parse(f, args)
	if err != nil {
		return misused(err)
	}
	server, err := c.connect()
	if err != nil {
		return c.failed(err)
	}
	started, err := startSync(ctx, server, providers)
	if err != nil {
		return c.failed(err)
	}
	if *detach {
		return c.print(*format, started, func() error {
			_, err := fmt.Fprintf(c.Stdout, "sync %s: %d runs queued\n", started.SyncID, len(started.Runs))
			return err
		})
	}
	runs, err := await(ctx, server, started)
	if err != nil {
		return c.failed(err)
	}
	sync := &oas.Sync{SyncID: started.SyncID, Done: true, Runs: runs}
	if status := c.print(*format, sync, func() error { return c.showRuns(runs) }); status != exitOK {
		return status
	}
	for _, run := range runs {
		if run.Outcome.Value == oas.RunOutcomeFailed {
			return exitFailed
		}
	}
	return exitOK
}

func startSync(ctx context.Context, server *oas.Client, providers []string) (*oas.SyncStarted, error) {
	var request oas.OptSyncRequest
	if len(providers) > 0 {
		request = oas.NewOptSyncRequest(oas.SyncRequest{Providers: providers})
	}
	return server.StartSync(ctx, request)
}

// pollEvery is how often a waiting command looks whether its runs have ended.
const pollEvery = 100 * time.Millisecond

// await looks at each run until it has ended.
func await(ctx context.Context, server *oas.Client, started *oas.SyncStarted) ([]oas.Run, error) {
	runs := make([]oas.Run, 0, len(started.Runs))
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for _, queued := range started.Runs {
		run, err := awaitRun(ctx, server, queued.RunID, tick.C)
		if err != nil {
			return nil, err
		}
		runs = append(runs, *run)
	}
	return runs, nil
}

func awaitRun(ctx context.Context, server *oas.Client, id uuid.UUID, tick <-chan time.Time) (*oas.Run, error) {
	for {
		run, err := server.GetRun(ctx, oas.GetRunParams{RunID: id})
		if err != nil {
			return nil, err
		}
		if !run.EndedAt.Null {
			return run, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick:
		}
	}
}

func (c Client) showRuns(runs []oas.Run) error {
	for _, run := range runs {
		fmt.Fprintf(c.Stdout, "%s: %s (%d models listed, %d new, %d changed, %d deprecated; %d prices changed)\n",
			run.Provider, run.Outcome.Value, run.ModelsDiscovered, run.ModelsAdded, run.ModelsUpdated, run.ModelsDeprecated, run.PricingUpdated)
		for _, step := range run.Steps {
			said := step.Detail
			if !step.Error.Null {
				said = step.Error.Value
			}
			fmt.Fprintf(c.Stdout, "  %-10s %-7s %s\n", step.Name, step.Outcome, said)
		}
		for _, read := range run.Reads {
			if !read.PageID.Null {
				fmt.Fprintf(c.Stdout, "  %s came as page %d\n", read.Source, read.PageID.Value)
			}
		}
	}
	return nil
}
