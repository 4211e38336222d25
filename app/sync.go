package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// SyncConfig is what a sync needs.
type SyncConfig struct {
	Lister   ports.Lister
	Configs  ports.Configs
	Fetcher  ports.Fetcher
	Pages    ports.Pages
	Reader   ports.Reader
	Models   ports.ModelReader
	Ledger   ports.Ledger
	Runs     ports.Runs
	Settings ports.Settings
	// Schedule hears when a provider wants to be asked again.
	Schedule ports.Schedule
	Now      func() time.Time
	Timeout  time.Duration // of one run, for what other people's servers take
	Log      *slog.Logger
}

// storeWithin is how long storing may take even when the time was up: what
// came is not lost because something else did not come.
const storeWithin = 20 * time.Second

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
	s.work(ctx, &run, job.Provider)
	run.Outcome, run.Ended = outcome(run.Steps), s.now()

	// How it ended is recorded even when the time was up.
	return run, s.finish(context.WithoutCancel(ctx), run)
}

// work does the steps. Those that ask other people's servers share the run's
// time; storing what came has at least storeWithin.
func (s *Sync) work(ctx context.Context, run *domain.Run, provider domain.Provider) {
	if !provider.Enabled {
		s.step(ctx, run, domain.StepDiscovery, func() (string, error) {
			return "", domain.Errorf(domain.KindConflict, "%s is not enabled: it was disabled after this run was asked for", provider.ID)
		})
		return
	}
	asking, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	sites := newVisit(s.Fetcher)
	found := s.discover(asking, run, provider, sites)
	reading := s.price(asking, run, provider, sites)

	left := run.Started.Add(s.Timeout).Sub(s.now())
	storing, cancel := context.WithTimeout(ctx, max(left, storeWithin))
	defer cancel()
	s.store(storing, run, provider, found, reading)
}

// finish records a run, and when its provider is next due where that has asked
// us to stay away.
func (s *Sync) finish(ctx context.Context, run domain.Run) error {
	if !run.ComeBack.IsZero() {
		if err := s.Schedule.Next(ctx, []domain.ProviderID{run.Provider}, run.ComeBack); err != nil {
			return err
		}
	}
	told, err := s.Runs.Finish(ctx, run)
	if err != nil || told == nil {
		return err
	}
	s.log(ctx, run, *told)
	return nil
}

// log says what was told of a run's end.
func (s *Sync) log(ctx context.Context, run domain.Run, told domain.Event) {
	attrs := []slog.Attr{
		slog.String("event", string(told.Kind)), slog.String("provider", string(run.Provider)), slog.String("run", run.ID), slog.String("outcome", string(run.Outcome)),
	}
	level := slog.LevelInfo
	if payload, ok := told.Payload.(domain.SyncPayload); ok && payload.Severity != "" {
		level = slog.LevelWarn
		if payload.Severity == domain.SeverityCritical {
			level = slog.LevelError
		}
		attrs = append(attrs, slog.String("severity", string(payload.Severity)), slog.Int("inARow", payload.InARow))
	}
	for _, step := range run.Steps {
		if step.Outcome == domain.StepFailed {
			attrs = append(attrs, slog.String(string(step.Name), step.Error))
		}
	}
	s.Log.LogAttrs(ctx, level, "a run has ended", attrs...)
}

// now is the instant, cut to what the store keeps.
func (s *Sync) now() time.Time { return domain.Instant(s.Now()) }

// step does one step and records how it went.
func (s *Sync) step(ctx context.Context, run *domain.Run, name domain.StepName, do func() (detail string, err error)) {
	step := domain.Step{Name: name, Outcome: domain.StepDone, Started: s.now()}
	detail, err := do()
	step.Detail, step.Ended = detail, s.now()
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = fmt.Errorf("the time-out of %s was up: %w", s.Timeout, err)
	}
	s.heed(run, err)
	switch kind := domain.KindOf(err); {
	case err == nil:
	case kind == domain.KindNoKey:
		step.Outcome, step.Detail = domain.StepSkipped, err.Error()
	default:
		step.Outcome, step.Error = domain.StepFailed, err.Error()
	}
	run.Steps = append(run.Steps, step)
}

// longestAway is for how long a provider is left alone at most, whatever it asks
// for: prices that nobody looks at for longer are not worth much.
const longestAway = 31 * 24 * time.Hour

// heed notes how long a provider wants to be left alone, where that is longer
// than the run may take. What is shorter was waited for, and asked again.
func (s *Sync) heed(run *domain.Run, err error) {
	wait := min(asksToWait(err), longestAway)
	if then := s.now().Add(wait); wait > 0 && then.After(run.Started.Add(s.Timeout)) && then.After(run.ComeBack) {
		run.ComeBack = then
	}
}

// asksToWait is how long whoever made an error wants to be left alone; 0 where
// that was not said.
func asksToWait(err error) time.Duration {
	var e *domain.Error
	if !errors.As(err, &e) {
		return 0
	}
	return e.RetryAfter
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
