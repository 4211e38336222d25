package porttest

import (
	"testing"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// Told is what remembers who was told of what, with the log that it is about.
type Told struct {
	Alerts    ports.Alerts
	Events    ports.EventLog
	Catalogue ports.Catalogue
}

// Alerts is the conformance suite of ports.Alerts.
func Alerts(t *testing.T, open func(testing.TB) Told) {
	t.Helper()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	blocked := domain.Event{At: at, Kind: domain.EventPageBlocked, Provider: "acme", Payload: domain.PagePayload{Source: "pricing", Error: "403"}}
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	last := func(t *testing.T, told Told) int64 {
		t.Helper()
		events, err := told.Catalogue.Events(t.Context(), 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			return 0
		}
		return events[len(events)-1].ID
	}

	t.Run("a new receiver begins with what happens from now on", func(t *testing.T) {
		told := open(t)
		must(t, told.Events.Tell(t.Context(), blocked))
		before := last(t, told)
		got, err := told.Alerts.Told(t.Context(), "chat", at)
		if err != nil || got != before || got == 0 {
			t.Fatalf("%d, %v, want %d", got, err, before)
		}
		must(t, told.Events.Tell(t.Context(), blocked))
		if got, err := told.Alerts.Told(t.Context(), "chat", at); err != nil || got != before {
			t.Errorf("asked again: %d, %v, want %d", got, err, before)
		}
		if got, err := told.Alerts.Told(t.Context(), "mail", at); err != nil || got != before+1 {
			t.Errorf("another begins later: %d, %v, want %d", got, err, before+1)
		}
	})

	t.Run("telling is remembered once, with its event", func(t *testing.T) {
		told := open(t)
		before, err := told.Alerts.Told(t.Context(), "chat", at)
		must(t, err)
		must(t, told.Events.Tell(t.Context(), blocked))
		upTo := last(t, told)
		sent := domain.Event{At: at, Kind: domain.EventAlertSent, Payload: domain.AlertSentPayload{Receiver: "chat", Alerts: 1, From: upTo, To: upTo}}
		for range 2 { // another replica was as fast
			must(t, told.Alerts.Tell(t.Context(), "chat", before, upTo, &sent, at))
		}
		events, err := told.Catalogue.Events(t.Context(), upTo, 10)
		if err != nil || len(events) != 1 || events[0].Kind != domain.EventAlertSent {
			t.Fatalf("events %+v, %v", events, err)
		}
		if got, err := told.Alerts.Told(t.Context(), "chat", at); err != nil || got != upTo {
			t.Errorf("told up to %d, %v, want %d", got, err, upTo)
		}
		must(t, told.Alerts.Tell(t.Context(), "chat", upTo, upTo+1, nil, at))
		if after := last(t, told); after != upTo+1 {
			t.Errorf("nothing was sent, and yet an event tells of it: %d", after)
		}
	})
}
