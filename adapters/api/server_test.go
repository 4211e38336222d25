package api_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"ratecard/adapters/api"
	"ratecard/domain"
	"ratecard/ports"
)

// serveOut starts the server and ends it at once, which waits for what is pending.
func (w *world) serveOut(t *testing.T) {
	t.Helper()
	ln, err := api.Listen(context.Background(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.server.Serve(ctx, ln); err != nil {
		t.Fatal(err)
	}
}

// slow is a catalogue that tells when it is asked, and answers when it is let.
type slow struct {
	ports.Catalogue
	asked  chan struct{}
	answer chan struct{}
}

func (s slow) Events(ctx context.Context, _ int64, _ int) ([]domain.Event, error) {
	close(s.asked)
	select {
	case <-s.answer:
		return nil, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestShutdownAnswersWhatIsUnderWay(t *testing.T) {
	gate := slow{asked: make(chan struct{}), answer: make(chan struct{})}
	w := newWorld(t, func(w *world) { w.config.Catalogue = gate; w.config.AnonymousReads = true })
	ln, err := api.Listen(context.Background(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- w.server.Serve(ctx, ln) }()

	type result struct {
		status int
		err    error
	}
	got := make(chan result, 1)
	go func() {
		answer, err := http.Get("http://" + ln.Addr().String() + "/api/events")
		if err != nil {
			got <- result{err: err}
			return
		}
		_, err = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		got <- result{answer.StatusCode, err}
	}()
	<-gate.asked
	stop()
	// The listener goes first: wait until nobody is let in any more.
	for {
		conn, err := net.DialTimeout("tcp", ln.Addr().String(), time.Second)
		if err != nil {
			break
		}
		_ = conn.Close()
	}
	select {
	case err := <-served:
		t.Fatalf("ended before the request was answered: %v", err)
	default:
	}
	close(gate.answer)
	if r := <-got; r.err != nil || r.status != http.StatusOK {
		t.Errorf("the request under way: %+v", r)
	}
	if err := <-served; err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestPortInUse(t *testing.T) {
	first, err := api.Listen(context.Background(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	_, err = api.Listen(context.Background(), first.Addr().String())
	if domain.KindOf(err) != domain.KindConflict || err == nil {
		t.Fatalf("got %v", err)
	}
	for _, says := range []string{first.Addr().String(), "another program", "RATECARD_ADDR"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%q is not said: %v", says, err)
		}
	}
}

func TestAddressThatIsNone(t *testing.T) {
	_, err := api.Listen(context.Background(), "8080")
	if domain.KindOf(err) != domain.KindInvalid || !strings.Contains(err.Error(), "host:port") {
		t.Errorf("got %v", err)
	}
}

// broken panics when it is asked.
type broken struct{ ports.Catalogue }

func (broken) Events(context.Context, int64, int) ([]domain.Event, error) {
	panic("the secret plan is hunter2")
}

func TestPanicIsAnAnswer(t *testing.T) {
	w := newWorld(t, func(w *world) { w.config.Catalogue = broken{} })
	answer := w.get("/api/events")
	if p := problemOf(t, answer); p.Status != 500 || strings.Contains(answer.Body.String(), "hunter2") {
		t.Errorf("answered %s", answer.Body)
	}
	if !strings.Contains(w.log.String(), "hunter2") || !strings.Contains(w.log.String(), "server_test.go") {
		t.Error("the log does not say where it came from")
	}
}

func TestHealth(t *testing.T) {
	var storeErr error
	w := newWorld(t, func(w *world) { w.config.Ready = func(context.Context) error { return storeErr } })
	for path, want := range map[string]int{"/healthz": http.StatusOK, "/readyz": http.StatusOK} {
		if answer := w.do(exchange{path: path}); answer.Code != want || !strings.Contains(answer.Body.String(), "1.2.3") {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
	storeErr = fmt.Errorf("dial tcp 10.0.0.7: refused")
	if p := problemOf(t, w.do(exchange{path: "/readyz"})); p.Status != 503 || strings.Contains(p.Detail, "10.0.0.7") {
		t.Errorf("%+v", p)
	}
	if answer := w.do(exchange{path: "/healthz"}); answer.Code != 200 {
		t.Errorf("alive, but: %d", answer.Code)
	}
}

func TestRequestIDs(t *testing.T) {
	w := newWorld(t)
	for given, kept := range map[string]bool{"trace-1.2_3": true, "": false, "a b": false, "<b>": false, strings.Repeat("x", 65): false} {
		got := w.do(exchange{path: "/healthz", header: map[string]string{"X-Request-Id": given}}).Header().Get("X-Request-Id")
		if (got == given) != kept || got == "" {
			t.Errorf("given %q, answered %q", given, got)
		}
	}
}

func TestDocumentationComesFromHereAlone(t *testing.T) {
	w := newWorld(t)
	index := w.do(exchange{path: "/docs"})
	if index.Code != 200 || !strings.Contains(index.Header().Get("Content-Type"), "text/html") {
		t.Fatalf("status %d, %v", index.Code, index.Header())
	}
	html := index.Body.String()
	for _, tag := range []string{`src="http`, `href="http`, `src="//`, `href="//`} {
		if strings.Contains(html, tag) {
			t.Errorf("the page loads from elsewhere: %s", tag)
		}
	}
	if !strings.Contains(html, "/openapi.yaml") {
		t.Error("the page does not load the description")
	}
	for _, policy := range index.Header()["Content-Security-Policy"] {
		if strings.Contains(policy, "http") || !strings.Contains(policy, "default-src 'none'") {
			t.Errorf("policy %s", policy)
		}
	}
	assets := 0
	for _, attr := range []string{`src="`, `href="`} {
		for _, rest := range strings.Split(html, attr)[1:] {
			path, _, _ := strings.Cut(rest, `"`)
			if answer := w.do(exchange{path: path, header: map[string]string{"Accept-Encoding": "gzip"}}); answer.Code != 200 || answer.Body.Len() == 0 {
				t.Errorf("%s: status %d", path, answer.Code)
			}
			assets++
		}
	}
	if assets < 3 {
		t.Errorf("only %d assets found in %s", assets, html)
	}
	text := w.do(exchange{path: "/openapi.yaml"})
	if text.Code != 200 || text.Body.String() != string(spec(t)) || !strings.Contains(text.Header().Get("Content-Type"), "yaml") {
		t.Errorf("openapi.yaml: status %d, %v", text.Code, text.Header())
	}
}
