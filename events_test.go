package main

import (
	"strings"
	"testing"
	"time"

	"ratecard/adapters/postgres"
	"ratecard/domain"
)

// TestModelsAreToldOf: found, changed, gone from the list, back on it.
func TestModelsAreToldOf(t *testing.T) {
	s, b := newShop(t)
	b.run(t)
	catalogue := postgres.NewCatalogue(b.store)
	for _, day := range []struct {
		list []string
		want string
	}{
		{[]string{"acme-tiny-2=Acme Tiny 2"}, `model.found acme-tiny-2 {"displayName":"Acme Tiny 2","usability":"available"}`},
		{[]string{"acme-tiny-2=Tiny 2 by Acme"}, `model.changed acme-tiny-2 {"displayName":"Tiny 2 by Acme","usability":"available","changed":["displayName","raw"]}`},
		{nil, `model.deprecated acme-tiny-2 {"displayName":"Tiny 2 by Acme","usability":"deprecated"}`},
		{[]string{"acme-tiny-2=Tiny 2 by Acme"}, `model.returned acme-tiny-2 {"displayName":"Tiny 2 by Acme","usability":"available"}`},
		{[]string{"acme-tiny-2=Tiny 2 by Acme"}, ""},
	} {
		last := lastEvent(t, catalogue)
		s.more.Store(&day.list)
		b.pass(time.Hour)
		b.run(t)
		told := b.told(t, last, domain.EventModelFound, domain.EventModelChanged, domain.EventModelDeprecated, domain.EventModelReturned)
		if got := strings.Join(told, "\n"); got != day.want {
			t.Errorf("a list with %q is told of as\n%s\nwant\n%s", day.list, got, day.want)
		}
	}
}

// TestNothingIsBelievedUntold: a sync that could not tell of its news has stored
// none of it, and the next one does both.
func TestNothingIsBelievedUntold(t *testing.T) {
	s, b := newShop(t)
	b.run(t)
	before, version := b.listPrices(t), b.version(t)
	b.exec(t, "ALTER TABLE events ADD CONSTRAINT mute CHECK (kind NOT LIKE 'rate.%') NOT VALID")
	s.show(strings.Replace(shopPage, "$3 / MTok | $15 / MTok", "$1.50 / MTok | $7.50 / MTok", 1))
	b.pass(time.Hour)
	run := b.run(t)
	if step(t, run, domain.StepStorage).Outcome != domain.StepFailed || b.version(t) != version {
		t.Errorf("%+v, version %d after %d", run.Steps, b.version(t), version)
	}
	for key, amount := range b.listPrices(t) {
		if before[key] != amount {
			t.Errorf("untold: %v is %s, was %s", key, amount, before[key])
		}
	}
	b.exec(t, "ALTER TABLE events DROP CONSTRAINT mute")
	last := lastEvent(t, postgres.NewCatalogue(b.store))
	b.pass(time.Hour)
	b.run(t)
	if told := b.told(t, last, domain.EventRateChanged); len(told) != 2 || input(b.model(t, "acme-large-2")) != "1.5" {
		t.Errorf("told of %v, the price is %s", told, input(b.model(t, "acme-large-2")))
	}
}
