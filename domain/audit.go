package domain

import "time"

// AuditEntry is one thing that an administrator did.
type AuditEntry struct {
	ID      int64
	At      time.Time
	By      string // a key, by its name
	Address string // from which it was asked
	Action  string // the request's method and path
	Request string // the request's id, as in the log
	Changes []AuditChange
	Total   int // of the changes; more than there are in Changes where those are very many
}

// AuditChange is one of the things that an action changed.
type AuditChange struct {
	Event    EventKind  `json:"event"`
	Provider ProviderID `json:"provider,omitempty"`
	Model    string     `json:"model,omitempty"`
	Before   any        `json:"before,omitempty"` // marshals to JSON; nil: there was nothing
	After    any        `json:"after,omitempty"`  // marshals to JSON; nil: there is nothing any more
}

// Audited is a payload of an event that knows what was before it and what is
// after it. Of any other payload the whole is what is after it.
type Audited interface {
	// BeforeAfter gives both, as an event of this kind tells of them; nil for
	// nothing.
	BeforeAfter(kind EventKind) (before, after any)
}

// BeforeAfter gives the settings as they were and as they are.
func (p SettingsPayload) BeforeAfter(EventKind) (before, after any) { return p.Old, p.New }

// BeforeAfter gives the rate as it was and as it is, with its key in both.
func (p RatePayload) BeforeAfter(EventKind) (before, after any) {
	was, is := p, p
	was.New, was.By, was.Reason = "", "", ""
	is.Old, is.By = "", ""
	if p.Old != "" {
		before = was
	}
	if p.New != "" {
		after = is
	}
	return before, after
}

// BeforeAfter gives the change as it was held and as it was decided.
func (p HeldPayload) BeforeAfter(kind EventKind) (before, after any) {
	if kind == EventChangeHeld {
		return nil, p
	}
	was := p
	was.By, was.Reason = "", ""
	return was, p
}

// BeforeAfter gives the ruling before it is released, and after it is made.
func (p RulingPayload) BeforeAfter(kind EventKind) (before, after any) {
	if kind == EventMatchReleased {
		return p, nil
	}
	return nil, p
}

// BeforeAfter gives the adjustment, where it ends, as it was and as it is.
func (p AdjustmentPayload) BeforeAfter(kind EventKind) (before, after any) {
	if kind == EventAdjustmentEnded {
		was := p
		was.Until, was.UntilBefore, was.By, was.Reason = p.UntilBefore, "", "", ""
		before = was
	}
	return before, p
}

// BeforeAfter gives the key before it is revoked, and after it is made.
func (p KeyPayload) BeforeAfter(kind EventKind) (before, after any) {
	if kind == EventKeyRevoked {
		return p, nil
	}
	return nil, p
}

// BeforeAfter gives which version was in force and which is; every version is
// kept.
func (p ConfigPayload) BeforeAfter(EventKind) (before, after any) {
	if p.Before > 0 {
		before = map[string]int{"version": p.Before}
	}
	return before, p
}

// BeforeAfter gives the description as it was and as it is, or whether the
// provider was enabled.
func (p ProviderPayload) BeforeAfter(kind EventKind) (before, after any) {
	enabled := func(yes bool) any { return map[string]bool{"enabled": yes} }
	if kind != EventProviderSaved {
		on := kind == EventProviderEnabled
		return enabled(!on), enabled(on)
	}
	if p.Old != nil {
		before = p.Old
	}
	return before, p.New
}

// AuditOf gives what events tell of an action.
func AuditOf(events []Event) []AuditChange {
	changes := make([]AuditChange, len(events))
	for i, e := range events {
		changes[i] = AuditChange{Event: e.Kind, Provider: e.Provider, Model: e.Model, After: e.Payload}
		if p, ok := e.Payload.(Audited); ok {
			changes[i].Before, changes[i].After = p.BeforeAfter(e.Kind)
		}
	}
	return changes
}
