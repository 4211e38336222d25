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
// it is not ready, answers on for a while, letting go of each connection with an
// answer that says so, and returns when the requests under way are answered. Whoever
// shares requests out among servers sees meanwhile that this one goes: a caller whose
// connection was closed between two of its requests, or not taken any more, would not
// know whether it was heard.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	var asking callers
	srv := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: s.limits.header,
		ReadTimeout:       s.limits.read,
		WriteTimeout:      s.limits.write,
		IdleTimeout:       s.limits.idle,
		MaxHeaderBytes:    s.limits.headerBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
		ConnState:         asking.note,
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
	s.h.ending.Store(true)
	close(s.h.ended)
	if asking.lately() {
		<-time.After(s.drain)
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

// callers knows whether anybody asks.
type callers struct {
	mu   sync.Mutex
	open int // connections
	left time.Time
}

func (c *callers) note(_ net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.open++
	case http.StateClosed, http.StateHijacked:
		c.open--
		c.left = time.Now()
	case http.StateActive, http.StateIdle: // as open as before
	}
}

// lately tells whether somebody is connected, or was so short a time ago that he may
// well come back.
func (c *callers) lately() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open > 0 || time.Since(c.left) < comesBack
}

// comesBack is more than passes between two looks of a load balancer.
const comesBack = time.Minute
