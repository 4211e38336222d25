package ports

import (
	"context"
	"net/http"
	"time"
)

// FetchRequest is one thing to get.
type FetchRequest struct {
	URL       string
	Rendering string      // a domain.Rendering. "browser": as a browser shows it; else the bytes as served
	Header    http.Header // authentication; never logged
	Accept    string
	Robots    bool // a robots.txt: a 4xx says that there is none, KindNotFound
	Page      bool // a page for people (scraped), not an API: PROPERTIES 31, 34

	// Enough, asked with what a browser shows so far, says whether it is what was
	// wanted; until it does the page is waited for. Nil: what it shows first will do.
	Enough func(body []byte) bool

	// What is known of an earlier answer; where either is set, the answer may be
	// that nothing has changed since.
	ETag         string
	LastModified string
}

// Fetched is what came.
type Fetched struct {
	URL          string // after redirects
	Status       int
	ContentType  string
	ETag         string
	LastModified string
	Body         []byte // decoded; none where NotModified
	NotModified  bool   // what the request knew of is still what there is
	At           time.Time
}

// Fetcher gets bytes, politely: it retries what may pass (PROPERTIES 3), caps
// size and time, and names itself.
type Fetcher interface {
	// Fetch gives a response with status 200, or 304 to a conditional request,
	// or an error: KindUpstreamAuth
	// (401, 403, and 400 with an invalid-key body, at an API), KindBlocked
	// (403 or 429 on a page), KindRateLimited (429 at an API, after retries),
	// KindTooLarge (body over the cap), KindTimeout, KindUnavailable (could
	// not be reached, 5xx, after retries), KindUpstream (any other status).
	// What a browser is to show is asked for once, whatever comes; without a
	// browser that is KindUnavailable.
	Fetch(ctx context.Context, req FetchRequest) (Fetched, error)
}
