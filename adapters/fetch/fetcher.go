package fetch

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"ratecard/adapters/fetch/chromium"
	"ratecard/domain"
	"ratecard/ports"
)

// MaxBody is the cap on a decoded body where Config names none: 20 MB.
const MaxBody = 20 << 20

// Config is what a Fetcher needs to be told. Only UserAgent has no default.
type Config struct {
	UserAgent string
	Timeout   time.Duration                              // of one try, to the last byte of its body; default 30 s
	MaxBody   int64                                      // bytes of a body after decoding; default MaxBody
	Sleep     func(context.Context, time.Duration) error // waits, or gives the context's error; nil: really
	Now       func() time.Time                           // nil: the clock
	Door      *Door                                      // nil: to the public internet alone
	Browser   *chromium.Browser                          // nil: nothing is rendered
	Turns     ports.Turns                                // keeps requests to one host apart; nil: nobody does
	Robots    ports.Robots                               // keeps robots.txt files; nil: they are not asked for
	Delay     time.Duration                              // between two requests to one host, at least
	Log       *slog.Logger                               // nil: none
}

// Fetcher gets bytes over HTTP. It may be used by several goroutines at once.
type Fetcher struct {
	Config
	client *http.Client
}

var _ ports.Fetcher = (*Fetcher)(nil)

// New makes a Fetcher.
func New(c Config) *Fetcher {
	c.Timeout = cmp.Or(c.Timeout, 30*time.Second)
	c.MaxBody = cmp.Or(c.MaxBody, MaxBody)
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Door == nil {
		c.Door = NewDoor(DoorConfig{})
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	f := &Fetcher{Config: c}
	f.client = &http.Client{Transport: c.Door, CheckRedirect: f.checkRedirect}
	return f
}

// A setback is why one try failed.
type setback struct {
	err     *domain.Error
	passing bool          // another try may succeed
	wait    time.Duration // how long the server asked us to wait; 0: it did not say
}

// Fetch tries once and, where the trouble may pass, three times more.
func (f *Fetcher) Fetch(ctx context.Context, req ports.FetchRequest) (ports.Fetched, error) {
	target, err := f.parseTarget(req)
	if err != nil {
		return ports.Fetched{}, err
	}
	if req.Rendering == string(domain.RenderBrowser) {
		if err := f.admit(ctx, target, true); err != nil { // what the page loads shares its turn
			return ports.Fetched{}, err
		}
		return f.rendered(ctx, target, req)
	}
	return f.persist(ctx, target, req)
}

// persist tries as often as Fetch promises, each time when it is the host's turn.
func (f *Fetcher) persist(ctx context.Context, target *url.URL, req ports.FetchRequest) (ports.Fetched, error) {
	for try := 1; ; try++ {
		if err := f.admit(ctx, target, req.Page); err != nil {
			return ports.Fetched{}, err
		}
		began := f.Now()
		got, failed := f.try(ctx, target, req)
		if failed == nil {
			f.Log.DebugContext(ctx, "fetched", "url", shown(target), "try", try, "bytes", len(got.Body), "took", f.Now().Sub(began))
			return got, nil
		}
		f.Log.InfoContext(ctx, "fetch failed", "url", shown(target), "try", try, "kind", failed.err.Kind, "error", failed.err)
		if ctx.Err() != nil {
			return ports.Fetched{}, calledOff(ctx, target)
		}
		wait := cmp.Or(failed.wait, backoff(try))
		if !failed.passing || try == tries || outlasts(ctx, wait) {
			return ports.Fetched{}, failed.err
		}
		if f.Sleep(ctx, wait) != nil {
			return ports.Fetched{}, calledOff(ctx, target)
		}
	}
}

// parseTarget refuses what cannot be asked for before anything is sent.
func (f *Fetcher) parseTarget(req ports.FetchRequest) (*url.URL, error) {
	if req.Rendering != "" && !slices.Contains(domain.Renderings(), domain.Rendering(req.Rendering)) {
		return nil, domain.Errorf(domain.KindInvalid, "rendering %q: expected one of %q", req.Rendering, domain.Renderings())
	}
	u, err := url.Parse(req.URL)
	if err != nil { // its text repeats the URL, secrets and all
		return nil, domain.Errorf(domain.KindInvalid, "an address to fetch could not be read: expected http:// or https:// and a host")
	}
	return u, f.Door.Check(u)
}

// shown is a URL without its user, query and fragment, where secrets hide.
func shown(u *url.URL) string {
	bare := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return bare.String()
}

func calledOff(ctx context.Context, target *url.URL) error {
	if ctx.Err() == context.DeadlineExceeded {
		return domain.Wrap(domain.KindTimeout, ctx.Err(), "%s: the time for it ran out", shown(target))
	}
	return domain.Wrap(domain.KindUnavailable, ctx.Err(), "%s: called off", shown(target))
}
