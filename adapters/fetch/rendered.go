package fetch

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"ratecard/domain"
	"ratecard/ports"
)

// rendered asks for a page once, through the browser, and judges its answer as
// any other.
func (f *Fetcher) rendered(ctx context.Context, target *url.URL, req ports.FetchRequest) (ports.Fetched, error) {
	if f.Browser == nil {
		return ports.Fetched{}, domain.Errorf(domain.KindUnavailable, "%s: there is no browser to render it", shown(target))
	}
	enough := req.Enough
	if enough == nil {
		enough = func([]byte) bool { return true }
	}
	page, err := f.Browser.Render(ctx, target.String(), enough)
	if err != nil {
		return ports.Fetched{}, domain.Wrap(domain.KindOf(err), err, "%s", shown(target))
	}
	header := http.Header{}
	for name, value := range page.Header {
		header.Set(name, value)
	}
	answered := fmt.Sprintf("%s: answered a browser %d %s", shown(target), page.Status, http.StatusText(page.Status))
	switch {
	case challenged(header, page.HTML):
		return ports.Fetched{}, riddled(answered)
	case page.Status == http.StatusForbidden, page.Status == http.StatusTooManyRequests:
		return ports.Fetched{}, blocked(answered, page.Status, retryAfter(header, f.Now()))
	case page.Status >= 500:
		return ports.Fetched{}, domain.Errorf(domain.KindUnavailable, "%s", answered)
	case page.Status != http.StatusOK:
		return ports.Fetched{}, notThere(answered, page.Status)
	}
	return ports.Fetched{
		URL: page.URL, Status: page.Status, ContentType: "text/html; charset=utf-8", Body: page.HTML, At: domain.Instant(f.Now()),
	}, nil
}
