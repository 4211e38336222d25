package porttest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// Ledger tests what ports.Ledger promises.
func Ledger(t *testing.T, open func(testing.TB) Books) {
	run(t, open, map[string]func(*testing.T, Books){
		"an unknown provider has no state":                  unknownProvider,
		"what was written is what the next update reads":    readsWhatWasWritten,
		"an error of decide is given as it is":              errorOfDecide,
		"a refused change writes nothing of itself":         refusedChange,
		"the version is raised by what readers see":         raisesVersion,
		"superseded rates are believed no longer":           supersedes,
		"a rate rests on the statement of its quote":        restsOnStatement,
		"a derived rate rests on its modifier as well":      restsOnModifier,
		"a modifier of the past is restated":                restatesModifier,
		"rates are unlisted and relisted":                   unlists,
		"a statement ends and another begins":               restates,
		"a good read is remembered, a bad one is not":       remembersReads,
		"the standing of the list is remembered":            remembersList,
		"what a source last stated":                         stated,
		"a change is known after the one before":            knownLater,
		"a change of models keeps when they were found":     keepsDiscovery,
		"providers do not see each other":                   apart,
		"text that no database keeps is kept without flaws": cleansText,
	})
}

func unknownProvider(t *testing.T, b Books) {
	s := b.state(t, aProvider())
	if len(s.Models)+len(s.Rates)+len(s.Statements)+len(s.Unlisted)+len(s.LastReads) > 0 || !s.LastKnown.IsZero() || s.List != (ledger.ListState{}) {
		t.Errorf("got %+v", s)
	}
}

func readsWhatWasWritten(t *testing.T, b Books) {
	p := aProvider()
	m := aModel(p, "one")
	said, r := aStatement("prices", aRate(aKey(m.ModelKey, domain.MeterInput), "3.50", hour(-1)), noon)
	r.Effective.To, r.NotBefore, r.NotAfter, r.Basis = hour(100), hour(-2), noon, domain.BasisObserved
	manual := aRate(aKey(m.ModelKey, domain.MeterInput), "0.000000000123456789", noon)
	manual.Layer, manual.Basis = domain.LayerManual, domain.BasisManual
	b.update(t, p, ledger.Change{
		KnownAt: hour(1), Models: []domain.Model{m}, StatementsOpen: []domain.Statement{said}, Open: []domain.Rate{r, manual},
	})

	s := b.state(t, p)
	same(t, "models", s.Models, []domain.ModelVersion{{Model: m, DiscoveredAt: hour(1), Seen: domain.Span{From: hour(1)}}})
	if len(s.Statements) != 1 || len(s.Rates) != 2 {
		t.Fatalf("got %d statements and %d rates, want 1 and 2", len(s.Statements), len(s.Rates))
	}
	said.ID, r.Evidence = s.Statements[0].ID, s.Statements[0].ID
	same(t, "statements", s.Statements, []domain.Statement{said})
	r.Known, manual.Known = domain.Span{From: hour(1)}, domain.Span{From: hour(1)}
	slices.SortFunc(s.Rates, func(a, b domain.Rate) int { return b.Amount.Cmp(a.Amount) })
	r.ID, manual.ID = s.Rates[0].ID, s.Rates[1].ID
	if r.ID == 0 || manual.ID == 0 || r.ID == manual.ID {
		t.Errorf("rates have the ids %d and %d", r.ID, manual.ID)
	}
	same(t, "rates", s.Rates, []domain.Rate{r, manual})
	if !s.LastKnown.Equal(hour(1)) {
		t.Errorf("last known at %s, want %s", s.LastKnown, hour(1))
	}
}

func errorOfDecide(t *testing.T, b Books) {
	mine := errors.New("no")
	_, err := b.Ledger.Update(context.Background(), aProvider(), func(ledger.State) (ledger.Change, error) { return ledger.Change{}, mine })
	if err != mine { //nolint:errorlint // as it is, not wrapped
		t.Errorf("got %v, want the very error", err)
	}
}

