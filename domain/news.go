package domain

import (
	"fmt"
	"strings"
	"time"
)

// News is an event of a rate, put in words for people.
type News struct {
	Title string // one line: whose rate, and what became of it
	RatePayload
}

// NewsOf puts an event of a rate (rate.*) in words; false for any other. A payload
// that is not its kind's makes news all the same, with less to say.
func NewsOf(e Event) (News, bool) {
	if !strings.HasPrefix(string(e.Kind), "rate.") {
		return News{}, false
	}
	p := payloadOf[RatePayload](e)
	title := fmt.Sprintf("%s %s: %s %s", e.Provider, e.Model, rateName(p.Tier, p.Meter, p.Region, p.MinPromptTokens), p.became(e.Kind))
	return News{strings.Join(strings.Fields(title), " "), p}, true
}

// became says what became of a rate.
func (p RatePayload) became(kind EventKind) string {
	switch kind {
	case EventRateOpened:
		return "costs " + p.price(p.New)
	case EventRateChanged:
		return "goes from " + dollars(p.Old) + " to " + p.price(p.New)
	case EventRateScheduled:
		return "will cost " + p.price(p.New) + p.since()
	case EventRateWithdrawn:
		return "will not come to cost " + p.price(p.Old) + " as was announced" + p.since()
	case EventRateEnded:
		return "has ended; it was " + p.price(p.Old)
	case EventRateUnlisted:
		return "is listed no longer; it still applies"
	case EventRateRelisted:
		return "is listed again"
	case EventRateCorrected:
		return "is corrected from " + dollars(p.Old) + " to " + p.price(p.New) + p.since()
	default:
		return "is told of as " + string(kind)
	}
}

func (p RatePayload) price(amount string) string {
	if amount == "" || p.Unit == "" {
		return dollars(amount)
	}
	return dollars(amount) + " per " + p.Unit
}

func dollars(amount string) string {
	if amount == "" {
		return "no price"
	}
	return "$" + amount
}

// since is when it applies from: a day, where it is one's beginning.
func (p RatePayload) since() string {
	at, err := time.Parse(time.RFC3339, p.Effective)
	switch {
	case err != nil:
		return ""
	case at.Equal(at.UTC().Truncate(24 * time.Hour)):
		return " from " + at.UTC().Format(time.DateOnly)
	}
	return " from " + at.UTC().Format(time.RFC3339)
}
