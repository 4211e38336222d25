package api

import (
	"context"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/gen/oas"
)

// ListDescribedProviders answers GET /api/admin/providers.
func (h *handler) ListDescribedProviders(ctx context.Context) (*oas.DescribedProviderList, error) {
	all, err := h.cfg.Providers.InForce(ctx)
	if err != nil {
		return nil, err
	}
	items, err := encodeEach(all, encodeDescribed)
	if err != nil {
		return nil, err
	}
	return &oas.DescribedProviderList{Items: items, Total: len(items)}, nil
}

// GetProviderSchema answers GET /api/admin/providers/schema.
func (h *handler) GetProviderSchema(context.Context) (oas.AnyJSON, error) {
	return oas.AnyJSON(h.cfg.ProviderSchema), nil
}

// GetDescribedProvider answers GET /api/admin/providers/{provider}.
func (h *handler) GetDescribedProvider(ctx context.Context, params oas.GetDescribedProviderParams) (*oas.DescribedProvider, error) {
	return described(h.cfg.Providers.One(ctx, domain.ProviderID(params.Provider)))
}

// PutProvider answers PUT /api/admin/providers/{provider}.
func (h *handler) PutProvider(ctx context.Context, req *oas.NewProvider, params oas.PutProviderParams) (*oas.SavedProvider, error) {
	saved, err := h.cfg.Providers.Put(ctx, app.NewDescription{
		Provider: domain.ProviderID(params.Provider), Description: req.Description, Seen: req.Version, By: trace(ctx).by(),
	})
	if err != nil {
		return nil, sentIn("description", err)
	}
	provider, err := encodeDescribed(saved.ProviderInForce)
	return &oas.SavedProvider{Provider: provider, Misfits: encodeAll(saved.Misfits, encodeFieldProblem)}, err
}

// EnableProvider answers POST /api/admin/providers/{provider}/enable.
func (h *handler) EnableProvider(ctx context.Context, params oas.EnableProviderParams) (*oas.DescribedProvider, error) {
	return described(h.cfg.Providers.Switch(ctx, domain.ProviderID(params.Provider), true, trace(ctx).by()))
}

// DisableProvider answers POST /api/admin/providers/{provider}/disable.
func (h *handler) DisableProvider(ctx context.Context, params oas.DisableProviderParams) (*oas.DescribedProvider, error) {
	return described(h.cfg.Providers.Switch(ctx, domain.ProviderID(params.Provider), false, trace(ctx).by()))
}

func described(p app.ProviderInForce, err error) (*oas.DescribedProvider, error) {
	if err != nil {
		return nil, err
	}
	out, err := encodeDescribed(p)
	return &out, err
}

func encodeDescribed(p app.ProviderInForce) (oas.DescribedProvider, error) {
	description, err := encodeJSON(p.Provider)
	out := oas.DescribedProvider{
		Provider: string(p.ID), Name: p.Name, Enabled: p.Enabled, Origin: oas.DescribedProviderOrigin(p.Origin),
		Version: p.Said.Version, SavedBy: textOrNull(p.Said.By), SavedAt: timeOrNull(p.Said.At),
		KeyEnv: oas.NilString{Null: true}, KeyHeld: p.KeyHeld, Description: description,
	}
	if p.API != nil {
		out.KeyEnv = textOrNull(p.API.KeyEnv)
	}
	return out, err
}
