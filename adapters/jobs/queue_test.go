package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"ratecard/adapters/jobs"
	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/ports"
)

// TestEnqueueOutlivesADeadlock: River ticks off jobs many at a time and in an
// order of its own, just when somebody asks for the same providers; the
// database ends one of the two. Whoever asked does not hear of it.
func TestEnqueueOutlivesADeadlock(t *testing.T) {
	store := open(t)
	queue, err := jobs.New(jobs.Config{
		Pool: store.Pool(), Runs: postgres.NewRuns(store), Timeout: time.Second, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	enqueue := func() ([]ports.QueuedRun, error) {
		return queue.Enqueue(t.Context(), "s", domain.TriggerManual, []domain.ProviderID{"a", "b"})
	}
	first, err := enqueue()
	if err != nil {
		t.Fatal(err)
	}
	for range 10 { // the database may end the other one, were this one slow
		var (
			again  []ports.QueuedRun
			failed error
		)
		done := make(chan struct{})
		err := crossed(t.Context(), store.Pool(), func() {
			defer close(done)
			again, failed = enqueue()
		})
		<-done
		if failed != nil {
			t.Fatal(failed)
		}
		if !slices.Equal(again, first) {
			t.Errorf("got %+v; want the runs that wait already, %+v", again, first)
		}
		var ended *pgconn.PgError
		switch {
		case err == nil:
			return
		case !errors.As(err, &ended) || ended.Code != "40P01":
			t.Fatal(err)
		}
	}
	t.Fatal("enqueuing was never the one that was ended")
}

// crossed locks the job of b and then that of a, while work locks them the
// other way around. It gives the error of who was ended if it was not work.
func crossed(ctx context.Context, pool *pgxpool.Pool, work func()) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		err := lockJob(ctx, tx, "b")
		go work()
		for waits := false; err == nil && !waits; {
			err = pool.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')").Scan(&waits)
		}
		if err != nil {
			return err
		}
		free, err := pool.Exec(ctx, jobOf+" FOR UPDATE SKIP LOCKED", "a")
		switch {
		case err != nil:
			return err
		case free.RowsAffected() > 0:
			return errors.New("what waits for the job of b has not locked that of a")
		}
		return lockJob(ctx, tx, "a")
	})
}

const jobOf = "SELECT FROM " + jobs.Schema + ".river_job WHERE args->>'provider' = $1"

func lockJob(ctx context.Context, tx pgx.Tx, provider domain.ProviderID) error {
	_, err := tx.Exec(ctx, jobOf+" FOR UPDATE", string(provider))
	return err
}
