package ports

import (
	"context"
	"time"

	"ratecard/domain"
)

// TariffQuery asks what models cost during a time.
type TariffQuery struct {
	Refs    []string    // ids or aliases, each once
	Range   domain.Span // closed: rates in force at some moment of it, attributes seen at some moment of it
	KnownAt time.Time   // zero: as it is believed now
}

// Attributes are what bills need to know of a model while it was seen so.
type Attributes struct {
	Seen          domain.Span
	Aliases       []string
	StatedPricing domain.PricingStatus // domain.Free or domain.NotPerToken where a source says so, else empty
}

// ModelTariff is what a model cost during a time.
type ModelTariff struct {
	domain.ModelKey
	Since      time.Time         // before it nothing is known of the model, neither itself nor a rate
	Attributes []Attributes      // oldest first
	Rates      []domain.RateView // of every tier, region and layer, in no order
}

// Tariffs is the answer to a TariffQuery.
type Tariffs struct {
	Models  []ModelTariff // by id and provider
	Version int64         // the catalogue version that it was read at
}

// Tariff answers what many models cost at many instants at once.
type Tariff interface {
	// Tariffs gives every model that one of the refs names: as its id, or as an
	// alias at some moment of the range. Of a model that is named by its id the
	// time does not matter, as long as it was found by KnownAt: what is known of it
	// may begin later. One consistent
	// snapshot is read, in a number of queries that does not depend on that of
	// refs, models and instants; for KnownAt see Catalogue.
	Tariffs(ctx context.Context, q TariffQuery) (Tariffs, error)
}
