package domain

import (
	"time"

	"github.com/shopspring/decimal"
)

// The kinds of event that tell of changes which are not believed at once.
const (
	EventChangeHeld      EventKind = "change.held"
	EventChangeApproved  EventKind = "change.approved"
	EventChangeRejected  EventKind = "change.rejected"
	EventChangeWithdrawn EventKind = "change.withdrawn" // its source states it no longer
)

// HeldState is what became of a change that was not believed at once.
type HeldState string

// The states of a held change.
const (
	HeldOpen      HeldState = "held"
	HeldReleased  HeldState = "released"
	HeldRejected  HeldState = "rejected"
	HeldWithdrawn HeldState = "withdrawn"
)

// HeldStates lists the states.
func HeldStates() []HeldState {
	return []HeldState{HeldOpen, HeldReleased, HeldRejected, HeldWithdrawn}
}

// DoubtCode names a reason not to believe a change at once.
type DoubtCode string

// The reasons of the guard. A note beside each says what its figures are.
const (
	DoubtUnsteady   DoubtCode = "unsteady"        // Of Total rates of models that do not move, Count do
	DoubtWidespread DoubtCode = "widespread"      // Count of Total models move at once
	DoubtCurrency   DoubtCode = "currency"        // Count of Total rates move by about Factor, which is not round
	DoubtPowerOfTen DoubtCode = "power_of_ten"    // new is old times Factor
	DoubtCents      DoubtCode = "cents"           // new is old times Factor, 100 or 0.01
	DoubtUnit       DoubtCode = "misread_unit"    // new is old times Factor, a power of a thousand
	DoubtFactor     DoubtCode = "factor"          // new is old times Factor, beyond Limit
	DoubtScale      DoubtCode = "scale"           // a new rate, more than Limit times apart from all that the page states of its meter
	DoubtColumns    DoubtCode = "swapped_columns" // the model's amounts are there, under other meters
	DoubtTiers      DoubtCode = "swapped_tiers"   // the model's amounts are there, under other tiers
	DoubtRow        DoubtCode = "shifted_row"     // these are the amounts that Other had
	DoubtOrder      DoubtCode = "order"           // more than Other, which it never is
	DoubtLone       DoubtCode = "lone_meter"      // it moves alone, by Factor: perhaps a digit was lost
	DoubtFlip       DoubtCode = "flip_flop"       // it was that until Other (RFC 3339)
	DoubtConfirms   DoubtCode = "confirms_only"   // what was read by guessing may confirm, not change
)

// Doubt is a reason not to believe a change at once, with what it rests on.
type Doubt struct {
	Code   DoubtCode `json:"code"`
	Factor string    `json:"factor,omitempty"` // new by old, a decimal of at most 4 places
	Limit  int       `json:"limit,omitempty"`
	Count  int       `json:"count,omitempty"`
	Total  int       `json:"total,omitempty"`
	Other  string    `json:"other,omitempty"`
}

// HeldChange is a change that a source states and that is not believed yet:
// the old rate stays in force.
type HeldChange struct {
	ID        int64 // 0 until stored
	Key       RateKey
	Source    string   // which states the new amount
	Quote     QuoteKey // what it prints
	Old       *decimal.Decimal
	New       decimal.Decimal
	Doubts    []Doubt
	OldProof  int64     // the statement that the old rate rests on; 0: none
	NewProof  int64     // the statement of the new amount
	Since     time.Time // when the new amount was first seen
	NotBefore time.Time // the source's last good read before; zero: none
	State     HeldState

	Over     time.Time // from when on it bears on nothing any more; zero: it does. A rejection bears as long as its source states the same
	Decided  time.Time // zero: not yet
	By       string    // who decided: a key by its name, or a source
	Reason   string    // why, where a person decided
	LookedAt time.Time // when other sources were last asked; zero: never
	Looks    []Look    // what they said then
}

// Look is what another source said of a held change.
type Look struct {
	Source string `json:"source"`
	Amount string `json:"amount,omitempty"` // a decimal; empty: it states none, or could not be read
	Error  string `json:"error,omitempty"`  // why it could not be read
}

// HeldPayload tells of a held change and what became of it.
type HeldPayload struct {
	ID              int64   `json:"id,omitempty"`
	Tier            Tier    `json:"tier"`
	Meter           Meter   `json:"meter"`
	Region          Region  `json:"region"`
	MinPromptTokens int64   `json:"minPromptTokens"`
	Unit            string  `json:"unit"`
	Old             string  `json:"old,omitempty"` // an amount; empty: there was none
	New             string  `json:"new"`           // an amount
	Source          string  `json:"source"`
	Since           string  `json:"since"` // RFC 3339
	Doubts          []Doubt `json:"doubts"`
	EvidenceID      int64   `json:"evidenceId,omitempty"` // of the new amount
	By              string  `json:"by,omitempty"`         // who decided: a key by its name, or a source
	Reason          string  `json:"reason,omitempty"`
}
