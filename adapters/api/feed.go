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
	events, err := h.cfg.Events.PriceChanges(ctx, ports.PriceChangeQuery{
		Providers: as[domain.ProviderID](params.Provider), Models: params.Model, Limit: params.Limit.Value,
	})
	if err != nil {
		return oas.GetPriceChangesOK{}, err
	}
	feed, err := encodeFeed(h.cfg.PublicURL, params, events)
	return oas.GetPriceChangesOK{Data: bytes.NewReader(feed)}, err
}
