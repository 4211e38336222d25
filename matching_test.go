package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"ratecard/adapters/postgres"
	"ratecard/app"
	"ratecard/domain"
	"ratecard/domain/match"
)

// rule puts a ruling on record, now.
func (b *bench) rule(t *testing.T, kind domain.RulingKind, name string) {
	t.Helper()
	b.pass(time.Minute)
	err := app.Rule(context.Background(), postgres.NewLedger(b.store), app.NewRuling{
		Model: domain.ModelKey{Provider: b.whose, ID: "acme-large-2"}, Name: name, Kind: kind, Reason: "a test", By: "tester",
	}, b.world.now())
	if err != nil {
		t.Fatal(err)
	}
}

// told gives the events of some kinds after one, as "kind model payload…".
func (b *bench) told(t *testing.T, after int64, kinds ...domain.EventKind) (lines []string) {
	t.Helper()
	events, err := postgres.NewCatalogue(b.store).Events(context.Background(), after, 500)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		for _, kind := range kinds {
			if e.Kind == kind {
				payload, _ := json.Marshal(e.Payload)
				lines = append(lines, fmt.Sprintf("%s %s %s", e.Kind, e.Model, payload))
			}
		}
	}
	return lines
}

// TestPinsAndBansOutliveSyncs: a pin prices a model against the page's own
// words until it is released, a ban takes back what it forbids at once.
func TestPinsAndBansOutliveSyncs(t *testing.T) {
	_, b := newShop(t)
	sync := func() {
		b.pass(time.Hour)
		b.run(t)
	}
	sync()
	price := func() string { return input(b.model(t, "acme-large-2")) }
	if price() != "3" {
		t.Fatalf("before: %s", price())
	}
	b.rule(t, domain.RulingPin, "acme small 2")
	sync()
	matches := b.count(t, "model_matches")
	sync()
	if price() != "1" || b.count(t, "model_matches") != matches {
		t.Errorf("pinned: %s, %d matches after %d", price(), b.count(t, "model_matches"), matches)
	}
	pin := b.rulings(t)[0]
	if _, err := app.Release(context.Background(), postgres.NewLedger(b.store), postgres.NewLedger(b.store), app.ReleaseRuling{ID: pin.ID, By: "tester"}, b.world.now()); err != nil {
		t.Fatal(err)
	}
	sync()
	if price() != "3" {
		t.Errorf("released: %s", price())
	}
	last := lastEvent(t, postgres.NewCatalogue(b.store))
	b.rule(t, domain.RulingForbid, "Acme Large 2")
	if price() != "none" {
		t.Errorf("forbidden: %s", price())
	}
	sync()
	b.pass(domain.Settings{}.UnpricedAfter())
	sync()
	sync()
	if price() != "none" || input(b.model(t, "acme-small-2")) != "1" {
		t.Errorf("forbidden, three syncs later: %s; the other model: %s", price(), input(b.model(t, "acme-small-2")))
	}
	told := b.told(t, last, domain.EventMatchForbidden, domain.EventModelUnpriced)
	if len(told) != 2 || !strings.Contains(told[0], `"by":"tester"`) || !strings.Contains(told[0], `"reason":"a test"`) {
		t.Errorf("told of the ban: %q", told)
	}
	if n := b.count(t, "superseded_rates"); n == 0 {
		t.Error("what was believed is not on record")
	}
}

