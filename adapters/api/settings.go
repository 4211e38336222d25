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
		Guard:              encodeGuard(settings.Guard),
	}, err
}

// PutSettings answers PUT /api/admin/settings.
func (h *handler) PutSettings(ctx context.Context, req *oas.NewSettings) (*oas.Settings, error) {
	wanted := domain.Settings{
		Paused: req.Paused, Schedule: req.Schedule.Value,
		StaleAfterHours: req.StaleAfterHours.Value, UnpricedAfterHours: req.UnpricedAfterHours.Value, Guard: decodeGuard(req.Guard.Value),
	}
	var refused *domain.Error
	switch err := h.cfg.Scheduler.Change(ctx, wanted, trace(ctx).by(), domain.Instant(h.cfg.Now())); {
	case errors.As(err, &refused) && refused.Kind == domain.KindInvalid && req.Schedule.Set:
		return nil, invalid(wrong("schedule", "%s", refused.Message))
	case err != nil:
		return nil, err
	}
	return h.GetSettings(ctx)
}

func encodeGuard(g domain.Guard) oas.GuardSettings {
	g = g.WithDefaults()
	return oas.GuardSettings{
		Disabled: g.Off, CoveragePercent: max(g.CoveragePercent, 0), SteadyPercent: g.SteadyPercent, MovingPercent: g.MovingPercent,
		LargestFactor: g.LargestFactor, LargestAmount: g.LargestAmount, FlipDays: g.FlipDays,
	}
}

// decodeGuard leaves what is not given at zero, which stands for the usual. A
// coverage of none is below that.
func decodeGuard(g oas.NewGuardSettings) domain.Guard {
	coverage := g.CoveragePercent.Value
	if g.CoveragePercent.Set && coverage == 0 {
		coverage = -1
	}
	return domain.Guard{
		Off: g.Disabled.Value, CoveragePercent: coverage, SteadyPercent: g.SteadyPercent.Value, MovingPercent: g.MovingPercent.Value,
		LargestFactor: g.LargestFactor.Value, LargestAmount: g.LargestAmount.Value, FlipDays: g.FlipDays.Value,
	}
}
