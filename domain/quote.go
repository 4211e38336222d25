package domain

import "github.com/shopspring/decimal"

// Quote is a rate as a source states it, under the name printed there.
type Quote struct {
	QuoteKey
	Amount decimal.Decimal // per Meter.Unit()
	Place  Place
}

// QuoteKey is what a quote states an amount for. It is comparable.
type QuoteKey struct {
	Name            string // as printed, without links, remarks and footnote marks; the id where the page gives one
	Tier            Tier
	Meter           Meter
	Region          Region
	Above           int64 // the integer printed as threshold, 0 for none
	MinPromptTokens int64 // the first prompt length that pays it: 200001 for "> 200k", 200000 for "≥ 200k"
	From            Date  // as printed, zero for none
	Until           Date  // as printed, inclusive, zero for none
}

// Place says where a quote stood in its page.
type Place struct {
	Reader string // the reader that found it
	Path   string // CSS path, JSON pointer or line
	Row    string // the row's own name cell, verbatim
	Header string // the column's header, verbatim
	Cell   string // the cell, verbatim
}

// ReaderAuto is the reader that nobody has configured. What it reads may confirm
// what is believed; anything else that it says is only proposed.
const ReaderAuto = "auto"

// Proposed tells whether nothing but ReaderAuto stands behind a quote.
func (q Quote) Proposed() bool { return q.Place.Reader == ReaderAuto }

// Modifier is a stated rule without printed figures ("batch: 50 % off").
type Modifier struct {
	Name   string          // the model that it is stated for, as in QuoteKey; empty: for all of them
	What   string          // what it applies to: a tier, a meter, a region
	Factor decimal.Decimal // of the base rate: 0.5 for 50 % off, 1.1 for 1.1×
	Text   string          // verbatim
	Place  Place
}

// ModifierKey is what a modifier states. It is comparable.
type ModifierKey struct {
	Name   string
	What   string
	Factor string // a decimal without trailing zeros
}

// Key says what the modifier states, wherever and in whichever words.
func (m Modifier) Key() ModifierKey { return ModifierKey{m.Name, m.What, m.Factor.String()} }

// ChargeKind tells apart what is not a per-token rate.
type ChargeKind string

// The kinds of charge.
const (
	ChargeOther       ChargeKind = "charge"
	ChargeFree        ChargeKind = "free"
	ChargeNotPerToken ChargeKind = "not_per_token"
)

// Charge is a price that is not per token: per image, per search, per hour.
type Charge struct {
	Model  string // empty where it is no model's
	What   string
	Unit   string
	Amount decimal.Decimal
	Kind   ChargeKind
}

// Remark is what a page says of a model beside its price ("deprecated",
// "limited availability").
type Remark struct {
	Name string // as in QuoteKey
	Text string
}

// Reading is what the readers of one source found in one page.
type Reading struct {
	Strategy  string // the readers that found something, joined by "+"
	Quotes    []Quote
	Modifiers []Modifier
	Charges   []Charge
	Remarks   []Remark
	Aliases   map[string][]string // name, as in QuoteKey → further ids of the same model
	Warnings  []string            // what was seen and not believed, and why
}
