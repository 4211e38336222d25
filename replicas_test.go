package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ratecard/domain"
)

// status is how a server answers somebody who reads with a key.
func (r *running) status(t testing.TB, key string) int {
	t.Helper()
	req := r.request(t, http.MethodGet, "/api/sync/status", "")
	req.Header.Set("Authorization", "Bearer "+key)
	return r.send(t, req).status
}

// within sees that something comes about in time.
func within(t testing.TB, limit time.Duration, what string, is func() bool) {
	t.Helper()
	began := time.Now()
	eventually(t, is)
	took := time.Since(began)
	t.Logf("%s: %s", what, took)
	if took > limit {
		t.Errorf("%s: it took %s, at most %s are promised", what, took, limit)
	}
}

// TestReplicasHearOfKeys: what is done to a key at one server holds at the other
// within a second.
func TestReplicasHearOfKeys(t *testing.T) {
	here := newRunning(t, time.Minute)
	there := here.bench.running(t, time.Minute)
	var made struct {
		Key    struct{ ID int64 }
		Secret string
	}
	const coherence = time.Second
	here.ask(t, http.MethodPost, "/api/admin/keys", `{"name":"gateway","scope":"read"}`, &made)
	if got := here.status(t, made.Secret); got != 200 {
		t.Fatalf("where it was made the key gets %d", got)
	}
	within(t, coherence, "a new key", func() bool { return there.status(t, made.Secret) == 200 })

	var heir struct{ Secret string }
	there.ask(t, http.MethodPost, fmt.Sprintf("/api/admin/keys/%d/rotate", made.Key.ID), "", &heir)
	within(t, coherence, "a rotated key", func() bool { return here.status(t, heir.Secret) == 200 })
	if got := here.status(t, made.Secret); got != 200 {
		t.Errorf("the old key gets %d meanwhile", got)
	}

	there.ask(t, http.MethodDelete, fmt.Sprintf("/api/admin/keys/%d", made.Key.ID), "", nil)
	if got := there.status(t, made.Secret); got != 401 {
		t.Errorf("where it was revoked the key gets %d", got)
	}
	within(t, coherence, "a revoked key", func() bool { return here.status(t, made.Secret) == 401 })

	// A connection that was lost is taken again, and what was missed is made up for.
	here.ask(t, http.MethodPost, "/api/admin/keys", `{"name":"gateway","scope":"read"}`, &made)
	within(t, coherence, "a second key", func() bool { return there.status(t, made.Secret) == 200 })
	if _, err := here.store.Pool().Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND query ILIKE 'listen%ratecard_keys%'`); err != nil {
		t.Fatal(err)
	}
	here.ask(t, http.MethodDelete, fmt.Sprintf("/api/admin/keys/%d", made.Key.ID), "", nil)
	within(t, 30*time.Second, "a revoked key, after a lost connection", func() bool { return there.status(t, made.Secret) == 401 })

	for name, log := range map[string]string{"here": here.log.String(), "there": there.log.String()} {
		for _, secret := range []string{made.Secret, heir.Secret, adminKey} {
			if strings.Contains(log, secret) {
				t.Errorf("a secret stands in the log %s", name)
			}
		}
	}
}

// TestSettingsHoldOnEveryReplica, without a restart: what is set at one server is
// what the other answers, judges by and calls stale.
func TestSettingsHoldOnEveryReplica(t *testing.T) {
	site, b := newShop(t)
	b.world.paused = true
	b.run(t)
	here, there := b.running(t, time.Minute), b.running(t, time.Minute)
	const coherence = time.Second
	here.ask(t, http.MethodPut, "/api/admin/settings", `{"paused":true,"schedule":"15 4 * * *","staleAfterHours":1,"guard":{"largestFactor":2}}`, nil)
	var settings struct {
		Paused          bool
		Schedule        string
		StaleAfterHours int
		Guard           struct{ LargestFactor int }
	}
	there.ask(t, http.MethodGet, "/api/admin/settings", "", &settings)
	if !settings.Paused || settings.Schedule != "15 4 * * *" || settings.StaleAfterHours != 1 || settings.Guard.LargestFactor != 2 {
		t.Errorf("the other server has %+v", settings)
	}

	stale := func(r *running) bool {
		var model struct{ Stale *staleness }
		r.ask(t, http.MethodGet, "/api/models/acme-large-2", "", &model)
		return model.Stale != nil
	}
	b.pass(2 * time.Hour)
	within(t, coherence, "a shorter promise", func() bool { return stale(there) })
	there.ask(t, http.MethodPut, "/api/admin/settings", `{"paused":true,"staleAfterHours":3,"guard":{"largestFactor":2}}`, nil)
	within(t, coherence, "a longer promise", func() bool { return !stale(here) })

	site.show(strings.Replace(shopPage, "$3 / MTok | $15 / MTok", "$9 / MTok | $45 / MTok", 1))
	there.done(t, there.startSync(t, "acme"))
	if held := b.held(t, domain.HeldOpen); len(held) != 2 || held[0].Doubts[0].Code != domain.DoubtFactor || held[0].Doubts[0].Limit != 2 {
		t.Errorf("three times the price where two are allowed: held are %+v", held)
	}
}
