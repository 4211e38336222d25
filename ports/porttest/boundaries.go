package porttest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// Calendar is what boundaries are written and announced through.
type Calendar struct {
	Books
	Boundaries ports.Boundaries
}

// Boundaries tests what ports.Boundaries promises. Every test has a store of
// its own: what is announced concerns every provider.
func Boundaries(t *testing.T, open func(testing.TB) Calendar) {
	for name, test := range map[string]func(*testing.T, Calendar){
		"a scheduled beginning is told of when it comes":   tellsOfBeginning,
		"a stated end is told of when it comes":            tellsOfEnd,
		"two replicas at once tell once":                   toldOnce,
		"after a long pause all is told in order":          toldInOrder,
		"what was known too late is not told again":        notToldAgain,
		"an update tells first of what has come":           updateTellsFirst,
		"nothing is known before what was announced":       knownAfterAnnounced,
		"an arrival names the evidence of the rate it was": arrivalIsProven,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func (c Calendar) announce(t failer, until time.Time) int {
	t.Helper()
	told, err := c.Boundaries.Announce(context.Background(), until)
	if err != nil {
		t.Fatalf("announcing what came by %s: %v", until, err)
	}
	return told
}

// told are a provider's events about rates, in their order: what, when, from
// and to which amount.
func (c Calendar) told(t failer, p domain.ProviderID) []string {
	t.Helper()
	var list []string
	for _, e := range eventsOf(t, c.Books, p) {
		payload := payloadOf(t, e)
		list = append(list, fmt.Sprintf("%s %s %s→%s at %s", e.Model, e.Kind, payload.Old, payload.New, e.At.Sub(noon)))
	}
	return list
}

func payloadOf(t failer, e domain.Event) domain.RatePayload {
	t.Helper()
	text, err := json.Marshal(e.Payload)
	if err != nil {
		t.Fatalf("%v", err)
	}
	var p domain.RatePayload
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatalf("%v", err)
	}
	return p
}

// schedule believes at noon that a model costs 1, 2, 3 … from each of the hours on.
func (c Calendar) schedule(t failer, p domain.ProviderID, id string, hours ...int) []domain.Rate {
	t.Helper()
	m := aModel(p, id)
	change := ledger.Change{KnownAt: c.after(t, p, noon), Models: []domain.Model{m}}
	for i, h := range hours {
		r := aRate(aKey(m.ModelKey, domain.MeterInput), fmt.Sprint(i+1), hour(h))
		if i+1 < len(hours) {
			r.Effective.To = hour(hours[i+1])
		}
		change.Open = append(change.Open, r)
	}
	c.update(t, p, change)
	return c.state(t, p).Rates
}

// after is an instant at which something may become known.
func (c Calendar) after(t failer, p domain.ProviderID, at time.Time) time.Time {
	t.Helper()
	if last := c.state(t, p).LastKnown; !at.After(last) {
		return last.Add(time.Microsecond)
	}
	return at
}

func (c Calendar) expect(t failer, p domain.ProviderID, want ...string) {
	t.Helper()
	if got := c.told(t, p); !slices.Equal(got, want) {
		t.Errorf("told of %s: %q, want %q", p, got, want)
	}
}

func (c Calendar) version(t failer, p domain.ProviderID) int64 {
	t.Helper()
	return c.models(t, of(p)).Version
}

func tellsOfBeginning(t *testing.T, c Calendar) {
	p := aProvider()
	c.schedule(t, p, "one", 0, 24)
	before := c.version(t, p)
	if told := c.announce(t, hour(24).Add(-time.Microsecond)); told != 0 || c.version(t, p) != before {
		t.Errorf("%d events before anything came, version %d → %d", told, before, c.version(t, p))
	}
	if told := c.announce(t, hour(24)); told != 1 || c.version(t, p) != before+1 {
		t.Errorf("%d events, version %d → %d; want 1 and one more", told, before, c.version(t, p))
	}
	if told := c.announce(t, hour(30)); told != 0 || c.version(t, p) != before+1 {
		t.Errorf("a repeat tells of %d, version %d", told, c.version(t, p))
	}
	c.expect(t, p, "one rate.changed 1→2 at 24h0m0s")
}

func tellsOfEnd(t *testing.T, c Calendar) {
	p := aProvider()
	m := aModel(p, "one")
	r := aRate(aKey(m.ModelKey, domain.MeterInput), "1", hour(2))
	r.Effective.To = hour(5)
	c.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{m}, Open: []domain.Rate{r}})
	for h := range 8 {
		c.announce(t, hour(h))
	}
	c.expect(t, p, "one rate.opened →1 at 2h0m0s", "one rate.ended 1→ at 5h0m0s")
}

