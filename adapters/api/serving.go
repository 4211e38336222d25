package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// connectionLimits are what a connection may take. An answer has longer than a
// request may take, so that one that took too long can still be told.
type connectionLimits struct {
	header, read, write, idle time.Duration
	headerBytes               int
}

const writeTimeout = requestTimeout + 10*time.Second

var usualLimits = connectionLimits{
	header: 10 * time.Second, read: requestTimeout, write: writeTimeout, idle: 2 * time.Minute, headerBytes: 64 << 10,
}

const shutdownGrace = requestTimeout

// closing tells callers that a connection ends with this answer.
var closing = []string{"close"}

// Serve answers on a listener, which it closes, until ctx ends. Then it says that
// it is not ready, answers on while connections are let go of, each with an answer
// that says so, and returns when the requests under way are answered. A caller whose
// connection was closed between two of its requests would not know whether the
// second was heard: so none is, as far as they ask within the time.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	var open connections
	srv := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: s.limits.header,
		ReadTimeout:       s.limits.read,
		WriteTimeout:      s.limits.write,
		IdleTimeout:       s.limits.idle,
		MaxHeaderBytes:    s.limits.headerBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
		ConnState:         open.note,
		// A request under way outlives the signal that ends the server.
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ln) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving on %s: %w", ln.Addr(), err)
	case <-ctx.Done():
	}
	s.ending.Store(true)
	if s.drain > 0 {
		select {
		case <-open.none():
		case <-time.After(s.drain):
		}
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	err := srv.Shutdown(grace)
	if err != nil {
		err = errors.Join(fmt.Errorf("some requests were cut off after %s: %w", shutdownGrace, err), srv.Close())
	}
	s.gate.uses.pending.Wait()
	return err
}

// connections counts those that are open.
type connections struct {
	mu    sync.Mutex
	count int
	empty chan struct{} // closed when there is none; nil: nobody waits
}

func (c *connections) note(_ net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.count++
	case http.StateClosed, http.StateHijacked:
		c.count--
		c.tell()
	case http.StateActive, http.StateIdle: // as open as before
	}
}

func (c *connections) tell() {
	if c.count == 0 && c.empty != nil {
		close(c.empty)
		c.empty = nil
	}
}

// none is closed as soon as no connection is open.
func (c *connections) none() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	empty := make(chan struct{})
	c.empty = empty
	c.tell()
	return empty
}
