package domain

import "time"

// EventKind names what happened. The names are DESIGN's.
type EventKind string

// The kinds of event that a sync writes.
const (
	EventModelFound      EventKind = "model.found"
	EventModelChanged    EventKind = "model.changed"
	EventModelDeprecated EventKind = "model.deprecated"
	EventModelReturned   EventKind = "model.returned"
	EventModelUnpriced   EventKind = "model.unpriced"
	EventRateOpened      EventKind = "rate.opened"
	EventRateChanged     EventKind = "rate.changed"
	EventRateScheduled   EventKind = "rate.scheduled"
	EventRateWithdrawn   EventKind = "rate.withdrawn"
	EventRateEnded       EventKind = "rate.ended"
	EventRateUnlisted    EventKind = "rate.unlisted"
	EventRateRelisted    EventKind = "rate.relisted"
	EventRateCorrected   EventKind = "rate.corrected"
	EventSettingsChanged EventKind = "settings.changed"
	EventPageUnread      EventKind = "page.unread"
	EventPageBlocked     EventKind = "page.blocked"
)

// Event is an entry of the log. Ids are given in the order of commits.
type Event struct {
	ID       int64
	At       time.Time
	Kind     EventKind
	Provider ProviderID // empty where it is nobody's
	Model    string     // the model's id, empty where it is no model's
	Payload  any        // marshals to a JSON object; see the payload types
}

// RatePayload tells of a rate: what it was, what it is, from when.
type RatePayload struct {
	Tier            Tier   `json:"tier"`
	Meter           Meter  `json:"meter"`
	Region          Region `json:"region"`
	MinPromptTokens int64  `json:"minPromptTokens"`
	Old             string `json:"old,omitempty"` // an amount
	New             string `json:"new,omitempty"` // an amount
	Unit            string `json:"unit"`
	Layer           Layer  `json:"layer"`
	Effective       string `json:"effective,omitempty"` // RFC 3339
	Until           string `json:"until,omitempty"`     // RFC 3339; of a correction: where the period that it touches ends
	EvidenceID      int64  `json:"evidenceId,omitempty"`
	By              string `json:"by,omitempty"`     // who entered, ended or imported it: a key, by its name
	Reason          string `json:"reason,omitempty"` // what whoever entered or ended it says
}

// ModelPayload tells of a model: what it is now, and which attributes changed.
type ModelPayload struct {
	DisplayName string    `json:"displayName"`
	Usability   Usability `json:"usability"`
	Changed     []string  `json:"changed,omitempty"`
}

// PagePayload tells of a page that could not be read.
type PagePayload struct {
	Source string `json:"source"`
	Error  string `json:"error"`
}

// SettingsPayload tells of changed settings.
type SettingsPayload struct {
	Old Settings `json:"old"`
	New Settings `json:"new"`
	By  string   `json:"by"` // who changed them
}