func (b *bench) rulings(t *testing.T) []domain.Ruling {
	t.Helper()
	all, err := postgres.NewLedger(b.store).Rulings(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestPinOfAVanishedName: a pin means its name and no other; while the page
// does not print that, the run says so and prices stand still.
func TestPinOfAVanishedName(t *testing.T) {
	s, b := newShop(t)
	b.run(t)
	b.rule(t, domain.RulingPin, "Acme Large 2")
	s.show(strings.Replace(strings.Replace(shopPage, "Acme Large 2", "acme-large-2", 1), "$3 /", "$4 /", 1))
	b.pass(time.Hour)
	run := b.run(t)
	if detail := step(t, run, domain.StepEnrichment).Detail; !strings.Contains(detail, `acme-large-2 is pinned to "Acme Large 2", which the page does not print`) {
		t.Errorf("the run says: %s", detail)
	}
	if got := input(b.model(t, "acme-large-2")); got != "3" {
		t.Errorf("it costs %s, want what the pinned name last said", got)
	}
}

// TestSlipIsHeld: a name that differs by a typing slip prices nothing until
// somebody pins it; until then it is shown as a proposal.
func TestSlipIsHeld(t *testing.T) {
	s, b := newShop(t)
	s.show(strings.Replace(shopPage, "Acme Large", "Acme Lareg", 1))
	b.run(t)
	left := func() []app.Unmatched {
		page, err := app.ListUnmatched(context.Background(), postgres.NewLedger(b.store), app.UnmatchedQuery{Providers: []domain.ProviderID{"acme"}, Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		return page.Items
	}
	items := left()
	if len(items) != 2 || items[0].Reason != match.RefusedHeld || items[0].Candidates[0].Text != "Acme Lareg 2" || items[1].Text != "Acme Lareg 2" {
		t.Errorf("unmatched: %+v", items)
	}
	if got := input(b.model(t, "acme-large-2")); got != "none" {
		t.Errorf("held, it costs %s", got)
	}
	b.rule(t, domain.RulingPin, "Acme Lareg 2")
	b.pass(time.Hour)
	b.run(t)
	if got := input(b.model(t, "acme-large-2")); got != "3" || len(left()) != 0 {
		t.Errorf("pinned, it costs %s; unmatched: %+v", got, left())
	}
}

// TestRulingsThatCannotBe: what contradicts itself or means nothing is refused.
func TestRulingsThatCannotBe(t *testing.T) {
	_, b := newShop(t)
	b.run(t)
	b.rule(t, domain.RulingForbid, "Acme Small 2")
	for what, c := range map[string]struct {
		ruling app.NewRuling
		kind   domain.Kind
	}{
		"an unknown model":      {app.NewRuling{Model: domain.ModelKey{Provider: "acme", ID: "acme-huge-2"}, Name: "Acme Small 2", Kind: domain.RulingPin, Reason: "x"}, domain.KindNotFound},
		"a name of nobody":      {app.NewRuling{Model: domain.ModelKey{Provider: "acme", ID: "acme-large-2"}, Name: "Acme Huge 2", Kind: domain.RulingPin, Reason: "x"}, domain.KindInvalid},
		"against a ban":         {app.NewRuling{Model: domain.ModelKey{Provider: "acme", ID: "acme-large-2"}, Name: "acme small 2", Kind: domain.RulingPin, Reason: "x"}, domain.KindConflict},
		"no reason":             {app.NewRuling{Model: domain.ModelKey{Provider: "acme", ID: "acme-large-2"}, Name: "Acme Large 2", Kind: domain.RulingPin}, domain.KindInvalid},
		"neither pin nor ban":   {app.NewRuling{Model: domain.ModelKey{Provider: "acme", ID: "acme-large-2"}, Name: "Acme Large 2", Kind: "maybe", Reason: "x"}, domain.KindInvalid},
		"an unprintable name":   {app.NewRuling{Model: domain.ModelKey{Provider: "acme", ID: "acme-large-2"}, Name: "Acme\x00", Kind: domain.RulingForbid, Reason: "x"}, domain.KindInvalid},
		"the same ban, no more": {app.NewRuling{Model: domain.ModelKey{Provider: "acme", ID: "acme-large-2"}, Name: "Acme Small 2", Kind: domain.RulingForbid, Reason: "x"}, ""},
	} {
		err := app.Rule(context.Background(), postgres.NewLedger(b.store), c.ruling, b.world.now())
		if got := domain.KindOf(err); err != nil && got != c.kind || err == nil && c.kind != "" {
			t.Errorf("%s: %v, want kind %q", what, err, c.kind)
		}
	}
	if n := len(b.rulings(t)); n != 1 {
		t.Errorf("%d rulings hold, want the one that was made", n)
	}
}
