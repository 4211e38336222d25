package match

import (
	"slices"
	"strings"

	"ratecard/domain"
)

// How says what a pair rests on, the surest first.
type How string

// The ways in which a name is found to price a model.
const (
	Exact    How = "exact"    // the page prints the id
	Same     How = "identity" // id and name are two spellings of one identity
	Snapshot How = "snapshot" // the model is a dated edition of the one that the name means, and the page prices no such edition itself
	Alias    How = "alias"    // the list says that another id means this model, and the page prices that
)

// A Pair says which printed name prices a model. An empty Name: none does.
type Pair struct {
	ModelID string
	Name    string
	How     How
}

// Assign finds for each model the name of the page's row that prices it, in
// the order of the models. Names may repeat; the empty one is none.
//
// Own row first, then another spelling of it, then the row of the model that
// it is a dated edition of, unless it was sold at another price
// (soldapart.txt), then that of an alias. A model without a date never
// takes a dated edition's row, and two rows that fit equally well are no match.
// The display name of the list helps where the id says nothing of its own; it
// never overrules the id.
func Assign(models []domain.Model, names []string) []Pair {
	index := newIndex(names)
	out := make([]Pair, 0, len(models))
	for _, m := range models {
		pair := Pair{ModelID: m.ID}
		pair.Name, pair.How = index.find(m)
		if soldApart[m.ModelKey] && (pair.How == Snapshot || pair.How == Alias) {
			pair.Name, pair.How = "", ""
		}
		out = append(out, pair)
	}
	return out
}

// An index holds the names of a page by what they may be found by. More than
// one name under a key is a tie.
type index struct {
	spelled map[string]string
	keys    map[string][]string
}

func newIndex(names []string) index {
	x := index{spelled: map[string]string{}, keys: map[string][]string{}}
	for _, name := range names {
		spelling := spell(name)
		if _, again := x.spelled[spelling]; again || spelling == "" {
			continue
		}
		x.spelled[spelling] = name
		if id := Parse(name); !id.Empty() {
			x.keys[id.Key()] = append(x.keys[id.Key()], name)
		}
	}
	return x
}

// spell reduces a text to its letters: case and white space do not tell two
// spellings apart.
func spell(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

func (x index) find(m domain.Model) (string, How) {
	if name, how := x.byID(m.ID); how != "" {
		return name, how
	}
	if m.DisplayName != "" && supports(m.ID, m.DisplayName) {
		if name, how := x.byID(m.DisplayName); how != "" {
			if how == Exact { // that is said of the id alone
				how = Same
			}
			return name, how
		}
	}
	found := ""
	for _, alias := range m.Aliases {
		name, how := x.byID(alias)
		switch {
		case how == "":
		case found != "" && found != name:
			return "", ""
		default:
			found = name
		}
	}
	if found != "" {
		return found, Alias
	}
	return "", ""
}

// byID finds the name that an id means by itself.
func (x index) byID(id string) (string, How) {
	if name, ok := x.spelled[spell(id)]; ok {
		return name, Exact
	}
	identity := Parse(id)
	if identity.Empty() {
		return "", ""
	}
	if names := x.keys[identity.Key()]; len(names) > 0 {
		return only(names, Same)
	}
	if identity.Snapshot == "" {
		return "", ""
	}
	base := identity
	base.Snapshot = ""
	return only(x.keys[base.Key()], Snapshot)
}

func only(names []string, how How) (string, How) {
	if len(names) != 1 {
		return "", ""
	}
	return names[0], how
}

// supports tells whether a display name may speak for an id: it says the same,
// or the id says nothing that the display name could contradict.
func supports(id, display string) bool {
	a, b := Parse(id), Parse(display)
	if a.Base() == b.Base() {
		return b.Snapshot == "" || a.Snapshot == b.Snapshot
	}
	for _, w := range a.Words {
		if slices.Contains(b.Words, w) {
			return false
		}
	}
	return len(a.Versions) == 0
}
