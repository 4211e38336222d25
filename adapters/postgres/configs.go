package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

// Configs implements ports.Configs.
type Configs struct {
	pool *conns
}

var _ ports.Configs = (*Configs)(nil)

// NewConfigs keeps configurations in the store's database.
func NewConfigs(s *Store) *Configs { return &Configs{pool: s.pool} }

// Adopt implements ports.Configs.
func (c *Configs) Adopt(ctx context.Context, defaults []domain.Provider, at time.Time) error {
	asked := db.OutdatedConfigsParams{Release: domain.AuthorRelease}
	for _, p := range defaults {
		config, err := json.Marshal(p.Scraping)
		if err != nil {
			return domain.Wrap(domain.KindInvalid, err, "the configuration of %s cannot be written", p.ID)
		}
		asked.Providers, asked.Configs = append(asked.Providers, string(p.ID)), append(asked.Configs, config)
	}
	err := transact(ctx, c.pool, writing, func(q *db.Queries) error {
		// Replicas start at once: the second finds nothing left to adopt.
		if err := q.LockConfigs(ctx); err != nil {
			return err
		}
		outdated, err := q.OutdatedConfigs(ctx, asked)
		if err != nil || len(outdated) == 0 {
			return err
		}
		providers := make([]string, len(outdated))
		rows := make([]db.InsertConfigsParams, len(outdated))
		for i, o := range outdated {
			providers[i] = o.Provider
			rows[i] = db.InsertConfigsParams{
				Provider: o.Provider, Version: o.Version, Config: o.Config, Author: domain.AuthorRelease, Active: true, CreatedAt: timestamp(at),
			}
		}
		if err := q.DeactivateConfigs(ctx, providers); err != nil {
			return err
		}
		return copied(ctx, q.InsertConfigs, rows)
	})
	return problem(err, "adopting the release's configurations")
}

// Active implements ports.Configs.
func (c *Configs) Active(ctx context.Context, provider domain.ProviderID) (domain.ScrapingVersion, error) {
	var active domain.ScrapingVersion
	err := transact(ctx, c.pool, snapshot, func(q *db.Queries) (err error) {
		active, err = activeConfig(ctx, q, provider)
		return err
	})
	return active, problem(err, "reading the configuration of %s", provider)
}

func activeConfig(ctx context.Context, q *db.Queries, provider domain.ProviderID) (domain.ScrapingVersion, error) {
	r, err := q.ActiveConfig(ctx, string(clean(provider)))
	if errors.Is(err, pgx.ErrNoRows) {
		return domain.ScrapingVersion{}, domain.Errorf(domain.KindNotFound, "provider %q has no scraping configuration", provider)
	}
	if err != nil {
		return domain.ScrapingVersion{}, err
	}
	return scraping(r, provider)
}

// Versions implements ports.Configs.
func (c *Configs) Versions(ctx context.Context, provider domain.ProviderID) ([]domain.ScrapingVersion, error) {
	found, err := db.New(c.pool).ConfigVersions(ctx, string(clean(provider)))
	if err != nil {
		return nil, problem(err, "reading the configurations of %s", provider)
	}
	out := make([]domain.ScrapingVersion, len(found))
	for i, r := range found {
		if out[i], err = scraping(db.ActiveConfigRow(r), provider); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Version implements ports.Configs.
func (c *Configs) Version(ctx context.Context, provider domain.ProviderID, version int) (domain.ScrapingVersion, error) {
	none := domain.Errorf(domain.KindNotFound, "provider %q has no scraping configuration %d", provider, version)
	if version < 1 || version > math.MaxInt32 {
		return domain.ScrapingVersion{}, none
	}
	r, err := db.New(c.pool).ConfigVersion(ctx, string(clean(provider)), int32(version))
	if errors.Is(err, pgx.ErrNoRows) {
		return domain.ScrapingVersion{}, none
	}
	if err != nil {
		return domain.ScrapingVersion{}, problem(err, "reading a configuration of %s", provider)
	}
	return scraping(db.ActiveConfigRow(r), provider)
}

// Save implements ports.Configs.
func (c *Configs) Save(ctx context.Context, version domain.ScrapingVersion) (saved domain.ScrapingVersion, err error) {
	config, err := json.Marshal(version.Scraping)
	if err != nil {
		return saved, domain.Wrap(domain.KindInvalid, err, "the configuration of %s cannot be written", version.Provider)
	}
	err = transact(ctx, c.pool, writing, func(q *db.Queries) error {
		if err := q.LockConfigs(ctx); err != nil {
			return err
		}
		before, err := activeConfig(ctx, q, version.Provider)
		if err != nil && domain.KindOf(err) != domain.KindNotFound {
			return err
		}
		now, err := json.Marshal(before.Scraping)
		if err != nil {
			return err
		}
		if before.Version > 0 && bytes.Equal(now, config) {
			saved = before
			return nil
		}
		if before.Version != version.Version {
			return domain.Errorf(domain.KindConflict, "version %d is in force by now, not %d: read it, and save again what you want to change", before.Version, version.Version)
		}
		saved = version
		saved.Version, saved.At = before.Version+1, domain.Instant(version.At)
		told, err := putInForce(ctx, q, saved, before.Version, config)
		if err != nil {
			return err
		}
		return tell(ctx, q, told)
	})
	return saved, problem(err, "saving the configuration of %s", version.Provider)
}

// putInForce makes a version the one in force, and gives what is to be told of it.
func putInForce(ctx context.Context, q *db.Queries, v domain.ScrapingVersion, before int, config []byte) (domain.Event, error) {
	provider := string(clean(v.Provider))
	if err := q.DeactivateConfigs(ctx, []string{provider}); err != nil {
		return domain.Event{}, err
	}
	row := db.InsertConfigsParams{
		Provider: provider, Version: int32(v.Version), Config: config, Author: clean(v.Author), Active: true, CreatedAt: timestamp(v.At),
		Restores: pgtype.Int4{Int32: int32(v.Restores), Valid: v.Restores > 0},
	}
	if err := copied(ctx, q.InsertConfigs, []db.InsertConfigsParams{row}); err != nil {
		return domain.Event{}, err
	}
	kind := domain.EventConfigSaved
	if v.Restores > 0 {
		kind = domain.EventConfigRestored
	}
	return domain.Event{
		At: v.At, Kind: kind, Provider: v.Provider, Payload: domain.ConfigPayload{Version: v.Version, Before: before, Restores: v.Restores, By: v.Author},
	}, nil
}
