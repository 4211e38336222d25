package providers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// A dialect is how one family of list APIs is asked and what it answers.
type dialect struct {
	path   string                           // below the provider's base URL, its version first
	detail string                           // as path: another list, which may be missing and says more of some models; empty for none
	header func(key string) http.Header     // key is empty where the list is open
	query  func(cursor string) url.Values   // cursor is empty for the first page
	read   func(body []byte) (*page, error) // KindUpstream for what is no page
}

// dialects are those that can be spoken. A provider file that names another is
// refused.
var dialects = map[domain.Dialect]dialect{
	domain.DialectAnthropic: anthropic,
	domain.DialectOpenAI:    openAI,
	domain.DialectGoogle:    google,
	domain.DialectXAI:       xAI,
}

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
	key, err := keyOf(p, l.Key)
	if err != nil {
		return domain.Listing{}, err
	}
	walk := walk{lister: l, provider: p, dialect: d, key: key, came: map[string]bool{}, cursors: map[string]bool{"": true}}
	if err := walk.learn(ctx); err != nil {
		return domain.Listing{}, err
	}
	listing := domain.Listing{KeyFingerprint: fingerprint(key), Complete: true}
	for !walk.done && listing.Complete {
		if err := walk.step(ctx, &listing); err != nil {
			if walk.pages == 0 {
				return domain.Listing{}, err
			}
			l.Log.WarnContext(ctx, "model list breaks off", "provider", p.ID, "pages", walk.pages, "models", len(listing.Models), "error", err)
			listing.Complete, listing.Failure = false, err
		}
	}
	listing.At = domain.Instant(l.Now())
	return listing, nil
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
