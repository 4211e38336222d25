package ports

import (
	"context"

	"ratecard/domain"
)

// EventLog takes what happens beside the ledger: what leaves models and prices
// as they are, and the catalogue version with them.
type EventLog interface {
	// Tell writes an event. Its id follows those of all events before it.
	Tell(ctx context.Context, event domain.Event) error
}
