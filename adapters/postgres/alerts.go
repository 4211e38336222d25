package postgres

import (
	"context"
	"time"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

// Alerts implements ports.Alerts.
type Alerts struct {
	pool *conns
}

var _ ports.Alerts = (*Alerts)(nil)

// NewAlerts remembers in the store's database who was told of what.
func NewAlerts(s *Store) *Alerts { return &Alerts{pool: s.pool} }

// Told implements ports.Alerts.
func (a *Alerts) Told(ctx context.Context, receiver string, now time.Time) (last int64, err error) {
	err = transact(ctx, a.pool, writing, func(q *db.Queries) error {
		if err := q.AddAlertReceiver(ctx, receiver, timestamp(now)); err != nil {
			return err
		}
		last, err = q.AlertReceiverTold(ctx, receiver)
		return err
	})
	return last, problem(err, "reading of what %s was told", receiver)
}

// Tell implements ports.Alerts.
func (a *Alerts) Tell(ctx context.Context, receiver string, before, upTo int64, sent *domain.Event, now time.Time) error {
	err := transact(ctx, a.pool, writing, func(q *db.Queries) error {
		moved, err := q.TellAlertReceiver(ctx, db.TellAlertReceiverParams{Receiver: receiver, Before: before, UpTo: upTo, At: timestamp(now)})
		if err != nil || moved == 0 || sent == nil {
			return err
		}
		return tell(ctx, q, *sent)
	})
	return problem(err, "writing of what %s was told", receiver)
}
