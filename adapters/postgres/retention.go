package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"ratecard/gen/db"
	"ratecard/ports"
)

// How many rows go in one transaction: few enough that whoever waits for it
// does not notice. A page takes its body along.
const ratesAtOnce, pagesAtOnce = 2000, 200

// Retention implements ports.Retention.
type Retention struct {
	pool *conns
}

var _ ports.Retention = (*Retention)(nil)

// NewRetention deletes from the store's database.
func NewRetention(s *Store) *Retention { return &Retention{pool: s.pool} }

// ForgetRates implements ports.Retention.
func (r *Retention) ForgetRates(ctx context.Context, endedBefore time.Time) (rates, superseded int, err error) {
	before := timestamp(endedBefore)
	rates, err = r.forget(ctx, func(q *db.Queries, after int64) ([]int64, error) {
		return q.ExpiredRates(ctx, db.ExpiredRatesParams{After: after, EndedBefore: before, HowMany: ratesAtOnce})
	}, (*db.Queries).DeleteRates)
	if err == nil {
		superseded, err = r.forget(ctx, func(q *db.Queries, after int64) ([]int64, error) {
			return q.ExpiredBeliefs(ctx, db.ExpiredBeliefsParams{After: after, EndedBefore: before, HowMany: ratesAtOnce})
		}, (*db.Queries).DeleteBeliefs)
	}
	return rates, superseded, problem(err, "deleting the rates that ended before %s", endedBefore.Format(time.DateOnly))
}

// forget deletes what is found, portion by portion. Rows are never altered, so
// what is found may be deleted later; it is looked for without any lock, since
// that may take long.
func (r *Retention) forget(ctx context.Context,
	find func(q *db.Queries, after int64) ([]int64, error),
	remove func(*db.Queries, context.Context, []int64) (int64, error),
) (total int, err error) {
	for after := int64(0); ; {
		var ids []int64
		err := transact(ctx, r.pool, snapshot, func(q *db.Queries) (err error) {
			ids, err = find(q, after)
			return err
		})
		if err != nil || len(ids) == 0 {
			return total, err
		}
		gone, err := r.remove(ctx, ids, remove)
		total += gone
		if err != nil {
			return total, err
		}
		after = slices.Max(ids)
	}
}

// remove deletes rows while no provider is updated: an update must find what
// it has read.
func (r *Retention) remove(ctx context.Context, ids []int64, remove func(*db.Queries, context.Context, []int64) (int64, error)) (int, error) {
	var gone int64
	err := transact(ctx, r.pool, writing, func(q *db.Queries) (err error) {
		if err := q.LockProviders(ctx, ledgerLocks); err != nil {
			return err
		}
		if gone, err = remove(q, ctx, ids); err != nil || gone == 0 {
			return err
		}
		_, err = q.RaiseCatalogueVersion(ctx)
		return err
	})
	return int(gone), err
}

// ForgetPages implements ports.Retention.
func (r *Retention) ForgetPages(ctx context.Context, cameBefore time.Time) (int, error) {
	before, total := timestamp(cameBefore), 0
	for {
		gone, err := r.forgetPages(ctx, before)
		total += gone
		if err != nil || gone == 0 {
			return total, problem(err, "deleting the pages that came before %s", cameBefore.Format(time.DateOnly))
		}
	}
}

func (r *Retention) forgetPages(ctx context.Context, before pgtype.Timestamptz) (int, error) {
	var gone int64
	err := transact(ctx, r.pool, writing, func(q *db.Queries) (err error) {
		gone, err = q.DeletePages(ctx, before, pagesAtOnce)
		return err
	})
	return int(gone), err
}
