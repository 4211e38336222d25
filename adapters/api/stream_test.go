package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"ratecard/adapters/api"
	"ratecard/domain"
	"ratecard/gen/oas"
)

// A living log is written while it is read.
type livingLog struct {
	*catalogue
	mu sync.Mutex
}

func (l *livingLog) Events(ctx context.Context, after int64, limit int) ([]domain.Event, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.catalogue.Events(ctx, after, limit)
}

func (l *livingLog) Last(ctx context.Context) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.catalogue.Last(ctx)
}

// streamed is a server whose events are followed.
type streamed struct {
	*world
	url   string
	log   *livingLog
	woken chan struct{}
	stop  func() error
}

func newStreamed(t testing.TB, quick time.Duration, tune ...func(*world)) *streamed {
	t.Helper()
	s := &streamed{woken: make(chan struct{}, 1)}
	s.world = newWorld(t, append([]func(*world){func(w *world) {
		s.log = &livingLog{catalogue: w.catalogue}
		w.config.Catalogue, w.config.Events = s.log, s.log
		w.config.Log = slog.New(slog.DiscardHandler) // the world's own is for one at a time
	}}, tune...)...)
	s.server.Quicken(quick)
	ln, err := api.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.url = "http://" + ln.Addr().String()
	ctx, end := context.WithCancel(context.Background())
	var following sync.WaitGroup
	following.Go(func() { s.server.FollowEvents(ctx, s.woken) })
	ended := make(chan error, 1)
	go func() { ended <- s.server.Serve(ctx, ln) }()
	s.stop = sync.OnceValue(func() error { end(); following.Wait(); return <-ended })
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// tell writes an event, and wakes who follows them.
func (s *streamed) tell(model string) {
	s.log.mu.Lock()
	id := int64(len(s.log.events) + 1)
	s.log.events = append(s.log.events, rateEvent(id, domain.EventRateChanged, model, domain.RatePayload{Old: "3", New: "2.5"}))
	s.log.mu.Unlock()
	s.woken <- struct{}{}
}

// An opened stream, or why it was not opened.
type opened struct {
	status int
	header http.Header
	body   io.ReadCloser
}

// open asks for a stream.
func (s *streamed) open(t testing.TB, path string, headers ...string) opened {
	t.Helper()
	return s.send(t, http.MethodGet, path, headers...)
}

// status asks for a stream, and leaves it.
func (s *streamed) status(t testing.TB, path string) int {
	t.Helper()
	answer := s.open(t, path)
	answer.body.Close()
	return answer.status
}

func (s *streamed) send(t testing.TB, method, path string, headers ...string) opened {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-API-Key", s.reader)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return opened{answer.StatusCode, answer.Header, answer.Body}
}

// linesOf gives the lines of a stream as they come; it is closed with the stream.
func linesOf(answer opened) <-chan string {
	out := make(chan string, 1000)
	go func() {
		defer close(out)
		for in := bufio.NewScanner(answer.body); in.Scan(); {
			out <- in.Text()
		}
	}()
	return out
}

// next gives the next line that is not empty; "" where the stream ended.
func next(t testing.TB, from <-chan string) string {
	t.Helper()
	for {
		select {
		case line, more := <-from:
			if line != "" || !more {
				return line
			}
		case <-time.After(30 * time.Second):
			t.Fatal("nothing came for 30 seconds")
		}
	}
}

// nextEvent reads an event.
func nextEvent(t testing.TB, from <-chan string) (id, kind, data string) {
	t.Helper()
	for _, into := range []struct {
		name string
		text *string
	}{{"id: ", &id}, {"event: ", &kind}, {"data: ", &data}} {
		line := next(t, from)
		for strings.HasPrefix(line, ":") {
			line = next(t, from)
		}
		var is bool
		if *into.text, is = strings.CutPrefix(line, into.name); !is {
			t.Fatalf("got %q, want %q", line, into.name)
		}
	}
	return id, kind, data
}

func TestStream(t *testing.T) {
	s := newStreamed(t, time.Minute)
	s.tell("one")
	s.tell("two")
	after := linesOf(s.open(t, "/api/events/stream?after=0"))
	answer := s.open(t, "/api/events/stream?after=0", "Last-Event-ID", "1") // which is later than the address
	header := answer.header
	if answer.status != http.StatusOK || header.Get("Content-Type") != "text/event-stream" || header.Get("Cache-Control") != "no-store" ||
		header.Get("X-Accel-Buffering") != "no" || header.Get("Content-Encoding") != "" || header.Get("ETag") != "" {
		t.Fatalf("%d %v", answer.status, header)
	}
	last := linesOf(answer)
	if first := next(t, last); first != "retry: 3000" {
		t.Errorf("it begins with %q", first)
	}
	next(t, after)
	page := decode[oas.EventPage](t, s.world.do(exchange{path: "/api/events", key: s.reader}))
	for i, from := range []<-chan string{after, after, last} {
		id, kind, data := nextEvent(t, from)
		item := page.Items[min(i, 1)]
		if id != fmt.Sprint(item.ID) || kind != item.Kind {
			t.Errorf("%s %s, want %+v", id, kind, item)
		}
		listed, err := json.Marshal(&item)
		if err != nil {
			t.Fatal(err)
		}
		sameJSON(t, []byte(data), listed)
	}
	s.tell("three")
	for _, from := range []<-chan string{after, last} {
		if id, _, data := nextEvent(t, from); id != "3" || !strings.Contains(data, `"three"`) {
			t.Errorf("then came %s: %s", id, data)
		}
	}
}

// A stream that is told no beginning begins now, and lives by comments.
func TestStreamFromNowOn(t *testing.T) {
	s := newStreamed(t, 10*time.Millisecond)
	s.tell("before")
	waitFor(t, func() bool { return s.send(t, http.MethodHead, "/api/events/stream").status == http.StatusOK })
	from := linesOf(s.open(t, "/api/events/stream"))
	next(t, from)
	if beat := next(t, from); beat != ": still here" {
		t.Errorf("in silence came %q", beat)
	}
	s.tell("after")
	if id, _, data := nextEvent(t, from); id != "2" || !strings.Contains(data, `"after"`) {
		t.Errorf("%s: %s", id, data)
	}
}

func waitFor(t testing.TB, is func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	for !is() {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-deadline:
			t.Fatal("it did not come to be within a minute")
		}
	}
}

