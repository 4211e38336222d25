package postgres

import (
	"context"
	"maps"
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

var _ ports.Standings = (*Catalogue)(nil)

// Changes implements ports.Standings.
func (c *Catalogue) Changes(ctx context.Context) (ports.Changes, error) {
	var found ports.Changes
	err := transact(ctx, c.pool, snapshot, func(q *db.Queries) (err error) {
		found, err = changes(ctx, q)
		return err
	})
	return found, problem(err, "asking what has changed in the catalogue")
}

func changes(ctx context.Context, q *db.Queries) (ports.Changes, error) {
	found := ports.Changes{Providers: map[domain.ProviderID]string{}}
	var err error
	if found.Version, err = q.CatalogueVersion(ctx); err != nil {
		return found, err
	}
	rows, err := q.Editions(ctx)
	if err != nil {
		return found, err
	}
	for _, r := range rows {
		found.Providers[domain.ProviderID(r.Provider)] = r.Edition
	}
	last, err := readLast(ctx, q)
	found.Reads, found.Settings = last.of, last.settings
	return found, err
}

// Standing implements ports.Standings.
func (c *Catalogue) Standing(ctx context.Context, providers []domain.ProviderID, at, stale time.Time) (ports.Standing, error) {
	var s ports.Standing
	err := transact(ctx, c.pool, snapshot, func(q *db.Queries) (err error) {
		s = ports.Standing{}
		if s.Changes, err = changes(ctx, q); err != nil {
			return err
		}
		if s.Of = providers; len(s.Of) == 0 {
			s.Of = slices.Sorted(maps.Keys(s.Providers))
		}
		if s.Models, err = believedNow(ctx, q, cleanAll(s.Of), at); err != nil {
			return err
		}
		ended, err := q.LastEnded(ctx, cleanAll(s.Of), timestamp(at))
		if err != nil {
			return err
		}
		s.Ended = make(map[domain.ProviderID]time.Time, len(ended))
		for _, e := range ended {
			s.Ended[domain.ProviderID(e.Provider)] = instant(e.Ended)
		}
		s.Elsewhere, err = elsewhere(ctx, q, s, stale)
		return err
	})
	return s, problem(err, "reading what is believed now")
}

func believedNow(ctx context.Context, q *db.Queries, providers []string, at time.Time) ([]ports.ModelView, error) {
	if err := q.PlanForMany(ctx); err != nil {
		return nil, err
	}
	found, err := q.ModelsStanding(ctx, providers)
	if err != nil {
		return nil, err
	}
	versions := make([]db.ModelVersionsAtRow, len(found))
	for i := range found {
		versions[i] = db.ModelVersionsAtRow(found[i])
	}
	b, err := bare(versions)
	if err != nil {
		return nil, err
	}
	priced, err := q.RatesStanding(ctx, providers, timestamp(at))
	if err != nil {
		return nil, err
	}
	rates := make([]*db.RatesInForceRow, 0, len(priced))
	for i := range priced {
		if _, seen := b.place[priced[i].Model]; seen {
			rates = append(rates, (*db.RatesInForceRow)(&priced[i]))
		}
	}
	return b.list, b.price(ctx, q, rates, time.Time{})
}

// elsewhere asks where else is stated what a source states that is stale by an
// instant.
func elsewhere(ctx context.Context, q *db.Queries, s ports.Standing, stale time.Time) (map[int64]time.Time, error) {
	var ids []int64
	for _, m := range s.Models {
		for _, r := range m.Rates {
			if r.Layer == domain.LayerList && s.Settings.Stale(s.Reads[ports.SourceOf{Provider: m.Provider, Name: r.Source}], stale) {
				ids = append(ids, r.ID)
			}
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := q.StatedElsewhere(ctx, day(domain.DateOf(stale)), ids)
	found := make(map[int64]time.Time, len(rows))
	for _, r := range rows {
		found[r.ID] = instant(r.LastGoodRead)
	}
	return found, err
}
