package api

import (
	"context"
	"strconv"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/gen/oas"
	"ratecard/ports"
)

// heldCursor takes the provider's place in the cursors of held changes.
const heldCursor = "held"

// ListHeldChanges answers GET /api/admin/held-changes.
func (h *handler) ListHeldChanges(ctx context.Context, params oas.ListHeldChangesParams) (*oas.HeldPage, error) {
	after, err := decodeCursor(params.Cursor)
	if err != nil {
		return nil, err
	}
	query := ports.HeldQuery{
		State: domain.HeldState(params.State.Value), Providers: as[domain.ProviderID](params.Provider), Limit: params.Limit.Value,
	}
	if after != nil {
		if query.Before, err = strconv.ParseInt(after.ID, 10, 64); err != nil || after.Provider != heldCursor || query.Before < 1 {
			return nil, invalid(wrong("cursor", "is of another list; pass on nextCursor as it was answered, or leave it out to start again"))
		}
	}
	page, err := h.cfg.Held.List(ctx, query)
	if err != nil {
		return nil, err
	}
	out := &oas.HeldPage{Items: encodeAll(page.Changes, encodeHeld), NextCursor: oas.NilString{Null: true}, Total: page.Total}
	if page.More && len(page.Changes) > 0 {
		last := page.Changes[len(page.Changes)-1].ID
		out.NextCursor = oas.NewNilString(encodeCursor(domain.ModelKey{Provider: heldCursor, ID: strconv.FormatInt(last, 10)}))
	}
	return out, nil
}

// ApproveHeldChange answers POST /api/admin/held-changes/{id}/approve.
func (h *handler) ApproveHeldChange(ctx context.Context, req *oas.HeldDecision, params oas.ApproveHeldChangeParams) (*oas.HeldChange, error) {
	return h.decide(ctx, app.Decision{ID: params.ID, Approve: true, Reason: req.Reason, By: trace(ctx).by()})
}

// RejectHeldChange answers POST /api/admin/held-changes/{id}/reject.
func (h *handler) RejectHeldChange(ctx context.Context, req *oas.HeldDecision, params oas.RejectHeldChangeParams) (*oas.HeldChange, error) {
	return h.decide(ctx, app.Decision{ID: params.ID, Reason: req.Reason, By: trace(ctx).by()})
}

func (h *handler) decide(ctx context.Context, decision app.Decision) (*oas.HeldChange, error) {
	change, err := app.Decide(ctx, h.cfg.Ledger, h.cfg.Held, decision, h.cfg.Now())
	if err != nil {
		return nil, err
	}
	out := encodeHeld(change)
	return &out, nil
}

func encodeHeld(c domain.HeldChange) oas.HeldChange {
	out := oas.HeldChange{
		ID: c.ID, ModelID: c.Key.Model.ID, Provider: string(c.Key.Model.Provider),
		Tier: string(c.Key.Tier), Meter: string(c.Key.Meter), Region: string(c.Key.Region), MinPromptTokens: c.Key.MinPromptTokens,
		Unit: c.Key.Meter.Unit(), Old: oas.NilString{Null: true}, New: amount(c.New), Source: c.Source, Printed: c.Quote.Name,
		Since: c.Since.UTC(), Reasons: encodeAll(c.Doubts, encodeDoubt), OldEvidenceID: intOrNull(c.OldProof), NewEvidenceID: intOrNull(c.NewProof),
		State: oas.HeldState(c.State), DecidedAt: timeOrNull(c.Decided), DecidedBy: textOrNull(c.By), Reason: textOrNull(c.Reason),
		LookedAt: timeOrNull(c.LookedAt),
		Looks: encodeAll(c.Looks, func(l domain.Look) oas.Look {
			return oas.Look{Source: l.Source, Amount: textOrNull(l.Amount), Error: textOrNull(l.Error)}
		}),
	}
	if c.Old != nil {
		out.Old = oas.NewNilString(amount(*c.Old))
	}
	return out
}

func encodeDoubt(d domain.Doubt) oas.Doubt {
	out := oas.Doubt{Code: oas.DoubtCode(d.Code)}
	count := func(n int) oas.OptInt { return oas.OptInt{Value: n, Set: n != 0} }
	out.Factor = oas.OptString{Value: d.Factor, Set: d.Factor != ""}
	out.Limit, out.Count, out.Total = count(d.Limit), count(d.Count), count(d.Total)
	out.Other = oas.OptString{Value: d.Other, Set: d.Other != ""}
	return out
}

// encodeMark is what readers are told of a held change.
func encodeMark(c *domain.HeldChange) oas.NilHeldMark {
	if c == nil {
		return oas.NilHeldMark{Null: true}
	}
	return oas.NewNilHeldMark(oas.HeldMark{
		ID: c.ID, Tier: string(c.Key.Tier), Meter: string(c.Key.Meter), Region: string(c.Key.Region), MinPromptTokens: c.Key.MinPromptTokens,
		Amount: amount(c.New), Since: c.Since.UTC(), Reasons: encodeAll(c.Doubts, encodeDoubt),
	})
}

// first gives the oldest of a model's held changes; nil: it has none.
func first(held []domain.HeldChange) *domain.HeldChange {
	if len(held) == 0 {
		return nil
	}
	return &held[0]
}
