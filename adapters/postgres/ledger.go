package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

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
	err := transactOn(ctx, l.pool, writing, func(tx pgx.Tx) error {
		ready, err := prepare(ctx, tx, provider, func(state ledger.State) (change ledger.Change, err error) {
			if change, refusal = decide(state); refusal != nil {
				return change, final{refusal}
			}
			return ledger.Adjusted(state, change), nil
		})
		if err == nil {
			version, err = ready.write(ctx)
		}
		return err
	})
	if refusal != nil {
		return 0, refusal
	}
	return version, problem(err, "updating what is believed of %s", provider)
}

// prepare asks what changes under the provider's lock, and makes the rows of it. What
// was read and decided is not held any longer than that.
func prepare(ctx context.Context, tx pgx.Tx, provider domain.ProviderID, decide ports.Decide) (prepared, error) {
	q := db.New(tx)
	if err := q.LockProvider(ctx, ledgerLocks, string(provider)); err != nil {
		return prepared{}, err
	}
	state, book, err := load(ctx, q, provider)
	if err != nil {
		return prepared{}, err
	}
	change, err := decide(state)
	if err != nil {
		return prepared{}, err
	}
	return newWriter(tx, book, provider, change).prepare(ctx, state)
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
