package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ratecard/adapters/postgres"
	"ratecard/domain"
)

// lists has the shop's list name further models besides its two.
func (s *shop) lists(ids ...string) { s.more.Store(&ids) }

func crowd(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("acme-crowd-%d", i+1)
	}
	return ids
}

func (b *bench) usable(t *testing.T, id string) bool {
	t.Helper()
	return b.model(t, id).Usability != domain.UsabilityDeprecated
}

// TestAListThatShrinksIsDoubted: a list that lost over half of its models takes
// none away until it has said so for a day; what it names again is back.
func TestAListThatShrinksIsDoubted(t *testing.T) {
	s, b := newShop(t)
	s.lists(crowd(25)...)
	b.run(t)
	s.lists()
	b.pass(time.Hour)
	run := b.run(t)
	if !b.usable(t, "acme-crowd-7") || !strings.Contains(step(t, run, domain.StepEnrichment).Detail, "lost over half") {
		t.Errorf("after one look: %+v", run.Steps)
	}
	b.pass(12 * time.Hour)
	if b.run(t); !b.usable(t, "acme-crowd-7") {
		t.Error("after half a day")
	}
	b.pass(13 * time.Hour)
	if b.run(t); b.usable(t, "acme-crowd-7") || !b.usable(t, "acme-large-2") {
		t.Error("after a day it is still sold, or what is listed is not")
	}
	s.lists(crowd(25)...)
	b.pass(time.Hour)
	if b.run(t); !b.usable(t, "acme-crowd-7") || b.model(t, "acme-crowd-7").DeprecatedAt != nil {
		t.Error("listed again it is not back")
	}
}

// TestAnotherKeySeesAnotherList: after a change of the key nothing is deprecated
// by absence until the list has stood for a day.
func TestAnotherKeySeesAnotherList(t *testing.T) {
	s, b := newShop(t)
	s.lists("acme-private-1")
	b.run(t)
	b.setKey("a key of somebody else")
	s.lists()
	b.pass(time.Hour)
	if b.run(t); !b.usable(t, "acme-private-1") {
		t.Error("another key's list took a model away")
	}
	b.pass(25 * time.Hour)
	if b.run(t); b.usable(t, "acme-private-1") {
		t.Error("a day later it is still there")
	}
}

// TestARenamedModel: the new id is a model of its own with the row that names
// it; the old one keeps answering with its last prices.
func TestARenamedModel(t *testing.T) {
	s, b := newShop(t)
	row := "| Acme Mini 3 | $0.50 / MTok | $2 / MTok |\n"
	s.show(shopPage + row)
	s.lists("acme-mini-3")
	b.run(t)
	s.lists("acme-tiny-3")
	s.show(shopPage + strings.Replace(row, "Mini", "Tiny", 1))
	b.pass(time.Hour)
	b.run(t)
	if was, is := b.model(t, "acme-mini-3"), b.model(t, "acme-tiny-3"); was.Usability != domain.UsabilityDeprecated || input(was) != "0.5" || input(is) != "0.5" {
		t.Errorf("%s at %s, %s at %s", was.Usability, input(was), is.Usability, input(is))
	}
}

// TestTwoSellersOfOneID: each has its own price, and whoever asks without saying
// whose is told of both.
func TestTwoSellersOfOneID(t *testing.T) {
	_, b := newShop(t)
	s2, b2 := newShop(t)
	s2.show(strings.Replace(shopPage, "$3 / MTok", "$2.75 / MTok", 1))
	other := b2.world.providers[0]
	other.ID, other.Name = "resale", "Resale"
	b.world.providers = append(b.world.providers, other)
	if err := postgres.NewConfigs(b.store).Adopt(t.Context(), b.world.providers, b.world.now()); err != nil {
		t.Fatal(err)
	}
	for _, id := range []domain.ProviderID{"acme", "resale"} {
		b.whose = id
		b.run(t)
	}
	b.world.paused = true
	r := b.running(t, time.Minute)
	for seller, want := range map[string]string{"acme": "3", "resale": "2.75"} {
		var m struct {
			Pricing []struct{ InputCostPerMillion string }
		}
		r.ask(t, http.MethodGet, "/api/models/acme-large-2?provider="+seller, "", &m)
		if m.Pricing[0].InputCostPerMillion != want {
			t.Errorf("%s: %+v", seller, m)
		}
	}
	req := r.request(t, http.MethodGet, "/api/models/acme-large-2", "")
	req.Header.Set("X-API-Key", adminKey)
	if got := r.send(t, req); got.status != http.StatusConflict || !strings.Contains(got.text, "resale") || !strings.Contains(got.text, "acme") {
		t.Errorf("without saying whose: %d %s", got.status, got.text)
	}
}
