package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// TryConfiguration asks what a configuration would read.
type TryConfiguration struct {
	Provider domain.ProviderID
	Config   []byte // JSON, in either form; empty: the one in force
	PageID   int64  // a stored page; 0: the pages as they are now
	Source   string // the one to try; empty: one after another until one can be read
}

// Tried says how the sources were read, in their order until one of them was,
// and what that comes to.
type Tried struct {
	Provider domain.ProviderID
	Version  int // of the configuration; 0: the one that was sent along
	Sources  []TriedSource
	Rates    []TriedRate
	Missing  []domain.Rate // printed list prices in force that the reading does not state
}

// TriedSource is how one source was read.
type TriedSource struct {
	Source   string
	URL      string
	PageID   int64 // 0: the page was fetched
	At       time.Time
	Findings []domain.Finding
	Misfits  []domain.FieldError // readers that cannot read the page for its form, by their path in the configuration
	Error    string              // why it could not be read; empty: it was
	Seen     domain.Sighting     // what was met instead of prices; empty: it was read
	Warnings []string
}

// What a rate that a try read is beside what is in force.
const (
	TriedSame      = "same"
	TriedNew       = "new"
	TriedChanged   = "changed"
	TriedUnmatched = "unmatched" // no model answers to the printed name
	TriedNotNow    = "not_now"   // the page states it for another time
)

// TriedRate is a price that was read, the model that it would price, and what
// that is beside what is in force.
type TriedRate struct {
	domain.Quote
	Model   string // empty where none answers to the name
	Change  string
	InForce *decimal.Decimal // nil: nothing is
}

// Try reads with a configuration as a sync would, and writes nothing: no page,
// no run, no event. KindInvalid as Put; KindNotFound for a page that is not
// kept or is another provider's.
func (c *Configure) Try(ctx context.Context, want TryConfiguration) (Tried, error) {
	out := Tried{Provider: want.Provider}
	sources, err := c.sources(ctx, want, &out)
	if err != nil {
		return Tried{}, err
	}
	var stored *domain.Page
	first := 0 // of the sources that are tried
	if want.PageID != 0 {
		page, err := c.Pages.Page(ctx, want.PageID)
		if err != nil {
			return Tried{}, err
		}
		if page.Provider != want.Provider {
			return Tried{}, domain.Errorf(domain.KindNotFound, "page %d is not one of %s", want.PageID, want.Provider)
		}
		if i := slices.IndexFunc(sources, func(s domain.Source) bool { return s.Name == page.Source }); i >= 0 {
			first, sources = i, sources[i:i+1]
		}
		stored = &page
	}
	sites := newVisit(c.Fetcher)
	if want.Source != "" {
		i := slices.IndexFunc(sources, func(s domain.Source) bool { return s.Name == want.Source })
		if i < 0 {
			return Tried{}, domain.Errorf(domain.KindNotFound, "%s has no source %q", want.Provider, clip(want.Source))
		}
		first, sources = first+i, sources[i:i+1]
	}
	for i, source := range sources {
		tried, reading := c.readOnce(ctx, sites, fmt.Sprintf("sources[%d]", first+i), source, stored)
		out.Sources = append(out.Sources, tried)
		if tried.Error == "" {
			return out, c.beside(ctx, reading, &out)
		}
	}
	return out, ctx.Err()
}

// sources gives what is to be tried.
func (c *Configure) sources(ctx context.Context, want TryConfiguration, out *Tried) ([]domain.Source, error) {
	if _, err := c.Providers.Provider(ctx, want.Provider); err != nil {
		return nil, err
	}
	if len(want.Config) > 0 {
		scraping, err := c.parse(want.Config)
		return scraping.Sources, err
	}
	active, err := c.Configs.Active(ctx, want.Provider)
	out.Version = active.Version
	return active.Scraping.Sources, err
}

