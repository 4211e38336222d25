package api

import (
	"context"
	"errors"
	"time"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// Scheduler changes what is set at run time; *app.Scheduler is one.
type Scheduler interface {
	// Current gives the settings, the environment's schedule where none is set.
	Current(ctx context.Context) (domain.Settings, error)
	// Change sets them; see app.Scheduler.
	Change(ctx context.Context, settings domain.Settings, by string, now time.Time) error
}

// GetSettings answers GET /api/admin/settings.
func (h *handler) GetSettings(ctx context.Context) (*oas.Settings, error) {
	settings, err := h.cfg.Scheduler.Current(ctx)
	return &oas.Settings{
		Paused: settings.Paused, Schedule: settings.Schedule,
		StaleAfterHours:    int(settings.StaleAfter() / time.Hour),
		UnpricedAfterHours: int(settings.UnpricedAfter() / time.Hour),
	}, err
}

// PutSettings answers PUT /api/admin/settings.
func (h *handler) PutSettings(ctx context.Context, req *oas.NewSettings) (*oas.Settings, error) {
	current, err := h.cfg.Scheduler.Current(ctx)
	if err != nil {
		return nil, err
	}
	wanted := domain.Settings{
		Paused: req.Paused, Schedule: req.Schedule.Value,
		StaleAfterHours: req.StaleAfterHours.Value, UnpricedAfterHours: req.UnpricedAfterHours.Value, Guard: current.Guard,
	}
	var refused *domain.Error
	switch err := h.cfg.Scheduler.Change(ctx, wanted, trace(ctx).by, domain.Instant(h.cfg.Now())); {
	case errors.As(err, &refused) && refused.Kind == domain.KindInvalid && req.Schedule.Set:
		return nil, invalid(wrong("schedule", "%s", refused.Message))
	case err != nil:
		return nil, err
	}
	return h.GetSettings(ctx)
}