func TestStreamRefuses(t *testing.T) {
	s := newStreamed(t, time.Minute, func(w *world) { w.config.Streams = 2 })
	for _, c := range []struct {
		path    string
		headers []string
		at      string
	}{
		{"/api/events/stream?after=-1", nil, "after"},
		{"/api/events/stream?after=x", nil, "after"},
		{"/api/events/stream?after=", nil, "after"},
		{"/api/events/stream?limit=5", nil, "limit"},
		{"/api/events/stream", []string{"Last-Event-ID", "x"}, "Last-Event-ID"},
		{"/api/events/stream", []string{"Last-Event-ID", "-1"}, "Last-Event-ID"},
		{"/api/events/stream", []string{"Last-Event-ID", "99999999999999999999"}, "Last-Event-ID"},
	} {
		answer := s.open(t, c.path, c.headers...)
		var problem struct {
			Kind   string `json:"kind"`
			Errors []struct {
				Path string `json:"path"`
			} `json:"errors"`
		}
		if err := json.NewDecoder(answer.body).Decode(&problem); err != nil || answer.status != http.StatusBadRequest || problem.Kind != "invalid" ||
			len(problem.Errors) != 1 || problem.Errors[0].Path != c.at {
			t.Errorf("%s %q: %d %+v, %v", c.path, c.headers, answer.status, problem, err)
		}
	}
	if answer := s.open(t, "/api/events/stream", "X-API-Key", "rc_nobody"); answer.status != http.StatusUnauthorized {
		t.Errorf("without a key that is known: %d", answer.status)
	}
	first := s.open(t, "/api/events/stream?after=0")
	s.open(t, "/api/events/stream?after=0")
	full := s.open(t, "/api/events/stream?after=0")
	if full.status != http.StatusTooManyRequests || full.header.Get("Retry-After") == "" {
		t.Errorf("one more than there may be: %d %v", full.status, full.header)
	}
	first.body.Close() // and the next finds room
	waitFor(t, func() bool { return s.status(t, "/api/events/stream?after=0") == http.StatusOK })
}

// Whoever's key is revoked is told no more.
func TestStreamEndsWithItsKey(t *testing.T) {
	s := newStreamed(t, 10*time.Millisecond)
	from := linesOf(s.open(t, "/api/events/stream?after=0"))
	next(t, from)
	keys, err := s.config.Keys.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.config.Keys.Revoke(t.Context(), keys[0].ID, noon); err != nil {
		t.Fatal(err)
	}
	for next(t, from) != "" {
		continue
	}
}

// A server that goes down ends its streams at once, and opens none.
func TestStreamEndsWithItsServer(t *testing.T) {
	s := newStreamed(t, time.Hour, func(w *world) { w.config.Drain = 500 * time.Millisecond })
	from := linesOf(s.open(t, "/api/events/stream?after=0"))
	next(t, from)
	began := time.Now()
	down := make(chan error, 1)
	go func() { down <- s.stop() }()
	if line := next(t, from); line != "" {
		t.Errorf("then came %q", line)
	}
	if answer := s.open(t, "/api/events/stream?after=0"); answer.status != http.StatusServiceUnavailable || answer.header.Get("Retry-After") == "" {
		t.Errorf("while it goes down: %d %v", answer.status, answer.header)
	}
	if err := <-down; err != nil || time.Since(began) > 10*time.Second {
		t.Errorf("down after %s, %v", time.Since(began), err)
	}
}

// Whoever does not take what is sent is let go of.
func TestStreamLetsGoOfTheSlow(t *testing.T) {
	s := newStreamed(t, 50*time.Millisecond, func(w *world) { w.config.Streams = 1 })
	s.log.mu.Lock()
	for id := range int64(1000) { // more than a connection holds
		s.log.events = append(s.log.events, rateEvent(id+1, domain.EventRateChanged, strings.Repeat("long", 10_000), domain.RatePayload{New: "1"}))
	}
	s.log.mu.Unlock()
	s.open(t, "/api/events/stream?after=0") // and is not read
	waitFor(t, func() bool { return s.status(t, "/api/events/stream?after=1000") == http.StatusOK })
}

// The head of a stream comes alone, and at once.
func TestHeadOfAStream(t *testing.T) {
	s := newStreamed(t, time.Minute)
	answer := httptest.NewRecorder()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodHead, "/api/events/stream?after=0", nil)
	req.Header.Set("X-API-Key", s.reader)
	s.server.ServeHTTP(answer, req)
	if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != "text/event-stream" {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
}
