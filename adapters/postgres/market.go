package postgres

import (
	"context"
	"math"

	"ratecard/domain/cost"
	"ratecard/ports"
)

var _ ports.Market = (*Catalogue)(nil)

// Offers implements ports.Market.
func (c *Catalogue) Offers(ctx context.Context, q ports.OfferQuery) (ports.Offers, error) {
	all := q.ModelQuery
	all.Sort, all.Descending, all.After, all.Limit = ports.SortID, false, nil, math.MaxInt32
	page, err := c.Models(ctx, all)
	if err != nil {
		return ports.Offers{}, err
	}
	answer := ports.Offers{Version: page.Version, Models: make([]*ports.ModelView, len(page.Models)), Priced: make([]cost.Offer, len(page.Models))}
	for i := range page.Models {
		answer.Models[i], answer.Priced[i] = &page.Models[i], ports.OfferOf(&page.Models[i], q.Tier, q.Region)
	}
	return answer, nil
}
