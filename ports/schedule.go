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
	// Pass notes when those of the providers that are due at now are next due;
	// one that was given another time since keeps it.
	Pass(ctx context.Context, providers []domain.ProviderID, now, next time.Time) error
	// Next notes when providers are next due, whatever was noted before.
	Next(ctx context.Context, providers []domain.ProviderID, at time.Time) error
}
