package app

import (
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
)

// ruleCitation is a modifier in a read of the past, by which rates are derived.
type ruleCitation struct {
	read     int
	modifier domain.Modifier
}

// citeRules notes by which modifiers the rates are derived that a read has
// opened, as cite notes what they are derived from.
func (t *trace) citeRules(open []domain.Rate, read int) {
	numbers := map[domain.ModifierKey]int64{}
	for i := range open {
		row := &open[i]
		key := row.Modifier.ModifierKey
		if key == (domain.ModifierKey{}) || row.Modifier.Evidence != 0 || row.Source != t.past.reads[read].Source {
			continue
		}
		if numbers[key] == 0 {
			m := modifierIn(t.past.reads[read].reading, key)
			if m == nil {
				continue
			}
			t.rules = append(t.rules, ruleCitation{read, *m})
			numbers[key] = -int64(len(t.rules))
		}
		row.Modifier.Evidence = numbers[key]
	}
}

func modifierIn(reading *domain.Reading, key domain.ModifierKey) *domain.Modifier {
	i := slices.IndexFunc(reading.Modifiers, func(m domain.Modifier) bool { return m.Key() == key })
	if i < 0 {
		return nil
	}
	return &reading.Modifiers[i]
}

// restateRules gives the statements of the modifiers by which opened rates are
// derived, as restate gives those of what is printed.
func (t *trace) restateRules(open []domain.Rate, proofs map[beginning]proof, known time.Time) []ledger.RestatedModifier {
	resting := map[int64][]int{}
	for i := range open {
		row := &open[i]
		if number := row.Modifier.Evidence; number < 0 {
			if row.Modifier.Evidence = proofs[beginningOf(*row)].modifier; row.Modifier.Evidence == 0 {
				resting[number] = append(resting[number], i)
			}
		}
	}
	var out []ledger.RestatedModifier
	for i, cited := range t.rules {
		rests := resting[-int64(i+1)]
		if len(rests) == 0 {
			continue
		}
		end := t.past.unsaid(cited)
		if end.IsZero() {
			end = known
		}
		read := t.past.reads[cited.read]
		out = append(out, ledger.RestatedModifier{Rests: rests, ModifierStatement: domain.ModifierStatement{
			Provider: t.past.provider, Source: read.Source, Modifier: cited.modifier,
			PageID: read.PageID, ConfigVersion: t.past.version, Stated: domain.Span{From: read.At, To: end},
		}})
	}
	return out
}

// unsaid is when a modifier's source first left it out; zero: it never did.
func (p past) unsaid(cited ruleCitation) time.Time {
	first := p.reads[cited.read]
	for _, read := range p.reads[cited.read+1:] {
		again := read.Source == first.Source && read.reading != nil && read.reading != first.reading
		if again && modifierIn(read.reading, cited.modifier.Key()) == nil {
			return read.At
		}
	}
	return time.Time{}
}
