package ports

import (
	"context"

	"ratecard/domain"
)

// Adjustments answers which discounts and mark-ups administrators entered. They
// are entered and ended through Ledger.Update, which keeps the adjusted prices
// true to them and to the list prices, in the same transaction.
type Adjustments interface {
	// Adjustments gives every one: past, in force, scheduled and withdrawn, newest
	// first.
	Adjustments(ctx context.Context) ([]domain.Adjustment, error)
}
