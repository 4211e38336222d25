package app

import (
	"context"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// ScheduleConfig is what scheduling needs.
type ScheduleConfig struct {
	Providers *Providers
	Schedule  ports.Schedule
	Settings  ports.Settings
	Runs      ports.Runs
	Cron      string // the environment's schedule
	// Following gives the first instant after another that a cron line names;
	// KindInvalid where the line cannot be read.
	Following func(cron string, after time.Time) (time.Time, error)
	NewID     func() string // a new UUID
	// Jitter draws a duration from 0 up to below another, which is over 0; nil:
	// always 0.
	Jitter func(below time.Duration) time.Duration
}

// spreadOver is over how long, at most, syncs spread that the schedule names one
// instant for: sites are not asked by everybody on the stroke of the hour.
const spreadOver = 5 * time.Minute

// Scheduler starts syncs when they are due.
type Scheduler struct{ ScheduleConfig }

// NewScheduler makes a Scheduler.
func NewScheduler(c ScheduleConfig) *Scheduler { return &Scheduler{c} }

// Tick has the providers synced that are due, and says when they are next. A
// provider that was never synced is due at once. What was due while nothing
// ran is due now: one run makes up for any number of missed ones. A repeat, or
// a second replica, starts nothing twice.
func (s *Scheduler) Tick(ctx context.Context, queue ports.Queue, now time.Time) error {
	settings, err := s.Settings.Settings(ctx)
	if err != nil || settings.Paused {
		return err
	}
	asked, err := s.Providers.Enabled(ctx)
	if err != nil {
		return err
	}
	due, err := s.Schedule.Due(ctx, asked, now)
	if err != nil || len(due) == 0 {
		return err
	}
	next, err := s.next(settings, now)
	if err != nil {
		return err
	}
	// The order matters: a crash in between asks again, and finds the run there.
	if _, err := RequestSync(ctx, queue, s.Runs, s.NewID(), domain.TriggerSchedule, due); err != nil {
		return err
	}
	return s.Schedule.Pass(ctx, due, now, next)
}

// Current gives the settings that hold, the environment's schedule where an
// administrator set none.
func (s *Scheduler) Current(ctx context.Context) (domain.Settings, error) {
	settings, err := s.Settings.Settings(ctx)
	settings.Schedule = s.cron(settings)
	return settings, err
}

// Change sets what an administrator wants. A new schedule counts from now on:
// it is refused with KindInvalid where it cannot be read.
func (s *Scheduler) Change(ctx context.Context, settings domain.Settings, by string, now time.Time) error {
	next, err := s.next(settings, now)
	if err != nil {
		return err
	}
	before, err := s.Settings.Settings(ctx)
	if err != nil {
		return err
	}
	if err := s.Settings.SaveSettings(ctx, settings, by, now); err != nil {
		return err
	}
	if s.cron(before) == s.cron(settings) {
		return nil
	}
	asked, err := s.Providers.Enabled(ctx)
	if err != nil {
		return err
	}
	return s.Schedule.Next(ctx, asked, next)
}

// next is when providers are due after now: an instant that the schedule names,
// or a little later, by at most a tenth of the time to the one after it.
func (s *Scheduler) next(settings domain.Settings, now time.Time) (time.Time, error) {
	next, err := s.Following(s.cron(settings), now)
	if err != nil || s.Jitter == nil {
		return next, err
	}
	after, none := s.Following(s.cron(settings), next)
	if spread := min(spreadOver, after.Sub(next)/10); none == nil && spread > 0 {
		next = next.Add(s.Jitter(spread))
	}
	return next, nil
}

func (s *Scheduler) cron(settings domain.Settings) string {
	if settings.Schedule != "" {
		return settings.Schedule
	}
	return s.Cron
}