func refusedChange(t *testing.T, b Books) {
	p := aProvider()
	m := aModel(p, "one")
	good := aRate(aKey(m.ModelKey, domain.MeterInput), "1", noon)
	over := aRate(aKey(m.ModelKey, domain.MeterInput), "2", hour(5))
	negative := aRate(aKey(m.ModelKey, domain.MeterOutput), "1", noon)
	negative.Amount = decimal.NewFromInt(-1)
	empty := aRate(aKey(m.ModelKey, domain.MeterOutput), "1", noon)
	empty.Effective.To = noon
	stranger := aRate(aKey(aModel(p, "two").ModelKey, domain.MeterInput), "1", noon)
	unproven := aRate(aKey(m.ModelKey, domain.MeterOutput), "1", noon)
	unproven.Evidence = 1 << 60
	ancient, never := aModel(p, "one"), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)
	ancient.Created = &never
	notJSON := aModel(p, "one")
	notJSON.Raw = json.RawMessage("{")
	long := aModel(p, strings.Repeat("x", 5000))
	for name, c := range map[string]struct {
		change ledger.Change
		kind   domain.Kind
	}{
		"two rates of a key at one time":   {ledger.Change{Open: []domain.Rate{good, over}}, domain.KindConflict},
		"a negative amount":                {ledger.Change{Open: []domain.Rate{good, negative}}, domain.KindInvalid},
		"a rate that applies at no time":   {ledger.Change{Open: []domain.Rate{good, empty}}, domain.KindInvalid},
		"a rate of an unknown model":       {ledger.Change{Open: []domain.Rate{good, stranger}}, domain.KindInvalid},
		"evidence that is not there":       {ledger.Change{Open: []domain.Rate{good, unproven}}, domain.KindInvalid},
		"superseding what is not believed": {ledger.Change{Open: []domain.Rate{good}, Supersede: []domain.Rate{good}}, domain.KindConflict},
		"ending what is not stated":        {ledger.Change{Open: []domain.Rate{good}, StatementsEnd: []int64{1 << 60}}, domain.KindConflict},
		"a date of no calendar":            {ledger.Change{Models: []domain.Model{ancient}}, domain.KindInvalid},
		"an entry that is not JSON":        {ledger.Change{Models: []domain.Model{notJSON}}, domain.KindInvalid},
		"an id too long to look up":        {ledger.Change{Models: []domain.Model{long}}, domain.KindInvalid},
		"one model twice":                  {ledger.Change{Models: []domain.Model{m, m}}, domain.KindConflict},
		"unlisting what has no rate":       {ledger.Change{Open: []domain.Rate{good}, Unlisted: []domain.RateKey{stranger.RateKey}}, domain.KindInvalid},
	} {
		c.change.KnownAt = noon
		if c.change.Models == nil {
			c.change.Models = []domain.Model{m}
		}
		c.change.Reads = []domain.SourceRead{{Source: "prices", At: noon, Good: true}}
		_, err := b.Ledger.Update(context.Background(), p, func(ledger.State) (ledger.Change, error) { return c.change, nil })
		fails(t, name, err, c.kind)
		if s := b.state(t, p); len(s.Models)+len(s.Rates)+len(s.LastReads) > 0 {
			t.Errorf("%s: something was written: %+v", name, s)
		}
	}
}

func raisesVersion(t *testing.T, b Books) {
	p := aProvider()
	v1 := b.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{aModel(p, "one")}})
	if same := b.update(t, p, ledger.Change{KnownAt: hour(1), Reads: []domain.SourceRead{{Source: "s", At: hour(1), Good: true}}}); same != v1 {
		t.Errorf("a read alone: version %d, want %d", same, v1)
	}
	event := domain.Event{At: hour(2), Kind: domain.EventPageUnread, Provider: p, Payload: domain.PagePayload{Source: "s", Error: "no table"}}
	v2 := b.update(t, p, ledger.Change{KnownAt: hour(2), Events: []domain.Event{event, event}})
	if v2 != v1+1 {
		t.Errorf("two events: version %d, want %d", v2, v1+1)
	}
	if got := b.models(t, ports.ModelQuery{AsOf: now(hour(2)), Limit: 1}).Version; got != v2 {
		t.Errorf("a listing says version %d, want %d", got, v2)
	}
}

