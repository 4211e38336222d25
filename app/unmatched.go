package app

import (
	"context"
	"slices"
	"strings"

	"ratecard/domain"
	"ratecard/domain/match"
	"ratecard/ports"
)

// mostCandidates bounds what is said of one unmatched model or name.
const mostCandidates = 5

// What is unmatched: a model without a printed name, or the other way round.
const (
	UnmatchedModel = "model"
	UnmatchedName  = "name"
)

// UnmatchedQuery chooses what is unmatched.
type UnmatchedQuery struct {
	Providers []domain.ProviderID // whose; in any order
	Kind      string              // UnmatchedModel or UnmatchedName; empty: both
	After     *UnmatchedKey       // what the page before ended with; nil: the first page
	Limit     int
}

// UnmatchedKey names what is unmatched, and is its place in the order.
type UnmatchedKey struct {
	Provider domain.ProviderID
	Kind     string
	Text     string // the model's id, or the name
}

func (k UnmatchedKey) compare(other UnmatchedKey) int {
	return slices.Compare([]string{string(k.Provider), k.Kind, k.Text}, []string{string(other.Provider), other.Kind, other.Text})
}

// Unmatched is an active model that no printed name prices, or a name under
// which prices are stated and that prices no model.
type Unmatched struct {
	UnmatchedKey
	Reason     match.Refusal // of the nearest candidate
	Candidates []UnmatchedCandidate
}

// UnmatchedCandidate is a name near to a model, or a model near to a name, and
// why the two are no pair.
type UnmatchedCandidate struct {
	Text   string
	Reason match.Refusal
}

// UnmatchedPage is a page of what is unmatched, by provider, kind and text.
type UnmatchedPage struct {
	Items []Unmatched
	More  bool
	Total int // on all pages
}

// ListUnmatched matches what the sources that were read last print with the
// models as they are known now, under the rulings in force now, and gives what
// is left over on both sides.
func ListUnmatched(ctx context.Context, m ports.Matching, q UnmatchedQuery) (UnmatchedPage, error) {
	providers := slices.Clone(q.Providers)
	slices.Sort(providers)
	page := UnmatchedPage{Items: []Unmatched{}}
	for _, provider := range slices.Compact(providers) {
		printed, err := m.Printed(ctx, provider)
		if err != nil {
			return UnmatchedPage{}, err
		}
		table := newMatchTable(printed)
		for _, key := range table.unmatched(provider, q.Kind) {
			page.Total++
			switch {
			case q.After != nil && key.compare(*q.After) <= 0:
			case len(page.Items) == q.Limit:
				page.More = true
			default:
				page.Items = append(page.Items, table.explain(key))
			}
		}
	}
	return page, nil
}

// matchTable is the matching of one provider.
type matchTable struct {
	ports.Printed
	models    map[string]domain.Model
	pairs     []match.Pair
	proposed  map[[2]string]bool              // model and name
	pins      map[string]string               // by model
	forbidden map[string][]string             // by model
	near      map[string]*match.Neighbourhood // by kind of the texts; made when needed
}

func newMatchTable(p ports.Printed) *matchTable {
	t := &matchTable{
		Printed: p, models: map[string]domain.Model{}, proposed: map[[2]string]bool{},
		pins: map[string]string{}, forbidden: map[string][]string{}, near: map[string]*match.Neighbourhood{},
	}
	for _, m := range p.Models {
		t.models[m.ID] = m
	}
	for _, r := range p.Rulings {
		if r.Kind == domain.RulingPin {
			t.pins[r.Model.ID] = r.Name
		} else {
			t.forbidden[r.Model.ID] = append(t.forbidden[r.Model.ID], r.Name)
		}
	}
	t.pairs = match.AssignRuled(p.Models, match.Page{Names: p.Names}, p.Rulings)
	for _, pair := range match.Propose(p.Models, p.Names, t.pairs, p.Rulings) {
		t.proposed[[2]string{pair.ModelID, pair.Name}] = true
	}
	return t
}

// unmatched gives what is left over, in order. Of models that can no longer be
// used, or are sold otherwise, nobody expects a price.
func (t *matchTable) unmatched(provider domain.ProviderID, kind string) []UnmatchedKey {
	var keys []UnmatchedKey
	taken := map[string]bool{}
	for _, pair := range t.pairs {
		taken[pair.Name] = true
		if m := t.models[pair.ModelID]; pair.Name == "" && kind != UnmatchedName && m.Usability.Active() && m.StatedPricing == "" {
			keys = append(keys, UnmatchedKey{provider, UnmatchedModel, pair.ModelID})
		}
	}
	for _, name := range t.Names {
		if !taken[name] && kind != UnmatchedModel {
			keys = append(keys, UnmatchedKey{provider, UnmatchedName, name})
		}
	}
	slices.SortFunc(keys, UnmatchedKey.compare)
	return keys
}

func (t *matchTable) explain(key UnmatchedKey) Unmatched {
	out := Unmatched{UnmatchedKey: key, Reason: match.RefusedFar, Candidates: []UnmatchedCandidate{}}
	add := func(text string, why match.Refusal) {
		known := func(c UnmatchedCandidate) bool { return c.Text == text }
		if len(out.Candidates) < mostCandidates && !slices.ContainsFunc(out.Candidates, known) {
			out.Candidates = append(out.Candidates, UnmatchedCandidate{text, why})
		}
	}
	pair := func(other string) (model, name string) {
		if key.Kind == UnmatchedModel {
			return key.Text, other
		}
		return other, key.Text
	}
	if pin, pinned := t.pins[key.Text]; pinned && key.Kind == UnmatchedModel {
		add(pin, match.RefusedUnprinted)
	}
	for held := range t.proposed {
		if key.Kind == UnmatchedModel && held[0] == key.Text {
			add(held[1], match.RefusedHeld)
		} else if key.Kind == UnmatchedName && held[1] == key.Text {
			add(held[0], match.RefusedHeld)
		}
	}
	for _, other := range t.neighbours(key.Kind).Nearest(key.Text, mostCandidates) {
		model, name := pair(other)
		add(other, t.refuse(model, name))
	}
	if len(out.Candidates) > 0 {
		out.Reason = out.Candidates[0].Reason
	}
	return out
}

// neighbours are the texts of the other side.
func (t *matchTable) neighbours(kind string) *match.Neighbourhood {
	if t.near[kind] == nil {
		texts := t.Names
		if kind == UnmatchedName {
			texts = make([]string, len(t.Models))
			for i, m := range t.Models {
				texts[i] = m.ID
			}
		}
		t.near[kind] = match.Neighbours(texts)
	}
	return t.near[kind]
}

func (t *matchTable) refuse(model, name string) match.Refusal {
	forbidden := func(banned string) bool { return match.SameSpelling(banned, name) }
	pin, pinned := t.pins[model]
	switch {
	case slices.ContainsFunc(t.forbidden[model], forbidden):
		return match.RefusedForbidden
	case pinned && !match.SameSpelling(pin, name):
		return match.RefusedPinned
	}
	return match.Refuse(t.models[model], name)
}

// ParseUnmatchedKey reads what UnmatchedKey.String wrote.
func ParseUnmatchedKey(provider domain.ProviderID, text string) (UnmatchedKey, bool) {
	kind, text, found := strings.Cut(text, " ")
	return UnmatchedKey{provider, kind, text}, found && text != "" && (kind == UnmatchedModel || kind == UnmatchedName)
}

// String is kind and text.
func (k UnmatchedKey) String() string { return k.Kind + " " + k.Text }
