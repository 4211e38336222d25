package domain

import "time"

// The kinds of event that tell of an administrator's rulings on matches.
const (
	EventMatchPinned    EventKind = "match.pinned"
	EventMatchForbidden EventKind = "match.forbidden"
	EventMatchReleased  EventKind = "match.released"
)

// RulingKind says what an administrator decided about a model and a printed
// name.
type RulingKind string

// The kinds of ruling.
const (
	RulingPin    RulingKind = "pin"    // this name prices the model, whatever else the page says
	RulingForbid RulingKind = "forbid" // this name never prices the model
)

// Ruling is what an administrator decided about the price of a model. It holds
// until it is released. A model has at most one pin.
type Ruling struct {
	ID     int64
	Model  ModelKey
	Name   string // as a price page prints it
	Kind   RulingKind
	At     time.Time // since when it holds
	By     string    // who made it
	Reason string
}

// Match says which printed name prices a model since an instant. An empty
// name: none does.
type Match struct {
	ModelID string
	Name    string
	How     string // what the pair rests on; empty where there is none
	Since   time.Time
}

// RulingPayload tells of a ruling that was made or released.
type RulingPayload struct {
	Name   string     `json:"name"`
	Ruling RulingKind `json:"ruling"`
	By     string     `json:"by"`
	Reason string     `json:"reason,omitempty"`
}