func supersedes(t *testing.T, b Books) {
	p := aProvider()
	m := aModel(p, "one")
	b.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{m}, Open: []domain.Rate{aRate(aKey(m.ModelKey, domain.MeterInput), "1", noon)}})
	old := b.state(t, p).Rates
	ended := old[0]
	ended.Effective.To = hour(5)
	b.update(t, p, ledger.Change{KnownAt: hour(4), Supersede: old, Open: []domain.Rate{ended, aRate(ended.RateKey, "2", hour(5))}})

	s := b.state(t, p)
	if len(s.Rates) != 2 {
		t.Fatalf("%d rates are believed, want 2", len(s.Rates))
	}
	for _, r := range s.Rates {
		if r.ID == old[0].ID || !r.Known.From.Equal(hour(4)) {
			t.Errorf("rate %d is believed since %s; it is to be a new one since %s", r.ID, r.Known.From, hour(4))
		}
	}
	before := b.history(t, m.ModelKey, ports.HistoryQuery{KnownAt: hour(3)})
	old[0].Known.To = hour(4)
	same(t, "what was believed before", before, []domain.RateView{{Rate: old[0]}})
}

func restsOnStatement(t *testing.T, b Books) {
	p := aProvider()
	m := aModel(p, "one")
	said, r := aStatement("prices", aRate(aKey(m.ModelKey, domain.MeterInput), "1", noon), noon)
	told := domain.RatePayload{Layer: r.Layer, Tier: r.Tier, Meter: r.Meter, Region: r.Region, New: "1", Unit: r.Unit, Effective: noon.Format(time.RFC3339Nano)}
	b.update(t, p, ledger.Change{
		KnownAt: noon, Models: []domain.Model{m}, StatementsOpen: []domain.Statement{said}, Open: []domain.Rate{r},
		Events: []domain.Event{{At: noon, Kind: domain.EventRateOpened, Provider: p, Model: "one", Payload: told}},
	})
	s := b.state(t, p)
	id := s.Statements[0].ID
	if s.Rates[0].Evidence != id {
		t.Errorf("the rate rests on %d, want %d", s.Rates[0].Evidence, id)
	}
	// A rate that is opened later on the same statement, and one that keeps its own.
	alias, again := aModel(p, "alias"), s.Rates[0]
	r.Model = alias.ModelKey
	again.Effective.To = hour(9)
	b.update(t, p, ledger.Change{
		KnownAt: hour(1), Models: []domain.Model{alias}, StatementsEnd: []int64{id}, Supersede: s.Rates, Open: []domain.Rate{r, again},
	})
	for _, r := range b.state(t, p).Rates {
		if r.Evidence != id {
			t.Errorf("the rate of %s rests on %d, want %d", r.Model, r.Evidence, id)
		}
	}
	var payload domain.RatePayload
	written, err := json.Marshal(eventsOf(t, b, p)[0].Payload)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(written, &payload); err != nil {
		t.Fatal(err)
	}
	told.EvidenceID = id
	same(t, "the event's payload", payload, told)
}

func eventsOf(t failer, b Books, p domain.ProviderID) []domain.Event {
	t.Helper()
	var list []domain.Event
	for after := int64(0); ; {
		events, err := b.Catalogue.Events(context.Background(), after, 100)
		if err != nil {
			t.Fatalf("reading events: %v", err)
		}
		if len(events) == 0 {
			return list
		}
		for _, e := range events {
			if e.ID <= after {
				t.Errorf("event %d comes after event %d", e.ID, after)
			}
			after = e.ID
			if e.Provider == p {
				list = append(list, e)
			}
		}
	}
}

