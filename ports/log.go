package ports

import (
	"context"

	"ratecard/domain"
)

// EventLog is the log of what happens. It takes what stands beside the ledger: what
// leaves models and prices as they are, and the catalogue version with them.
// Catalogue reads it from any event on.
type EventLog interface {
	// Tell writes an event. Its id follows those of all events before it.
	Tell(ctx context.Context, event domain.Event) error
	// Last gives the id of the newest event, 0 where there is none.
	Last(ctx context.Context) (int64, error)
	// PriceChanges gives the newest events of rates (rate.*) that the question is
	// about, the newest first; empty where there are none.
	PriceChanges(ctx context.Context, q PriceChangeQuery) ([]domain.Event, error)
}

// PriceChangeQuery says which events of rates are meant.
type PriceChangeQuery struct {
	Providers []domain.ProviderID // of these; nil: of all
	Models    []string            // of models with these ids; nil: of all
	Limit     int                 // how many at most
}
