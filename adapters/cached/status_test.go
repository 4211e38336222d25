package cached_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"ratecard/adapters/cached"
	"ratecard/adapters/memory"
	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
	"ratecard/ports/porttest"
)

// watching is a watch that is told by the test whether the store is away.
type watching struct {
	since   time.Time
	doubted atomic.Int64
}

func (w *watching) Away() time.Time { return w.since }
func (w *watching) Doubt()          { w.doubted.Add(1) }

func TestRuns(t *testing.T) {
	porttest.Runs(t, func(tb testing.TB) porttest.Record {
		s := open(tb)
		runs := postgres.NewRuns(s)
		return porttest.Record{Runs: cached.NewRuns(runs, runs, &watching{}, newWorld(s, shared(tb)).config()), Pages: postgres.NewPages(s)}
	})
}

// counted is a record of which is counted how often it is read, and which can be
// taken away.
type counted struct {
	*postgres.Runs
	read atomic.Int64
	away atomic.Bool
}

func (c *counted) Status(ctx context.Context) ([]domain.SyncStatus, error) {
	c.read.Add(1)
	return c.Runs.Status(ctx)
}

func (c *counted) StatusMark(ctx context.Context) (string, error) {
	if c.away.Load() {
		return "", errAway
	}
	return c.Runs.StatusMark(ctx)
}

// TestStatusIsReadOncePerChange, by however many at once and on whichever replica,
// and after every change of whatever it is made of.
func TestStatusIsReadOncePerChange(t *testing.T) {
	store := open(t)
	w := newWorld(store, memory.NewCache())
	record := &counted{Runs: postgres.NewRuns(store)}
	replicas := []*cached.Runs{cached.NewRuns(record, record, &watching{}, w.config()), cached.NewRuns(record, record, &watching{}, w.config())}
	ask := func() []domain.SyncStatus {
		t.Helper()
		list, err := replicas[0].Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	run := domain.Run{ID: uuid.NewString(), SyncID: uuid.NewString(), Provider: "acme", Trigger: domain.TriggerManual, Started: noon}
	ended := run
	ended.Ended, ended.Outcome = noon.Add(time.Minute), domain.OutcomeSuccess
	ended.Reads = []domain.SourceRead{{Source: "page", At: noon, Good: true}}
	update := func(c ledger.Change) error {
		_, err := w.book.Update(t.Context(), "acme", func(ledger.State) (ledger.Change, error) { return c, nil })
		return err
	}
	for name, change := range map[string]func() error{
		"nothing": func() error { return nil },
		"a run": func() error {
			if err := record.Begin(t.Context(), run); err != nil {
				return err
			}
			if len(ask()) == 0 {
				t.Error("a run that has begun is not told of")
			}
			_, err := record.Finish(t.Context(), ended)
			return err
		},
		"the next sync": func() error {
			return postgres.NewSchedule(store).Next(t.Context(), []domain.ProviderID{"acme"}, noon.Add(time.Hour))
		},
		"a confirmed price": func() error {
			return update(ledger.Change{KnownAt: noon, Reads: []domain.SourceRead{{Source: "other", At: noon.Add(time.Hour), Good: true}}})
		},
		"a model": func() error {
			return update(ledger.Change{KnownAt: noon.Add(2 * time.Hour), Models: []domain.Model{{ModelKey: domain.ModelKey{Provider: "acme", ID: "m"}, Source: "api", Usability: domain.UsabilityAvailable}}})
		},
	} {
		if err := change(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		direct, err := record.Runs.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(direct, ask(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("after %s the status (-stored +answered):\n%s", name, diff)
		}
		before := record.read.Load()
		var asking sync.WaitGroup
		for i := range 50 {
			asking.Go(func() { _, _ = replicas[i%2].Status(t.Context()) })
		}
		asking.Wait()
		if read := record.read.Load() - before; read > 0 {
			t.Errorf("after %s it was read %d times again", name, read)
		}
	}
	w.cache.Keep(t.Context(), []ports.Copy{{Key: "sync:status", Value: []byte("lost"), For: time.Minute}})
	before := record.read.Load()
	began := make(chan struct{})
	var herd sync.WaitGroup
	for range 50 {
		herd.Go(func() { <-began; _, _ = replicas[0].Status(t.Context()) })
	}
	close(began)
	herd.Wait()
	if read := record.read.Load() - before; read != 1 {
		t.Errorf("fifty who asked at once had it read %d times", read)
	}
	statusWhileTheStoreIsAway(t, store)
}

// statusWhileTheStoreIsAway is the last there was, else the error.
func statusWhileTheStoreIsAway(t *testing.T, store *postgres.Store) {
	t.Helper()
	w := newWorld(store, memory.NewCache())
	record := &counted{Runs: postgres.NewRuns(store)}
	record.away.Store(true)
	watch := &watching{}
	runs := cached.NewRuns(record, record, watch, w.config())
	if _, err := runs.Status(t.Context()); domain.KindOf(err) != domain.KindUnavailable {
		t.Errorf("without a copy it gives %v", err)
	}
	record.away.Store(false)
	if err := postgres.NewSchedule(store).Next(t.Context(), []domain.ProviderID{"acme"}, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := runs.Status(t.Context()); err != nil {
		t.Fatal(err)
	}
	record.away.Store(true)
	if list, err := runs.Status(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("with a copy it gives %v, %v", list, err)
	}
	if watch.doubted.Load() != 1 {
		t.Error("whoever watches the store is not told")
	}
	away := cached.NewRuns(record, nil, &watching{since: noon}, w.config())
	if list, err := away.Status(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("where it is known to be away it gives %v, %v", list, err)
	}
}