func toldOnce(t *testing.T, c Calendar) {
	p, q := aProvider(), aProvider()
	for i := range 5 {
		c.schedule(t, p, fmt.Sprint("p", i), 0, 1+i)
		c.schedule(t, q, fmt.Sprint("q", i), 0, 1+i)
	}
	told := make([]int, 8)
	var all sync.WaitGroup
	for i := range told {
		all.Go(func() {
			var err error
			if told[i], err = c.Boundaries.Announce(context.Background(), hour(3)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	sum := 0
	for _, n := range told {
		sum += n
	}
	if events := len(c.told(t, p)) + len(c.told(t, q)); sum != 6 || events != 6 {
		t.Errorf("replicas told of %v, and %d events are there; want 6 of each", told, events)
	}
	if more := c.announce(t, hour(9)); more != 4 {
		t.Errorf("later %d are told, want 4", more)
	}
}

func toldInOrder(t *testing.T, c Calendar) {
	p, q := aProvider(), aProvider()
	c.schedule(t, p, "one", 0, 10, 30, 50)
	c.schedule(t, q, "two", 0, 20, 40, 99)
	if told := c.announce(t, hour(60)); told != 5 {
		t.Errorf("%d are told, want 5", told)
	}
	c.expect(t, p, "one rate.changed 1→2 at 10h0m0s", "one rate.changed 2→3 at 30h0m0s", "one rate.changed 3→4 at 50h0m0s")
	c.expect(t, q, "two rate.changed 1→2 at 20h0m0s", "two rate.changed 2→3 at 40h0m0s")
	all := append(eventsOf(t, c.Books, p), eventsOf(t, c.Books, q)...)
	slices.SortFunc(all, func(a, b domain.Event) int { return int(a.ID - b.ID) })
	if !slices.IsSortedFunc(all, func(a, b domain.Event) int { return a.At.Compare(b.At) }) {
		t.Errorf("events are not in the order of time: %+v", all)
	}
}

func notToldAgain(t *testing.T, c Calendar) {
	p, q := aProvider(), aProvider()
	c.schedule(t, p, "one", 0, 5)
	c.announce(t, hour(6))
	// Known at 10: a rate that has begun at 7, one that ended at 8, and one still to come.
	m := aModel(p, "late")
	began := aRate(aKey(m.ModelKey, domain.MeterInput), "1", hour(7))
	over := aRate(aKey(m.ModelKey, domain.MeterOutput), "2", hour(3))
	over.Effective.To = hour(8)
	ahead := aRate(aKey(m.ModelKey, domain.MeterCacheRead), "3", hour(12))
	c.update(t, p, ledger.Change{KnownAt: hour(10), Models: []domain.Model{m}, Open: []domain.Rate{began, over, ahead}})
	// A provider that is new has a past as well.
	c.schedule(t, q, "new", -50, -10)
	if told := c.announce(t, hour(11)); told != 0 {
		t.Errorf("%d are told of what is known only now: %q, %q", told, c.told(t, p), c.told(t, q))
	}
	c.announce(t, hour(20))
	c.expect(t, p, "one rate.changed 1→2 at 5h0m0s", "late rate.opened →3 at 12h0m0s")
	c.expect(t, q)
}

func updateTellsFirst(t *testing.T, c Calendar) {
	p := aProvider()
	rates := c.schedule(t, p, "one", 0, 5)
	cut, next := rates[1], rates[1]
	cut.ID, cut.Effective.To = 0, hour(6)
	next.ID, next.Amount, next.Effective = 0, decimal.NewFromInt(9), domain.Span{From: hour(6)}
	change := ledger.Change{
		KnownAt: hour(6), Supersede: rates[1:], Open: []domain.Rate{cut, next},
		Events: []domain.Event{{
			At: hour(6), Kind: domain.EventRateChanged, Provider: p, Model: "one", Payload: domain.RatePayload{Old: "2", New: "9"},
		}},
	}
	c.update(t, p, change)
	want := []string{"one rate.changed 1→2 at 5h0m0s", "one rate.changed 2→9 at 6h0m0s"}
	c.expect(t, p, want...)
	if told := c.announce(t, hour(7)); told != 0 {
		t.Errorf("%d are told again", told)
	}
	c.expect(t, p, want...)
}

func knownAfterAnnounced(t *testing.T, c Calendar) {
	p := aProvider()
	c.schedule(t, p, "one", 0, 5)
	c.announce(t, hour(6))
	if last := c.state(t, p).LastKnown; !last.Equal(hour(5)) {
		t.Errorf("last known at %s, want %s, which was announced", last, hour(5))
	}
	_, err := c.Ledger.Update(context.Background(), p, func(ledger.State) (ledger.Change, error) {
		return ledger.Change{KnownAt: hour(5), Models: []domain.Model{aModel(p, "two")}}, nil
	})
	fails(t, "a change known when something was announced", err, domain.KindConflict)
}

func arrivalIsProven(t *testing.T, c Calendar) {
	p := aProvider()
	m := aModel(p, "one")
	said, r := aStatement("prices", aRate(aKey(m.ModelKey, domain.MeterInput), "1", hour(5)), noon)
	c.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{m}, StatementsOpen: []domain.Statement{said}, Open: []domain.Rate{r}})
	c.announce(t, hour(5))
	events := eventsOf(t, c.Books, p)
	if len(events) != 1 || payloadOf(t, events[0]).EvidenceID == 0 || payloadOf(t, events[0]).EvidenceID != c.state(t, p).Statements[0].ID {
		t.Errorf("got %+v, want one that rests on statement %d", events, c.state(t, p).Statements[0].ID)
	}
}
