package postgres

import (
	"context"

	"ratecard/domain"
	"ratecard/gen/db"
)

// ruleOf gives a modifier as it is stored.
func (w *writer) ruleOf(source string, m domain.ModifierKey) ruled {
	m.Name, m.What = clean(m.Name), clean(m.What)
	return ruled{source: clean(source), ModifierKey: m}
}

// modifiers ends those that are stated no longer and writes those that are
// stated now, and those of the past that were read again.
func (w *writer) modifiers(ctx context.Context) error {
	if len(w.change.ModifiersEnd) > 0 {
		ended, err := w.q.EndModifiers(ctx, timestamp(w.knownAt), w.change.ModifiersEnd)
		if err != nil {
			return err
		}
		if want := int64(len(w.change.ModifiersEnd)); ended != want {
			return domain.Errorf(domain.KindConflict, "%d modifiers of %s would end, and %d of them are stated", want, w.provider, ended)
		}
	}
	fresh := len(w.change.ModifiersOpen)
	ids, err := w.reserve(ctx, "modifier_statements_id_seq", fresh+len(w.change.RestatedModifiers))
	if err != nil {
		return err
	}
	rows := make([]db.InsertModifiersParams, len(ids))
	for i, s := range w.change.ModifiersOpen {
		if s.Stated.From.IsZero() {
			s.Stated.From = w.knownAt
		}
		rule := w.ruleOf(s.Source, s.Modifier.Key())
		w.book.modifiers[rule] = ids[i]
		if rows[i], err = modifierRow(s, ids[i], w.book.sources[rule.source]); err != nil {
			return err
		}
	}
	for i, s := range w.change.RestatedModifiers {
		source, known := w.book.sources[clean(s.Source)]
		if !known || s.Stated.Open() {
			return domain.Errorf(domain.KindInvalid, "the modifier of %q that %s stated in the past has no end, or its source is not known", s.Modifier.What, s.Source)
		}
		if rows[fresh+i], err = modifierRow(s.ModifierStatement, ids[fresh+i], source); err != nil {
			return err
		}
		for _, rate := range s.Rests {
			w.proofs[rate].modifier = ids[fresh+i]
		}
	}
	return copied(ctx, w.q.InsertModifiers, rows)
}

// derivedBy gives the open statement of the modifier that a rate is derived by; 0
// for a printed one.
func (w *writer) derivedBy(r *domain.Rate) int64 {
	if r.Modifier.ModifierKey == (domain.ModifierKey{}) {
		return 0
	}
	return w.book.modifiers[w.ruleOf(r.Source, r.Modifier.ModifierKey)]
}
