package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

// Schedule implements ports.Schedule and ports.Settings.
type Schedule struct {
	pool *conns
}

var (
	_ ports.Schedule = (*Schedule)(nil)
	_ ports.Settings = (*Schedule)(nil)
)

// NewSchedule keeps the schedule and the settings in the store's database.
func NewSchedule(s *Store) *Schedule { return &Schedule{pool: s.pool} }

// Due implements ports.Schedule.
func (s *Schedule) Due(ctx context.Context, providers []domain.ProviderID, now time.Time) ([]domain.ProviderID, error) {
	due, err := db.New(s.pool).DueProviders(ctx, names(providers), timestamp(now))
	if err != nil {
		return nil, problem(err, "asking which providers are due")
	}
	ids := make([]domain.ProviderID, len(due))
	for i, id := range due {
		ids[i] = domain.ProviderID(id)
	}
	return ids, nil
}

// Pass implements ports.Schedule.
func (s *Schedule) Pass(ctx context.Context, providers []domain.ProviderID, now, next time.Time) error {
	err := transact(ctx, s.pool, writing, func(q *db.Queries) error {
		return q.PassDue(ctx, db.PassDueParams{Next: timestamp(next), Providers: names(providers), Now: timestamp(now)})
	})
	return problem(err, "noting when providers are next due")
}

// Next implements ports.Schedule.
func (s *Schedule) Next(ctx context.Context, providers []domain.ProviderID, at time.Time) error {
	err := transact(ctx, s.pool, writing, func(q *db.Queries) error {
		return q.ScheduleNext(ctx, timestamp(at), names(providers))
	})
	return problem(err, "noting when providers are next due")
}

func names(providers []domain.ProviderID) []string {
	out := make([]string, len(providers))
	for i, p := range providers {
		out[i] = string(clean(p))
	}
	return out
}

// Settings implements ports.Settings.
func (s *Schedule) Settings(ctx context.Context) (domain.Settings, error) {
	settings, err := currentSettings(ctx, db.New(s.pool))
	return settings, problem(err, "reading the settings")
}

func currentSettings(ctx context.Context, q *db.Queries) (settings domain.Settings, err error) {
	text, err := q.Settings(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return domain.Settings{}, nil
	}
	if err != nil {
		return domain.Settings{}, err
	}
	return settings, json.Unmarshal(text, &settings)
}

// SaveSettings implements ports.Settings.
func (s *Schedule) SaveSettings(ctx context.Context, settings domain.Settings, by string, at time.Time) error {
	text, err := json.Marshal(settings)
	if err != nil {
		return domain.Wrap(domain.KindInvalid, err, "the settings cannot be written")
	}
	err = transact(ctx, s.pool, writing, func(q *db.Queries) error {
		if err := q.LockSettings(ctx); err != nil {
			return err
		}
		before, err := currentSettings(ctx, q)
		if err != nil || before == settings {
			return err
		}
		if err := q.SaveSettings(ctx, db.SaveSettingsParams{Settings: text, SavedAt: timestamp(at), SavedBy: clean(by)}); err != nil {
			return err
		}
		if _, err := q.RaiseCatalogueVersion(ctx); err != nil {
			return err
		}
		return logEvents(ctx, q, []domain.Event{{
			At: at, Kind: domain.EventSettingsChanged, Payload: domain.SettingsPayload{Old: before, New: settings, By: by},
		}})
	})
	return problem(err, "saving the settings")
}
