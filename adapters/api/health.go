package api

import (
	"context"
	"time"

	"ratecard/domain"
	"ratecard/gen/oas"
	"ratecard/ports"
)

// GetHealth answers GET /healthz.
func (h *handler) GetHealth(context.Context) (*oas.Health, error) {
	edition, _ := h.edition()
	return h.health(edition.Away), nil
}

// signOfLife is how long the database may take to give one: less than the second
// that those who ask whether a server is ready wait for its answer, as a rule.
const signOfLife = 500 * time.Millisecond

// GetReadiness answers GET /readyz. Reads are answered without the database, so
// nobody is sent elsewhere for its sake: there it is away as well.
func (h *handler) GetReadiness(ctx context.Context) (*oas.Health, error) {
	if h.ending.Load() {
		return nil, domain.Errorf(domain.KindUnavailable, "this server is about to go down; ask another")
	}
	edition, known := h.edition()
	if known && !edition.Away.IsZero() {
		return h.health(edition.Away), nil
	}
	ctx, cancel := context.WithTimeout(ctx, signOfLife)
	defer cancel()
	switch err := h.cfg.Ready(ctx); {
	case err == nil:
		return h.health(time.Time{}), nil
	case known:
		return h.health(domain.Instant(h.cfg.Now())), nil
	default:
		return nil, domain.Wrap(domain.KindUnavailable, err, "the database does not answer")
	}
}

// health is that of a program whose database has been away since then.
func (h *handler) health(away time.Time) *oas.Health {
	status := oas.HealthStatusOk
	if !away.IsZero() {
		status = oas.HealthStatusStale
	}
	return &oas.Health{Status: status, Version: h.cfg.Version, StaleSince: timeOrNull(away)}
}

// edition is the one that is answered now; false where the store has to be asked.
func (h *handler) edition() (ports.Edition, bool) {
	if h.cfg.Editions == nil {
		return ports.Edition{}, false
	}
	return h.cfg.Editions.Edition(domain.Instant(h.cfg.Now()))
}
