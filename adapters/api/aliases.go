package api

import (
	"context"
	"slices"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/domain/match"
	"ratecard/gen/oas"
)

// ListAliases answers GET /api/admin/aliases.
func (h *handler) ListAliases(ctx context.Context) (*oas.AliasList, error) {
	rulings, err := h.cfg.Matching.Rulings(ctx)
	if err != nil {
		return nil, err
	}
	return &oas.AliasList{Items: encodeAll(rulings, encodeAlias), Total: len(rulings)}, nil
}

// MakeAlias answers POST /api/admin/aliases.
func (h *handler) MakeAlias(ctx context.Context, req *oas.NewAlias) (*oas.Alias, error) {
	model, err := h.model(ctx, req.Model, req.Provider)
	if err != nil {
		return nil, err
	}
	want := app.NewRuling{
		Model: model.ModelKey, Name: req.Name, Kind: domain.RulingKind(req.Ruling), Reason: req.Reason, By: trace(ctx).by(),
	}
	if err := app.Rule(ctx, h.cfg.Ledger, want, h.cfg.Now()); err != nil {
		return nil, err
	}
	rulings, err := h.cfg.Matching.Rulings(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(rulings, func(r domain.Ruling) bool {
		return r.Model == want.Model && r.Kind == want.Kind && match.SameSpelling(r.Name, want.Name)
	})
	if i < 0 {
		return nil, domain.Errorf(domain.KindConflict, "the ruling was made, and released by another request")
	}
	alias := encodeAlias(rulings[i])
	return &alias, nil
}

// ReleaseAlias answers DELETE /api/admin/aliases/{id}.
func (h *handler) ReleaseAlias(ctx context.Context, params oas.ReleaseAliasParams) (*oas.Alias, error) {
	ruling, err := app.Release(ctx, h.cfg.Ledger, h.cfg.Matching, app.ReleaseRuling{
		ID: params.ID, Reason: params.Reason.Value, By: trace(ctx).by(),
	}, h.cfg.Now())
	if err != nil {
		return nil, err
	}
	alias := encodeAlias(ruling)
	return &alias, nil
}

func encodeAlias(r domain.Ruling) oas.Alias {
	return oas.Alias{
		ID: r.ID, ModelID: r.Model.ID, Provider: string(r.Model.Provider), Name: r.Name,
		Ruling: oas.RulingKind(r.Kind), MadeAt: r.At.UTC(), By: r.By, Reason: r.Reason,
	}
}
