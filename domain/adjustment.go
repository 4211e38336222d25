package domain

import (
	"time"

	"github.com/shopspring/decimal"
)

// Adjustment is a discount or a mark-up on list prices, as an administrator
// agreed it with a provider.
type Adjustment struct {
	ID        int64 // 0 until stored
	Provider  ProviderID
	Model     string          // its id; empty: every model of the provider
	Tier      Tier            // empty: every one
	Meter     Meter           // empty: every one
	Percent   decimal.Decimal // of the list price, to be added: -12.5 leaves 87.5 % of it
	Effective Span            // an empty one was withdrawn before it began
	MadeAt    time.Time
	By        string // who made it
	Reason    string
}

// Covers reports whether a list price is one of those that are adjusted.
func (a Adjustment) Covers(key RateKey) bool {
	return a.Provider == key.Model.Provider && (a.Model == "" || a.Model == key.Model.ID) &&
		(a.Tier == "" || a.Tier == key.Tier) && (a.Meter == "" || a.Meter == key.Meter)
}

// Before reports whether, of two adjustments that cover one price, this is the
// one that applies: that of a model before that of a provider, then that of a
// tier, then that of a meter, then the newer one. They never add up.
func (a Adjustment) Before(b Adjustment) bool {
	if x, y := a.closeness(), b.closeness(); x != y {
		return x > y
	}
	return a.ID > b.ID
}

func (a Adjustment) closeness() int {
	n := 0
	for i, narrowed := range []bool{a.Meter != "", a.Tier != "", a.Model != ""} {
		if narrowed {
			n |= 1 << i
		}
	}
	return n
}

var hundred = decimal.NewFromInt(100)

// Adjusted is an amount with the percentage added: exactly, with as many places
// as it takes.
func (a Adjustment) Adjusted(amount decimal.Decimal) decimal.Decimal {
	return amount.Mul(hundred.Add(a.Percent)).Shift(-2)
}

// The events that tell of adjustments. What they make of the prices is told of in
// events of rates.
const (
	EventAdjustmentEntered EventKind = "adjustment.entered"
	EventAdjustmentEnded   EventKind = "adjustment.ended"
)

// AdjustmentPayload tells of an adjustment.
type AdjustmentPayload struct {
	Percent     string `json:"percent"`
	Tier        Tier   `json:"tier,omitempty"`
	Meter       Meter  `json:"meter,omitempty"`
	From        string `json:"from"`                  // RFC 3339
	Until       string `json:"until,omitempty"`       // RFC 3339
	UntilBefore string `json:"untilBefore,omitempty"` // RFC 3339: where it ends sooner than it was to
	By          string `json:"by"`
	Reason      string `json:"reason"`
}
