package domain

import "time"

// EventKind names what happened. The names are DESIGN's.
type EventKind string

// The kinds of event.
const (
	EventModelFound       EventKind = "model.found"
	EventModelChanged     EventKind = "model.changed"
	EventModelDeprecated  EventKind = "model.deprecated"
	EventModelReturned    EventKind = "model.returned"
	EventModelUnpriced    EventKind = "model.unpriced"
	EventRateOpened       EventKind = "rate.opened"
	EventRateChanged      EventKind = "rate.changed"
	EventRateScheduled    EventKind = "rate.scheduled"
	EventRateWithdrawn    EventKind = "rate.withdrawn"
	EventRateEnded        EventKind = "rate.ended"
	EventRateUnlisted     EventKind = "rate.unlisted"
	EventRateRelisted     EventKind = "rate.relisted"
	EventRateCorrected    EventKind = "rate.corrected"
	EventSettingsChanged  EventKind = "settings.changed"
	EventConfigSaved      EventKind = "config.saved"
	EventConfigRestored   EventKind = "config.rolled_back"
	EventProviderSaved    EventKind = "provider.saved"
	EventProviderEnabled  EventKind = "provider.enabled"
	EventProviderDisabled EventKind = "provider.disabled"
	EventKeyCreated       EventKind = "key.created"
	EventKeyRevoked       EventKind = "key.revoked"
	EventPageUnread       EventKind = "page.unread"
	EventPageBlocked      EventKind = "page.blocked"
	EventSyncRequested    EventKind = "sync.requested" // somebody asked for it
	EventSyncStarted      EventKind = "sync.started"
	EventSyncFinished     EventKind = "sync.finished" // a run ended; nothing of it has a severity
	EventSyncFailed       EventKind = "sync.failed"   // a run ended so that somebody ought to look
	EventJobActed         EventKind = "job.acted"     // somebody handled background work by hand
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
	Source string   `json:"source"`
	Seen   Sighting `json:"seen"`
	Error  string   `json:"error"`
}

// SettingsPayload tells of changed settings.
type SettingsPayload struct {
	Old Settings `json:"old"`
	New Settings `json:"new"`
	By  string   `json:"by"` // who changed them
}

// ConfigPayload tells of a new version of a scraping configuration.
type ConfigPayload struct {
	Version  int    `json:"version"`
	Before   int    `json:"before,omitempty"`   // the version that it takes over from
	Restores int    `json:"restores,omitempty"` // the version that was rolled back to
	By       string `json:"by"`
}

// ProviderPayload tells of what an administrator said of a provider.
type ProviderPayload struct {
	Version int       `json:"version"`
	Old     *Provider `json:"old,omitempty"` // nil where it was not described, and where it was only enabled or disabled
	New     *Provider `json:"new,omitempty"`
	By      string    `json:"by"`
}

// SyncRequestedPayload tells of a sync that somebody asks for. A provider whose
// run waits or is being done keeps that one.
type SyncRequestedPayload struct {
	SyncID    string       `json:"syncId"`
	Providers []ProviderID `json:"providers"`
	By        string       `json:"by"` // a key, by its name
}

// SyncStartedPayload tells of a run's start.
type SyncStartedPayload struct {
	RunID   string  `json:"runId"`
	SyncID  string  `json:"syncId"`
	Trigger Trigger `json:"trigger"`
}

// SyncPayload tells of a run's end.
type SyncPayload struct {
	RunID            string       `json:"runId"`
	SyncID           string       `json:"syncId"`
	Trigger          Trigger      `json:"trigger"`
	Outcome          Outcome      `json:"outcome"`
	Severity         Severity     `json:"severity,omitempty"`
	InARow           int          `json:"inARow,omitempty"` // runs in a row that failed, or in which one and the same step did
	Errors           []StageError `json:"errors,omitempty"`
	ModelsDiscovered int          `json:"modelsDiscovered"`
	ModelsUpdated    int          `json:"modelsUpdated"` // the new ones among them
	ModelsDeprecated int          `json:"modelsDeprecated"`
	PricingUpdated   int          `json:"pricingUpdated"`
}

// StageError is why a step of a run failed.
type StageError struct {
	Stage StepName `json:"stage"`
	Error string   `json:"error"`
}

// JobPayload tells of what somebody did to background work by hand.
type JobPayload struct {
	By     string   `json:"by"`             // a key, by its name
	Method string   `json:"method"`         // of HTTP
	Path   string   `json:"path"`           // what was asked for
	Jobs   []string `json:"jobs,omitempty"` // the ids of the jobs that were meant
}
