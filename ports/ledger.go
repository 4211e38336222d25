package ports

import (
	"context"

	"ratecard/domain"
	"ratecard/domain/ledger"
)

// Decide turns what is believed into what changes. It is pure and may be
// called more than once for one Update: a transaction that lost a race or its
// connection is run again as a whole.
type Decide func(ledger.State) (ledger.Change, error)

// Ledger is where a provider's models and rates are believed.
type Ledger interface {
	// Update reads what is believed of the provider under the provider's
	// lock, asks decide what changes, and writes that in the same transaction,
	// many rows at a time: never a statement for a row. What decide changes is
	// completed by what it makes of adjusted prices (ledger.Adjusted).
	// It returns the catalogue version after it: raised when the change is
	// visible or has events. Before a visible change is told of, it is told of
	// what was announced and has come by then (see Boundaries). An error of
	// decide is returned as it is, and nothing is written then. Rates and
	// statements already written by an earlier, interrupted call are seen by
	// decide, so a repeat changes nothing.
	Update(ctx context.Context, provider domain.ProviderID, decide Decide) (version int64, err error)

	// Stated gives what the source last stated, without the places: its open
	// statements, in no order; none for a source that was never read.
	Stated(ctx context.Context, provider domain.ProviderID, source string) ([]domain.Quote, error)
}
