package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"ratecard/adapters/fetch"
	"ratecard/domain"
	"ratecard/ports"
)

// now is what the clock of these tests says.
var now = time.Date(2026, 7, 1, 2, 0, 0, 0, time.UTC)

// clock stands still and notes how long it was asked to wait.
type clock struct {
	sync.Mutex
	waits []time.Duration
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.Lock()
	defer c.Unlock()
	c.waits = append(c.waits, d)
	return ctx.Err()
}

// loopback is a door to the servers of these tests.
func loopback() *fetch.Door {
	reach, err := domain.ParseReach("127.0.0.1", "localhost")
	if err != nil {
		panic(err)
	}
	return fetch.NewDoor(fetch.DoorConfig{Reach: reach})
}

// fetcher makes a Fetcher on a clock of its own, with connections of its own.
func fetcher(c fetch.Config) (*fetch.Fetcher, *clock) {
	clock := &clock{}
	c.UserAgent, c.Sleep, c.Now = "ratecard/test", clock.sleep, func() time.Time { return now }
	if c.Door == nil {
		c.Door = loopback()
	}
	return fetch.New(c), clock
}

// counted serves with a handler that is told how many requests came before.
func counted(t interface{ Cleanup(func()) }, answer func(w http.ResponseWriter, r *http.Request, n int)) (url string, count func() int) {
	var mu sync.Mutex
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		before := n
		n++
		mu.Unlock()
		answer(w, r, before)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() int {
		mu.Lock()
		defer mu.Unlock()
		return n
	}
}

// write answers; a client that has gone does not matter.
func write(w io.Writer, text string) { _, _ = io.WriteString(w, text) }

// hangUp ends the connection without an answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}

func status(code int, body string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.WriteHeader(code)
		write(w, body)
	}
}

func TestFetchGivesWhatCame(t *testing.T) {
	url, _ := counted(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/new", http.StatusMovedPermanently)
			return
		}
		w.Header().Set("Content-Type", "text/markdown; charset=utf-8")
		w.Header().Set("ETag", `"e1"`)
		w.Header().Set("Last-Modified", "Wed, 01 Jul 2026 00:00:00 GMT")
		write(w, "accept: "+r.Header.Get("Accept"))
	})
	f, _ := fetcher(fetch.Config{})
	got, err := f.Fetch(t.Context(), ports.FetchRequest{URL: url + "/old", Accept: "text/markdown", Page: true})
	if err != nil {
		t.Fatal(err)
	}
	want := ports.Fetched{
		URL: url + "/new", Status: 200, ContentType: "text/markdown; charset=utf-8", ETag: `"e1"`,
		LastModified: "Wed, 01 Jul 2026 00:00:00 GMT", Body: []byte("accept: text/markdown"), At: now,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestKindsOfAnswers is the port's contract, status by status.
func TestKindsOfAnswers(t *testing.T) {
	const asks = 4 // one try and three more
	for _, c := range []struct {
		status int
		body   string
		api    domain.Kind
		page   domain.Kind
		askAPI int
		askPg  int
	}{
		{201, "", domain.KindUpstream, domain.KindUpstream, 1, 1},
		{204, "", domain.KindUpstream, domain.KindUpstream, 1, 1},
		{304, "", domain.KindUpstream, domain.KindUpstream, 1, 1},
		{400, `{"error":"bad page token"}`, domain.KindUpstream, domain.KindUpstream, 1, 1},
		{400, `{"error":{"message":"API key not valid."}}`, domain.KindUpstreamAuth, domain.KindUpstream, 1, 1},
		{401, "", domain.KindUpstreamAuth, domain.KindUpstream, 1, 1},
		{403, "", domain.KindUpstreamAuth, domain.KindBlocked, 1, 1},
		{404, "", domain.KindUpstream, domain.KindUpstream, 1, 1},
		{410, "", domain.KindUpstream, domain.KindUpstream, 1, 1},
		{429, "", domain.KindRateLimited, domain.KindBlocked, asks, 1},
		{500, "", domain.KindUnavailable, domain.KindUnavailable, asks, asks},
		{529, "", domain.KindUnavailable, domain.KindUnavailable, asks, asks},
	} {
		for _, page := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d page=%t %s", c.status, page, c.body), func(t *testing.T) {
				want, wantAsks := c.api, c.askAPI
				if page {
					want, wantAsks = c.page, c.askPg
				}
				url, count := counted(t, status(c.status, c.body))
				f, _ := fetcher(fetch.Config{})
				_, err := f.Fetch(t.Context(), ports.FetchRequest{URL: url, Page: page})
				if domain.KindOf(err) != want || count() != wantAsks {
					t.Errorf("got %s after %d requests: %v", domain.KindOf(err), count(), err)
				}
				if !strings.Contains(err.Error(), url) || !strings.Contains(err.Error(), fmt.Sprint(c.status)) {
					t.Errorf("the error does not say what answered what: %v", err)
				}
			})
		}
	}
}

