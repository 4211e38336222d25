package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

// Providers implements ports.Providers.
type Providers struct {
	pool *conns
}

var _ ports.Providers = (*Providers)(nil)

// NewProviders keeps what is said of providers in the store's database.
func NewProviders(s *Store) *Providers { return &Providers{pool: s.pool} }

// Entries implements ports.Providers.
func (p *Providers) Entries(ctx context.Context) ([]domain.ProviderEntry, error) {
	rows, err := db.New(p.pool).ProviderEntries(ctx)
	if err != nil {
		return nil, problem(err, "reading what is said of providers")
	}
	entries := make([]domain.ProviderEntry, len(rows))
	for i, r := range rows {
		if entries[i], err = providerEntry(r); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// Save implements ports.Providers.
func (p *Providers) Save(ctx context.Context, entry domain.ProviderEntry, scraping *domain.Scraping, told domain.Event) (domain.ProviderEntry, error) {
	row, err := providerEntryRow(entry)
	if err != nil {
		return domain.ProviderEntry{}, err
	}
	saved := entry
	saved.Version, saved.At = entry.Version+1, domain.Instant(entry.At)
	err = transact(ctx, p.pool, writing, func(q *db.Queries) error {
		if err := q.LockProviderEntries(ctx); err != nil {
			return err
		}
		now, err := q.ProviderEntryVersion(ctx, row.Provider)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if int(now) != entry.Version {
			return domain.Errorf(domain.KindConflict, "version %d of what is said of %s is in force by now, not %d: read it, and save again what you want to change", now, entry.ID, entry.Version)
		}
		if err := q.SaveProviderEntry(ctx, row); err != nil {
			return err
		}
		events := []domain.Event{told}
		if scraping != nil {
			if events, err = describeScraping(ctx, q, saved, *scraping, events); err != nil {
				return err
			}
		}
		if err := q.LockCatalogue(ctx); err != nil { // last: see tell
			return err
		}
		return logEvents(ctx, q, events)
	})
	return saved, problem(err, "saving what is said of %s", entry.ID)
}

// describeScraping puts the configuration of a description in force, unless it is,
// and adds what is to be told of that.
func describeScraping(ctx context.Context, q *db.Queries, entry domain.ProviderEntry, scraping domain.Scraping, told []domain.Event) ([]domain.Event, error) {
	if err := q.LockConfigs(ctx); err != nil {
		return nil, err
	}
	before, err := activeConfig(ctx, q, entry.ID)
	if err != nil && domain.KindOf(err) != domain.KindNotFound {
		return nil, err
	}
	now, err := json.Marshal(before.Scraping)
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(scraping)
	if err != nil || before.Version > 0 && bytes.Equal(now, config) {
		return told, err
	}
	event, err := putInForce(ctx, q, domain.ScrapingVersion{
		Provider: entry.ID, Version: before.Version + 1, Scraping: scraping, Author: entry.By, At: entry.At,
	}, before.Version, config)
	return append(told, event), err
}

func providerEntryRow(e domain.ProviderEntry) (db.SaveProviderEntryParams, error) {
	row := db.SaveProviderEntryParams{
		Provider: string(clean(e.ID)), Version: int32(e.Version + 1), SavedAt: timestamp(e.At), SavedBy: clean(e.By),
	}
	if e.Enabled != nil {
		row.Enabled = pgtype.Bool{Bool: *e.Enabled, Valid: true}
	}
	if e.Description == nil {
		return row, nil
	}
	var err error
	if row.Description, err = json.Marshal(e.Description); err != nil {
		return row, domain.Wrap(domain.KindInvalid, err, "the description of %s cannot be written", e.ID)
	}
	return row, nil
}
