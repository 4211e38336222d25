package postgres

import (
	"context"
	"time"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

// lastReads are when the sources were last read well, and for how long that is
// good.
type lastReads struct {
	of       map[ports.SourceOf]time.Time
	settings domain.Settings
}

// readLast reads it: a row per source, whatever is asked.
func readLast(ctx context.Context, q *db.Queries) (lastReads, error) {
	rows, err := q.LastReads(ctx)
	last := lastReads{of: make(map[ports.SourceOf]time.Time, len(rows))}
	for _, r := range rows {
		last.of[ports.SourceOf{Provider: domain.ProviderID(r.Provider), Name: r.Name}] = instant(r.LastGoodRead)
		last.settings.StaleAfterHours = int(r.StaleAfterHours)
	}
	return last, err
}

// markStale notes since when rates are stale. As long as every source is read in
// time, which is nearly always, that costs one query of a few rows; else it is
// asked, once for all, whether other sources state the same.
func markStale(ctx context.Context, q *db.Queries, rates []*domain.RateView, now time.Time) error {
	last, err := readLast(ctx, q)
	if err != nil {
		return err
	}
	stale := map[int64]*domain.RateView{}
	var ids []int64
	for _, r := range rates {
		read := last.of[ports.SourceOf{Provider: r.Model.Provider, Name: r.Source}]
		if r.Layer == domain.LayerList && last.settings.Stale(read, now) {
			r.StaleSince = read
			stale[r.ID], ids = r, append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	elsewhere, err := q.StatedElsewhere(ctx, day(domain.DateOf(now)), ids)
	for _, e := range elsewhere {
		r, read := stale[e.ID], instant(e.LastGoodRead)
		switch {
		case !last.settings.Stale(read, now):
			r.StaleSince = time.Time{}
		case read.After(r.StaleSince):
			r.StaleSince = read
		}
	}
	return err
}

// announceStale raises the catalogue version where a source has gone stale, or is
// stale no longer.
func (b *Boundaries) announceStale(ctx context.Context, until time.Time) error {
	return transact(ctx, b.pool, writing, func(q *db.Queries) error {
		settings, err := currentSettings(ctx, q)
		if err != nil {
			return err
		}
		moved, err := q.AnnounceStale(ctx, timestamp(until.Add(-settings.StaleAfter())), timestamp(until))
		if err != nil || moved == 0 {
			return err
		}
		_, err = q.RaiseCatalogueVersion(ctx)
		return err
	})
}
