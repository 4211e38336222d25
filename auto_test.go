package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ratecard/adapters/postgres"
	"ratecard/domain"
)

// A page whose configuration no longer fits it is read by auto, whose word
// confirms and proposes: no believed rate moves, what is new is held, and the
// page counts as unread. Once it is read again as it should be, what auto proposed
// of it is believed where that says so too, and over where it does not.
func TestAutoConfirmsAndProposes(t *testing.T) {
	s, b := newShop(t)
	b.run(t)
	good := b.believed(t)
	b.pass(time.Hour)

	// The page calls its meters otherwise, in another language than the readers know
	// but for one table; one price is cut, and a model is new.
	b.world.providers[0].Scraping.Sources[0].Readers = []domain.ReaderConfig{{Reader: "sections"}}
	b.configure(t, b.world.providers[0].Scraping)
	s.more.Store(&[]string{"acme-mini-2"})
	s.show(strings.Replace(shopPage, "$15 / MTok", "$12 / MTok", 1) + "| acme-mini-2 | $0.50 / MTok | $2 / MTok |\n")
	last := lastEvent(t, postgres.NewCatalogue(b.store))
	run := b.run(t)
	pricing := step(t, run, domain.StepPricing)
	if pricing.Outcome != domain.StepFailed || !strings.Contains(pricing.Error, "without its configuration") || run.Outcome != domain.OutcomePartial {
		t.Errorf("%s, pricing %s: %q", run.Outcome, pricing.Outcome, pricing.Error)
	}
	if now := b.believed(t); now != good {
		t.Errorf("believed\n%s\nbefore\n%s", now, good)
	}
	held := b.held(t, domain.HeldOpen)
	if len(held) != 3 || run.Held != 3 {
		t.Fatalf("%d changes are held, %d says the run: %+v", len(held), run.Held, held)
	}
	for _, h := range held {
		if h.Source != "page/auto" || len(h.Doubts) == 0 || h.Doubts[0].Code != domain.DoubtConfirms {
			t.Errorf("held: %+v", h)
		}
	}
	told, err := postgres.NewCatalogue(b.store).Events(context.Background(), last, 100)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[domain.EventKind]int{}
	for _, e := range told {
		kinds[e.Kind]++
	}
	if kinds[domain.EventPageUnread] != 1 || kinds[domain.EventChangeHeld] != 3 || kinds[domain.EventRateUnlisted] != 0 {
		t.Errorf("told of %v", kinds)
	}

	b.pass(time.Hour)
	if again := b.run(t); again.Held != 0 || len(b.held(t, domain.HeldOpen)) != 3 || b.believed(t) != good {
		t.Errorf("said again: %d more held, believed\n%s", again.Held, b.believed(t))
	}
	if again := b.replay(t, false); len(again.Differences) > 0 {
		t.Errorf("a replay shows %+v", again.Differences)
	}

	b.world.providers[0].Scraping.Sources[0].Readers = []domain.ReaderConfig{{Reader: "tables"}}
	b.configure(t, b.world.providers[0].Scraping)
	s.show(strings.Replace(shopPage, "$15 / MTok", "$12 / MTok", 1))
	b.pass(time.Hour)
	b.run(t)
	if now := b.believed(t); now != strings.Replace(good, "acme-large-2 output 15", "acme-large-2 output 12", 1) {
		t.Errorf("read as it should be, believed\n%s", now)
	}
	if open := b.held(t, domain.HeldOpen); len(open) != 0 {
		t.Errorf("still held: %+v", open)
	}
	b.replaysTheSame(t)
}

// believed are the list prices in force, a line each.
func (b *bench) believed(t testing.TB) string {
	t.Helper()
	var lines []string
	for key, amount := range b.listPrices(t) {
		lines = append(lines, fmt.Sprint(key.Model.ID, " ", key.Meter, " ", amount))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// A provider of whom nothing is told but where its prices stand is read by auto
// alone: all that it makes out waits for a person, who believes it with one
// decision each.
func TestAutoAloneProposes(t *testing.T) {
	_, b := newShop(t)
	b.configure(t, domain.Scraping{Sources: []domain.Source{{
		Name: "page", URL: b.world.providers[0].Scraping.Sources[0].URL, Readers: []domain.ReaderConfig{{Reader: domain.ReaderAuto}},
	}}})
	run := b.run(t)
	held := b.held(t, domain.HeldOpen)
	if believed := b.believed(t); believed != "" || len(held) != 4 || run.Outcome != domain.OutcomeSuccess {
		t.Fatalf("%s, %d held, believed %q", run.Outcome, len(held), believed)
	}
	for _, h := range held {
		if _, err := b.decide(h.ID, true, "somebody"); err != nil {
			t.Fatal(err)
		}
	}
	b.pass(time.Hour)
	b.run(t)
	want := "acme-large-2 input 3\nacme-large-2 output 15\nacme-small-2 input 1\nacme-small-2 output 5"
	if believed := b.believed(t); believed != want || len(b.held(t, domain.HeldOpen)) != 0 {
		t.Errorf("believed\n%s\n%d still held", believed, len(b.held(t, domain.HeldOpen)))
	}
}
