package containers_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"golang.org/x/sync/errgroup"

	"ratecard/gen/oas"
)

// coherence is within what every replica answers a change, after its sync has ended. A
// second is promised, which `make bench-coherence` measures; a machine may be busier than
// that. Where a notification is lost it takes far longer.
const coherence = 5 * time.Second

// change has the site ask another price, one replica sync it, and all three answer it.
// It tells how long after the sync's end the last of them did.
func (w *world) change(ctx context.Context, by *replica) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	w.factor = w.factor.Add(decimal.New(1, -3)) // never a price that was asked before: one that comes back is doubted
	amount := w.plain.Mul(w.factor).String()
	w.price.next(amount)
	if _, err := w.ask(ctx, http.MethodPut, fmt.Sprintf("/%s/factor/%s/%s", seller, w.factor, sold)); err != nil {
		return 0, err
	}
	when := make([]time.Time, len(w.replicas))
	var watching errgroup.Group
	for i, r := range w.replicas {
		watching.Go(func() (err error) { when[i], err = r.seen(ctx, amount); return err })
	}
	ended, err := by.sync(ctx, seller)
	if err != nil {
		cancel() // nobody will see it
	}
	if err := errors.Join(err, watching.Wait()); err != nil {
		return 0, err
	}
	w.price.settled()
	var latest time.Duration
	for _, at := range when {
		latest = max(latest, at.Sub(ended))
	}
	return latest, nil
}

// changeSeen fails the test where a change is not answered by all in time.
func (w *world) changeSeen(ctx context.Context, t *testing.T, by *replica, within time.Duration) {
	t.Helper()
	took, err := w.change(ctx, by)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("a change synced by %s is answered by all %s after the sync's end", by.name, took)
	if took > within {
		t.Errorf("it took %s, at most %s are promised", took, within)
	}
}

// TestImage: the image runs as nobody in particular and says how it is.
func TestImage(t *testing.T) {
	w := theWorld(t)
	for _, r := range w.replicas {
		info, err := r.container.Inspect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if info.Config.User == "" || info.Config.User == "root" || info.Config.User == "0" {
			t.Errorf("it runs as %q", info.Config.User)
		}
		if info.Config.Healthcheck == nil {
			t.Fatal("it has no health check")
		}
		status, _, err := r.container.Exec(t.Context(), info.Config.Healthcheck.Test[1:])
		if err != nil || status != 0 {
			t.Errorf("the health check ends with %d %v", status, err)
		}
	}
}

// TestReplicasAgree: what one has synced all answer, to the last field.
func TestReplicasAgree(t *testing.T) {
	w := theWorld(t)
	w.changeSeen(t.Context(), t, w.replicas[1], coherence)
	first, err := w.replicas[0].catalogue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(first) < 30 {
		t.Errorf("only %d models", len(first))
	}
	for _, r := range w.replicas[1:] {
		other, err := r.catalogue(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, other); diff != "" {
			t.Errorf("%s answers otherwise than %s:\n%s", r.name, w.replicas[0].name, diff)
		}
	}
}

// TestChangeSeenByAll: whichever replica syncs, all answer the new price soon.
func TestChangeSeenByAll(t *testing.T) {
	w := theWorld(t)
	for range 5 {
		for _, by := range w.replicas {
			w.changeSeen(t.Context(), t, by, coherence)
		}
	}
}

// TestRollingRestart: replicas that are ended and started again one after another, under
// load and while prices change, lose no request and answer nothing old.
func TestRollingRestart(t *testing.T) {
	w := theWorld(t)
	tr := w.drive(t)
	for i, r := range w.replicas {
		if err := r.restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		tr.flows(t.Context(), t, i)
		w.changeSeen(t.Context(), t, r, patience)
	}
	tr.stop(t)
}

// TestPostgresStopped: without the database reads go on and say so, changes are refused,
// and everything recovers by itself.
func TestPostgresStopped(t *testing.T) {
	w := theWorld(t)
	tr := w.drive(t)
	none := time.Duration(0)
	if err := w.postgres.Stop(t.Context(), &none); err != nil {
		t.Fatal(err)
	}
	for i, r := range w.replicas {
		eventually(t.Context(), t, r.name+" says that its answers may be stale, and marks them", func() bool {
			health, err := r.client.Load().GetReadiness(t.Context())
			if err != nil || health.Status != oas.HealthStatusStale || health.StaleSince.Null {
				return false
			}
			_, err = r.amount(t.Context())
			return err == nil && r.stale.Load()
		})
		tr.flows(t.Context(), t, i)
	}
	_, err := w.replicas[0].client.Load().StartSync(t.Context(), oas.OptSyncRequest{})
	if status := new(oas.ProblemStatusCodeWithHeaders); !errors.As(err, &status) || status.StatusCode != http.StatusServiceUnavailable && status.StatusCode != http.StatusGatewayTimeout {
		t.Errorf("asked to sync: %v", err)
	}
	if err := w.postgres.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, r := range w.replicas {
		eventually(t.Context(), t, r.name+" has the database again", func() bool {
			health, err := r.client.Load().GetReadiness(t.Context())
			return err == nil && health.Status == oas.HealthStatusOk
		})
	}
	w.changeSeen(t.Context(), t, w.replicas[2], 30*time.Second)
	if w.replicas[0].stale.Load() {
		t.Error("answers are still marked")
	}
	w.changeSeen(t.Context(), t, w.replicas[0], coherence)
	tr.stop(t)
}

// TestValkeyKilledAndWiped: whatever becomes of the cache, under load and while prices
// change, no answer fails, none is old, and none comes late.
func TestValkeyKilledAndWiped(t *testing.T) {
	w := theWorld(t)
	tr := w.drive(t)
	none := time.Duration(0)
	for i, r := range w.replicas {
		if err := w.valkey.Stop(t.Context(), &none); err != nil {
			t.Fatal(err)
		}
		w.changeSeen(t.Context(), t, r, coherence)
		tr.flows(t.Context(), t, i)
		if err := w.valkey.Start(t.Context()); err != nil { // with nothing in it
			t.Fatal(err)
		}
		w.changeSeen(t.Context(), t, r, coherence)
		if status, _, err := w.valkey.Exec(t.Context(), []string{"valkey-cli", "flushall"}); err != nil || status != 0 {
			t.Fatalf("flushall: %d %v", status, err)
		}
		w.changeSeen(t.Context(), t, r, coherence)
		tr.flows(t.Context(), t, i)
	}
	tr.stop(t)
}
