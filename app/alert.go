package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

const (
	alertsRead  = 500 // events at once
	alertsShown = 20  // alerts of one message that are written out: people read no more
)

// AlertConfig is what Alert needs.
type AlertConfig struct {
	Events    ports.Catalogue
	Alerts    ports.Alerts
	Messenger ports.Messenger
	Server    string // where people find this server; empty: not said
	Now       func() time.Time
}

// Alert tells people of what somebody ought to look at (PROPERTIES 10, 18, 34).
// The events are what it goes by: so nothing is forgotten when the program ends,
// or when a receiver cannot be reached for a while.
type Alert struct{ AlertConfig }

// NewAlert makes an Alert.
func NewAlert(c AlertConfig) *Alert { return &Alert{c} }

// Run tells each receiver of what came since it was told last, and gives how
// many messages were sent. A receiver that takes none keeps no other from being
// told, and is told the next time. A message may come twice where the program
// ends between sending it and writing that down.
func (a *Alert) Run(ctx context.Context) (sent int, err error) {
	for _, receiver := range a.Messenger.Receivers() {
		n, failed := a.tell(ctx, receiver)
		sent, err = sent+n, errors.Join(err, failed)
	}
	return sent, err
}

// tell brings one receiver up to date.
func (a *Alert) tell(ctx context.Context, receiver string) (sent int, err error) {
	now := domain.Instant(a.Now())
	after, err := a.Alerts.Told(ctx, receiver, now)
	for err == nil {
		var events []domain.Event
		if events, err = a.Events.Events(ctx, after, alertsRead); err != nil || len(events) == 0 {
			return sent, err
		}
		upTo := events[len(events)-1].ID
		alerts := alertsOf(events)
		var told *domain.Event
		if len(alerts) > 0 {
			if err := a.Messenger.Send(ctx, receiver, title(alerts), a.words(alerts)); err != nil {
				return sent, err
			}
			sent++
			told = &domain.Event{At: now, Kind: domain.EventAlertSent, Payload: domain.AlertSentPayload{
				Receiver: receiver, Alerts: len(alerts), From: alerts[0].EventID, To: alerts[len(alerts)-1].EventID,
			}}
		}
		err = a.Alerts.Tell(ctx, receiver, after, upTo, told, now)
		after = upTo
	}
	return sent, err
}

func alertsOf(events []domain.Event) []domain.Alert {
	var alerts []domain.Alert
	for _, e := range events {
		if alert, ok := domain.AlertOf(e); ok {
			alerts = append(alerts, alert)
		}
	}
	return alerts
}

// title says how bad it is.
func title(alerts []domain.Alert) string {
	critical := 0
	for _, a := range alerts {
		if a.Severity == domain.SeverityCritical {
			critical++
		}
	}
	if critical > 0 {
		return fmt.Sprintf("ratecard: %d critical, %d in all", critical, len(alerts))
	}
	return fmt.Sprintf("ratecard: %d to look at", len(alerts))
}

// words are a message: a line per alert, what is critical first.
func (a *Alert) words(alerts []domain.Alert) string {
	var b strings.Builder
	shown := 0
	for _, severity := range []domain.Severity{domain.SeverityCritical, domain.SeverityWarning} {
		for _, alert := range alerts {
			if alert.Severity == severity && shown < alertsShown {
				shown++
				fmt.Fprintf(&b, "%s %s %s\n", alert.At.Format(time.RFC3339), severity, alert.Text)
			}
		}
	}
	if more := len(alerts) - shown; more > 0 {
		fmt.Fprintf(&b, "and %d more\n", more)
	}
	if a.Server != "" {
		fmt.Fprintf(&b, "%s/api/events?after=%d\n", strings.TrimSuffix(a.Server, "/"), alerts[0].EventID-1)
	}
	return b.String()
}
