package postgres

import (
	"context"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/gen/db"
	"ratecard/ports"
)

// ledgerLocks is the space of the advisory locks of providers.
const ledgerLocks int32 = 0x7263 // "rc"

// Ledger implements ports.Ledger.
type Ledger struct {
	pool *conns
}

var _ ports.Ledger = (*Ledger)(nil)

// NewLedger keeps the ledger in the store's database.
func NewLedger(s *Store) *Ledger { return &Ledger{pool: s.pool} }

// Update implements ports.Ledger.
func (l *Ledger) Update(ctx context.Context, provider domain.ProviderID, decide ports.Decide) (int64, error) {
	provider = clean(provider)
	var (
		version int64
		refusal error // decide's own
	)
	err := transact(ctx, l.pool, writing, func(q *db.Queries) error {
		if err := q.LockProvider(ctx, ledgerLocks, string(provider)); err != nil {
			return err
		}
		state, book, err := load(ctx, q, provider)
		if err != nil {
			return err
		}
		var change ledger.Change
		if change, refusal = decide(state); refusal != nil {
			return final{refusal}
		}
		change = ledger.Adjusted(state, change)
		version, err = newWriter(q, book, provider, change).write(ctx, state)
		return err
	})
	if refusal != nil {
		return 0, refusal
	}
	return version, problem(err, "updating what is believed of %s", provider)
}

// Stated implements ports.Ledger.
func (l *Ledger) Stated(ctx context.Context, provider domain.ProviderID, source string) ([]domain.Quote, error) {
	var quotes []domain.Quote
	err := transact(ctx, l.pool, snapshot, func(q *db.Queries) error {
		rows, err := q.StatedQuotes(ctx, string(clean(provider)), clean(source))
		quotes = make([]domain.Quote, len(rows))
		for i, r := range rows {
			quotes[i] = statedQuote(r)
		}
		return err
	})
	if err != nil {
		return nil, problem(err, "reading what %s last stated of %s", source, provider)
	}
	return quotes, nil
}
