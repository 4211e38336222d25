package postgres

import (
	"context"

	"ratecard/domain"
	"ratecard/gen/db"
)

// restate writes statements of the past and lets rates rest on them. The quotes
// are numbered already: they are those of the rates.
func (w *writer) restate(ctx context.Context) error {
	ids, err := w.reserve(ctx, "source_statements_id_seq", len(w.change.Restated))
	if err != nil {
		return err
	}
	rows := make([]db.InsertStatementsParams, len(ids))
	for i, s := range w.change.Restated {
		quote, known := w.book.quotes[w.quoteOf(s.Source, s.Quote.QuoteKey)]
		if !known || s.Stated.Open() {
			return domain.Errorf(domain.KindInvalid, "what %s stated of %q in the past has no end, or no rate rests on it", s.Source, s.Quote.Name)
		}
		if rows[i], err = statementRow(s.Statement, ids[i], quote); err != nil {
			return err
		}
		for _, rate := range s.Rests {
			w.proofs[rate].statement = ids[i]
		}
	}
	return copied(ctx, w.q.InsertStatements, rows)
}
