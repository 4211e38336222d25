package domain

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestAlertOf: what somebody ought to look at is told in words, the same of an
// event that was just made and of one that was stored.
func TestAlertOf(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for text, e := range map[string]Event{
		"acme: pricing could not be read, earlier prices hold: no table": {Kind: EventPageUnread, Payload: PagePayload{Source: "pricing", Error: "no\ntable"}},
		"acme: pricing is kept from us, earlier prices hold: 403":        {Kind: EventPageBlocked, Payload: PagePayload{Source: "pricing", Error: "403"}},
		"acme one: pricing would change batch input from 3 to 0.3; it is held: power of ten, lone meter": {
			Kind: EventChangeHeld, Model: "one",
			Payload: HeldPayload{Source: "pricing", Tier: TierBatch, Meter: MeterInput, Region: RegionGlobal, Old: "3", New: "0.3", Doubts: []Doubt{{Code: DoubtPowerOfTen}, {Code: DoubtLone}}},
		},
		"acme one: standard output in us from 200001 prompt tokens is listed no longer; it still applies": {
			Kind: EventRateUnlisted, Model: "one", Payload: RatePayload{Tier: TierStandard, Meter: MeterOutput, Region: "us", MinPromptTokens: 200_001},
		},
		"acme one: nothing prices this model": {Kind: EventModelUnpriced, Model: "one", Payload: ModelPayload{}},
		"acme: the sync ended failed, 3 times in a row; pricing: gone; discovery: no": {
			Kind:    EventSyncFailed,
			Payload: SyncPayload{Outcome: OutcomeFailed, Severity: SeverityCritical, InARow: 3, Errors: []StageError{{Stage: StepPricing, Error: "gone"}, {Stage: StepDiscovery, Error: "no"}}},
		},
		"acme: a page is kept from us, earlier prices hold:": {Kind: EventPageBlocked}, // of another version of the program
	} {
		e.ID, e.At, e.Provider = 7, at, "acme"
		stored := e
		raw, err := json.Marshal(e.Payload)
		if err != nil {
			t.Fatal(err)
		}
		stored.Payload = json.RawMessage(raw)
		for _, event := range []Event{e, stored} {
			alert, ok := AlertOf(event)
			critical := strings.Contains(text, "in a row")
			if !ok || alert.Text != text || alert.EventID != 7 || !alert.At.Equal(at) || (alert.Severity == SeverityCritical) != critical {
				t.Errorf("%s: %+v, want %q", e.Kind, alert, text)
			}
		}
	}
	for _, kind := range []EventKind{EventModelFound, EventRateChanged, EventSyncFinished, EventAlertSent, EventChangeApproved} {
		if alert, ok := AlertOf(Event{Kind: kind}); ok {
			t.Errorf("%s: %+v", kind, alert)
		}
	}
}
