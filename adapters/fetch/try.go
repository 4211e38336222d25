package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// try asks once.
func (f *Fetcher) try(ctx context.Context, target *url.URL, req ports.FetchRequest) (ports.Fetched, *setback) {
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	ctx = context.WithValue(ctx, isPage{}, req.Page)
	resp, err := f.client.Do(f.request(ctx, target, req))
	if err != nil {
		return ports.Fetched{}, f.unreached(target, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotModified && conditional(req) {
		return ports.Fetched{
			URL: resp.Request.URL.String(), Status: resp.StatusCode, NotModified: true,
			ETag: req.ETag, LastModified: req.LastModified, At: domain.Instant(f.Now()),
		}, nil
	}
	if resp.StatusCode != http.StatusOK {
		return ports.Fetched{}, f.refused(target, req, resp)
	}
	body, err := readDecoded(resp, f.MaxBody)
	if err != nil {
		return ports.Fetched{}, f.unread(target, err)
	}
	contentType := resp.Header.Get("Content-Type")
	if req.Page {
		body, contentType = toUTF8(body, contentType)
	}
	if int64(len(body)) > f.MaxBody {
		return ports.Fetched{}, f.unread(target, errTooLarge)
	}
	if req.Page && challenged(resp.Header, body) {
		return ports.Fetched{}, &setback{err: riddled(answer(target, resp))}
	}
	return ports.Fetched{
		URL:          resp.Request.URL.String(),
		Status:       resp.StatusCode,
		ContentType:  contentType,
		ETag:         resp.Header.Get("ETag"),
		LastModified: resp.Header.Get("Last-Modified"),
		Body:         body,
		At:           domain.Instant(f.Now()),
	}, nil
}

func (f *Fetcher) request(ctx context.Context, target *url.URL, req ports.FetchRequest) *http.Request {
	header := http.Header{}
	for name, values := range req.Header {
		header[http.CanonicalHeaderKey(name)] = values
	}
	header.Set("User-Agent", f.UserAgent)
	header.Set("Accept-Encoding", acceptEncoding)
	if req.Accept != "" {
		header.Set("Accept", req.Accept)
	}
	if req.ETag != "" {
		header.Set("If-None-Match", req.ETag)
	}
	if req.LastModified != "" {
		header.Set("If-Modified-Since", req.LastModified)
	}
	return (&http.Request{Method: http.MethodGet, URL: target, Host: target.Host, Header: header}).WithContext(ctx)
}

func conditional(req ports.FetchRequest) bool { return req.ETag != "" || req.LastModified != "" }

// unreached judges a request that got no answer.
func (f *Fetcher) unreached(target *url.URL, err error) *setback {
	if errors.Is(err, errRedirect) {
		return &setback{err: domain.Errorf(domain.KindUpstream, "%s: %s", shown(target), redirectFault(err))}
	}
	if kind := domain.KindOf(err); kind == domain.KindDisallowed || kind == domain.KindRateLimited {
		var ours *domain.Error
		errors.As(err, &ours)
		return &setback{err: ours}
	}
	if domain.KindOf(err) == domain.KindInvalid { // the door stays shut, today and tomorrow
		return &setback{err: domain.Errorf(domain.KindInvalid, "%s", cause(err))}
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return f.late(target)
	}
	return &setback{
		err:     domain.Wrap(domain.KindUnavailable, cause(err), "%s: could not be reached", shown(target)),
		passing: true,
	}
}

// unread judges an answer whose body could not be read to its end.
func (f *Fetcher) unread(target *url.URL, err error) *setback {
	var encoding *encodingError
	switch {
	case errors.Is(err, errTooLarge):
		return &setback{err: domain.Errorf(domain.KindTooLarge, "%s: the body is over the cap of %s", shown(target), size(f.MaxBody))}
	case errors.As(err, &encoding):
		saw := domain.SawNoText
		if encoding.cut {
			saw = domain.SawCutOff
		}
		return &setback{err: domain.Errorf(domain.KindUpstream, "%s: %s", shown(target), encoding).Seen(saw)}
	case errors.Is(err, context.DeadlineExceeded):
		return f.late(target)
	}
	return &setback{
		err:     domain.Wrap(domain.KindUnavailable, cause(err), "%s: the answer broke off", shown(target)).Seen(domain.SawCutOff),
		passing: true,
	}
}

func (f *Fetcher) late(target *url.URL) *setback {
	return &setback{err: domain.Errorf(domain.KindTimeout, "%s: no whole answer within %s", shown(target), f.Timeout), passing: true}
}

// refused judges an answer whose status is not 200.
func (f *Fetcher) refused(target *url.URL, req ports.FetchRequest, resp *http.Response) *setback {
	status, answered := resp.StatusCode, answer(target, resp)
	switch {
	case req.Robots && status >= 400 && status < 500:
		return &setback{err: domain.Errorf(domain.KindNotFound, "%s", answered)}
	case req.Page && challengedRefusal(resp):
		return &setback{err: riddled(answered)}
	case req.Page && (status == http.StatusForbidden || status == http.StatusTooManyRequests):
		return &setback{err: blocked(answered, status, retryAfter(resp.Header, f.Now()))}
	case status >= 500:
		return &setback{err: domain.Errorf(domain.KindUnavailable, "%s", answered), passing: true}
	case req.Page:
		return &setback{err: notThere(answered, status)}
	case status == http.StatusTooManyRequests:
		wait := retryAfter(resp.Header, f.Now())
		limited := domain.Errorf(domain.KindRateLimited, "%s%s", answered, asking(wait))
		limited.RetryAfter = wait
		return &setback{err: limited, passing: true, wait: wait}
	case status == http.StatusUnauthorized, status == http.StatusForbidden,
		status == http.StatusBadRequest && refusesKey(resp):
		return &setback{err: domain.Errorf(domain.KindUpstreamAuth, "%s: the key was refused", answered)}
	}
	return &setback{err: domain.Errorf(domain.KindUpstream, "%s", answered)}
}

func answer(target *url.URL, resp *http.Response) string {
	return fmt.Sprintf("%s: answered %d %s", shown(target), resp.StatusCode, http.StatusText(resp.StatusCode))
}

// blocked is a page that a site does not serve us, for at least as long as it says.
func blocked(answered string, status int, wait time.Duration) *domain.Error {
	saw := domain.SawRefusal
	if status == http.StatusTooManyRequests {
		saw = domain.SawLimit
	}
	e := domain.Errorf(domain.KindBlocked, "%s: the site does not serve us%s", answered, asking(wait)).Seen(saw)
	e.RetryAfter = wait
	return e
}

// riddled is a page that a browser has to solve a riddle for first.
func riddled(answered string) *domain.Error {
	return domain.Errorf(domain.KindBlocked, "%s: the site does not serve us, but asks for a browser to be proven", answered).Seen(domain.SawChallenge)
}

// notThere is a page under another status.
func notThere(answered string, status int) *domain.Error {
	if status == http.StatusUnauthorized {
		return domain.Errorf(domain.KindUpstream, "%s: it asks to log in", answered).Seen(domain.SawLogin)
	}
	return domain.Errorf(domain.KindUpstream, "%s", answered)
}

func asking(wait time.Duration) string {
	if wait == 0 {
		return ""
	}
	return ": asks to wait " + wait.Round(time.Second).String()
}

// keyRefusal is how providers say under a 400 that it is the key they mind:
// the word for it within a few words of what is wrong with it.
var keyRefusal = regexp.MustCompile(`(?is)` + key + `.{0,40}` + fault + `|` + fault + `.{0,40}` + key)

const (
	key   = `(api[ _-]?key|access[ _-]?token|credentials?)`
	fault = `(invalid|not[ _]valid|incorrect|expired|revoked|missing|malformed|unknown|wrong)`
)

// refusesKey reports whether a 400 minds the key. The body is only looked at:
// some providers repeat the key in it.
func refusesKey(resp *http.Response) bool {
	body, err := readDecoded(resp, 64<<10)
	return err == nil && keyRefusal.Match(body)
}

// queries are what may carry a secret in an error text of net/http, which
// quotes whole URLs.
var queries = regexp.MustCompile(`[?#][^\s"]*|//[^\s"/@]*@`)

// cause is an error of net/http, for the log, without the URL's query or user.
func cause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return errors.New(queries.ReplaceAllString(err.Error(), ""))
}

func size(n int64) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}

// errTooLarge says that a body is over the cap.
var errTooLarge = errors.New("body over the cap")

// readCapped reads at most limit bytes and says when there were more.
func readCapped(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if int64(len(body)) > limit {
		return nil, errTooLarge
	}
	return body, err
}