func unlists(t *testing.T, b Books) {
	p := aProvider()
	m := aModel(p, "one")
	in, out := aKey(m.ModelKey, domain.MeterInput), aKey(m.ModelKey, domain.MeterOutput)
	b.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{m}, Open: []domain.Rate{aRate(in, "1", noon), aRate(out, "2", noon)}})
	b.update(t, p, ledger.Change{KnownAt: hour(1), Unlisted: []domain.RateKey{in, out}})
	b.update(t, p, ledger.Change{KnownAt: hour(2), Relisted: []domain.RateKey{out}})
	same(t, "unlisted", b.state(t, p).Unlisted, map[domain.RateKey]time.Time{in: hour(1)})
	for at, want := range map[time.Time]int{noon: 0, hour(1): 2, hour(2): 1} {
		unlisted := 0
		for _, r := range b.models(t, ports.ModelQuery{AsOf: now(at), Providers: []domain.ProviderID{p}, Limit: 1}).Models[0].Rates {
			if !r.UnlistedSince.IsZero() {
				unlisted++
			}
		}
		if unlisted != want {
			t.Errorf("as of %s: %d rates are unlisted, want %d", at, unlisted, want)
		}
	}
	b.update(t, p, ledger.Change{KnownAt: hour(3), Relisted: []domain.RateKey{in}, Unlisted: []domain.RateKey{out}})
	same(t, "unlisted again", b.state(t, p).Unlisted, map[domain.RateKey]time.Time{out: hour(3)})
}

func restates(t *testing.T, b Books) {
	p := aProvider()
	m := aModel(p, "one")
	said, _ := aStatement("prices", aRate(aKey(m.ModelKey, domain.MeterInput), "1", noon), noon)
	b.update(t, p, ledger.Change{KnownAt: noon, StatementsOpen: []domain.Statement{said}})
	first := b.state(t, p).Statements[0].ID
	said.Quote.Amount, said.Stated.From = decimal.NewFromInt(2), hour(1)
	b.update(t, p, ledger.Change{KnownAt: hour(1), StatementsEnd: []int64{first}, StatementsOpen: []domain.Statement{said}})
	s := b.state(t, p)
	if len(s.Statements) != 1 || !s.Statements[0].Quote.Amount.Equal(decimal.NewFromInt(2)) || s.Statements[0].ID == first {
		t.Errorf("open statements: %+v", s.Statements)
	}
	e, err := b.Catalogue.Evidence(context.Background(), first)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "when the first was stated", e.Stated, domain.Span{From: noon, To: hour(1)})
	_, err = b.Ledger.Update(context.Background(), p, func(ledger.State) (ledger.Change, error) {
		return ledger.Change{KnownAt: hour(2), StatementsOpen: []domain.Statement{said}}, nil
	})
	fails(t, "stating one quote twice", err, domain.KindConflict)
}

func remembersReads(t *testing.T, b Books) {
	p := aProvider()
	b.update(t, p, ledger.Change{KnownAt: noon, Reads: []domain.SourceRead{
		{Source: "a", At: noon, Good: true}, {Source: "b", At: noon, Error: "no table"}, {Source: "a", At: hour(1), Error: "away"},
	}})
	b.update(t, p, ledger.Change{KnownAt: hour(3), Reads: []domain.SourceRead{{Source: "a", At: hour(-1), Good: true}, {Source: "c", At: hour(3), Good: true}}})
	same(t, "last good reads", b.state(t, p).LastReads, map[string]time.Time{"a": noon, "c": hour(3)})
}

func remembersList(t *testing.T, b Books) {
	p := aProvider()
	for _, want := range []ledger.ListState{
		{LastComplete: noon, KeyFingerprint: "abc"},
		{LastComplete: noon, KeyFingerprint: "abc", DoubtedSince: hour(1), DoubtedDigest: "d"},
		{LastComplete: hour(2), KeyFingerprint: "def"},
	} {
		b.update(t, p, ledger.Change{KnownAt: noon, List: &want})
		b.update(t, p, ledger.Change{KnownAt: noon}) // no list was read: nothing is forgotten
		same(t, "list", b.state(t, p).List, want)
	}
}