func TestWhatCannotBeAskedFor(t *testing.T) {
	f, clock := fetcher(fetch.Config{})
	for _, req := range []ports.FetchRequest{
		{URL: ""},
		{URL: "pricing.html"},
		{URL: "ftp://example.com/x"},
		{URL: "file:///etc/passwd"},
		{URL: "https://"},
		{URL: "http://exa mple.com/?key=geheim"},
		{URL: "https://example.com", Rendering: "magic"},
	} {
		_, err := f.Fetch(t.Context(), req)
		if domain.KindOf(err) != domain.KindInvalid || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q: %v", req.URL, err)
		}
	}
	if len(clock.waits) > 0 {
		t.Error("it was tried again")
	}
}

func TestCallingOff(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	url, count := counted(t, func(_ http.ResponseWriter, r *http.Request, _ int) {
		cancel()
		<-r.Context().Done()
	})
	f, _ := fetcher(fetch.Config{})
	_, err := f.Fetch(ctx, ports.FetchRequest{URL: url})
	if !errors.Is(err, context.Canceled) || domain.KindOf(err) != domain.KindUnavailable || count() != 1 {
		t.Errorf("after %d requests: %v", count(), err)
	}

	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	broken, count := counted(t, status(503, ""))
	waiting := fetch.New(fetch.Config{UserAgent: "x", Door: loopback(), Sleep: func(ctx context.Context, _ time.Duration) error {
		cancel()
		return ctx.Err()
	}})
	if _, err = waiting.Fetch(ctx, ports.FetchRequest{URL: broken}); !errors.Is(err, context.Canceled) || count() != 1 {
		t.Errorf("while waiting, after %d requests: %v", count(), err)
	}
}

// TestNoPointInWaiting: the time that is left is shorter than the wait.
func TestNoPointInWaiting(t *testing.T) {
	url, count := counted(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	f, clock := fetcher(fetch.Config{})
	_, err := f.Fetch(ctx, ports.FetchRequest{URL: url})
	var limited *domain.Error
	if !errors.As(err, &limited) || limited.Kind != domain.KindRateLimited || limited.RetryAfter != 2*time.Hour {
		t.Errorf("got %v", err)
	}
	if count() != 1 || len(clock.waits) != 0 {
		t.Errorf("%d requests, waits %v", count(), clock.waits)
	}
}

func TestUnreachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + listener.Addr().String()
	listener.Close()
	f, clock := fetcher(fetch.Config{})
	_, err = f.Fetch(t.Context(), ports.FetchRequest{URL: nobody + "/v1/models?limit=5"})
	if domain.KindOf(err) != domain.KindUnavailable || len(clock.waits) != 3 {
		t.Errorf("%d waits: %v", len(clock.waits), err)
	}
	if !strings.Contains(err.Error(), nobody+"/v1/models: could not be reached") {
		t.Errorf("the error does not say what: %v", err)
	}
}

// TestSecretsStayOut looks for them in every kind of failure.
func TestSecretsStayOut(t *testing.T) {
	const secret = "sk-ant-geheim"
	failures := map[string]func(w http.ResponseWriter, r *http.Request, n int){
		"refused":     status(401, `{"error":"invalid x-api-key `+secret+`"}`),
		"bad request": status(400, `{"error":"API key not valid: `+secret+`"}`),
		"broken":      status(500, secret),
		"limited":     status(429, secret),
		"hung up":     func(w http.ResponseWriter, _ *http.Request, _ int) { hangUp(w) },
		"half": func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Content-Length", "100")
			write(w, secret)
		},
		"bad location": func(w http.ResponseWriter, _ *http.Request, _ int) { redirect(w, "http://a b/?key="+secret) },
		"other scheme": func(w http.ResponseWriter, _ *http.Request, _ int) { redirect(w, "ftp://x/?key="+secret) },
		"circle":       func(w http.ResponseWriter, r *http.Request, _ int) { redirect(w, r.URL.String()) },
		"bad encoding": func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Content-Encoding", "gzip")
			write(w, secret)
		},
		"odd encoding": func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Content-Encoding", "rot13")
			write(w, secret)
		},
		"too much":     func(w http.ResponseWriter, _ *http.Request, _ int) { write(w, strings.Repeat(secret, 100)) },
		"nobody there": nil,
	}
	for name, answer := range failures {
		t.Run(name, func(t *testing.T) {
			base := "http://127.0.0.1:1"
			if answer != nil {
				base, _ = counted(t, answer)
			}
			address := strings.Replace(base, "http://", "http://user:"+secret+"@", 1) + "/v1/models?key=" + secret + "#" + secret
			f, _ := fetcher(fetch.Config{MaxBody: 64})
			_, err := f.Fetch(t.Context(), ports.FetchRequest{URL: address, Header: http.Header{"X-Api-Key": {secret}, "Authorization": {"Bearer " + secret}}})
			if err == nil {
				t.Fatal("it went well")
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				if strings.Contains(e.Error(), "geheim") || strings.Contains(fmt.Sprintf("%+v %#v", e, e), "geheim") {
					t.Errorf("the secret is in it: %#v", e)
				}
			}
		})
	}
}

func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusFound)
}
