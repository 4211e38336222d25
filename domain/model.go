package domain

import (
	"encoding/json"
	"time"
)

// ModelKey names a model: the id as the provider's API spells it.
type ModelKey struct {
	Provider ProviderID
	ID       string
}

// String is provider/id.
func (k ModelKey) String() string { return string(k.Provider) + "/" + k.ID }

// Usability says whether a model can be used.
type Usability string

// The usabilities. Available and preview models are active.
const (
	UsabilityAvailable  Usability = "available"
	UsabilityPreview    Usability = "preview"
	UsabilityDeprecated Usability = "deprecated"
)

// Active reports whether a listing shows the model unless asked otherwise.
func (u Usability) Active() bool { return u != UsabilityDeprecated }

// Class is what a model is for.
type Class string

// The classes: ORIGINAL's seven and four more. ClassGeneral stands alone,
// where nothing else is known.
const (
	ClassChat       Class = "chat"
	ClassReasoning  Class = "reasoning"
	ClassCoding     Class = "coding"
	ClassMultimodal Class = "multimodal"
	ClassEmbedding  Class = "embedding"
	ClassTools      Class = "tools"
	ClassGeneral    Class = "general"
	ClassImage      Class = "image"
	ClassAudio      Class = "audio"
	ClassVideo      Class = "video"
	ClassModeration Class = "moderation"
)

// Classes lists the classes.
func Classes() []Class {
	return []Class{
		ClassChat, ClassReasoning, ClassCoding, ClassMultimodal, ClassEmbedding, ClassTools,
		ClassGeneral, ClassImage, ClassAudio, ClassVideo, ClassModeration,
	}
}

// Capability is one thing a model was said to support, or not to support.
type Capability struct {
	Type      string `json:"type"`
	Supported bool   `json:"supported"`
}

// PricingStatus says what is known of a model's prices. Unknown is never 0.
type PricingStatus string

// The pricing statuses.
const (
	Priced      PricingStatus = "priced"
	Free        PricingStatus = "free"          // a literal $0 or "free" for paid use
	NotPerToken PricingStatus = "not_per_token" // sold by another unit
	TBD         PricingStatus = "TBD"           // no rate is known
)

// Model is a model with its attributes, as they were seen at one time.
type Model struct {
	ModelKey
	DisplayName     string
	OwnedBy         string
	Created         *time.Time // when the provider says it was made; nil: not said
	Source          string     // what told us of it: "api", or the name of a page source
	Classification  []Class    // sorted
	Capabilities    []Capability
	ContextWindow   *int64 // tokens; nil: not said, never guessed
	MaxOutputTokens *int64 // tokens; nil: not said
	Usability       Usability
	Aliases         []string // other ids that the provider says mean this model, sorted
	RetiresAt       *time.Time
	DeprecatedAt    *time.Time
	Remarks         []string        // what price pages print beside its name ("deprecated"), sorted
	StatedPricing   PricingStatus   // Free or NotPerToken where a source says so, else empty
	Raw             json.RawMessage // the list's own entry, whole
}

// ModelVersion is a model as it was seen during a span. Attributes are
// versioned: a row per change.
type ModelVersion struct {
	Model
	DiscoveredAt time.Time // when the model was first seen at all
	Seen         Span
}

// Listing is what a provider's list API answered.
type Listing struct {
	Models         []Model
	Complete       bool   // every page came; an incomplete list deprecates nothing
	Pages          bool   // pages stand in for a list: their silence says nothing
	Failure        error  // why it is not complete; nil where it is
	KeyFingerprint string // of the key that asked: lists are scoped to an account
	At             time.Time
}
