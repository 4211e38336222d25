package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/gen/db"
)

// proofsByNumber is what the rates of an answer rest on, each once.
type proofsByNumber struct {
	quotes    map[int64]*sourced
	modifiers map[int64]domain.ModifierEvidence // by which rates are derived
	printed   map[int64]decimal.Decimal         // by statement: from what they are
}

// proofsOfRows reads what rates rest on: in one query, and in two more where
// some of them are derived.
func proofsOfRows(ctx context.Context, q *db.Queries, rates []*db.RatesInForceRow) (proofsByNumber, error) {
	var p proofsByNumber
	var err error
	if p.quotes, err = quotesOf(ctx, q, rates); err != nil {
		return p, err
	}
	var derived []*db.RatesInForceRow
	for _, r := range rates {
		if r.Modifier.Valid {
			derived = append(derived, r)
		}
	}
	if len(derived) == 0 {
		return p, nil
	}
	modifiers, err := q.ModifiersByID(ctx, numbersOf(derived, func(r *db.RatesInForceRow) pgtype.Int8 { return r.Modifier }))
	if err != nil {
		return p, err
	}
	p.modifiers = make(map[int64]domain.ModifierEvidence, len(modifiers))
	for _, m := range modifiers {
		p.modifiers[m.ID] = modifierEvidence(m)
	}
	printed, err := q.PrintedAmounts(ctx, numbersOf(derived, func(r *db.RatesInForceRow) pgtype.Int8 { return r.Statement }))
	p.printed = make(map[int64]decimal.Decimal, len(printed))
	for _, s := range printed {
		p.printed[s.ID] = amount(s.Amount)
	}
	return p, err
}

// quotesOf reads the quotes that rates rest on, each once.
func quotesOf(ctx context.Context, q *db.Queries, rates []*db.RatesInForceRow) (map[int64]*sourced, error) {
	numbers := numbersOf(rates, func(r *db.RatesInForceRow) pgtype.Int8 { return r.Quote })
	if len(numbers) == 0 {
		return nil, nil
	}
	rows, err := q.QuotesByNumber(ctx, numbers)
	quotes, all := make(map[int64]*sourced, len(rows)), make([]sourced, len(rows))
	for i := range rows {
		all[i] = quote(db.QuotesRow(rows[i]))
		quotes[rows[i].Number] = &all[i]
	}
	return quotes, err
}

// numbersOf lists what rates name by number, each once.
func numbersOf(rates []*db.RatesInForceRow, of func(*db.RatesInForceRow) pgtype.Int8) []int64 {
	numbers := make([]int64, 0, len(rates))
	for _, r := range rates {
		if n := of(r); n.Valid {
			numbers = append(numbers, n.Int64)
		}
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// modifiersOf gives those by which rates were derived from what a statement
// printed.
func modifiersOf(ctx context.Context, q *db.Queries, statement int64) ([]domain.ModifierEvidence, error) {
	ids, err := q.ModifiersOfStatement(ctx, number(statement))
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	rows, err := q.ModifiersByID(ctx, ids)
	list := make([]domain.ModifierEvidence, len(rows))
	for i, r := range rows {
		list[i] = modifierEvidence(r)
	}
	return list, err
}
