package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// Decision is what an administrator says of a held change.
type Decision struct {
	ID      int64
	Approve bool // else it is rejected
	Reason  string
	By      string // who decides
}

// errSettled says that a change is not held any more.
var errSettled = errors.New("the change is not held any more")

// Decide approves or rejects a held change, and gives it as it is then. What is
// approved is effective from when it was first seen. What is rejected is not
// held again until its source says something else. A repeat by the same person
// changes nothing; KindConflict says who decided otherwise, or before.
func Decide(ctx context.Context, l ports.Ledger, changes ports.HeldChanges, want Decision, now time.Time) (domain.HeldChange, error) {
	var f faults
	f.reason(want.Reason)
	if err := f.err("the held change cannot be decided"); err != nil {
		return domain.HeldChange{}, err
	}
	before, err := changes.Get(ctx, want.ID)
	if err != nil {
		return before, err
	}
	_, err = l.Update(ctx, before.Key.Model.Provider, func(state ledger.State) (ledger.Change, error) {
		return want.decide(state, knownAt(state, domain.Instant(now)))
	})
	if err != nil && !errors.Is(err, errSettled) {
		return domain.HeldChange{}, err
	}
	after, settled := changes.Get(ctx, want.ID)
	if settled != nil || err == nil {
		return after, settled
	}
	return after, want.against(after)
}

// decide is what the decision changes.
func (d Decision) decide(state ledger.State, at time.Time) (ledger.Change, error) {
	i := slices.IndexFunc(state.Held, func(h domain.HeldChange) bool { return h.ID == d.ID && h.State == domain.HeldOpen })
	if i < 0 {
		return ledger.Change{}, errSettled
	}
	change := ledger.Change{KnownAt: at}
	h := state.Held[i]
	if d.Approve {
		h = released(h, d.By, d.Reason, at)
		accept(state, []domain.HeldChange{h}, &change)
	} else {
		h.State, h.By, h.Reason, h.Decided = domain.HeldRejected, d.By, d.Reason, at
	}
	change.Settled = []domain.HeldChange{h}
	// What other sources say of the same price is decided with it: the same
	// amount in the same way, and nothing else is believed over an approval.
	for _, other := range state.Held {
		if other.ID != h.ID && other.Key == h.Key && other.State == domain.HeldOpen && other.New.Equal(h.New) {
			other.State, other.By, other.Reason, other.Decided, other.Over = h.State, h.By, h.Reason, h.Decided, h.Over
			change.Settled = append(change.Settled, other)
		}
	}
	change.Events = append(change.Events, heldEvents(change)...)
	return change, nil
}

// against compares a decision with one that was there before it: nil where the
// same person decided the same.
func (d Decision) against(h domain.HeldChange) error {
	wanted := domain.HeldRejected
	if d.Approve {
		wanted = domain.HeldReleased
	}
	if h.State == wanted && h.By == d.By {
		return nil
	}
	if h.State == domain.HeldWithdrawn {
		return domain.Errorf(domain.KindConflict, "held change %d is decided: its source, %s, states it no longer", h.ID, h.Source)
	}
	return domain.Errorf(domain.KindConflict, "held change %d is decided: it was %s by %s at %s", h.ID, h.State, h.By, h.Decided.UTC().Format(time.RFC3339))
}
