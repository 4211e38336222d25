// Package chromium renders pages that scripts build, in a headless Chromium that
// is trusted with nothing: it runs without rights, in its own sandbox where the
// machine has what that needs, with a profile that is thrown away, and reaches
// the network only through a proxy of ours. Whatever a page does to it, it and
// every process that it started are gone when they should be.
//
// Only the way from a URL to the page as a reader would see it may live here.
package chromium

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"ratecard/domain"
)

// Door is the one way to the network. It refuses what may not be reached, whatever
// asked for it, and knows whether a proxy of the operator's lies on the way.
type Door interface {
	// Connect makes a connection to the target's host, for what is encrypted.
	Connect(ctx context.Context, target *url.URL) (net.Conn, error)
	// RoundTrip sends what is not encrypted.
	RoundTrip(*http.Request) (*http.Response, error)
}

// Config is what a Browser needs to be told. Only Door has no default.
type Config struct {
	Path       string        // of the program; empty: looked for
	UserAgent  string        // empty: the program's own
	Door       Door          // what every connection that a page asks for goes through
	Timeout    time.Duration // of a rendering, the browser's start included; default 30 s
	Patience   time.Duration // for how long prices are waited for once the page is there; default half of Timeout, at most 15 s
	Still      time.Duration // for how long a page has to stand still, three times that while it loads something; default 1 s
	Idle       time.Duration // after which a browser that nobody needs ends; default 20 s
	MaxPage    int           // characters of a rendered page; default 20 million
	MaxTraffic int64         // bytes that one rendering may load; default 64 MB
	MaxMemory  int64         // bytes of all its processes together; default 1 GB
	Dir        string        // where profiles lie while they are used; empty: among the system's temporary files
	Log        *slog.Logger  // nil: none
}

// Browser renders one page at a time. Its Chromium is started for the first,
// shared by those that follow, and ended when it was idle for long enough. It may
// be used by several goroutines at once.
type Browser struct {
	Config
	turn    chan struct{} // holds a token while a page is being rendered
	running *process      // by whoever holds the turn; nil: none
	idle    *time.Timer
	used    time.Time // when the last rendering ended
	missing sync.Once
	caged   sync.Once
	bare    bool // this machine has no sandbox: found out at a start
	stopped bool
}

// Page is a page as it stood when its scripts had built it.
type Page struct {
	URL    string // after redirects
	Status int
	Header map[string]string // of the document, by lower-case name
	HTML   []byte
}

// New makes a Browser. Nothing is started, or looked for, before it is needed.
func New(c Config) *Browser {
	c.Timeout = cmp.Or(c.Timeout, 30*time.Second)
	c.Patience = cmp.Or(c.Patience, min(c.Timeout/2, 15*time.Second))
	c.Still = cmp.Or(c.Still, time.Second)
	c.Idle = cmp.Or(c.Idle, 20*time.Second)
	c.MaxPage = cmp.Or(c.MaxPage, 20_000_000)
	c.MaxTraffic = cmp.Or(c.MaxTraffic, 64<<20)
	c.MaxMemory = cmp.Or(c.MaxMemory, 1<<30)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Browser{Config: c, turn: make(chan struct{}, 1)}
}

// Render gives a page as its scripts have built it, as soon as enough says so of
// what it shows and that stands still; at the latest when the patience for it is
// over, as it then is. The user agent, and nothing else, is the client's.
//
// Errors: KindUnavailable without a Chromium (see ErrMissing) and for a page that
// could not be reached or broke the browser; KindTimeout for one that was not
// there in time; KindTooLarge for one over the caps of size, traffic and memory.
func (b *Browser) Render(ctx context.Context, address string, enough func(html []byte) bool) (Page, error) {
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return Page{}, domain.Wrap(domain.KindTimeout, ctx.Err(), "the browser had no time for it")
	}
	if b.stopped {
		return Page{}, domain.Errorf(domain.KindUnavailable, "the browser was taken down")
	}
	ctx, cancel := context.WithTimeout(ctx, b.Timeout)
	defer cancel()
	began := time.Now()
	running, err := b.start(ctx)
	if err != nil {
		return Page{}, err
	}
	page, err := b.render(ctx, running, address, enough)
	took, memory := time.Since(began), running.memory()
	if err == nil && running.alive() {
		b.Log.InfoContext(ctx, "rendered", "host", hostOf(address), "bytes", len(page.HTML), "took", took.Round(time.Millisecond), "memory", memory)
		b.used = time.Now()
		b.idle.Reset(b.Idle)
		return page, nil
	}
	// Whatever a page has done to it, the next one gets a browser of its own.
	b.Log.InfoContext(ctx, "rendering failed", "host", hostOf(address), "took", took.Round(time.Millisecond), "memory", memory, "error", err)
	over := running.over()
	if ended := b.end(); ended != nil {
		b.Log.WarnContext(ctx, "the browser could not be ended", "error", ended)
	}
	switch {
	case over != nil:
		return Page{}, over
	case err != nil && ctx.Err() != nil:
		return Page{}, domain.Wrap(domain.KindTimeout, ctx.Err(), "it was not rendered within %s", b.Timeout)
	}
	return page, err
}

// Stop ends the browser with all its processes and keeps it from starting again.
// It waits for a rendering that is under way.
func (b *Browser) Stop(ctx context.Context) error {
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	b.stopped = true
	return b.end()
}

// start gives the browser that runs, or starts one. The caller has the turn.
func (b *Browser) start(ctx context.Context) (*process, error) {
	if b.idle != nil {
		b.idle.Stop()
	}
	if b.running != nil && b.running.alive() {
		return b.running, nil
	}
	if err := b.end(); err != nil {
		return nil, err
	}
	path, err := b.find()
	if err != nil {
		return nil, err
	}
	running, err := b.launch(ctx, path, b.bare)
	if errors.Is(err, errNoSandbox) {
		b.bare = true
		b.caged.Do(func() {
			b.Log.WarnContext(ctx, "this machine lets no unprivileged program make a sandbox (user namespaces): Chromium runs without one, behind our proxy", "as", whom())
		})
		running, err = b.launch(ctx, path, true)
	}
	if err != nil {
		return nil, domain.Wrap(domain.KindUnavailable, err, "Chromium did not start")
	}
	b.running = running
	b.idle = time.AfterFunc(b.Idle, b.rest)
	b.idle.Stop()
	return running, nil
}

// rest ends a browser that nobody has needed for a while.
func (b *Browser) rest() {
	b.turn <- struct{}{}
	defer func() { <-b.turn }()
	if time.Since(b.used) < b.Idle {
		return // somebody has needed it since
	}
	if err := b.end(); err != nil {
		b.Log.Warn("the browser left something behind", "error", err)
	}
}

// end takes down what runs, if anything does. The caller has the turn.
func (b *Browser) end() error {
	if b.running == nil {
		return nil
	}
	running := b.running
	b.running = nil
	return running.end()
}