// readOnce reads one source, which stands at a path of the configuration, from a
// stored page or as it is served now.
func (c *Configure) readOnce(ctx context.Context, sites *visit, path string, source domain.Source, stored *domain.Page) (TriedSource, domain.Reading) {
	tried := TriedSource{Source: source.Name, URL: source.URL, At: domain.Instant(c.Now())}
	explain := func(body []byte) (reading domain.Reading, err error) {
		reading, tried.Findings, err = c.Reader.Explain(body, source)
		tried.Warnings, tried.Misfits = reading.Warnings, below(path, c.Reader.Fit(source, body).Misfits)
		return reading, err
	}
	var reading domain.Reading
	var err error
	if stored != nil {
		tried.URL, tried.PageID, tried.At = stored.URL, stored.ID, stored.FetchedAt
		reading, err = explain(stored.Body)
	} else {
		reading, _, err = Read(ctx, sites, source, explain, func(fetched ports.Fetched) error {
			tried.URL, tried.At = fetched.URL, domain.Instant(fetched.At)
			return nil
		})
	}
	if err != nil {
		tried.Error, tried.Seen = err.Error(), domain.SeenIn(err)
	}
	return tried, reading
}

// beside puts a reading beside what is in force. The provider's state is read
// under its lock, and nothing is changed.
func (c *Configure) beside(ctx context.Context, reading domain.Reading, out *Tried) error {
	_, err := c.Ledger.Update(ctx, out.Provider, func(state ledger.State) (ledger.Change, error) {
		out.Rates, out.Missing = compareReading(state, out.Provider, reading, domain.Instant(c.Now()))
		return ledger.Change{}, nil
	})
	return err
}

func compareReading(state ledger.State, provider domain.ProviderID, reading domain.Reading, now time.Time) (rates []TriedRate, missing []domain.Rate) {
	var j joining
	j.pair(state, nil, reading)
	models := map[string][]string{}
	for _, pair := range j.pairs {
		if pair.Name != "" {
			models[pair.Name] = append(models[pair.Name], pair.ModelID)
		}
	}
	inForce := map[domain.RateKey]*domain.Rate{}
	for i := range state.Rates {
		if r := &state.Rates[i]; r.Layer == domain.LayerList && r.Effective.Contains(now) {
			inForce[oneCliff(r.RateKey)] = r
		}
	}
	for _, q := range reading.Quotes {
		if len(models[q.Name]) == 0 {
			rates = append(rates, TriedRate{Quote: q, Change: TriedUnmatched})
		}
		for _, model := range models[q.Name] {
			key := oneCliff(domain.RateKey{Model: domain.ModelKey{Provider: provider, ID: model}, Layer: domain.LayerList, Tier: q.Tier, Meter: q.Meter, Region: q.Region, MinPromptTokens: q.MinPromptTokens})
			rates = append(rates, besideOne(q, model, inForce[key], now))
			if printedFor(q, now) {
				delete(inForce, key)
			}
		}
	}
	for i := range state.Rates {
		r := &state.Rates[i]
		if r.Origin == domain.OriginPrinted && inForce[oneCliff(r.RateKey)] == r {
			missing = append(missing, *r)
		}
	}
	return rates, missing
}

func besideOne(q domain.Quote, model string, rate *domain.Rate, now time.Time) TriedRate {
	out := TriedRate{Quote: q, Model: model, Change: TriedNew}
	if rate != nil {
		out.InForce = &rate.Amount
		out.Change = TriedChanged
	}
	switch {
	case !printedFor(q, now):
		out.Change = TriedNotNow
	case rate != nil && rate.Amount.Equal(q.Amount):
		out.Change = TriedSame
	}
	return out
}

// oneCliff makes the two wordings of a threshold one: those that differ by the
// token between > and ≥.
func oneCliff(key domain.RateKey) domain.RateKey {
	key.MinPromptTokens -= key.MinPromptTokens % 2
	return key
}

// printedFor tells whether a quote's printed days hold an instant.
func printedFor(q domain.Quote, at time.Time) bool {
	if !q.From.IsZero() && at.Before(q.From.Start()) {
		return false
	}
	return q.Until.IsZero() || at.Before(q.Until.Start().AddDate(0, 0, 1))
}
