package ports

import (
	"context"
	"time"

	"ratecard/domain"
	"ratecard/domain/trend"
)

// TimelineQuery chooses what rates are the price of. Several values of one field mean
// "or", different fields mean "and"; an empty field chooses all. Of amounts in other
// currencies than US dollars nothing is told.
type TimelineQuery struct {
	Providers       []domain.ProviderID
	Models          []string       // ids
	Classes         []domain.Class // of the models as they were last seen by the end of the range
	Tiers           []domain.Tier
	Meters          []domain.Meter
	Regions         []domain.Region
	MinPromptTokens *int64
	Layer           domain.Layer // one of domain.Layers
	Range           domain.Span  // closed: rates in force at some moment of it
	KnownAt         time.Time    // zero: as it is believed now
	Moved           bool         // only keys of which a rate began within the range, after its beginning
	Most            int          // rates at most; more are KindInvalid
}

// Timelines answers how prices moved.
type Timelines interface {
	// Timelines gives what the chosen keys cost during the range, whole periods, by
	// provider, model and key. One consistent snapshot is read; for KnownAt see
	// Catalogue.
	Timelines(ctx context.Context, q TimelineQuery) ([]trend.Timeline, error)
}
