package ledger

import (
	"slices"
	"time"

	"ratecard/domain"
)

// State is what is believed of one provider, as the store gives it under the
// provider's lock.
type State struct {
	Models      []domain.ModelVersion // the current version of every model, deprecated ones included
	Rates       []domain.Rate         // every believed rate, past, in force and scheduled
	Unlisted    map[domain.RateKey]time.Time
	Statements  []domain.Statement         // what each source last stated
	Modifiers   []domain.ModifierStatement // the modifiers among it
	LastReads   map[string]time.Time
	List        ListState
	Imported    []time.Time             // the instants of the price lists imported so far, in order
	Rulings     []domain.Ruling         // those in force, of the administrators
	Adjustments []domain.Adjustment     // every one, past, in force and scheduled
	Matches     map[string]domain.Match // by model id: which printed name prices it
	Unpriced    map[string]time.Time    // the models of which it was told that nothing prices them, by id: when
	Held        []domain.HeldChange     // those that bear on the next reading: held, and rejected while their source says the same
	LastKnown   time.Time               // the newest instant at which something became known; a change is known later
}

// ModelsAfter gives the models by id, as they are known once some have changed.
func (s State) ModelsAfter(changed []domain.Model) map[string]domain.Model {
	models := make(map[string]domain.Model, len(s.Models)+len(changed))
	for i := range s.Models {
		models[s.Models[i].ID] = s.Models[i].Model
	}
	for _, m := range changed {
		models[m.ID] = m
	}
	return models
}

// Retires gives the models whose retirement is stated, by id, once some have
// changed.
func (s State) Retires(changed []domain.Model) map[string]time.Time {
	at := map[string]time.Time{}
	for id, m := range s.ModelsAfter(changed) {
		if m.RetiresAt != nil {
			at[id] = *m.RetiresAt
		}
	}
	return at
}

// ListState is what is remembered of the provider's model list.
type ListState struct {
	LastComplete   time.Time // when a complete list was last read; zero: never
	KeyFingerprint string    // of the key that read it: lists are scoped to an account
	DoubtedSince   time.Time // since when a list is doubted that says what DoubtedDigest stands for; zero: it is not
	DoubtedDigest  string    // of the ids of the doubted list
}

// Change is what one run changes. Its parts are written together or not at
// all.
type Change struct {
	KnownAt           time.Time      // the instant from which all of it is believed
	Models            []domain.Model // new versions, of new and of known models
	Supersede         []domain.Rate  // believed rates that are believed no longer
	Open              []domain.Rate  // rates that are believed from now on
	Unlisted          []domain.RateKey
	Relisted          []domain.RateKey
	StatementsEnd     []int64                    // statements that are no longer made
	StatementsOpen    []domain.Statement         // statements that are made from now on; rates name them by source and quote
	ModifiersEnd      []int64                    // modifiers that are stated no longer, by the ids of their statements
	ModifiersOpen     []domain.ModifierStatement // that are stated from now on; derived rates name them by source and key
	Restated          []Restated                 // what pages of the past turned out to state
	RestatedModifiers []RestatedModifier         // the same of modifiers
	Reads             []domain.SourceRead
	Looks             []domain.SourceRead // of sources that were asked about held changes alone: no reads of their prices
	List              *ListState          // nil: no list was read
	Imported          []time.Time         // the instants of every price list imported so far; nil: none is new
	Rulings           []domain.Ruling     // that hold from now on
	Released          []int64             // ids of rulings that hold no longer, released before others are made
	Adjust            []domain.Adjustment // discounts and mark-ups that are entered
	AdjustEnd         []AdjustmentEnd     // that end
	Matches           []domain.Match      // of models that another name prices from now on, or none
	Unpriced          []string            // models of which it is told that nothing prices them
	Repriced          []string            // models of which that was told and that something prices
	Held              []domain.HeldChange // that are held from now on
	Settled           []domain.HeldChange // that were held or rejected before, as they stand now
	Events            []domain.Event
	Counts            domain.Counts
}

// AdjustmentEnd ends an adjustment; before it began, it never begins.
type AdjustmentEnd struct {
	ID     int64
	At     time.Time
	By     string
	Reason string
}

// Restated is a statement of the past, read again from the page in which it
// stood, in the words of the rates that rest on it. Its span has an end: what a
// source states now is said by syncs alone.
type Restated struct {
	domain.Statement
	Rests []int // which of the change's Open rest on it
}

// RestatedModifier is the same of a modifier, which derived rates rest on.
type RestatedModifier struct {
	domain.ModifierStatement
	Rests []int
}

// Visible reports whether readers see anything of the change: then the
// catalogue version is raised.
func (c Change) Visible() bool {
	return len(c.Models)+len(c.Supersede)+len(c.Open)+len(c.Unlisted)+len(c.Relisted)+len(c.Held)+len(c.ModifiersEnd) > 0 || c.decides()
}

// decides reports whether a held change is held no longer.
func (c Change) decides() bool {
	return slices.ContainsFunc(c.Settled, func(h domain.HeldChange) bool { return h.State != domain.HeldOpen })
}
