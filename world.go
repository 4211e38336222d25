package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"ratecard/adapters/fetch/chromium"
	"ratecard/adapters/providers"
	"ratecard/adapters/scrape"
	"ratecard/domain"
	"ratecard/ports"
)

// world is what a server lives in: the real one, or the demo's.
type world struct {
	providers []domain.Provider       // as the program and files describe them
	key       func(env string) string // the providers' keys
	now       func() time.Time
	simulated func() time.Time                           // the clock by which hosts are left alone; nil: the database's
	sleep     func(context.Context, time.Duration) error // lets time go by; nil: really
	reach     domain.Reach                               // what is fetched from besides the public internet and what the settings name
	browser   *chromium.Browser                          // shows the pages that scripts build; nil: nothing does
	ledger    ports.Ledger                               // nil: the store's own
	fresh     bool                                       // begin with an empty database
	paused    bool                                       // begin with nothing scheduled
}

// realWorld reads provider files and keys from where the settings say.
func realWorld(c config) (world, error) {
	all, err := c.providers()
	if err != nil {
		return world{}, err
	}
	keys := map[string]string{}
	var wrong []domain.FieldError
	for _, p := range all {
		if p.API == nil || p.API.KeyEnv == "" {
			continue
		}
		key, err := c.providerKey(p.API.KeyEnv)
		if err != nil {
			wrong = append(wrong, domain.FieldError{Path: p.API.KeyEnv, Message: err.Error()})
		}
		keys[p.API.KeyEnv] = key
	}
	if len(wrong) > 0 {
		return world{}, &domain.Error{Kind: domain.KindInvalid, Message: "the environment has wrong values", Fields: wrong}
	}
	key := func(env string) string {
		held, read := keys[env]
		if !read { // of a provider that was described since
			held, _ = c.providerKey(env) // why it cannot be read was said as it was described
		}
		return held
	}
	return world{providers: all, key: key, now: time.Now}, nil
}

// providers are the built-in ones and those of the settings' folder.
func (c config) providers() ([]domain.Provider, error) {
	all, err := providers.BuiltIn()
	if err == nil && c.providersDir != "" {
		all, err = providers.LoadDir(os.DirFS(c.providersDir))
	}
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if err := checkSources("", p.Scraping); err != nil {
			return nil, fmt.Errorf("provider %s: %w", p.ID, err)
		}
	}
	return all, nil
}

// parseProvider reads a provider file, and checks that its readers can be used.
func parseProvider(text []byte) (domain.Provider, error) {
	p, err := providers.ParseFile(text)
	if err != nil {
		return domain.Provider{}, err
	}
	return p, checkSources("scraping.", p.Scraping)
}

// parseScraping reads a scraping configuration in either form, and checks that
// its readers can be used.
func parseScraping(text []byte) (domain.Scraping, error) {
	scraping, err := providers.ParseScraping(text)
	if err != nil {
		return domain.Scraping{}, err
	}
	return scraping, checkSources("", scraping)
}

// checkSources names what the readers refuse by its path, which begins as said.
func checkSources(path string, scraping domain.Scraping) error {
	var faults []domain.FieldError
	for i, source := range scraping.Sources {
		var e *domain.Error
		err := scrape.Check(source)
		if err != nil && !errors.As(err, &e) {
			return err
		}
		if e == nil {
			continue
		}
		for _, f := range e.Fields {
			faults = append(faults, domain.FieldError{Path: fmt.Sprintf("%ssources[%d].%s", path, i, f.Path), Message: f.Message})
		}
	}
	if faults == nil {
		return nil
	}
	return &domain.Error{Kind: domain.KindInvalid, Message: "invalid scraping configuration", Fields: faults}
}

func (w world) provider(id domain.ProviderID) (domain.Provider, bool) {
	i := slices.IndexFunc(w.providers, func(p domain.Provider) bool { return p.ID == id })
	if i < 0 {
		return domain.Provider{}, false
	}
	return w.providers[i], true
}

func (w world) ids() []domain.ProviderID {
	ids := make([]domain.ProviderID, len(w.providers))
	for i, p := range w.providers {
		ids[i] = p.ID
	}
	return ids
}
