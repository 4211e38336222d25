package domain

import (
	"time"

	"github.com/shopspring/decimal"
)

// RateKey is what a rate is the price of. It is comparable.
type RateKey struct {
	Model           ModelKey
	Layer           Layer
	Tier            Tier
	Meter           Meter
	Region          Region
	MinPromptTokens int64 // the rate applies to the whole request from this prompt length on; 0 for none
}

// Origin tells apart printed figures from those that a stated modifier gives.
type Origin string

// The origins.
const (
	OriginPrinted Origin = "printed"
	OriginDerived Origin = "derived"
)

// Basis says what a rate's effective time rests on.
type Basis string

// The bases.
const (
	BasisStated   Basis = "stated"   // the source prints the date
	BasisObserved Basis = "observed" // effective when first seen; NotBefore and NotAfter bound the truth
	BasisImported Basis = "imported"
	BasisManual   Basis = "manual"
)

// Price is what a rate costs: the part of a rate that a change changes.
type Price struct {
	Amount   decimal.Decimal // per unit, never negative
	Unit     string
	Currency string
	Origin   Origin
}

// Equal compares amounts by value: 3 and 3.00 are one price.
func (p Price) Equal(o Price) bool {
	return p.Amount.Equal(o.Amount) && p.Unit == o.Unit && p.Currency == o.Currency && p.Origin == o.Origin
}

// Rate is one belief: this key costs that much during Effective, and we
// believed so during Known. Rates are never altered; a rate that is no longer
// believed is superseded by others.
type Rate struct {
	ID int64 // 0 until stored
	RateKey
	Price
	Effective Span
	Known     Span
	Basis     Basis
	NotBefore time.Time // zero: not bounded
	NotAfter  time.Time // zero: not bounded
	Source    string    // the source that stated it
	Quote     QuoteKey  // what that source printed
	Evidence  int64     // the id of the statement it rests on; 0: none (manual, imported)
	Modifier  Derived   // by what it is derived from that; zero where it is printed
}

// Derived names the modifier by which a rate is derived from a printed one.
type Derived struct {
	ModifierKey
	Evidence int64 // the id of the modifier's statement; 0 until stored
}

// RateView is a rate as it is answered: with what stands beside it.
type RateView struct {
	Rate
	UnlistedSince time.Time   // zero: its source lists it still
	StaleSince    time.Time   // when a source last said so, where that is longer ago than promised; zero: it is not, or was not asked for
	Held          *HeldChange // of its key, with what readers are told of it; nil: none is
	Derivation    *Derivation // nil where it is printed
}

// Derivation is what a derived rate rests on, whole.
type Derivation struct {
	Printed  decimal.Decimal // the amount that the source prints, of RateView.Quote
	Modifier ModifierEvidence
}

// Statement is what a source stated, from when until when: a row per change.
// It is the evidence of the rates that rest on it.
type Statement struct {
	ID            int64
	Provider      ProviderID
	Source        string
	Quote         Quote
	PageID        int64
	ConfigVersion int
	Stated        Span
}

// ModifierStatement is a modifier that a source stated, from when until when: a
// row per change. Derived rates rest on it.
type ModifierStatement struct {
	ID            int64
	Provider      ProviderID
	Source        string
	Modifier      Modifier
	PageID        int64
	ConfigVersion int
	Stated        Span
}

// ModifierEvidence is a modifier's statement together with the page it stood in.
type ModifierEvidence struct {
	ModifierStatement
	Page Page // without its body; no ID where none is kept
}

// Evidence is a statement together with the page it stood in.
type Evidence struct {
	Statement
	Page      Page
	Modifiers []ModifierEvidence // by which rates were derived from it, in the order of their ids
}