func stated(t *testing.T, b Books) {
	p := aProvider()
	m := aModel(p, "one")
	one, _ := aStatement("prices", aRate(aKey(m.ModelKey, domain.MeterInput), "1", noon), noon)
	one.Quote.From, one.Quote.Until = domain.Date{Year: 2026, Month: 2, Day: 28}, domain.Date{Year: 2026, Month: 12, Day: 31}
	two, _ := aStatement("prices", aRate(aKey(m.ModelKey, domain.MeterOutput), "1", noon), noon)
	other, _ := aStatement("other", aRate(aKey(m.ModelKey, domain.MeterOutput), "1", noon), noon)
	b.update(t, p, ledger.Change{KnownAt: noon, StatementsOpen: []domain.Statement{one, two, other}})
	ask := func(source string, want ...domain.Quote) {
		t.Helper()
		got, err := b.Ledger.Stated(context.Background(), p, source)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(got, func(a, b domain.Quote) int { return len(a.Meter) - len(b.Meter) })
		same(t, "stated by "+source, got, want)
	}
	ask("prices", placeless(one.Quote), placeless(two.Quote))
	ask("other", placeless(other.Quote))
	ask("nobody")
	for _, s := range b.state(t, p).Statements {
		if s.Source == "other" {
			b.update(t, p, ledger.Change{KnownAt: hour(1), StatementsEnd: []int64{s.ID}})
		}
	}
	ask("other")
}

func knownLater(t *testing.T, b Books) {
	p := aProvider()
	b.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{aModel(p, "one")}})
	_, err := b.Ledger.Update(context.Background(), p, func(ledger.State) (ledger.Change, error) {
		return ledger.Change{KnownAt: noon, Models: []domain.Model{aModel(p, "two")}}, nil
	})
	fails(t, "a second change at the same instant", err, domain.KindConflict)
}

func keepsDiscovery(t *testing.T, b Books) {
	p := aProvider()
	m := aModel(p, "one")
	b.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{m}})
	m.Usability, m.DeprecatedAt = domain.UsabilityDeprecated, new(time.Time)
	*m.DeprecatedAt = hour(7)
	b.update(t, p, ledger.Change{KnownAt: hour(7), Models: []domain.Model{m}})
	same(t, "models", b.state(t, p).Models, []domain.ModelVersion{{Model: m, DiscoveredAt: noon, Seen: domain.Span{From: hour(7)}}})
}

func apart(t *testing.T, b Books) {
	one, two := aProvider(), aProvider()
	for _, p := range []domain.ProviderID{one, two} {
		m := aModel(p, "same-id")
		said, r := aStatement("prices", aRate(aKey(m.ModelKey, domain.MeterInput), "1", noon), noon)
		b.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{m}, StatementsOpen: []domain.Statement{said}, Open: []domain.Rate{r}})
	}
	for _, p := range []domain.ProviderID{one, two} {
		s := b.state(t, p)
		if len(s.Models) != 1 || len(s.Rates) != 1 || len(s.Statements) != 1 || s.Rates[0].Model.Provider != p {
			t.Errorf("%s has the state %+v", p, s)
		}
	}
}

func cleansText(t *testing.T, b Books) {
	p := aProvider()
	m := aModel(p, "one\x00\xff")
	m.DisplayName, m.Aliases, m.Raw = "a\x00b\xc3", []string{"x\x00"}, json.RawMessage(`{"a":"\u0000"}`)
	said, r := aStatement("pri\x00ces", aRate(aKey(m.ModelKey, domain.MeterInput), "1", noon), noon)
	said.Quote.Place.Cell = "$1\xff"
	change := ledger.Change{
		KnownAt: noon, Models: []domain.Model{m}, StatementsOpen: []domain.Statement{said}, Open: []domain.Rate{r},
		Events: []domain.Event{{At: noon, Kind: domain.EventModelFound, Provider: p, Model: m.ID, Payload: map[string]string{"x": "\x00\xff"}}},
	}
	b.update(t, p, change)
	s := b.state(t, p)
	m.ID, m.DisplayName, m.Aliases = "one", "ab", []string{"x"}
	same(t, "models", s.Models, []domain.ModelVersion{{Model: m, DiscoveredAt: noon, Seen: domain.Span{From: noon}}})
	if got := s.Statements[0]; got.Source != "prices" || got.Quote.Name != "The one" || got.Quote.Place.Cell != "$1" {
		t.Errorf("the statement is kept as %+v", got)
	}
	if got := s.Rates[0]; got.Evidence != s.Statements[0].ID || got.Model != m.ModelKey {
		t.Errorf("the rate is kept as %+v", got)
	}
	same(t, "events", eventsOf(t, b, p)[0].Model, "one")
}

func placeless(q domain.Quote) domain.Quote {
	return domain.Quote{QuoteKey: q.QuoteKey, Amount: q.Amount}
}
