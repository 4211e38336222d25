package porttest

import (
	"context"
	"slices"
	"testing"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// Matched is a ledger and what answers how its models are matched.
type Matched struct {
	Books
	Matching ports.Matching
}

// Matching tests what ports.Matching promises, and what ports.Ledger does of
// rulings and matches.
func Matching(t *testing.T, open func(testing.TB) Matched) {
	run(t, open, map[string]func(*testing.T, Matched){
		"a ruling holds until it is released":  rulingsHold,
		"a model has one pin":                  onePin,
		"a match holds until another is known": matchesHold,
		"what was told is remembered":          unpricedToldOnce,
		"what is printed now":                  printedNow,
		"a ruling on an unknown model":         rulingOnStranger,
	})
}

func aRuling(m domain.Model, kind domain.RulingKind, name string) domain.Ruling {
	return domain.Ruling{Model: m.ModelKey, Name: name, Kind: kind, By: "somebody", Reason: "a reason"}
}

// of gives the rulings on a provider's models.
func (m Matched) of(t *testing.T, provider domain.ProviderID) []domain.Ruling {
	t.Helper()
	all, err := m.Matching.Rulings(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(r domain.Ruling) bool { return r.Model.Provider != provider })
}

func rulingsHold(t *testing.T, b Matched) {
	p := aProvider()
	m := aModel(p, "one")
	pin, ban := aRuling(m, domain.RulingPin, "One (new)"), aRuling(m, domain.RulingForbid, "One")
	b.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{m}, Rulings: []domain.Ruling{pin, ban}})
	held := b.of(t, p)
	if len(held) != 2 || held[0].ID <= held[1].ID {
		t.Fatalf("got %+v, want two rulings, newest first", held)
	}
	pin.At, ban.At = noon, noon
	ban.ID, pin.ID = held[0].ID, held[1].ID
	same(t, "rulings", held, []domain.Ruling{ban, pin})
	same(t, "rulings in the state", b.state(t, p).Rulings, held)
	b.update(t, p, ledger.Change{KnownAt: hour(1), Released: []int64{ban.ID}})
	same(t, "rulings left", b.of(t, p), []domain.Ruling{pin})
	if known := b.state(t, p).LastKnown; !known.Equal(hour(1)) {
		t.Errorf("last known at %s, want %s", known, hour(1))
	}
}

func onePin(t *testing.T, b Matched) {
	p := aProvider()
	m := aModel(p, "one")
	b.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{m}, Rulings: []domain.Ruling{aRuling(m, domain.RulingPin, "One")}})
	another := ledger.Change{KnownAt: hour(1), Rulings: []domain.Ruling{aRuling(m, domain.RulingPin, "Two")}}
	_, err := b.Ledger.Update(context.Background(), p, func(ledger.State) (ledger.Change, error) { return another, nil })
	if domain.KindOf(err) != domain.KindConflict {
		t.Errorf("a second pin: %v", err)
	}
	another.Released = []int64{b.of(t, p)[0].ID}
	b.update(t, p, another)
	if held := b.of(t, p); len(held) != 1 || held[0].Name != "Two" {
		t.Errorf("got %+v, want the pin that replaced the first", held)
	}
}

func matchesHold(t *testing.T, b Matched) {
	p := aProvider()
	m, n := aModel(p, "one"), aModel(p, "two")
	one, none := domain.Match{ModelID: "one", Name: "One", How: "exact"}, domain.Match{ModelID: "two"}
	b.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{m, n}, Matches: []domain.Match{one, none}})
	one.Since, none.Since = noon, noon
	same(t, "matches", b.state(t, p).Matches, map[string]domain.Match{"one": one, "two": none})
	two := domain.Match{ModelID: "two", Name: "Two", How: "identity"}
	b.update(t, p, ledger.Change{KnownAt: hour(1), Matches: []domain.Match{two}})
	two.Since = hour(1)
	same(t, "matches later", b.state(t, p).Matches, map[string]domain.Match{"one": one, "two": two})
}

func unpricedToldOnce(t *testing.T, b Matched) {
	p := aProvider()
	m, n := aModel(p, "one"), aModel(p, "two")
	b.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{m, n}, Unpriced: []string{"one", "two"}})
	same(t, "told", b.state(t, p).Unpriced, map[string]time.Time{"one": noon, "two": noon})
	b.update(t, p, ledger.Change{KnownAt: hour(1), Repriced: []string{"one"}})
	same(t, "told, one priced since", b.state(t, p).Unpriced, map[string]time.Time{"two": noon})
	b.update(t, p, ledger.Change{KnownAt: hour(2), Unpriced: []string{"one"}})
	same(t, "told again", b.state(t, p).Unpriced, map[string]time.Time{"one": hour(2), "two": noon})
}

func printedNow(t *testing.T, b Matched) {
	p := aProvider()
	empty, err := b.Matching.Printed(context.Background(), p)
	if err != nil || len(empty.Models)+len(empty.Names)+len(empty.Rulings) > 0 {
		t.Errorf("of an unknown provider: %+v, %v", empty, err)
	}
	m := aModel(p, "one")
	older, _ := aStatement("api", aRate(aKey(m.ModelKey, domain.MeterInput), "1", noon), noon)
	newer, _ := aStatement("page", aRate(aKey(m.ModelKey, domain.MeterInput), "2", noon), noon)
	older.Quote.Name, newer.Quote.Name = "one-api", "One"
	output := newer
	output.Quote.Meter = domain.MeterOutput
	read := func(source string, at int) domain.SourceRead {
		return domain.SourceRead{Source: source, At: hour(at), Good: true}
	}
	b.update(t, p, ledger.Change{
		KnownAt: hour(2), Models: []domain.Model{m}, Rulings: []domain.Ruling{aRuling(m, domain.RulingForbid, "One")},
		StatementsOpen: []domain.Statement{older, newer, output}, Reads: []domain.SourceRead{read("api", 0), read("page", 1)},
	})
	printed, err := b.Matching.Printed(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "names", printed.Names, []string{"One"})
	same(t, "models", printed.Models, []domain.Model{m})
	same(t, "rulings", printed.Rulings, b.of(t, p))
}

func rulingOnStranger(t *testing.T, b Matched) {
	p := aProvider()
	c := ledger.Change{KnownAt: noon, Rulings: []domain.Ruling{aRuling(aModel(p, "one"), domain.RulingPin, "One")}}
	_, err := b.Ledger.Update(context.Background(), p, func(ledger.State) (ledger.Change, error) { return c, nil })
	if domain.KindOf(err) != domain.KindInvalid {
		t.Errorf("got %v, want it refused", err)
	}
}
