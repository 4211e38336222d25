package api

import (
	"context"
	"fmt"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/gen/oas"
)

// ImportPrices answers POST /api/admin/import.
func (h *handler) ImportPrices(ctx context.Context, req *oas.PriceLists) (*oas.Imported, error) {
	lists, err := decodeLists(req.Lists)
	if err != nil {
		return nil, err
	}
	result, err := app.Import(ctx, h.cfg.Ledger, lists, trace(ctx).by(), h.cfg.Now)
	if err != nil {
		return nil, err
	}
	return encodeImported(lists, result), nil
}

func decodeLists(given []oas.PriceList) ([]app.ImportedList, error) {
	lists := make([]app.ImportedList, len(given))
	var faults []domain.FieldError
	for i, l := range given {
		at, err := parseMoment(fmt.Sprintf("lists[%d].at", i), l.At)
		if err != nil {
			faults = append(faults, explain(context.Background(), err).Fields...)
		}
		lists[i] = app.ImportedList{
			Provider: domain.ProviderID(l.Provider), At: at.Time, Models: encodeAll(l.Models, decodeListed),
		}
	}
	if faults != nil {
		return nil, invalid(faults...)
	}
	return lists, nil
}

func decodeListed(m oas.ListedModel) app.ImportedModel {
	return app.ImportedModel{
		ID: m.ID, DisplayName: m.DisplayName.Value,
		ContextWindow: given(m.ContextWindow), MaxOutputTokens: given(m.MaxOutputTokens),
		Rates: encodeAll(m.Rates, func(r oas.ListedRate) app.ImportedRate {
			return app.ImportedRate{
				Tier: domain.Tier(r.Tier.Value), Meter: domain.Meter(r.Meter), Region: domain.Region(r.Region.Value),
				MinPromptTokens: r.MinPromptTokens.Value, Amount: r.Amount,
			}
		}),
	}
}

func given(n oas.OptInt64) *int64 {
	if v, set := n.Get(); set {
		return &v
	}
	return nil
}

func encodeImported(lists []app.ImportedList, result app.ImportResult) *oas.Imported {
	out := &oas.Imported{
		Lists:       make([]oas.ImportedList, len(lists)),
		ModelsFound: result.ModelsFound, ModelsChanged: result.ModelsChanged, RowsWritten: result.Written,
	}
	for i, l := range result.Lists {
		out.Lists[i] = oas.ImportedList{
			Provider: string(lists[i].Provider), At: lists[i].At.UTC(),
			Opened: l.Opened, Changed: l.Changed, Ended: l.Ended, Unchanged: l.Unchanged,
		}
		out.Opened += l.Opened
		out.Changed += l.Changed
		out.Ended += l.Ended
		out.Unchanged += l.Unchanged
	}
	return out
}
