package api

import (
	"context"
	"slices"
	"time"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/gen/oas"
	"ratecard/ports"
)

// ListManualRates answers GET /api/admin/manual-rates.
func (h *handler) ListManualRates(ctx context.Context) (*oas.ManualRateList, error) {
	now := domain.Instant(h.cfg.Now())
	rates, err := h.cfg.Manual.Manual(ctx, now)
	if err != nil {
		return nil, err
	}
	return &oas.ManualRateList{
		Items: encodeAll(rates, func(r ports.ManualRate) oas.ManualRate { return *encodeManual(r, now) }),
		Total: len(rates),
	}, nil
}

// EnterManualRate answers POST /api/admin/manual-rates.
func (h *handler) EnterManualRate(ctx context.Context, req *oas.NewManualRate) (*oas.ManualRate, error) {
	effective, err := overlaySpan(req.From, req.To)
	if err != nil {
		return nil, err
	}
	model, err := h.model(ctx, req.Model, req.Provider)
	if err != nil {
		return nil, err
	}
	rate, err := app.EnterRate(ctx, h.cfg.Ledger, app.NewManualRate{
		Model: model.ModelKey, Tier: domain.Tier(req.Tier.Value), Meter: domain.Meter(req.Meter),
		Region: domain.Region(req.Region.Value), MinPromptTokens: req.MinPromptTokens.Value, Amount: req.Amount,
		Effective: effective, Reason: req.Reason, By: trace(ctx).by(),
	}, h.cfg.Now)
	if err != nil {
		return nil, err
	}
	return h.manual(ctx, rate, domain.Instant(h.cfg.Now()))
}

// overlaySpan reads when an overlay holds: an instant ends it, a day belongs to it.
func overlaySpan(from, to oas.OptString) (domain.Span, error) {
	span, err := dateRange(from, to)
	if err != nil || !to.Set {
		return span, err
	}
	m, err := parseMoment("to", to.Value)
	if err == nil && !m.date {
		span.To = m.Time
	}
	return span, err
}

// manual gives a rate as it stands on record.
func (h *handler) manual(ctx context.Context, rate domain.Rate, now time.Time) (*oas.ManualRate, error) {
	rates, err := h.cfg.Manual.Manual(ctx, now)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(rates, func(r ports.ManualRate) bool {
		return r.RateKey == rate.RateKey && r.Effective.Contains(rate.Effective.From)
	})
	if i < 0 {
		return nil, domain.Errorf(domain.KindConflict, "the rate was entered, and ended by another request")
	}
	return encodeManual(rates[i], now), nil
}

// EndManualRate answers POST /api/admin/manual-rates/{id}/end.
func (h *handler) EndManualRate(ctx context.Context, req *oas.ManualRateEnd, params oas.EndManualRateParams) (*oas.EndedManualRate, error) {
	at, err := instantOr("at", req.At, time.Time{})
	if err != nil {
		return nil, err
	}
	ended, err := app.EndRate(ctx, h.cfg.Ledger, h.cfg.Manual, app.EndManualRate{
		ID: params.ID, At: at, Reason: req.Reason, By: trace(ctx).by(),
	}, h.cfg.Now)
	if err != nil {
		return nil, err
	}
	return &oas.EndedManualRate{
		ID: params.ID, ModelID: ended.Rate.Model.ID, Provider: string(ended.Rate.Model.Provider),
		End: ended.End.UTC(), Withdrawn: ended.Withdrawn,
	}, nil
}

func encodeManual(r ports.ManualRate, now time.Time) *oas.ManualRate {
	out := &oas.ManualRate{
		ID:              r.ID,
		ModelID:         r.Model.ID,
		Provider:        string(r.Model.Provider),
		Tier:            string(r.Tier),
		Meter:           string(r.Meter),
		Region:          string(r.Region),
		MinPromptTokens: r.MinPromptTokens,
		Amount:          amount(r.Amount),
		Unit:            r.Unit,
		Currency:        r.Currency,
		From:            r.Effective.From.UTC(),
		To:              timeOrNull(r.Effective.To),
		State:           oas.ManualRateStatePast,
		ListAmount:      oas.NilString{Null: true},
		KnownFrom:       r.Known.From.UTC(),
		By:              textOrNull(r.By),
		Reason:          textOrNull(r.Reason),
	}
	switch {
	case r.Effective.From.After(now):
		out.State = oas.ManualRateStateScheduled
	case r.Effective.Contains(now):
		out.State = oas.ManualRateStateInForce
	}
	if r.List != nil {
		out.ListAmount = oas.NewNilString(amount(*r.List))
	}
	return out
}
