package postgres

import (
	"context"

	"github.com/jackc/pgx/v5/pgtype"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

var _ ports.Adjustments = (*Ledger)(nil)

// Adjustments implements ports.Adjustments.
func (l *Ledger) Adjustments(ctx context.Context) ([]domain.Adjustment, error) {
	list, err := adjustmentsOf(ctx, db.New(l.pool), "")
	return list, problem(err, "listing adjustments")
}

// adjustmentsOf reads those of one provider, or of all where none is named.
func adjustmentsOf(ctx context.Context, q *db.Queries, provider string) ([]domain.Adjustment, error) {
	rows, err := q.Adjustments(ctx, provider)
	list := make([]domain.Adjustment, len(rows))
	for i, r := range rows {
		list[i] = adjustment(r)
	}
	return list, err
}

// adjustments writes what is entered and what ends.
func (w *writer) adjustments(ctx context.Context) error {
	for _, e := range w.change.AdjustEnd { // one: people end them one by one
		if err := w.q.EndAdjustment(ctx, timestamp(e.At), e.ID); err != nil {
			return err
		}
	}
	rows := make([]db.InsertAdjustmentsParams, len(w.change.Adjust))
	for i, a := range w.change.Adjust {
		var model pgtype.Int8
		if a.Model != "" {
			known, err := w.modelNumber(a.Model)
			if err != nil {
				return err
			}
			model = number(known)
		}
		percent, err := numeric("the percentage", a.Percent)
		if err != nil {
			return err
		}
		rows[i] = db.InsertAdjustmentsParams{
			Provider: string(w.provider), Model: model, Tier: clean(string(a.Tier)), Meter: clean(string(a.Meter)), Percent: percent,
			Begins: timestamp(a.Effective.From), Ends: timestamp(a.Effective.To),
			MadeAt: timestamp(w.knownAt), MadeBy: clean(a.By), Reason: clean(a.Reason),
		}
	}
	return copied(ctx, w.q.InsertAdjustments, rows)
}
