package domain

import "time"

// Outcome is how a run ended.
type Outcome string

// The outcomes. A run without one is still going.
const (
	OutcomeSuccess Outcome = "success"
	OutcomePartial Outcome = "partial" // something stored, something failed
	OutcomeFailed  Outcome = "failed"
)

// StepName names a step of a run.
type StepName string

// The steps, in their order.
const (
	StepDiscovery  StepName = "discovery"
	StepPricing    StepName = "pricing"
	StepEnrichment StepName = "enrichment"
	StepStorage    StepName = "storage"
)

// StepOutcome is how a step ended.
type StepOutcome string

// The step outcomes.
const (
	StepDone    StepOutcome = "done"
	StepSkipped StepOutcome = "skipped" // no key: discovery
	StepFailed  StepOutcome = "failed"
)

// Step is one step of a run.
type Step struct {
	Name    StepName
	Outcome StepOutcome
	Started time.Time
	Ended   time.Time
	Detail  string // what happened, in a sentence
	Error   string // empty unless failed
}

// SourceRead is one attempt at a source within a run. It carries the
// confirmation that rates do not.
type SourceRead struct {
	Source        string
	At            time.Time
	Good          bool
	PageID        int64 // 0: no page came
	Strategy      string
	ConfigVersion int
	Quotes        int
	Error         string    // empty when good
	Failure       EventKind // page.unread or page.blocked when not good
	Seen          Sighting  // what was met instead of prices when not good; told, and not kept with the run
}

// Trigger says what started a run.
type Trigger string

// The triggers.
const (
	TriggerManual   Trigger = "manual"
	TriggerSchedule Trigger = "schedule"
)

// Counts says what a run changed.
type Counts struct {
	ModelsDiscovered int // in the list
	ModelsAdded      int
	ModelsUpdated    int
	ModelsDeprecated int
	PricingUpdated   int // rates opened or superseded
}

// Run is one provider's sync.
type Run struct {
	ID       string // a UUID
	SyncID   string // a UUID, shared by the runs of one full sync
	Provider ProviderID
	Trigger  Trigger
	Started  time.Time // zero while it waits to
	Ended    time.Time // zero until then
	Outcome  Outcome   // empty until it ended
	Steps    []Step
	Reads    []SourceRead
	Counts   Counts
	Version  int64 // the catalogue version after it; 0 until it ended

	Held int // changes that it holds anew; not on record

	// ComeBack is when a provider that asked us to stay away longer than the
	// run may take will have us again; zero: it did not. It is not on record:
	// it says when the provider is next due.
	ComeBack time.Time
}

// SyncState is what a provider's sync does now.
type SyncState string

// The sync states.
const (
	SyncIdle    SyncState = "idle"
	SyncRunning SyncState = "running"
	SyncFailed  SyncState = "failed"
)

// SyncStatus is one provider's standing: when it was last synced and how that
// went.
type SyncStatus struct {
	Provider    ProviderID
	State       SyncState
	LastSync    time.Time // moves only on success
	LastAttempt time.Time // moves always
	NextSync    time.Time // zero: not scheduled
	LastRun     *Run
	Sources     []SourceStatus
	LastListing time.Time // when a complete list of models last came; zero: never
	Models      []ModelSource
}

// ModelSource is on what models rest: how many of those that can be used were
// last told of by a source, the list API or a page.
type ModelSource struct {
	Source string // as Model.Source
	Models int
}

// SourceStatus is how a source stands.
type SourceStatus struct {
	Source       string
	LastGoodRead time.Time // zero: never
	LastAttempt  time.Time
	LastError    string // of the last attempt, empty when good
}
