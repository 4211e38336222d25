package api

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestAConnectionsLimits: whoever is slow with a head or a body, sends a head that
// is too large, or nothing more, does not keep a connection.
func TestAConnectionsLimits(t *testing.T) {
	const short, long = 100 * time.Millisecond, time.Hour
	read := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			w.WriteHeader(http.StatusRequestTimeout)
		}
	})
	for name, c := range map[string]struct {
		limits connectionLimits
		sent   string
		status int // of the first answer; 0: none
	}{
		"a head that does not end": {connectionLimits{short, long, long, long, 4096}, "GET / HTTP/1.1\r\nHost: here\r\n", 0},
		"a body that does not end": {connectionLimits{long, short, long, long, 4096}, "POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\nabc", 408},
		"a head too large": {connectionLimits{long, long, long, long, 4096},
			"GET / HTTP/1.1\r\nHost: here\r\nX-Long: " + strings.Repeat("x", 20_000) + "\r\n\r\n", 431},
		"nothing more": {connectionLimits{long, long, long, short, 4096}, "GET / HTTP/1.1\r\nHost: here\r\n\r\n", 200},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Server{handler: read, gate: &gate{}, log: slog.New(slog.DiscardHandler), limits: c.limits, h: &handler{ended: make(chan struct{})}}
			ln, err := Listen(t.Context(), "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			ctx, end := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- s.Serve(ctx, ln) }()
			conn, err := net.Dial("tcp", ln.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Fprint(conn, c.sent); err != nil {
				t.Fatal(err)
			}
			in := bufio.NewReader(conn)
			if c.status != 0 {
				answer, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Fatal(err)
				}
				defer answer.Body.Close()
				if answer.StatusCode != c.status {
					t.Fatalf("%+v", answer)
				}
			}
			if _, err := io.Copy(io.Discard, in); err != nil && strings.Contains(err.Error(), "timeout") {
				t.Errorf("the connection stays: %v", err)
			}
			end()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}
