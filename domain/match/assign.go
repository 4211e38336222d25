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

// A Page is what a price page prints of models.
type Page struct {
	Names   []string            // under which prices are stated; they may repeat, the empty one is none
	Aliases map[string][]string // by name: further ids that the page says mean the same model
}

// Assign finds for each model the name of the page's row that prices it, in
// the order of the models.
//
// Own row first, then another spelling of it, then the row of the model that
// it is a dated edition of, unless it was sold at another price
// (soldapart.txt), then that of an alias that the list or the page states. A
// model without a date never takes a dated edition's row otherwise, and two rows
// that fit equally well are no match. The display name of the list helps where
// the id says nothing of its own; it never overrules the id.
func Assign(models []domain.Model, page Page) []Pair {
	x := newIndex(models, page)
	out := make([]Pair, len(models))
	for i := range models {
		out[i] = x.pair(&models[i])
	}
	return out
}

// An index holds the names of a page by what they may be found by.
type index struct {
	spelled map[string]string
	keys    map[string]string // by identity; tied where more than one name has it
	aliases map[string]string // by the spelling of an id: the name that the page says means it, or tied
	answers map[string]string // by the spelling of an id: the model that the list says answers to it, or tied
}

// tied is no name and no model.
const tied = ""

func newIndex(models []domain.Model, page Page) index {
	x := index{
		spelled: make(map[string]string, len(page.Names)), keys: make(map[string]string, len(page.Names)),
		aliases: map[string]string{}, answers: map[string]string{},
	}
	for _, name := range page.Names {
		spelling := spell(name)
		if _, again := x.spelled[spelling]; again || spelling == "" {
			continue
		}
		x.spelled[spelling] = name
		if id := Parse(name); !id.Empty() {
			put(x.keys, id.Key(), name)
		}
		for _, alias := range page.Aliases[name] {
			put(x.aliases, spell(alias), name)
		}
	}
	for i := range models {
		for _, alias := range models[i].Aliases {
			put(x.answers, spell(alias), models[i].ID)
		}
	}
	x.complete(models)
	return x
}

// put notes what a key means; it is tied where it means something else as well.
func put(in map[string]string, key, meaning string) {
	if other, taken := in[key]; taken && other != meaning {
		meaning = tied
	}
	in[key] = meaning
}

// spell reduces a text to its letters: case and white space do not tell two
// spellings apart.
func spell(s string) string {
	for i := range len(s) { // most ids are spelled so already
		if c := s[i]; c <= ' ' || c >= 0x7f || c >= 'A' && c <= 'Z' {
			return strings.ToLower(strings.Join(strings.Fields(s), " "))
		}
	}
	return s
}

// pair finds the name that prices a model.
func (x index) pair(m *domain.Model) Pair {
	name, how := x.find(m)
	if (how == Snapshot || how == Alias) && soldApart[m.ModelKey] {
		name, how = "", ""
	}
	return Pair{ModelID: m.ID, Name: name, How: how}
}

func (x index) find(m *domain.Model) (string, How) {
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
	return x.byAlias(m)
}

// byAlias finds the name of what is stated to be the same model under another
// id: by the page, by the model's own entry in the list, or by another's. Where
// they mean different rows, none is sure.
func (x index) byAlias(m *domain.Model) (string, How) {
	found, doubt := "", false
	note := func(name string) {
		doubt = doubt || name == tied || found != "" && found != name
		found = name
	}
	spelling := spell(m.ID)
	if name, stated := x.aliases[spelling]; stated {
		note(name)
	}
	others := m.Aliases
	if owner, stated := x.answers[spelling]; stated && owner != m.ID && owner != tied {
		others = append(slices.Clip(others), owner)
	}
	for _, other := range others {
		if name, how := x.byID(other); how != "" {
			note(name)
		} else if name, stated := x.aliases[spell(other)]; stated {
			note(name)
		}
	}
	if doubt || found == "" {
		return "", ""
	}
	return found, Alias
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
	if name, found := x.keys[identity.Key()]; found {
		return sure(name, Same)
	}
	if identity.Snapshot == "" {
		return "", ""
	}
	return sure(x.keys[identity.Base()], Snapshot)
}

// sure gives a name that is not tied.
func sure(name string, how How) (string, How) {
	if name == tied {
		return "", ""
	}
	return name, how
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
