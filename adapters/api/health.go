package api

import (
	"context"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// GetHealth answers GET /healthz.
func (h *handler) GetHealth(context.Context) (*oas.Health, error) {
	return &oas.Health{Status: oas.HealthStatusOk, Version: h.cfg.Version}, nil
}

// GetReadiness answers GET /readyz.
func (h *handler) GetReadiness(ctx context.Context) (*oas.Health, error) {
	if err := h.cfg.Ready(ctx); err != nil {
		return nil, domain.Wrap(domain.KindUnavailable, err, "the database does not answer")
	}
	return h.GetHealth(ctx)
}
