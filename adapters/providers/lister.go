package providers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// A dialect is how one family of list APIs is asked and what it answers.
type dialect struct {
	path   string                           // below the provider's base URL
	header func(key string) http.Header     // key is empty where the list is open
	query  func(cursor string) url.Values   // cursor is empty for the first page
	read   func(body []byte) (*page, error) // KindUpstream for what is no page
}

// dialects are those that can be spoken. A provider file that names another is
// refused.
var dialects = map[domain.Dialect]dialect{
	domain.DialectAnthropic: anthropic,
}

// A page of a model list.
type page struct {
	models []domain.Model // without their provider
	more   bool           // another page follows
	next   string         // the cursor that leads there
}

// No list is that long: past these limits a provider is spinning us a yarn.
const (
	maxPages     = 1000
	maxListBytes = 100 << 20
)

// Config is what a Lister needs.
type Config struct {
	Fetcher ports.Fetcher
	Key     func(env string) string // the key that a variable holds, empty for none
	Now     func() time.Time
	Log     *slog.Logger // nil: none
}

// Lister asks providers for their models.
type Lister struct{ Config }

var _ ports.Lister = (*Lister)(nil)

// NewLister makes a Lister.
func NewLister(c Config) *Lister {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Lister{c}
}

// List gives every model of the provider's list, over all its pages.
func (l *Lister) List(ctx context.Context, p domain.Provider) (domain.Listing, error) {
	d, err := speaks(p)
	if err != nil {
		return domain.Listing{}, err
	}
	key := ""
	if p.API.KeyEnv != "" {
		if key = strings.TrimSpace(l.Key(p.API.KeyEnv)); key == "" {
			return domain.Listing{}, domain.Errorf(domain.KindNoKey, "%s: no key: %s is not set", p.ID, p.API.KeyEnv)
		}
	}
	listing := domain.Listing{KeyFingerprint: fingerprint(key)}
	walk := walk{lister: l, provider: p, dialect: d, key: key, models: map[string]bool{}, cursors: map[string]bool{"": true}}
	for !walk.done {
		if err := walk.step(ctx, &listing); err != nil {
			if walk.pages == 0 {
				return domain.Listing{}, err
			}
			l.Log.WarnContext(ctx, "model list breaks off", "provider", p.ID, "pages", walk.pages, "models", len(listing.Models), "error", err)
			listing.At = domain.Instant(l.Now())
			return listing, nil
		}
	}
	listing.Complete = true
	listing.At = domain.Instant(l.Now())
	return listing, nil
}

// walk goes from page to page of one list.
type walk struct {
	lister   *Lister
	provider domain.Provider
	dialect  dialect
	key      string

	cursor  string
	cursors map[string]bool // those that were followed
	models  map[string]bool // ids that came
	pages   int
	bytes   int
	done    bool
}

// step gets one page and adds what is new in it. A list that leads in a circle
// or never ends is an error, as is any trouble with a page.
func (w *walk) step(ctx context.Context, into *domain.Listing) error {
	address := strings.TrimRight(w.provider.API.BaseURL, "/") + w.dialect.path
	if query := w.dialect.query(w.cursor).Encode(); query != "" {
		address += "?" + query
	}
	got, err := w.lister.Fetcher.Fetch(ctx, ports.FetchRequest{URL: address, Header: w.dialect.header(w.key), Accept: "application/json"})
	if err != nil {
		return err
	}
	page, err := w.dialect.read(got.Body)
	if err != nil {
		return domain.Errorf(domain.KindOf(err), "%s: page %d of the model list: %v", w.provider.ID, w.pages+1, err)
	}
	w.pages++
	w.bytes += len(got.Body)
	fresh := 0
	for _, m := range page.models {
		if !w.models[m.ID] {
			w.models[m.ID] = true
			m.Provider = w.provider.ID
			into.Models = append(into.Models, m)
			fresh++
		}
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
	case fresh == 0:
		return w.endless("a page brings nothing new and says that more follows")
	case w.pages >= maxPages || w.bytes >= maxListBytes:
		return w.endless("it does not end")
	}
	w.cursors[page.next] = true
	w.cursor = page.next
	return nil
}

func (w *walk) endless(why string) error {
	return domain.Errorf(domain.KindUpstream, "%s: the model list after page %d: %s", w.provider.ID, w.pages, why)
}

// ParseList reads one page of a provider's model list: its models, with what
// the API says of them and nothing decided. KindUpstream where the body is not
// what the provider's dialect promises.
func ParseList(p domain.Provider, body []byte) ([]domain.Model, error) {
	d, err := speaks(p)
	if err != nil {
		return nil, err
	}
	page, err := d.read(body)
	if err != nil {
		return nil, err
	}
	for i := range page.models {
		page.models[i].Provider = p.ID
	}
	return page.models, nil
}

func speaks(p domain.Provider) (dialect, error) {
	if p.API == nil {
		return dialect{}, domain.Errorf(domain.KindInvalid, "%s: its provider file names no model-list API", p.ID)
	}
	d, known := dialects[p.API.Dialect]
	if !known {
		return dialect{}, domain.Errorf(domain.KindInvalid, "%s: the dialect %q is not supported: expected one of %s", p.ID, p.API.Dialect, supported())
	}
	return d, nil
}

// fingerprint tells keys apart without telling them: the first 12 hexadecimal
// digits of the SHA-256.
func fingerprint(key string) string {
	if key == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])[:12]
}
