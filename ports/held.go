package ports

import (
	"context"
	"time"

	"ratecard/domain"
)

// HeldQuery chooses held changes.
type HeldQuery struct {
	State     domain.HeldState    // empty: of any
	Providers []domain.ProviderID // empty: of all
	Before    int64               // the last id of the page before; 0: the first page
	Limit     int                 // at least 1
}

// HeldPage is a page of held changes, newest first.
type HeldPage struct {
	Changes []domain.HeldChange
	More    bool
	Total   int // on all pages
}

// HeldChanges answers which changes were not believed at once, and what became
// of them. They are made and decided through Ledger.Update.
type HeldChanges interface {
	// List gives a page of them.
	List(ctx context.Context, q HeldQuery) (HeldPage, error)
	// Get gives one; KindNotFound where there is none of that id.
	Get(ctx context.Context, id int64) (domain.HeldChange, error)
	// Waiting gives the providers with changes that are held and of which no
	// other source was asked since an instant, in order.
	Waiting(ctx context.Context, lookedBefore time.Time) ([]domain.ProviderID, error)
}
