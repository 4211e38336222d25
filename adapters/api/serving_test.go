package api_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ogen-go/ogen/openapi"

	"ratecard/adapters/api"
)

// serving starts a server that can be told to end.
func (w *world) serving(t *testing.T) (addr string, end func(), ended <-chan error) {
	t.Helper()
	ln, err := api.Listen(context.Background(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.server.Serve(ctx, ln) }()
	return ln.Addr().String(), end, done
}

// A caller keeps a connection and never asks anything twice.
type caller struct {
	conn net.Conn
	in   *bufio.Reader
}

func call(addr string) (*caller, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &caller{conn, bufio.NewReader(conn)}, nil
}

func (c *caller) ask(path string) (status int, last bool, err error) {
	if _, err := fmt.Fprintf(c.conn, "GET %s HTTP/1.1\r\nHost: here\r\n\r\n", path); err != nil {
		return 0, false, err
	}
	answer, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return 0, false, err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, answer.Close, errors.Join(err, answer.Body.Close())
}

// TestShutdownUnderLoadDropsNothing: of callers that keep their connections and do
// not try again none meets an error; each is told that its connection ends.
func TestShutdownUnderLoadDropsNothing(t *testing.T) {
	w := newWorld(t, func(w *world) { w.config.AnonymousReads = true; w.config.Drain = 2 * time.Second })
	addr, end, ended := w.serving(t)
	var asked atomic.Int64
	var busy sync.WaitGroup
	warm := make(chan struct{})
	for range 32 {
		busy.Go(func() {
			c, err := call(addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.conn.Close()
			for last := false; !last; {
				var status int
				if status, last, err = c.ask("/api/sync/status"); err != nil || status != http.StatusOK {
					t.Errorf("after %d answers: status %d, %v", asked.Load(), status, err)
					return
				}
				if asked.Add(1) == 1000 {
					close(warm)
				}
			}
		})
	}
	<-warm
	if c, err := call(addr); err != nil {
		t.Error(err)
	} else if status, _, err := c.ask("/readyz"); status != http.StatusOK {
		t.Errorf("ready: %d, %v", status, err)
	} else {
		defer c.conn.Close()
		end()
		for status == http.StatusOK { // the signal is heard a little later
			var last bool
			if status, last, err = c.ask("/readyz"); err != nil || status != http.StatusOK && (status != http.StatusServiceUnavailable || !last) {
				t.Errorf("ready while it ends: %d, %v", status, err)
				break
			}
		}
	}
	busy.Wait()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := call(addr); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("afterwards: %v", err)
	}
}

// TestAServerThatEndsAnswersOn, also whoever connects then, for as long as a load
// balancer may take to see that it ends; where nobody has asked it ends at once.
func TestAServerThatEndsAnswersOn(t *testing.T) {
	w := newWorld(t, func(w *world) { w.config.AnonymousReads = true; w.config.Drain = 2 * time.Second })
	addr, end, ended := w.serving(t)
	once := func() (status int, last bool) {
		c, err := call(addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.conn.Close()
		if status, last, err = c.ask("/api/sync/status"); err != nil {
			t.Fatal(err)
		}
		return status, last
	}
	if status, last := once(); status != http.StatusOK || last {
		t.Errorf("before: %d, the connection's last: %v", status, last)
	}
	end() // nobody is connected at this moment
	for told := 0; told < 5; {
		status, last := once()
		if status != http.StatusOK {
			t.Fatalf("while it ends: %d", status)
		}
		if last {
			told++
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}

	w = newWorld(t, func(w *world) { w.config.Drain = 24 * time.Hour })
	_, end, ended = w.serving(t)
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestIdleConnectionsDoNotKeepAServerUp longer than it lets go of connections.
func TestIdleConnectionsDoNotKeepAServerUp(t *testing.T) {
	w := newWorld(t, func(w *world) { w.config.AnonymousReads = true; w.config.Drain = time.Millisecond })
	addr, end, ended := w.serving(t)
	c, err := call(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.Close()
	if status, _, err := c.ask("/healthz"); status != http.StatusOK {
		t.Fatal(status, err)
	}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// answered is an answer without its body.
type answered struct {
	status int
	header http.Header
	length int64 // as announced
}

// TestHeadIsGetWithoutABody, wherever there is a GET.
func TestHeadIsGetWithoutABody(t *testing.T) {
	w, _ := inMemory(t)
	w.config.AnonymousReads = false
	believe(t, w, noon.Add(-time.Hour), "3", "1", "b", "c", "d", "e")
	addr, end, ended := w.serving(t)
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	ask := func(method, path string) (answered, int) {
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+addr+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+w.admin)
		answer, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answered{answer.StatusCode, answer.Header, answer.ContentLength}, len(body)
	}
	paths := []string{"/docs/", "/openapi.yaml", "/api/nowhere"}
	for _, op := range parsedSpec(t).Operations {
		if strings.EqualFold(op.HTTPMethod, http.MethodGet) && !strings.HasSuffix(op.Path.String(), "/stream") {
			paths = append(paths, filled(op))
		}
	}
	for _, path := range paths {
		whole, n := ask(http.MethodGet, path)
		head, none := ask(http.MethodHead, path)
		if head.status != whole.status || none != 0 {
			t.Errorf("%s: %d and %d bytes, HEAD %d and %d", path, whole.status, n, head.status, none)
		}
		for _, name := range []string{"Content-Type", "ETag", "Vary", "Cache-Control", "Content-Encoding"} {
			if head.header.Get(name) != whole.header.Get(name) {
				t.Errorf("%s: %s is %q, of HEAD %q", path, name, whole.header.Get(name), head.header.Get(name))
			}
		}
		if whole.header.Get("ETag") != "" && head.length != int64(n) {
			t.Errorf("%s: %d bytes, HEAD says %d", path, n, head.length)
		}
	}
	end()
	client.CloseIdleConnections()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// filled is the path of an operation, with something where a name stands.
func filled(op *openapi.Operation) string {
	const id = "0f9a3c1e-5f0b-4a4e-9d0e-0c8f4a1f2b3c"
	return strings.NewReplacer("{id}", "1", "{provider}", "acme", "{version}", "1", "{syncId}", id, "{runId}", id).Replace(op.Path.String())
}

// TestAPanicHurtsNobodyElse: whoever asks gets a problem, and the server goes on.
func TestAPanicHurtsNobodyElse(t *testing.T) {
	w := newWorld(t, func(w *world) { w.config.Catalogue = broken{}; w.config.AnonymousReads = true })
	addr, end, ended := w.serving(t)
	c, err := call(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.Close()
	for range 3 {
		if status, last, err := c.ask("/api/events"); status != 500 || last || err != nil {
			t.Errorf("a panic: %d, %v, %v", status, last, err)
		}
		if status, last, err := c.ask("/healthz"); status != 200 || last || err != nil {
			t.Errorf("on the same connection then: %d, %v, %v", status, last, err)
		}
	}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
