package ports

import (
	"context"
	"time"

	"ratecard/domain"
)

// Schedule knows when each provider is next due. It is kept in the store, so
// that no night is lost to a restart.
type Schedule interface {
	// Due gives those of the providers whose next sync has come at now, or who
	// were never given one, in their order.
	Due(ctx context.Context, providers []domain.ProviderID, now time.Time) ([]domain.ProviderID, error)
	// Next notes when providers are next due.
	Next(ctx context.Context, providers []domain.ProviderID, at time.Time) error
}
