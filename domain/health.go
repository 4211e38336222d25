package domain

import "time"

// Health says in a word how well a provider is kept up to date.
type Health string

// The states of health, the worst first.
const (
	HealthDisabled Health = "disabled" // it takes part in no sync; its models keep answering
	HealthUnknown  Health = "unknown"  // it was never synced
	HealthStale    Health = "stale"    // no source of its prices was read well for longer than promised
	HealthFailing  Health = "failing"  // its last run failed
	HealthDegraded Health = "degraded" // its last run brought something, and something failed
	HealthHealthy  Health = "healthy"
)

// HealthOf tells how a provider stands at an instant.
func HealthOf(enabled bool, s SyncStatus, settings Settings, at time.Time) Health {
	switch last := s.LastRun; {
	case !enabled:
		return HealthDisabled
	case last == nil || last.Outcome == "" && s.LastAttempt.IsZero():
		return HealthUnknown
	case settings.Stale(s.LastGoodRead(), at):
		return HealthStale
	case last.Outcome == OutcomeFailed:
		return HealthFailing
	case last.Outcome == OutcomePartial:
		return HealthDegraded
	}
	return HealthHealthy
}

// RestsOn is the source on which the provider's prices rest: the one that was last
// read well, by its name; empty: none was.
func (s SyncStatus) RestsOn() string { return s.lastRead().Source }

// LastGoodRead is when any of the provider's sources was last read well; zero:
// never.
func (s SyncStatus) LastGoodRead() time.Time { return s.lastRead().LastGoodRead }

func (s SyncStatus) lastRead() (last SourceStatus) {
	for _, source := range s.Sources {
		if source.LastGoodRead.After(last.LastGoodRead) {
			last = source
		}
	}
	return last
}
