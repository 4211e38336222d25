package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"time"

	"ratecard/adapters/api"
	"ratecard/adapters/jobs"
	"ratecard/adapters/memory"
	"ratecard/app"
	"ratecard/domain"
	"ratecard/ports"
)

// server is a running ratecard. Its parts are made in the order in which they
// need each other and taken down in the reverse.
type server struct {
	log       *slog.Logger
	stderr    io.Writer
	listener  net.Listener
	api       *api.Server
	queue     *jobs.Queue
	catalogue *memory.Catalogue
	leases    ports.Leases
	ledger    memory.Ledger                 // whoever writes through it is answered by the catalogue what he wrote
	down      []func(context.Context) error // what has to be taken down, last first
	missing   error                         // why the database was away at this start; nil: it was there
	lost      <-chan struct{}               // closed when our own Postgres ended by itself; nil: not ours
	adminKey  string                        // made at this start; empty: there was one
}

// stopWithin is how long a server may take to go down.
const stopWithin = 30 * time.Second

// url is where the server answers, for somebody on this machine.
func (s *server) url() string {
	host, port, err := net.SplitHostPort(s.listener.Addr().String())
	if err != nil {
		return "http://" + s.listener.Addr().String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// run answers until ctx ends, then takes everything down in order.
func (s *server) run(ctx context.Context) error {
	serving, end := context.WithCancelCause(ctx)
	defer end(nil)
	go func() {
		select {
		case <-s.lost:
			end(errors.New("our own PostgreSQL ended by itself; its log in the state directory says why"))
		case <-serving.Done():
		}
	}()
	err := s.api.Serve(serving, s.listener)
	if cause := context.Cause(serving); err == nil && ctx.Err() == nil && cause != nil {
		err = cause
	}
	return errors.Join(err, s.stop(ctx))
}

func (s *server) onStop(do func(context.Context) error) { s.down = append(s.down, do) }

// stop takes down what was made, last first. It may be called again.
func (s *server) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	var errs []error
	for _, down := range slices.Backward(s.down) {
		errs = append(errs, down(ctx))
	}
	s.down = nil
	return errors.Join(errs...)
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// adminKeyHash gives the hash of the settings' admin key. Without one, a
// server that has no admin key yet makes one, which is shown once.
func (s *server) adminKeyHash(ctx context.Context, c config, keys ports.Keys, now time.Time) ([32]byte, error) {
	if c.adminKey != "" {
		return app.HashSecret(c.adminKey), nil
	}
	all, err := keys.List(ctx)
	if err != nil || slices.ContainsFunc(all, func(k domain.APIKey) bool { return k.Scope == domain.ScopeAdmin && k.RevokedAt.IsZero() }) {
		return [32]byte{}, err
	}
	_, s.adminKey, err = app.CreateKey(ctx, keys, rand.Reader, app.NewKey{Name: "first admin key", Scope: domain.ScopeAdmin, At: now})
	return [32]byte{}, err
}
