package ports

import (
	"context"

	"ratecard/domain"
)

// Printed is what the matching of a provider's models starts from.
type Printed struct {
	Models  []domain.Model  // as they are known now, deprecated ones included, by id
	Names   []string        // under which the source that was read last states prices, each once, sorted
	Rulings []domain.Ruling // in force
}

// Matching answers what is known about whose price is whose.
type Matching interface {
	// Rulings gives every ruling in force, newest first.
	Rulings(ctx context.Context) ([]domain.Ruling, error)
	// Printed gives what a provider's models are matched with. A provider that
	// was never looked at has nothing.
	Printed(ctx context.Context, provider domain.ProviderID) (Printed, error)
}
