package domain

import (
	"encoding/json"
	"testing"
)

func TestNewsOf(t *testing.T) {
	rate := RatePayload{Tier: TierStandard, Meter: MeterInput, Region: RegionGlobal, Unit: "1M tokens", Old: "3", New: "2.5", Effective: "2026-03-01T00:00:00Z"}
	for kind, want := range map[EventKind]string{
		EventRateOpened:    "acme large: standard input costs $2.5 per 1M tokens",
		EventRateChanged:   "acme large: standard input goes from $3 to $2.5 per 1M tokens",
		EventRateScheduled: "acme large: standard input will cost $2.5 per 1M tokens from 2026-03-01",
		EventRateWithdrawn: "acme large: standard input will not come to cost $3 per 1M tokens as was announced from 2026-03-01",
		EventRateEnded:     "acme large: standard input has ended; it was $3 per 1M tokens",
		EventRateUnlisted:  "acme large: standard input is listed no longer; it still applies",
		EventRateRelisted:  "acme large: standard input is listed again",
		EventRateCorrected: "acme large: standard input is corrected from $3 to $2.5 per 1M tokens from 2026-03-01",
		"rate.unheard_of":  "acme large: standard input is told of as rate.unheard_of",
	} {
		stored, err := json.Marshal(rate)
		if err != nil {
			t.Fatal(err)
		}
		for _, payload := range []any{rate, json.RawMessage(stored)} {
			if got, is := NewsOf(Event{Kind: kind, Provider: "acme", Model: "large", Payload: payload}); !is || got.Title != want || got.RatePayload != rate {
				t.Errorf("%s: %q, want %q", kind, got.Title, want)
			}
		}
	}
	if _, is := NewsOf(Event{Kind: EventModelFound}); is {
		t.Error("a model is no news of a rate")
	}
	got, is := NewsOf(Event{Kind: EventRateOpened, Provider: "acme", Model: "two\nlines", Payload: json.RawMessage(`[]`)})
	if want := "acme two lines: a rate costs no price"; !is || got.Title != want {
		t.Errorf("%q, want %q", got.Title, want)
	}
	far := RatePayload{Tier: TierBatch, Meter: MeterOutput, Region: "us", MinPromptTokens: 200001, New: "0.000001", Unit: "1M tokens", Effective: "2026-03-01T06:30:00Z"}
	got, _ = NewsOf(Event{Kind: EventRateScheduled, Provider: "acme", Model: "large", Payload: far})
	if want := "acme large: batch output in us from 200001 prompt tokens will cost $0.000001 per 1M tokens from 2026-03-01T06:30:00Z"; got.Title != want {
		t.Errorf("%q, want %q", got.Title, want)
	}
	for want, news := range map[string]Event{
		"acme large: standard input of $3 per 1M tokens will end on 2026-03-01": {Kind: EventRateScheduled,
			Payload: RatePayload{Tier: TierStandard, Meter: MeterInput, Layer: LayerList, Unit: "1M tokens", Old: "3", Effective: "2026-03-01T00:00:00Z"}},
		"acme large: standard input (manual) is corrected from $3 to $2 per 1M tokens from 2026-01-01 until 2026-03-01T01:00:00Z": {Kind: EventRateCorrected,
			Payload: RatePayload{Tier: TierStandard, Meter: MeterInput, Layer: LayerManual, Unit: "1M tokens", Old: "3", New: "2", Effective: "2026-01-01T00:00:00Z", Until: "2026-03-01T01:00:00Z"}},
	} {
		news.Provider, news.Model = "acme", "large"
		if got, is := NewsOf(news); !is || got.Title != want {
			t.Errorf("%q, want %q", got.Title, want)
		}
	}
}
