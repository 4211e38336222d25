package match_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/domain/match"
)

func ruling(kind domain.RulingKind, model, name string) domain.Ruling {
	return domain.Ruling{Model: domain.ModelKey{ID: model}, Name: name, Kind: kind}
}

func TestRulings(t *testing.T) {
	pin, forbid := domain.RulingPin, domain.RulingForbid
	for what, c := range map[string]struct {
		rulings []domain.Ruling
		names   []string
		want    string
		how     match.How
	}{
		"none":                                  {nil, []string{"Acme Large 2", "Acme Small 2"}, "Acme Large 2", match.Same},
		"a pin against identity":                {[]domain.Ruling{ruling(pin, "acme-large-2", "Acme Small 2")}, []string{"Acme Large 2", "Acme Small 2"}, "Acme Small 2", match.Pinned},
		"a pin in another spelling":             {[]domain.Ruling{ruling(pin, "acme-large-2", "acme  SMALL 2")}, []string{"Acme Small 2"}, "Acme Small 2", match.Pinned},
		"a pin to what is not printed":          {[]domain.Ruling{ruling(pin, "acme-large-2", "Acme Huge 2")}, []string{"Acme Large 2"}, "", ""},
		"a pin of another model":                {[]domain.Ruling{ruling(pin, "acme-small-2", "Acme Large 2")}, []string{"Acme Large 2"}, "Acme Large 2", match.Same},
		"forbidden":                             {[]domain.Ruling{ruling(forbid, "acme-large-2", "acme large 2")}, []string{"Acme Large 2", "Acme Small 2"}, "", ""},
		"forbidden, and the next best is there": {[]domain.Ruling{ruling(forbid, "acme-large-2", "acme-large-2")}, []string{"acme-large-2", "Acme Large 2"}, "Acme Large 2", match.Same},
		"a tie that a ban decides":              {[]domain.Ruling{ruling(forbid, "acme-large-2", "Large Acme 2")}, []string{"Acme Large 2", "Large Acme 2"}, "Acme Large 2", match.Same},
		"forbidden for another model":           {[]domain.Ruling{ruling(forbid, "acme-small-2", "Acme Large 2")}, []string{"Acme Large 2"}, "Acme Large 2", match.Same},
	} {
		got := match.AssignRuled(list("acme-large-2"), match.Page{Names: c.names}, c.rulings)
		if len(got) != 1 || got[0].Name != c.want || got[0].How != c.how {
			t.Errorf("%s: got %+v, want %q by %q", what, got, c.want, c.how)
		}
	}
}

// TestRulingsHold: whatever else is on the page, a pinned model has the name of
// its pin or none, no forbidden pair is used, and nobody else is concerned.
func TestRulingsHold(t *testing.T) {
	word := rapid.StringMatching(`(acme|zen) (large|small) [1-3]`)
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfNDistinct(word, 1, 6, rapid.ID).Draw(t, "ids")
		names := rapid.SliceOf(word).Draw(t, "names")
		var rulings []domain.Ruling
		pins := map[string]string{}
		for range rapid.IntRange(0, 4).Draw(t, "rulings") {
			r := ruling(domain.RulingForbid, rapid.SampledFrom(ids).Draw(t, "model"), word.Draw(t, "name"))
			if _, pinned := pins[r.Model.ID]; !pinned && rapid.Bool().Draw(t, "pin") {
				r.Kind, pins[r.Model.ID] = domain.RulingPin, r.Name
			}
			rulings = append(rulings, r)
		}
		free := assign(list(ids...), names...)
		for i, p := range match.AssignRuled(list(ids...), match.Page{Names: names}, rulings) {
			pin, pinned := pins[p.ModelID]
			ruled := slices.ContainsFunc(rulings, func(r domain.Ruling) bool { return r.Model.ID == p.ModelID })
			forbidden := slices.ContainsFunc(rulings, func(r domain.Ruling) bool {
				return r.Kind == domain.RulingForbid && r.Model.ID == p.ModelID && r.Name == p.Name
			})
			switch {
			case pinned && p.Name != pin && (p.Name != "" || slices.Contains(names, pin)):
				t.Fatalf("%q is pinned to %q and got %q", p.ModelID, pin, p.Name)
			case !pinned && forbidden:
				t.Fatalf("%q got %q, which is forbidden", p.ModelID, p.Name)
			case !ruled && p != free[i]:
				t.Fatalf("%q: %+v under the rulings on others, %+v without", p.ModelID, p, free[i])
			}
		}
	})
}
