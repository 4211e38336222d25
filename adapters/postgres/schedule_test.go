package postgres_test

import (
	"slices"
	"testing"
	"time"

	"ratecard/adapters/postgres"
	"ratecard/domain"
)

// TestSchedule: who was never given a time is due; who was is due from then on,
// across restarts of whoever asks.
func TestSchedule(t *testing.T) {
	store := open(t)
	schedule := postgres.NewSchedule(store)
	ctx, now := t.Context(), time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	all := []domain.ProviderID{"b", "a", "c"}
	due := func(at time.Time, want ...domain.ProviderID) {
		t.Helper()
		if got, err := postgres.NewSchedule(store).Due(ctx, all, at); err != nil || !slices.Equal(got, want) {
			t.Errorf("at %s due %v, %v, want %v", at, got, err, want)
		}
	}
	due(now, "b", "a", "c")
	if err := schedule.Next(ctx, []domain.ProviderID{"b", "c"}, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	due(now, "a")
	due(now.Add(time.Hour-time.Microsecond), "a")
	due(now.Add(time.Hour), "b", "a", "c")
	if err := schedule.Next(ctx, all, now.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	due(now.Add(time.Hour))
}

// TestSettings: what is saved is what holds, it is told of once, and the same
// again changes nothing.
func TestSettings(t *testing.T) {
	store := open(t)
	ctx, now := t.Context(), time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	settings := postgres.NewSchedule(store)
	if got, err := settings.Settings(ctx); err != nil || got != (domain.Settings{}) {
		t.Fatalf("with nothing set: %+v, %v", got, err)
	}
	want := domain.Settings{Paused: true, Schedule: "0 3 * * *"}
	for range 2 {
		if err := settings.SaveSettings(ctx, want, "ops", now); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := settings.Settings(ctx); err != nil || got != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	events, err := postgres.NewCatalogue(store).Events(ctx, 0, 10)
	if err != nil || len(events) != 1 || events[0].Kind != domain.EventSettingsChanged {
		t.Errorf("told %+v, %v", events, err)
	}
}
