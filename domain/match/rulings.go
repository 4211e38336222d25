package match

import (
	"slices"

	"ratecard/domain"
)

// Pinned pairs rest on an administrator's word.
const Pinned How = "pinned"

// AssignRuled is Assign under an administrator's rulings. A pinned model takes
// the name of its pin and no other: where that is not among the names, it has
// none. A forbidden name is no name for its model; the next best may be.
func AssignRuled(models []domain.Model, page Page, rulings []domain.Ruling) []Pair {
	pairs := Assign(models, page)
	if len(rulings) == 0 {
		return pairs
	}
	pins, bans := map[string]string{}, map[string][]string{}
	for _, r := range rulings {
		switch r.Kind {
		case domain.RulingPin:
			pins[r.Model.ID] = r.Name
		case domain.RulingForbid:
			bans[r.Model.ID] = append(bans[r.Model.ID], spell(r.Name))
		}
	}
	for i := range pairs {
		id := models[i].ID
		if pin, ruled := pins[id]; ruled {
			pairs[i] = pinned(id, pin, page.Names)
			continue
		}
		// Without a pair there may have been a tie, which the ban decides.
		if banned := bans[id]; len(banned) > 0 && (pairs[i].Name == "" || slices.Contains(banned, spell(pairs[i].Name))) {
			allowed := slices.DeleteFunc(slices.Clone(page.Names), func(name string) bool { return slices.Contains(banned, spell(name)) })
			x := newIndex(models, Page{Names: allowed, Aliases: page.Aliases})
			pairs[i] = x.pair(&models[i])
		}
	}
	return pairs
}

func pinned(id, pin string, names []string) Pair {
	for _, name := range names {
		if SameSpelling(name, pin) {
			return Pair{ModelID: id, Name: name, How: Pinned}
		}
	}
	return Pair{ModelID: id}
}

// SameSpelling reports whether two printed names differ in nothing but case
// and white space.
func SameSpelling(a, b string) bool { return spell(a) == spell(b) }
