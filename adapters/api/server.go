package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/gen/oas"
	"ratecard/ports"
)

// Config says what the API answers from.
type Config struct {
	Catalogue   ports.Catalogue
	Editions    Editions // of the catalogue; nil: each answer is encoded anew
	Runs        ports.Runs
	Keys        Keyring
	Audit       ports.Audit
	Queue       ports.Queue
	Scheduler   Scheduler
	Ledger      ports.Ledger
	Manual      ports.ManualRates
	Matching    ports.Matching
	Biller      *app.Biller
	Comparer    *app.Comparer
	Adjustments ports.Adjustments
	Held        ports.HeldChanges
	Replay      *app.Replay
	Configure   *app.Configure
	Events      ports.EventLog
	Timelines   ports.Timelines
	Leases      ports.Leases // of the limits below
	Exporter    ports.Exporter
	Locator     ports.Locator // finds places again in stored pages
	Console     http.Handler  // the queue's own pages, which ask for no key; nil: none

	Providers      *app.Providers // every one that is described, enabled or not
	ProviderSchema []byte         // the JSON Schema of provider files
	AdminKeyHash   [32]byte       // app.HashSecret of a key that may do everything; zero: there is none
	AnonymousReads bool           // reads need no key
	KeyLimit       int64          // requests a minute with one key that has no limit of its own; 0: any number
	AnonymousLimit int64          // requests a minute without a key from one address; 0: any number
	TrustedProxies []netip.Prefix // whose X-Forwarded-For says who asks
	CORSOrigins    []string       // of pages that may ask from a browser, such as https://dash.example; AnyOrigin among them: all
	Streams        int            // streams of events at once; 0: none
	Drain          time.Duration  // for how long connections are let go of before the server goes down; 0: not at all
	PublicURL      string         // where people find this server, for links; empty: not said
	Version        string         // the program's
	Spec           []byte         // the text of openapi.yaml
	ScrapingSchema []byte         // the JSON Schema of scraping configurations

	Now   func() time.Time
	Log   *slog.Logger
	Ready func(context.Context) error // whether the store answers
}

// Keyring is the keys, of which the valid ones are found at once; *memory.Keyring
// is one.
type Keyring interface {
	ports.Keys
	// Find gives the key with that hash, which many share and none changes; nil where
	// there is none that is valid then.
	Find(hash [32]byte, at time.Time) *domain.APIKey
}

// Server is the API as an http.Handler, and what serves it.
type Server struct {
	handler http.Handler
	gate    *gate
	log     *slog.Logger
	limits  connectionLimits
	drain   time.Duration
	h       *handler
}

// handler implements the operations.
type handler struct {
	cfg    Config
	ending atomic.Bool   // the server is about to go down
	ended  chan struct{} // closed then
	hub    *hub          // of the events that are streamed
	open   atomic.Int64  // streams
	pace   pace          // of those

	exporting chan struct{} // a place for each export of the past that is made
}

var _ oas.Handler = (*handler)(nil)

// New builds the API.
func New(cfg Config) (*Server, error) {
	h := &handler{cfg: cfg, ended: make(chan struct{}), pace: usualPace, hub: newHub(usuallyHeld, usuallyRead), exporting: make(chan struct{}, pastExports)}
	operations, err := oas.NewServer(h, admitted{},
		oas.WithNotFound(h.notFound),
		oas.WithMethodNotAllowed(h.methodNotAllowed),
		oas.WithErrorHandler(h.badRequest),
		oas.WithMiddleware(refuseUnknown))
	if err != nil {
		return nil, fmt.Errorf("building the API: %w", err)
	}
	g, again := &gate{h: h, limits: limits{leases: cfg.Leases}}, &answers{h: h}
	return &Server{
		handler: h.record(h.share(g.guard(again.again(h.streaming(h.bound(h.reachable(h.withDocs(h.withConsole(operations))))))))),
		gate:    g,
		log:     cfg.Log,
		limits:  usualLimits,
		drain:   cfg.Drain,
		h:       h,
	}, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.h.ending.Load() {
		w.Header()["Connection"] = closing
	}
	s.handler.ServeHTTP(w, r)
}

// Listen takes an address (host:port), and says what to do where it cannot.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	switch {
	case err == nil:
		return ln, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, domain.Wrap(domain.KindConflict, err,
			"cannot listen on %s: another program listens there; stop it, or choose another address with RATECARD_ADDR", addr)
	case errors.Is(err, os.ErrPermission):
		return nil, domain.Wrap(domain.KindForbidden, err,
			"cannot listen on %s: not permitted (ports below 1024 often are not); choose another address with RATECARD_ADDR", addr)
	}
	return nil, domain.Wrap(domain.KindInvalid, err,
		"cannot listen on %q; RATECARD_ADDR takes host:port of this machine, such as 127.0.0.1:8080 or :8080", addr)
}
