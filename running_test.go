package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/ports"
)

// running is a whole server in a bench's world, asked over HTTP. Nothing is
// scheduled in it.
type running struct {
	*bench
	url string
	log *lines
}

const adminKey = "an-admin-key-for-tests"

// lines collects what a server logs.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newRunning(t testing.TB, syncTimeout time.Duration) *running {
	t.Helper()
	b := newBench(t)
	b.world.paused = true
	return b.running(t, syncTimeout)
}

// running starts a server over the bench's database, where others may run.
func (b *bench) running(t testing.TB, syncTimeout time.Duration) *running {
	t.Helper()
	r := &running{bench: b, log: &lines{}}
	c := config{
		databaseURL: r.dsn, valkeyURL: r.valkeyURL, lifetimes: sharedLifetimes, addr: "127.0.0.1:0", adminKey: adminKey, cron: "0 2 * * *", logLevel: slog.LevelInfo,
		streams: 100, syncTimeout: syncTimeout, scrapeTimeout: 30 * time.Second, userAgent: "ratecard/test",
	}
	if b.settings != nil {
		b.settings(&c)
	}
	s, err := start(context.Background(), c, r.world, r.log)
	if err != nil {
		t.Fatal(err)
	}
	r.url = s.url()
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.run(ctx) }()
	t.Cleanup(func() {
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return r
}

// request makes a request of the server's, without a key.
func (r *running) request(t testing.TB, method, path, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

// answered is an answer that was read.
type answered struct {
	status int
	header http.Header
	text   string
}

func (r *running) send(t testing.TB, req *http.Request) answered {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{resp.StatusCode, resp.Header, string(body)}
}

// ask asks as the administrator, and fails the test unless that goes well.
func (r *running) ask(t testing.TB, method, path, body string, into any) {
	t.Helper()
	req := r.request(t, method, path, body)
	req.Header.Set("X-API-Key", adminKey)
	got := r.send(t, req)
	if got.status >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, got.status, got.text)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal([]byte(got.text), into); err != nil {
		t.Fatalf("%s %s: %v in %s", method, path, err, got.text)
	}
}

// startSync asks for a sync of the providers named, of all where none is.
func (r *running) startSync(t testing.TB, providers ...string) (syncID string) {
	t.Helper()
	asked, err := json.Marshal(map[string][]string{"providers": providers})
	if err != nil {
		t.Fatal(err)
	}
	if providers == nil {
		asked = nil
	}
	var started struct{ SyncID string }
	r.ask(t, http.MethodPost, "/api/admin/sync", string(asked), &started)
	return started.SyncID
}

// done gives the runs of a sync when all have ended.
func (r *running) done(t testing.TB, syncID string) []domain.Run {
	t.Helper()
	var runs []domain.Run
	eventually(t, func() bool {
		var err error
		if runs, err = postgres.NewRuns(r.store).Sync(context.Background(), syncID); err != nil {
			t.Fatal(err)
		}
		for _, run := range runs {
			if run.Ended.IsZero() {
				return false
			}
		}
		return len(runs) > 0
	})
	return runs
}

// eventually waits for another process, which gives no signal, to bring
// something about.
func eventually(t testing.TB, is func() bool) {
	t.Helper()
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	over := time.After(time.Minute)
	for !is() {
		select {
		case <-again.C:
		case <-over:
			t.Fatal("it has not come about within a minute")
		}
	}
}

// job is a provider's youngest sync job, as the queue keeps it.
type job struct {
	ID      int64
	State   string
	Attempt int
	Waits   time.Duration // from the last attempt to the next
}

func (r *running) job(t testing.TB, provider domain.ProviderID) (j job) {
	t.Helper()
	var attempted, scheduled time.Time
	err := r.store.Pool().QueryRow(context.Background(), `SELECT id, state::text, attempt, coalesce(attempted_at, scheduled_at), scheduled_at
		FROM river.river_job WHERE kind = 'sync' AND args->>'provider' = $1 ORDER BY id DESC LIMIT 1`, provider).
		Scan(&j.ID, &j.State, &j.Attempt, &attempted, &scheduled)
	if err != nil {
		t.Fatal(err)
	}
	j.Waits = scheduled.Sub(attempted)
	return j
}

// events are those of a kind, with their payloads.
func events[P any](t testing.TB, b *bench, kind domain.EventKind) (payloads []P) {
	t.Helper()
	catalogue := ports.Catalogue(postgres.NewCatalogue(b.store))
	for after := int64(0); ; {
		all, err := catalogue.Events(context.Background(), after, 500)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range all {
			after = e.ID
			if e.Kind != kind {
				continue
			}
			text, err := json.Marshal(e.Payload)
			if err != nil {
				t.Fatal(err)
			}
			var payload P
			if err := json.Unmarshal(text, &payload); err != nil {
				t.Fatal(err)
			}
			payloads = append(payloads, payload)
		}
		if len(all) == 0 {
			return payloads
		}
	}
}
