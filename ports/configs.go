package ports

import (
	"context"
	"time"

	"ratecard/domain"
)

// Configs keeps the versions of the scraping configurations.
type Configs interface {
	// Adopt brings the defaults of a release: stored where a provider has no
	// configuration, a new version where the newest is an older release's
	// untouched, nothing where an administrator's is in force. Repeatable.
	Adopt(ctx context.Context, defaults []domain.Provider, at time.Time) error
	// Active gives the version in force; KindNotFound where there is none.
	Active(ctx context.Context, provider domain.ProviderID) (domain.ScrapingVersion, error)
}
