package ports

import (
	"context"

	"ratecard/domain"
	"ratecard/domain/cost"
)

// OfferQuery asks for what models cost in one tier and region. Of ModelQuery its
// instants, filters and Version count; its order and page do not.
type OfferQuery struct {
	ModelQuery
	Tier   domain.Tier
	Region domain.Region
}

// Offers is the answer to an OfferQuery. What it refers to is shared, and must not
// be changed.
type Offers struct {
	Models  []*ModelView // by id, then provider
	Priced  []cost.Offer // the same models, laid out to be priced
	Version int64        // the catalogue version that it was read at
}

// Market answers what models compete in, all at once.
type Market interface {
	// Offers gives every model that a query chooses, as Catalogue.Models would page by
	// page: of one consistent snapshot, with KindCursorExpired where the catalogue has
	// another version than is asked for.
	Offers(ctx context.Context, q OfferQuery) (Offers, error)
}

// OfferOf lays a model out to be priced.
func OfferOf(m *ModelView, tier domain.Tier, region domain.Region) cost.Offer {
	tariff := cost.Tariff{Rates: m.Rates, Stated: m.StatedPricing}
	return cost.Offer{Schedule: cost.NewSchedule(tariff, tier, region), ContextWindow: m.ContextWindow}
}
