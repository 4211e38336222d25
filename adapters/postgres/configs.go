package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

// Configs implements ports.Configs.
type Configs struct {
	pool *pgxpool.Pool
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
	err := transact(ctx, c.pool, snapshot, func(q *db.Queries) error {
		r, err := q.ActiveConfig(ctx, string(clean(provider)))
		if errors.Is(err, pgx.ErrNoRows) {
			return domain.Errorf(domain.KindNotFound, "provider %q has no scraping configuration", provider)
		}
		if err != nil {
			return err
		}
		active, err = scraping(r, provider)
		return err
	})
	return active, problem(err, "reading the configuration of %s", provider)
}
