package postgres

import (
	"context"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

// EventLog implements ports.EventLog.
type EventLog struct {
	pool *conns
}

var _ ports.EventLog = (*EventLog)(nil)

// NewEventLog keeps events in the store's database.
func NewEventLog(s *Store) *EventLog { return &EventLog{pool: s.pool} }

// Tell implements ports.EventLog.
func (l *EventLog) Tell(ctx context.Context, event domain.Event) error {
	err := transact(ctx, l.pool, writing, func(q *db.Queries) error { return tell(ctx, q, event) })
	return problem(err, "writing the event %s", event.Kind)
}

// Last implements ports.EventLog.
func (l *EventLog) Last(ctx context.Context) (id int64, err error) {
	err = alone(ctx, l.pool, func(q *db.Queries) error {
		id, err = q.LastEvent(ctx)
		return err
	})
	return id, problem(err, "reading the newest event's number")
}

// PriceChanges implements ports.EventLog.
func (l *EventLog) PriceChanges(ctx context.Context, q ports.PriceChangeQuery) ([]domain.Event, error) {
	var list []domain.Event
	err := alone(ctx, l.pool, func(queries *db.Queries) error {
		rows, err := queries.LatestRateEvents(ctx, db.LatestRateEventsParams{
			Providers: cleanAll(q.Providers), Models: cleanAll(q.Models), HowMany: int32(min(max(q.Limit, 0), 1<<20)),
		})
		list = eventsOf(rows)
		return err
	})
	return list, problem(err, "reading the newest price changes")
}

// tell writes an event that leaves the catalogue version as it is. It comes
// last in a transaction: from here to the commit nothing else can be told.
func tell(ctx context.Context, q *db.Queries, event domain.Event) error {
	if err := q.LockCatalogue(ctx); err != nil {
		return err
	}
	return logEvents(ctx, q, []domain.Event{event})
}
