package postgres

import (
	"context"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/gen/db"
	"ratecard/ports"
)

var _ ports.Matching = (*Ledger)(nil)

// Rulings implements ports.Matching.
func (l *Ledger) Rulings(ctx context.Context) ([]domain.Ruling, error) {
	var list []domain.Ruling
	err := transact(ctx, l.pool, snapshot, func(q *db.Queries) (err error) {
		list, err = rulingsInForce(ctx, q, "")
		return err
	})
	return list, problem(err, "listing rulings on matches")
}

// Printed implements ports.Matching.
func (l *Ledger) Printed(ctx context.Context, provider domain.ProviderID) (ports.Printed, error) {
	var printed ports.Printed
	name := string(clean(provider))
	err := transact(ctx, l.pool, snapshot, func(q *db.Queries) error {
		models, err := q.CurrentModels(ctx, name)
		if err != nil {
			return err
		}
		printed.Models = make([]domain.Model, len(models))
		for i, r := range models {
			version, err := modelVersion(db.ModelVersionsAtRow(r))
			if err != nil {
				return err
			}
			printed.Models[i] = version.Model
		}
		if printed.Names, err = q.PrintedNames(ctx, name); err != nil {
			return err
		}
		printed.Rulings, err = rulingsInForce(ctx, q, name)
		return err
	})
	return printed, problem(err, "reading what is printed of %s", provider)
}

func rulingsInForce(ctx context.Context, q *db.Queries, provider string) ([]domain.Ruling, error) {
	rows, err := q.RulingsInForce(ctx, provider)
	list := make([]domain.Ruling, len(rows))
	for i, r := range rows {
		list[i] = ruling(r)
	}
	return list, err
}

func ruling(r db.RulingsInForceRow) domain.Ruling {
	return domain.Ruling{
		ID: r.ID, Model: domain.ModelKey{Provider: domain.ProviderID(r.Provider), ID: r.Model}, Name: r.Name,
		Kind: domain.RulingKind(r.Ruling), At: instant(r.MadeAt), By: r.MadeBy, Reason: r.Reason,
	}
}

// loadMatches reads how a provider's models are matched, and what was ruled on it.
func loadMatches(ctx context.Context, q *db.Queries, provider string, state *ledger.State) error {
	var err error
	if state.Rulings, err = rulingsInForce(ctx, q, provider); err != nil {
		return err
	}
	rows, err := q.CurrentMatches(ctx, provider)
	state.Matches = make(map[string]domain.Match, len(rows))
	for _, r := range rows {
		state.Matches[r.Model] = domain.Match{ModelID: r.Model, Name: r.Name, How: r.How, Since: instant(r.Since)}
	}
	if err != nil {
		return err
	}
	told, err := q.UnpricedTold(ctx, provider)
	state.Unpriced = make(map[string]time.Time, len(told))
	for _, r := range told {
		state.Unpriced[r.Model] = instant(r.ToldAt)
	}
	return err
}

// rulings writes what administrators decided. A ruling that is released makes
// room for one that is made.
func (w *writer) rulings(ctx context.Context) error {
	if len(w.change.Released) > 0 {
		if _, err := w.q.ReleaseRulings(ctx, timestamp(w.knownAt), w.change.Released); err != nil {
			return err
		}
	}
	rows := make([]db.InsertRulingsParams, len(w.change.Rulings))
	for i, r := range w.change.Rulings {
		number, err := w.modelNumber(r.Model.ID)
		if err != nil {
			return err
		}
		rows[i] = db.InsertRulingsParams{
			Model: number, Name: clean(r.Name), Ruling: string(r.Kind),
			MadeAt: timestamp(w.knownAt), MadeBy: clean(r.By), Reason: clean(r.Reason),
		}
	}
	return copied(ctx, w.q.InsertRulings, rows)
}

// matches writes which models another name prices from now on, or none.
func (w *writer) matches(ctx context.Context) error {
	if len(w.change.Matches) == 0 {
		return nil
	}
	numbers := make([]int64, len(w.change.Matches))
	rows := make([]db.InsertMatchesParams, len(w.change.Matches))
	for i, m := range w.change.Matches {
		var err error
		if numbers[i], err = w.modelNumber(m.ModelID); err != nil {
			return err
		}
		rows[i] = db.InsertMatchesParams{
			Model: numbers[i], Name: clean(m.Name), How: clean(m.How), Matched: timeRange(domain.Span{From: w.knownAt}),
		}
	}
	if _, err := w.q.EndMatches(ctx, timestamp(w.knownAt), numbers); err != nil {
		return err
	}
	return copied(ctx, w.q.InsertMatches, rows)
}

// unpriced writes of which models it is told that nothing prices them, and of
// which that is over.
func (w *writer) unpriced(ctx context.Context) error {
	over, err := w.modelNumbers(w.change.Repriced)
	if err != nil {
		return err
	}
	told, err := w.modelNumbers(w.change.Unpriced)
	if err != nil {
		return err
	}
	if len(over) > 0 {
		if _, err := w.q.ForgetUnpriced(ctx, over); err != nil {
			return err
		}
	}
	rows := make([]db.InsertUnpricedParams, len(told))
	for i, number := range told {
		rows[i] = db.InsertUnpricedParams{Model: number, ToldAt: timestamp(w.knownAt)}
	}
	return copied(ctx, w.q.InsertUnpriced, rows)
}

func (w *writer) modelNumbers(ids []string) ([]int64, error) {
	numbers := make([]int64, len(ids))
	for i, id := range ids {
		var err error
		if numbers[i], err = w.modelNumber(id); err != nil {
			return nil, err
		}
	}
	return numbers, nil
}

func (w *writer) modelNumber(id string) (int64, error) {
	number, known := w.book.models[clean(id)]
	if !known {
		return 0, domain.Errorf(domain.KindInvalid, "%s/%s is no known model", w.provider, id)
	}
	return number, nil
}
