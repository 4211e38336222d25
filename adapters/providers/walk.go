package providers

import (
	"cmp"
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"ratecard/domain"
	"ratecard/ports"
)

// No list is that long: past these limits a provider is spinning us a yarn.
const (
	maxPages     = 1000
	maxListBytes = 100 << 20
)

// walk goes from page to page of one list.
type walk struct {
	lister   *Lister
	provider domain.Provider
	dialect  dialect
	key      string

	details map[string]domain.Model // what another list says of a model, by id
	cursor  string
	cursors map[string]bool // those that were followed
	came    map[string]bool // ids that came, private ones included
	pages   int
	bytes   int
	done    bool
}

// learn reads the dialect's other list, if it has one. A provider without it
// loses what only that list says; one whose other list cannot be had just now
// is asked again later, since to go on without it would take back what it said
// the last time.
func (w *walk) learn(ctx context.Context) error {
	if w.dialect.detail == "" {
		return nil
	}
	page, err := w.page(ctx, w.dialect.detail, nil)
	switch {
	case mayPass(err):
		return err
	case err != nil:
		w.lister.Log.InfoContext(ctx, "no details of models", "provider", w.provider.ID, "error", err)
		return nil
	}
	w.details = make(map[string]domain.Model, len(page.models))
	for _, m := range page.models {
		w.details[m.ID] = m
	}
	return nil
}

// mayPass reports whether asking later may do.
func mayPass(err error) bool {
	passing := []domain.Kind{domain.KindUnavailable, domain.KindTimeout, domain.KindRateLimited}
	return err != nil && slices.Contains(passing, domain.KindOf(err))
}

// step gets one page and adds what is new in it. A list that leads in a circle
// or never ends is an error, as is any trouble with a page.
func (w *walk) step(ctx context.Context, into *domain.Listing) error {
	page, err := w.page(ctx, w.dialect.path, w.dialect.query(w.cursor))
	if err != nil {
		return err
	}
	w.pages++
	before := len(w.came)
	for _, m := range page.models {
		if !w.came[m.ID] {
			w.came[m.ID] = true
			m.Provider = w.provider.ID
			into.Models = append(into.Models, with(m, w.details[m.ID]))
		}
	}
	for _, id := range page.private {
		w.came[id] = true
	}
	w.done = !page.more
	if w.done {
		return nil
	}
	switch {
	case page.next == "":
		return w.endless("it says that more follows and not where")
	case w.cursors[page.next]:
		return w.endless("its cursor leads back to a page that was read")
	case len(w.came) == before:
		return w.endless("a page brings nothing new and says that more follows")
	case w.pages >= maxPages || w.bytes >= maxListBytes:
		return w.endless("it does not end")
	}
	w.cursors[page.next] = true
	w.cursor = page.next
	return nil
}

// page gets and reads one page of a list.
func (w *walk) page(ctx context.Context, path string, query url.Values) (*page, error) {
	address := join(w.provider.API.BaseURL, path)
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	got, err := w.lister.Fetcher.Fetch(ctx, ports.FetchRequest{URL: address, Header: w.dialect.header(w.key), Accept: "application/json"})
	if err != nil {
		return nil, err
	}
	w.bytes += len(got.Body)
	p, err := w.dialect.read(got.Body)
	if err != nil {
		return nil, domain.Errorf(domain.KindOf(err), "%s: page %d of the model list: %v", w.provider.ID, w.pages+1, err)
	}
	return p, nil
}

func (w *walk) endless(why string) error {
	return domain.Errorf(domain.KindUpstream, "%s: the model list after page %d: %s", w.provider.ID, w.pages, why)
}

// A version is how APIs number their editions in a path.
var (
	endsInVersion   = regexp.MustCompile(`/v\d+[a-z0-9]*$`)
	beginsInVersion = regexp.MustCompile(`^/v\d+[a-z0-9]*/`)
)

// join puts a path below a base URL. A base that ends in a version, as people
// write it for compatible APIs (https://api.example/openai/v1), keeps its own.
func join(base, path string) string {
	base = strings.TrimRight(base, "/")
	if endsInVersion.MatchString(base) {
		path = beginsInVersion.ReplaceAllString(path, "/")
	}
	return base + path
}

// with adds what another list says of a model where its own entry is silent.
func with(m, detail domain.Model) domain.Model {
	m.DisplayName = cmp.Or(m.DisplayName, detail.DisplayName)
	m.Created = cmp.Or(m.Created, detail.Created)
	m.ContextWindow = cmp.Or(m.ContextWindow, detail.ContextWindow)
	m.MaxOutputTokens = cmp.Or(m.MaxOutputTokens, detail.MaxOutputTokens)
	all := capabilities(m.Capabilities)
	for _, c := range detail.Capabilities {
		all.add(c.Type, c.Supported)
	}
	m.Capabilities = all.sorted()
	m.Aliases = domain.Union(m.Aliases, detail.Aliases)
	return m
}
