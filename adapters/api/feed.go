package api

import (
	"bytes"
	"context"

	"ratecard/domain"
	"ratecard/gen/oas"
	"ratecard/ports"
)

// GetPriceChanges answers GET /feeds/price-changes.atom.
func (h *handler) GetPriceChanges(ctx context.Context, params oas.GetPriceChangesParams) (oas.GetPriceChangesOK, error) {
	q := ports.PriceChangeQuery{Models: params.Model, Limit: params.Limit.Value}
	for _, p := range params.Provider {
		q.Providers = append(q.Providers, domain.ProviderID(p))
	}
	events, err := h.cfg.Events.PriceChanges(ctx, q)
	if err != nil {
		return oas.GetPriceChangesOK{}, err
	}
	feed, err := encodeFeed(h.cfg.PublicURL, q, events)
	return oas.GetPriceChangesOK{Data: bytes.NewReader(feed)}, err
}
