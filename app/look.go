package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"

	"ratecard/domain"
	"ratecard/ports"
)

// LookConfig is what looking for news needs.
type LookConfig struct {
	Providers *Providers
	Settings  ports.Settings
	Configs   ports.Configs
	Pages     ports.Pages
	Fetcher   ports.Fetcher
	Reader    ports.Reader
	Ledger    ports.Ledger
	Runs      ports.Runs
	NewID     func() string // a new UUID
	Log       *slog.Logger
}

// Looker asks price pages, between syncs, whether they say something new.
type Looker struct{ LookConfig }

// NewLooker makes a Looker.
func NewLooker(c LookConfig) *Looker { return &Looker{c} }

// Look asks the page that each enabled provider was last read from whether it
// has moved, at the cost of one conditional request, and has the providers
// synced whose page says something else. A page that says the same writes
// nothing; one that cannot be had or read is the next sync's matter.
func (l *Looker) Look(ctx context.Context, queue ports.Queue) error {
	settings, err := l.Settings.Settings(ctx)
	if err != nil || settings.Paused {
		return err
	}
	var moved []domain.ProviderID
	var failures []error
	asked, err := l.Providers.Enabled(ctx)
	if err != nil {
		return err
	}
	for _, provider := range asked {
		news, err := l.news(ctx, provider)
		if err != nil {
			failures = append(failures, err)
		} else if news {
			moved = append(moved, provider)
		}
	}
	if len(moved) > 0 {
		_, err := RequestSync(ctx, queue, l.Runs, l.NewID(), domain.TriggerSchedule, moved)
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// news reports whether the first of a provider's sources that can be read says
// something else than it last stated.
func (l *Looker) news(ctx context.Context, provider domain.ProviderID) (bool, error) {
	config, err := l.Configs.Active(ctx, provider)
	if err != nil {
		return false, err
	}
	sites := newVisit(l.Fetcher)
	for _, source := range config.Scraping.Sources {
		if _, refused := sites.refusedBy(source.URL); refused {
			continue
		}
		last, err := l.Ledger.Stated(ctx, provider, source.Name)
		if err != nil {
			return false, err
		}
		if len(last) == 0 {
			continue // it was never read: there is nothing to compare with
		}
		quotes, same, err := l.ask(ctx, sites, provider, source)
		switch {
		case err != nil:
			l.Log.InfoContext(ctx, "looked in vain", "provider", provider, "source", source.Name, "error", err)
		case same:
			return false, nil
		default:
			return !saysTheSame(last, quotes), nil
		}
	}
	return false, nil
}

// ask reads a source's page, if it is another than the one that is stored.
func (l *Looker) ask(ctx context.Context, sites *visit, provider domain.ProviderID, source domain.Source) (quotes []domain.Quote, same bool, err error) {
	stored, err := l.Pages.Latest(ctx, provider, source.Name)
	if err != nil && domain.KindOf(err) != domain.KindNotFound {
		return nil, false, err
	}
	fetched, err := sites.Fetch(ctx, ports.FetchRequest{
		URL: source.URL, Rendering: string(source.Rendering), Page: true, ETag: stored.ETag, LastModified: stored.LastModified,
	})
	if err != nil || fetched.NotModified {
		return nil, fetched.NotModified, err
	}
	if sum := sha256.Sum256(fetched.Body); hex.EncodeToString(sum[:]) == stored.SHA256 {
		return nil, true, nil // the site does not know what we have, and sends it again
	}
	reading, err := l.Reader.Read(fetched.Body, source)
	return reading.Quotes, false, err
}

// saysTheSame compares prices: bytes carry nonces.
func saysTheSame(last, now []domain.Quote) bool {
	said := make(map[domain.QuoteKey]domain.Quote, len(last))
	for _, q := range last {
		said[q.QuoteKey] = q
	}
	if len(said) != len(now) {
		return false
	}
	for _, q := range now {
		if was, known := said[q.QuoteKey]; !known || !was.Amount.Equal(q.Amount) {
			return false
		}
	}
	return true
}
