package app

import (
	"context"
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/domain/match"
	"ratecard/ports"
)

// NewRuling asks for a ruling on the price of a model.
type NewRuling struct {
	Model  domain.ModelKey
	Name   string // as a price page prints it
	Kind   domain.RulingKind
	Reason string
	By     string // who asks
}

// Rule puts a ruling on record. A pin replaces the model's pin, means a name
// that a source of the provider prints now, and prices the model from the next
// reading on. A ban takes back at once what rests on the pair. A repeat
// changes nothing. KindInvalid names the fields that cannot be, KindNotFound
// says that the model is not known, KindConflict that a ruling in force says
// the opposite.
func Rule(ctx context.Context, l ports.Ledger, want NewRuling, now time.Time) error {
	var f faults
	if want.Kind != domain.RulingPin && want.Kind != domain.RulingForbid {
		f.add("ruling", "%q is not known; expected %s or %s", clip(string(want.Kind)), domain.RulingPin, domain.RulingForbid)
	}
	if !printable(want.Name, longestModelID) {
		f.add("name", "expected 1 to %d printable characters, not only spaces", longestModelID)
	}
	f.reason(want.Reason)
	if err := f.err("the ruling cannot be made"); err != nil {
		return err
	}
	_, err := l.Update(ctx, want.Model.Provider, func(state ledger.State) (ledger.Change, error) {
		return want.decide(state, knownAt(state, domain.Instant(now)))
	})
	return err
}

func (r NewRuling) decide(state ledger.State, at time.Time) (ledger.Change, error) {
	change := ledger.Change{KnownAt: at}
	i := slices.IndexFunc(state.Models, func(m domain.ModelVersion) bool { return m.ID == r.Model.ID })
	if i < 0 {
		return change, domain.Errorf(domain.KindNotFound, "no model of %s has the id %q", clip(string(r.Model.Provider)), clip(r.Model.ID))
	}
	for _, held := range state.Rulings {
		switch same := match.SameSpelling(held.Name, r.Name); {
		case held.Model.ID != r.Model.ID:
		case same && held.Kind == r.Kind:
			return ledger.Change{}, nil
		case same:
			return change, domain.Errorf(domain.KindConflict, "ruling %d says the opposite of this pair; release it first", held.ID)
		case held.Kind == domain.RulingPin && r.Kind == domain.RulingPin:
			change.Released = append(change.Released, held.ID)
			change.Events = append(change.Events, ruled(domain.EventMatchReleased, held, at, r.By, r.Reason))
		}
	}
	ruling := domain.Ruling{Model: r.Model, Name: r.Name, Kind: r.Kind, By: r.By, Reason: r.Reason}
	if r.Kind == domain.RulingForbid {
		r.takeBack(state, state.Models[i].Model, &change)
		change.Events = append(change.Events, ruled(domain.EventMatchForbidden, ruling, at, r.By, r.Reason))
	} else {
		printed := slices.IndexFunc(state.Statements, func(s domain.Statement) bool { return match.SameSpelling(s.Quote.Name, r.Name) })
		if printed < 0 {
			return change, &domain.Error{Kind: domain.KindInvalid, Message: "the ruling cannot be made", Fields: []domain.FieldError{{
				Path: "name", Message: "no source of " + string(r.Model.Provider) + " prints that name now; expected one under which prices are stated",
			}}}
		}
		ruling.Name = state.Statements[printed].Quote.Name
		change.Events = append(change.Events, ruled(domain.EventMatchPinned, ruling, at, r.By, r.Reason))
	}
	change.Rulings = []domain.Ruling{ruling}
	return change, nil
}

// takeBack believes no longer what rests on the pair that is forbidden.
func (r NewRuling) takeBack(state ledger.State, m domain.Model, change *ledger.Change) {
	fix := ledger.Renounce(state.Rates, state.Unlisted, change.KnownAt, func(row domain.Rate) bool {
		return row.Model.ID == m.ID && match.SameSpelling(row.Quote.Name, r.Name)
	})
	signed(fix.Events, r.By, r.Reason)
	change.Supersede, change.Open, change.Relisted = fix.Supersede, fix.Open, fix.Relisted
	change.Events = append(change.Events, fix.Events...)
	if held, matched := state.Matches[m.ID]; matched && match.SameSpelling(held.Name, r.Name) {
		change.Matches = []domain.Match{{ModelID: m.ID}}
	}
}

// ReleaseRuling asks for the end of a ruling.
type ReleaseRuling struct {
	ID     int64
	Reason string // may be empty
	By     string // who asks
}

// Release ends a ruling, and gives it as it was. From the next reading on the
// model is matched as if it had never been. KindNotFound where no ruling in
// force has that id.
func Release(ctx context.Context, l ports.Ledger, rulings ports.Matching, want ReleaseRuling, now time.Time) (domain.Ruling, error) {
	if want.Reason != "" {
		var f faults
		f.reason(want.Reason)
		if err := f.err("the ruling cannot be released"); err != nil {
			return domain.Ruling{}, err
		}
	}
	missing := domain.Errorf(domain.KindNotFound, "there is no ruling %d in force", want.ID)
	all, err := rulings.Rulings(ctx)
	if err != nil {
		return domain.Ruling{}, err
	}
	i := slices.IndexFunc(all, func(r domain.Ruling) bool { return r.ID == want.ID })
	if i < 0 {
		return domain.Ruling{}, missing
	}
	_, err = l.Update(ctx, all[i].Model.Provider, func(state ledger.State) (ledger.Change, error) {
		if !slices.ContainsFunc(state.Rulings, func(r domain.Ruling) bool { return r.ID == want.ID }) {
			return ledger.Change{}, missing
		}
		at := knownAt(state, domain.Instant(now))
		return ledger.Change{
			KnownAt: at, Released: []int64{want.ID},
			Events: []domain.Event{ruled(domain.EventMatchReleased, all[i], at, want.By, want.Reason)},
		}, nil
	})
	return all[i], err
}

func ruled(kind domain.EventKind, r domain.Ruling, at time.Time, by, reason string) domain.Event {
	return domain.Event{
		At: at, Kind: kind, Provider: r.Model.Provider, Model: r.Model.ID,
		Payload: domain.RulingPayload{Name: r.Name, Ruling: r.Kind, By: by, Reason: reason},
	}
}
