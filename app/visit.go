package app

import (
	"context"
	"net/url"
	"strings"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// A visit is what one piece of work, such as a run, has got from the sites that it
// asks. Each page is asked for once, by however many sources it is read; and a host
// that does not serve us is left alone.
type visit struct {
	fetcher ports.Fetcher
	got     map[string]visited
	refused map[string]time.Duration // hosts, with how long they want to be left alone where they say so
}

// visited is what came of asking for a page.
type visited struct {
	page ports.Fetched
	err  error
}

var _ ports.Fetcher = (*visit)(nil)

func newVisit(fetcher ports.Fetcher) *visit {
	return &visit{fetcher: fetcher, got: map[string]visited{}, refused: map[string]time.Duration{}}
}

// Fetch gives what came when the same was asked for before, else asks. What one had
// no time for is asked for again.
func (v *visit) Fetch(ctx context.Context, req ports.FetchRequest) (ports.Fetched, error) {
	key := strings.Join([]string{req.URL, req.Rendering, req.ETag, req.LastModified}, "\n")
	if known, asked := v.got[key]; asked {
		return known.page, known.err
	}
	if _, refused := v.refusedBy(req.URL); refused {
		return ports.Fetched{}, domain.Errorf(domain.KindBlocked, "not asked, since %s does not serve us", host(req.URL))
	}
	page, err := v.fetcher.Fetch(ctx, req)
	if ctx.Err() == nil {
		v.got[key] = visited{page, err}
	}
	if domain.KindOf(err) == domain.KindBlocked {
		v.refused[host(req.URL)] = asksToWait(err)
	}
	return page, err
}

// refusedBy tells whether a page's host does not serve us, and for how long it
// wants to be left alone, where it says so.
func (v *visit) refusedBy(address string) (wait time.Duration, refused bool) {
	wait, refused = v.refused[host(address)]
	return wait, refused
}

// host is where a source is, as one asks for it; the whole address where it names
// none.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return strings.ToLower(u.Host)
}
