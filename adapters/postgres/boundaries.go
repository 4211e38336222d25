package postgres

import (
	"context"
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/gen/db"
	"ratecard/ports"
)

// Boundaries implements ports.Boundaries. How far it was told stands with each
// provider, under the lock of its updates: so whatever is believed later is
// known later than what was announced (see loadStanding), and no beginning can
// fall between the two.
type Boundaries struct {
	pool *conns
}

var _ ports.Boundaries = (*Boundaries)(nil)

// NewBoundaries announces what is kept in the store's database.
func NewBoundaries(s *Store) *Boundaries { return &Boundaries{pool: s.pool} }

// Announce implements ports.Boundaries.
func (b *Boundaries) Announce(ctx context.Context, until time.Time) (told int, err error) {
	// In a transaction of its own: whoever updates a provider locks it first and
	// its sources then.
	if err := b.announceStale(ctx, until); err != nil {
		return 0, problem(err, "announcing which sources have gone stale")
	}
	err = transact(ctx, b.pool, writing, func(q *db.Queries) error {
		told = 0
		came, err := q.LastBoundary(ctx, timestamp(until))
		if err != nil || !came.Valid {
			return err
		}
		if err := q.LockProviders(ctx, ledgerLocks); err != nil {
			return err
		}
		// Whoever held a lock may have told of it, or have made it come to nothing.
		if came, err = q.LastBoundary(ctx, timestamp(until)); err != nil || !came.Valid {
			return err
		}
		events, err := arrivals(ctx, q, domain.Instant(until))
		if err != nil {
			return err
		}
		if err := q.MoveAnnounced(ctx, came); err != nil || len(events) == 0 {
			return err
		}
		if _, err := q.RaiseCatalogueVersion(ctx); err != nil {
			return err
		}
		told = len(events)
		return logEvents(ctx, q, events)
	})
	if err != nil {
		return 0, problem(err, "announcing the rates that have begun and ended")
	}
	return told, nil
}

// arrivals gives the events of all providers, in the order of time.
func arrivals(ctx context.Context, q *db.Queries, until time.Time) ([]domain.Event, error) {
	rows, err := q.ArrivingRates(ctx, timestamp(until))
	if err != nil {
		return nil, err
	}
	var events []domain.Event
	for len(rows) > 0 {
		provider := rows[0].Provider
		n := slices.IndexFunc(rows, func(r db.ArrivingRatesRow) bool { return r.Provider != provider })
		if n < 0 {
			n = len(rows)
		}
		believed := make([]domain.Rate, n)
		for i, r := range rows[:n] {
			believed[i] = arrivingRate(r)
		}
		events = append(events, arrived(believed, instant(rows[0].AnnouncedUntil), until)...)
		rows = rows[n:]
	}
	slices.SortStableFunc(events, func(a, b domain.Event) int { return a.At.Compare(b.At) })
	return events, nil
}

// arrived tells of what came, with the statements that it rests on.
func arrived(believed []domain.Rate, after, until time.Time) []domain.Event {
	events := ledger.Arrive(believed, after, until)
	proofs := provenBy(believed, func(rate int) int64 { return believed[rate].Evidence })
	for i := range events {
		events[i] = proofs.prove(events[i])
	}
	return events
}

// arrive tells, before a change that readers see is written, of what has come
// by then. Told of later it would come after what the change tells, or, where
// the change supersedes it, never.
func (w *writer) arrive(state ledger.State) {
	if !w.change.Visible() {
		return
	}
	rows, last := ledger.Due(state.Rates, w.book.announced, w.knownAt)
	w.announced = last
	w.arrived = arrived(rows, w.book.announced, w.knownAt)
}

// logEvents writes events in their order; what they tell of is audited where an
// administrator did it. Where they are not spooled, the row of catalogue is locked
// meanwhile, and every other writer waits for it.
func logEvents(ctx context.Context, q *db.Queries, events []domain.Event) error {
	return logMade(ctx, q, len(events), func(i int) domain.Event { return events[i] })
}

// logMade is logEvents for events that are made when they are written.
func logMade(ctx context.Context, q *db.Queries, count int, event func(int) domain.Event) error {
	row := func(i int) (db.InsertEventsParams, error) { return eventRow(event(i)) }
	if err := made(ctx, q.InsertEvents, count, row); err != nil {
		return err
	}
	return audit(ctx, q, count, event)
}
