package app

import (
	"context"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// SyncConfig is what a sync needs.
type SyncConfig struct {
	Lister  ports.Lister
	Configs ports.Configs
	Fetcher ports.Fetcher
	Pages   ports.Pages
	Reader  ports.Reader
	Ledger  ports.Ledger
	Runs    ports.Runs
	Now     func() time.Time
	Timeout time.Duration // of one run
}

// Sync brings one provider's models and prices up to date.
type Sync struct{ SyncConfig }

// NewSync makes a Sync.
func NewSync(c SyncConfig) *Sync { return &Sync{c} }

// SyncJob asks for one run.
type SyncJob struct {
	RunID    string
	SyncID   string
	Provider domain.Provider
	Trigger  domain.Trigger
}

// Run does one run: discover the models, read the prices, join the two, store
// what changed. A step that fails does not keep the others from being done.
// The run that is returned says how it went; the error is for what could not
// even be recorded. It may be repeated, interrupted anywhere, or done by two
// replicas at once.
func (s *Sync) Run(ctx context.Context, job SyncJob) (domain.Run, error) {
	run := domain.Run{
		ID: job.RunID, SyncID: job.SyncID, Provider: job.Provider.ID,
		Trigger: job.Trigger, Started: s.now(),
	}
	if err := s.Runs.Begin(ctx, run); err != nil {
		return run, err
	}
	working, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()

	listing := s.discover(working, &run, job.Provider)
	reading := s.price(working, &run, job.Provider)
	s.store(working, &run, job.Provider, listing, reading)

	run.Outcome, run.Ended = outcome(run.Steps), s.now()
	// How it ended is recorded even when the time was up.
	return run, s.Runs.Finish(context.WithoutCancel(ctx), run)
}

// now is the instant, cut to what the store keeps.
func (s *Sync) now() time.Time { return domain.Instant(s.Now()) }

// step does one step and records how it went.
func (s *Sync) step(run *domain.Run, name domain.StepName, do func() (detail string, err error)) {
	step := domain.Step{Name: name, Outcome: domain.StepDone, Started: s.now()}
	detail, err := do()
	step.Detail, step.Ended = detail, s.now()
	switch kind := domain.KindOf(err); {
	case err == nil:
	case kind == domain.KindNoKey:
		step.Outcome, step.Detail = domain.StepSkipped, err.Error()
	default:
		step.Outcome, step.Error = domain.StepFailed, err.Error()
	}
	run.Steps = append(run.Steps, step)
}

// outcome is success when no step failed, partial when one of discovery and
// pricing brought something that was stored, else failed.
func outcome(steps []domain.Step) domain.Outcome {
	failed, brought, stored := false, false, false
	for _, step := range steps {
		switch {
		case step.Outcome == domain.StepFailed:
			failed = true
		case step.Outcome == domain.StepDone && step.Name == domain.StepStorage:
			stored = true
		case step.Outcome == domain.StepDone && (step.Name == domain.StepDiscovery || step.Name == domain.StepPricing):
			brought = true
		}
	}
	switch {
	case !failed:
		return domain.OutcomeSuccess
	case brought && stored:
		return domain.OutcomePartial
	default:
		return domain.OutcomeFailed
	}
}
