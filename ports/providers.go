package ports

import (
	"context"

	"ratecard/domain"
)

// Providers keeps what administrators say of providers while the program runs.
type Providers interface {
	// Entries gives all of it, by provider.
	Entries(ctx context.Context) ([]domain.ProviderEntry, error)
	// Save replaces what is said of a provider and gives it with its new version.
	// entry.Version is the one that the author saw, 0 for none: KindConflict where
	// another is there by now. In the same transaction a scraping configuration,
	// where one is given, is put in force as a new version by the same author,
	// unless it is in force already, and the event is told.
	Save(ctx context.Context, entry domain.ProviderEntry, scraping *domain.Scraping, told domain.Event) (domain.ProviderEntry, error)
}
