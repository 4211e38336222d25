package api

import (
	"context"
	"fmt"
	"time"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/gen/oas"
)

// ComputeCosts answers POST /api/costs.
func (h *handler) ComputeCosts(ctx context.Context, req *oas.CostRequest) (*oas.Costs, error) {
	now := domain.Instant(h.cfg.Now())
	var known time.Time
	var faults []domain.FieldError
	if req.KnownAt.Set {
		var err error
		if known, err = knownAt(req.KnownAt, now); err != nil {
			faults = append(faults, explain(ctx, err).Fields...)
		}
	}
	lines := make([]app.BillLine, len(req.Lines))
	for i, l := range req.Lines {
		at, err := instantOr(fmt.Sprintf("lines[%d].at", i), l.At, now)
		if err != nil {
			faults = append(faults, explain(ctx, err).Fields...)
		}
		lines[i] = decodeCostLine(l, at)
	}
	if faults != nil {
		return nil, invalid(faults...)
	}
	bill, err := h.cfg.Biller.Bill(ctx, lines, known, now)
	if err != nil {
		return nil, err
	}
	return encodeCosts(bill, req.Lines, known), nil
}

func decodeCostLine(l oas.CostLineRequest, at time.Time) app.BillLine {
	line := app.BillLine{
		Model: l.Model, Provider: domain.ProviderID(l.Provider.Value), At: at,
		Tier: domain.Tier(l.Tier.Value), Region: domain.Region(l.Region.Value),
	}
	if usage, set := l.Usage.Get(); set {
		line.Usage = usage
		if line.Usage == nil {
			line.Usage = map[string]int64{}
		}
	}
	if len(l.RawUsage) > 0 {
		line.Raw = []byte(l.RawUsage)
	}
	return line
}
