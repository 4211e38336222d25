package domain

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// EventAlertSent tells that people were told of what somebody ought to look at.
const EventAlertSent EventKind = "alert.sent"

// longestAlert is how many bytes of an alert people would read.
const longestAlert = 400

// An Alert is what people are told of, wherever they are: something that
// somebody ought to look at.
type Alert struct {
	EventID  int64
	At       time.Time
	Severity Severity
	Text     string // one line
}

// AlertSentPayload tells of an alert that was sent.
type AlertSentPayload struct {
	Receiver string `json:"receiver"` // which one, without any secret of its address
	Alerts   int    `json:"alerts"`
	From     int64  `json:"from"` // the first of the events that it was about
	To       int64  `json:"to"`   // the last of them
}

// AlertOf gives what an event alerts of; false for one that is only worth
// knowing: pages that cannot be read or are kept from us, changes that are not
// believed, prices that are listed no longer, models without one, runs that fail
// (PROPERTIES 9, 10, 18, 34; DESIGN 5). A payload that is not its kind's is an
// alert all the same, with less to say.
func AlertOf(e Event) (Alert, bool) {
	alert := Alert{EventID: e.ID, At: e.At, Severity: SeverityWarning}
	whose := strings.TrimSpace(string(e.Provider) + " " + e.Model)
	switch e.Kind {
	case EventPageUnread:
		p := payloadOf[PagePayload](e)
		alert.Text = fmt.Sprintf("%s: %s could not be read, earlier prices hold: %s", whose, cmp.Or(p.Source, "a page"), p.Error)
	case EventPageBlocked:
		p := payloadOf[PagePayload](e)
		alert.Text = fmt.Sprintf("%s: %s is kept from us, earlier prices hold: %s", whose, cmp.Or(p.Source, "a page"), p.Error)
	case EventChangeHeld:
		p := payloadOf[HeldPayload](e)
		alert.Text = fmt.Sprintf("%s: %s would change %s from %s to %s; it is held: %s",
			whose, cmp.Or(p.Source, "a page"), p.rate(), cmp.Or(p.Old, "nothing"), p.New, p.reasons())
	case EventRateUnlisted:
		p := payloadOf[RatePayload](e)
		alert.Text = fmt.Sprintf("%s: %s is listed no longer; it still applies", whose, rateName(p.Tier, p.Meter, p.Region, p.MinPromptTokens))
	case EventModelUnpriced:
		alert.Text = whose + ": nothing prices this model"
	case EventSyncFailed:
		p := payloadOf[SyncPayload](e)
		if p.Severity != "" {
			alert.Severity = p.Severity
		}
		alert.Text = fmt.Sprintf("%s: the sync ended %s%s", whose, cmp.Or(string(p.Outcome), "badly"), p.troubles())
	default:
		return Alert{}, false
	}
	alert.Text = strings.Join(strings.Fields(alert.Text), " ")
	if len(alert.Text) > longestAlert {
		alert.Text = strings.ToValidUTF8(alert.Text[:longestAlert], "") + "…"
	}
	return alert, true
}

// payloadOf gives an event's payload, whether it was just made or stored.
func payloadOf[P any](e Event) P {
	p, made := e.Payload.(P)
	if made {
		return p
	}
	if text, err := json.Marshal(e.Payload); err == nil {
		_ = json.Unmarshal(text, &p) // what it does not say is empty
	}
	return p
}

func (p HeldPayload) rate() string { return rateName(p.Tier, p.Meter, p.Region, p.MinPromptTokens) }

// rateName names a rate of a model in words.
func rateName(tier Tier, meter Meter, region Region, above int64) string {
	name := strings.TrimSpace(string(tier) + " " + string(meter))
	if region != "" && region != RegionGlobal {
		name += " in " + string(region)
	}
	if above > 0 {
		name += fmt.Sprintf(" from %d prompt tokens", above)
	}
	return cmp.Or(name, "a rate")
}

func (p HeldPayload) reasons() string {
	codes := make([]string, len(p.Doubts))
	for i, d := range p.Doubts {
		codes[i] = strings.ReplaceAll(string(d.Code), "_", " ")
	}
	return cmp.Or(strings.Join(codes, ", "), "it is in doubt")
}

func (p SyncPayload) troubles() string {
	var b strings.Builder
	if p.InARow > 1 {
		fmt.Fprintf(&b, ", %d times in a row", p.InARow)
	}
	for _, e := range p.Errors {
		fmt.Fprintf(&b, "; %s: %s", e.Stage, e.Error)
	}
	return b.String()
}
