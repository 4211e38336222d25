package postgres

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
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
func (c *Catalogue) Standing(ctx context.Context, asked ports.StandingQuery) (ports.Standing, error) {
	var s ports.Standing
	err := transact(ctx, c.pool, snapshot, func(q *db.Queries) (err error) {
		s = ports.Standing{Of: asked.Of, Partly: map[domain.ProviderID]bool{}}
		if s.Changes, err = changes(ctx, q); err != nil {
			return err
		}
		if len(s.Of) == 0 {
			s.Of = slices.Sorted(maps.Keys(s.Providers))
		}
		numbers, err := toRead(ctx, q, asked, &s)
		if err != nil {
			return err
		}
		if s.Models, err = believedNow(ctx, q, numbers, asked); err != nil {
			return err
		}
		ended, err := q.LastEnded(ctx, cleanAll(s.Of), timestamp(asked.At))
		if err != nil {
			return err
		}
		s.Ended = make(map[domain.ProviderID]time.Time, len(ended))
		for _, e := range ended {
			s.Ended[domain.ProviderID(e.Provider)] = instant(e.Ended)
		}
		s.Elsewhere, err = elsewhere(ctx, q, s, asked.Stale)
		return err
	})
	return s, problem(err, "reading what is believed now")
}

// toRead are the models of which something is to be told, and notes of which
// providers that is not all. Of one with a source that is stale all is told: it is
// asked of every rate who else states the same.
func toRead(ctx context.Context, q *db.Queries, asked ports.StandingQuery, s *ports.Standing) ([]int64, error) {
	var whole []domain.ProviderID
	var numbers []int64
	names := s.Names(asked.Stale)
	for _, p := range s.Of {
		changed, known := []int64(nil), false
		if held, is := asked.Held[p]; is && names[p] == s.Providers[p] {
			var err error
			if changed, known, err = changedSince(ctx, q, p, held); err != nil {
				return nil, err
			}
		}
		if known {
			s.Partly[p], numbers = true, append(numbers, changed...)
		} else {
			whole = append(whole, p)
		}
	}
	if len(whole) > 0 {
		all, err := q.NumbersStanding(ctx, cleanAll(whole))
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, all...)
	}
	slices.Sort(numbers)
	return slices.Compact(numbers), nil
}

// changedSince are the models of a provider of which readers see something that an
// edition did not tell; false where that is not known.
func changedSince(ctx context.Context, q *db.Queries, p domain.ProviderID, edition string) ([]int64, bool, error) {
	later, err := q.EditionsSince(ctx, string(clean(p)), edition)
	var changed []int64
	for _, models := range later {
		if models == nil {
			return nil, false, err
		}
		changed = append(changed, models...)
	}
	return changed, len(later) > 0, err
}

const (
	readAtOnce = 250         // models are read before it rests
	mostRests  = time.Second // all in all: whoever waits for what was written does not wait long
)

// believedNow reads models. Where providers are named, it rests between some and
// others for as long as they took, see copied.
func believedNow(ctx context.Context, q *db.Queries, numbers []int64, asked ports.StandingQuery) ([]ports.ModelView, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	size, plan := len(numbers), q.PlanForMany
	if len(asked.Of) > 0 {
		size, plan = readAtOnce, q.PlanForSome
	}
	if err := plan(ctx); err != nil {
		return nil, err
	}
	var rest, rests time.Duration
	list := make([]ports.ModelView, 0, len(numbers))
	for some := range slices.Chunk(numbers, size) {
		if err := resting(ctx, rest); err != nil {
			return nil, err
		}
		began := time.Now()
		read, err := standingOf(ctx, q, some, asked.At)
		if err != nil {
			return nil, err
		}
		list, rest = append(list, read...), min(time.Since(began), mostRests-rests)
		rests += rest
	}
	slices.SortFunc(list, func(a, b ports.ModelView) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), cmp.Compare(a.Provider, b.Provider))
	})
	return list, nil
}

func standingOf(ctx context.Context, q *db.Queries, numbers []int64, at time.Time) ([]ports.ModelView, error) {
	found, err := q.ModelsStanding(ctx, numbers)
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
	priced, err := q.RatesStanding(ctx, numbers, timestamp(at))
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
