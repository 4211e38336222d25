package fetch

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// maxRedirects is how many redirects are followed.
const maxRedirects = 5

// errRedirect marks a redirect that is not followed, and never will be.
var errRedirect = errors.New("redirect not followed")

// checkRedirect follows up to five redirects between http(s) URLs. Whatever the
// caller put into the header may be a key: it goes to the host it was meant
// for, and nowhere else, not even back there once another host has had a say.
func (f *Fetcher) checkRedirect(next *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("%w: more than %d redirects", errRedirect, maxRedirects)
	}
	if err := f.Door.Check(next.URL); err != nil {
		return fmt.Errorf("%w: it leads to %w", errRedirect, err)
	}
	for _, earlier := range append(via[1:len(via):len(via)], next) {
		if !sameDoor(via[0].URL, earlier.URL) {
			next.Header = public(next.Header)
		}
	}
	next.Header.Del("Referer") // it would tell the query of where we come from
	page, _ := next.Context().Value(isPage{}).(bool)
	return f.admit(next.Context(), next.URL, page)
}

// isPage marks in a request's context that it is one for a page.
type isPage struct{}

// sameDoor reports whether two URLs lead to one host over one scheme. Plain
// http to the same host is another door: anybody may listen at it.
func sameDoor(a, b *url.URL) bool { return a.Scheme == b.Scheme && a.Host == b.Host }

// public is the part of a header that anybody may see.
func public(h http.Header) http.Header {
	kept := http.Header{}
	for _, name := range []string{"Accept", "Accept-Encoding", "User-Agent"} {
		if h.Get(name) != "" {
			kept[name] = h[name]
		}
	}
	return kept
}

// redirectFault is the text of an errRedirect without the URL around it.
func redirectFault(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return err.Error()
}
