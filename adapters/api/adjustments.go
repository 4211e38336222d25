package api

import (
	"context"
	"time"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/gen/oas"
)

// ListAdjustments answers GET /api/admin/manual-rates/adjustments.
func (h *handler) ListAdjustments(ctx context.Context) (*oas.AdjustmentList, error) {
	all, err := h.cfg.Adjustments.Adjustments(ctx)
	if err != nil {
		return nil, err
	}
	now := domain.Instant(h.cfg.Now())
	return &oas.AdjustmentList{
		Items: encodeAll(all, func(a domain.Adjustment) oas.Adjustment { return *encodeAdjustment(a, now) }),
		Total: len(all),
	}, nil
}

// EnterAdjustment answers POST /api/admin/manual-rates/adjustments.
func (h *handler) EnterAdjustment(ctx context.Context, req *oas.NewAdjustment) (*oas.Adjustment, error) {
	effective, err := overlaySpan(req.From, req.To)
	if err != nil {
		return nil, err
	}
	id := ""
	if req.Model.Set {
		model, err := h.model(ctx, req.Model.Value, oas.NewOptString(req.Provider))
		if err != nil {
			return nil, err
		}
		id = model.ID
	}
	_, err = app.Adjust(ctx, h.cfg.Ledger, app.NewAdjustment{
		Provider: domain.ProviderID(req.Provider), Model: id, Tier: domain.Tier(req.Tier.Value), Meter: domain.Meter(req.Meter.Value),
		Percent: req.Percent, Effective: effective, Reason: req.Reason, By: trace(ctx).by(),
	}, h.cfg.Now)
	if err != nil {
		return nil, err
	}
	return h.adjustment(ctx, func(a domain.Adjustment) bool {
		return string(a.Provider) == req.Provider && a.Model == id && string(a.Tier) == req.Tier.Value && string(a.Meter) == req.Meter.Value
	})
}

// adjustment gives the newest of those that are meant, as it stands on record.
func (h *handler) adjustment(ctx context.Context, meant func(domain.Adjustment) bool) (*oas.Adjustment, error) {
	all, err := h.cfg.Adjustments.Adjustments(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if meant(a) {
			return encodeAdjustment(a, domain.Instant(h.cfg.Now())), nil
		}
	}
	return nil, domain.Errorf(domain.KindNotFound, "the adjustment is not on record any more")
}

// EndAdjustment answers POST /api/admin/manual-rates/adjustments/{id}/end.
func (h *handler) EndAdjustment(ctx context.Context, req *oas.ManualRateEnd, params oas.EndAdjustmentParams) (*oas.Adjustment, error) {
	at, err := instantOr("at", req.At, time.Time{})
	if err != nil {
		return nil, err
	}
	ended, err := app.FinishAdjustment(ctx, h.cfg.Ledger, h.cfg.Adjustments, app.EndAdjustment{
		ID: params.ID, At: at, Reason: req.Reason, By: trace(ctx).by(),
	}, h.cfg.Now)
	if err != nil {
		return nil, err
	}
	return encodeAdjustment(ended.Adjustment, domain.Instant(h.cfg.Now())), nil
}

func encodeAdjustment(a domain.Adjustment, now time.Time) *oas.Adjustment {
	out := &oas.Adjustment{
		ID: a.ID, Provider: string(a.Provider), ModelID: textOrNull(a.Model), Tier: textOrNull(a.Tier), Meter: textOrNull(a.Meter),
		Percent: amount(a.Percent), From: a.Effective.From.UTC(), To: timeOrNull(a.Effective.To),
		State: oas.AdjustmentStatePast, MadeAt: a.MadeAt.UTC(), By: a.By, Reason: a.Reason,
	}
	switch {
	case a.Effective.Empty():
		out.State = oas.AdjustmentStateWithdrawn
	case a.Effective.From.After(now):
		out.State = oas.AdjustmentStateScheduled
	case a.Effective.Contains(now):
		out.State = oas.AdjustmentStateInForce
	}
	return out
}
