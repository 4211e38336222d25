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
	// Versions gives all versions of a provider, the newest first, none where
	// there is none.
	Versions(ctx context.Context, provider domain.ProviderID) ([]domain.ScrapingVersion, error)
	// Version gives one version; KindNotFound where there is none of that
	// number.
	Version(ctx context.Context, provider domain.ProviderID, version int) (domain.ScrapingVersion, error)
	// Save puts a configuration in force as the next version, whose number it
	// gives, and tells of it in the event log in the same transaction.
	// version.Version is the one that the author saw in force, 0 for none:
	// KindConflict where another is by now. A configuration that is in force
	// already stays as it is, and so a repeat changes nothing.
	Save(ctx context.Context, version domain.ScrapingVersion) (domain.ScrapingVersion, error)
}
