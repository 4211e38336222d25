package domain_test

import (
	"testing"
	"time"

	"ratecard/domain"
)

func TestHealth(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ran := func(outcome domain.Outcome, ago ...time.Duration) domain.SyncStatus {
		s := domain.SyncStatus{LastAttempt: now, LastRun: &domain.Run{Outcome: outcome}}
		for _, d := range ago {
			s.Sources = append(s.Sources, domain.SourceStatus{LastGoodRead: now.Add(-d)})
		}
		return s
	}
	const limit = 36 * time.Hour
	for name, c := range map[string]struct {
		disabled bool
		status   domain.SyncStatus
		settings domain.Settings
		want     domain.Health
	}{
		"disabled":                       {disabled: true, status: ran(domain.OutcomeFailed, 99*limit), want: domain.HealthDisabled},
		"never synced":                   {want: domain.HealthUnknown},
		"waits for its first run":        {status: domain.SyncStatus{LastRun: &domain.Run{}}, want: domain.HealthUnknown},
		"well":                           {status: ran(domain.OutcomeSuccess, time.Hour), want: domain.HealthHealthy},
		"runs again":                     {status: ran("", time.Hour), want: domain.HealthHealthy},
		"failed":                         {status: ran(domain.OutcomeFailed, time.Hour), want: domain.HealthFailing},
		"failed, and was never read":     {status: ran(domain.OutcomeFailed), want: domain.HealthFailing},
		"half":                           {status: ran(domain.OutcomePartial, time.Hour), want: domain.HealthDegraded},
		"stale":                          {status: ran(domain.OutcomeFailed, limit), want: domain.HealthStale},
		"all but stale":                  {status: ran(domain.OutcomeFailed, limit-time.Microsecond), want: domain.HealthFailing},
		"stale though the list is good":  {status: ran(domain.OutcomePartial, 2*limit), want: domain.HealthStale},
		"another source is read":         {status: ran(domain.OutcomeSuccess, 2*limit, time.Hour), want: domain.HealthHealthy},
		"stale, by a stricter promise":   {status: ran(domain.OutcomeSuccess, time.Hour), settings: domain.Settings{StaleAfterHours: 1}, want: domain.HealthStale},
		"not stale, by a looser promise": {status: ran(domain.OutcomeSuccess, limit), settings: domain.Settings{StaleAfterHours: 37}, want: domain.HealthHealthy},
	} {
		if got := domain.HealthOf(!c.disabled, c.status, c.settings, now); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
