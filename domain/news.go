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
	title := fmt.Sprintf("%s %s: %s %s", e.Provider, e.Model, p.name(), p.became(e.Kind))
	return News{strings.Join(strings.Fields(title), " "), p}, true
}

// name is a rate's name in words, with its layer where that is not the list.
func (p RatePayload) name() string {
	name := rateName(p.Tier, p.Meter, p.Region, p.MinPromptTokens)
	if p.Layer == "" || p.Layer == LayerList {
		return name
	}
	return name + " (" + string(p.Layer) + ")"
}

// became says what became of a rate. An announced end is scheduled without a new amount.
func (p RatePayload) became(kind EventKind) string {
	switch kind {
	case EventRateOpened:
		return "costs " + p.price(p.New)
	case EventRateChanged:
		return "goes from " + dollars(p.Old) + " to " + p.price(p.New)
	case EventRateScheduled:
		if p.New == "" {
			return "of " + p.price(p.Old) + " will end" + when("on", p.Effective)
		}
		return "will cost " + p.price(p.New) + when("from", p.Effective)
	case EventRateWithdrawn:
		return "will not come to cost " + p.price(p.Old) + " as was announced" + when("from", p.Effective)
	case EventRateEnded:
		return "has ended; it was " + p.price(p.Old)
	case EventRateUnlisted:
		return "is listed no longer; it still applies"
	case EventRateRelisted:
		return "is listed again"
	case EventRateCorrected:
		return "is corrected from " + dollars(p.Old) + " to " + p.price(p.New) + when("from", p.Effective) + when("until", p.Until)
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

// when puts a word before an instant: before its day, where it is one's beginning.
// Of what is no instant nothing is said.
func when(word, instant string) string {
	at, err := time.Parse(time.RFC3339, instant)
	if err != nil {
		return ""
	}
	at = at.UTC()
	layout := time.RFC3339
	if at.Equal(at.Truncate(24 * time.Hour)) {
		layout = time.DateOnly
	}
	return " " + word + " " + at.Format(layout)
}
