package main

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/ports"
)

const aboutModels = `# Models

| Feature | Acme Large 2 | Acme Small 2 |
| --- | --- | --- |
| **API ID** | acme-large-2 | acme-small-2 |
| API alias | acme-large-latest | - |
| Context window | 200K tokens | 100K tokens |

| Model | Current state | Retirement date |
| --- | --- | --- |
| acme-small-2 | Active | Not sooner than May 1, 2030 |
| acme-large-2 | Active | March 1, 2030 |
| acme-large-1 | Retired | March 1, 2024 |
`

// keyless is a shop whose list wants a key that is not set.
func keyless(t *testing.T) (*shop, *bench) {
	s, b := newShop(t)
	b.world.providers[0].API.BaseURL += "/api"
	b.setKey("")
	return s, b
}

// about gives the shop a page about its models.
func (s *shop) about(b *bench, page string) {
	s.other.Store(&page)
	p := &b.world.providers[0]
	p.ModelPages = []domain.ModelPage{{Name: "models", URL: strings.Replace(p.Scraping.Sources[0].URL, "/pricing.md", "/other.md", 1)}}
}

// TestPagesStandInForTheList: without a key the page about models fills the
// catalogue, its prices are joined, and nothing is deprecated by its silence;
// what it says later is followed; the list, once there is a key, takes over.
func TestPagesStandInForTheList(t *testing.T) {
	s, b := keyless(t)
	s.about(b, aboutModels)
	run := b.run(t)
	if got := step(t, run, domain.StepDiscovery); run.Outcome != domain.OutcomeSuccess || got.Outcome != domain.StepSkipped || !strings.Contains(got.Detail, "3 models on models") {
		t.Fatalf("%s, discovery %+v", run.Outcome, got)
	}
	large := b.model(t, "acme-large-2")
	end := time.Date(2030, 3, 1, 0, 0, 0, 0, time.UTC)
	if large.Source != "models" || large.DisplayName != "Acme Large 2" || *large.ContextWindow != 200_000 || large.RetiresAt == nil || !large.RetiresAt.Equal(end) ||
		!slices.Equal(large.Aliases, []string{"acme-large-latest"}) || large.Usability != domain.UsabilityAvailable || input(large) != "3" {
		t.Errorf("%+v", large)
	}
	if small := b.model(t, "acme-small-2"); small.RetiresAt != nil || input(small) != "1" {
		t.Errorf("%+v", small)
	}
	if n := b.count(t, "models"); n != 2 {
		t.Errorf("%d models are known: one that is gone was added", n)
	}
	versions := b.version(t)
	if b.run(t); b.version(t) != versions {
		t.Error("the same page again raised the version")
	}

	// Later the page names one model alone, with another end.
	s.about(b, strings.NewReplacer("| acme-small-2 |", "|  |", "| acme-small-2 |\n", "\n", "March 1, 2030", "April 1, 2030").Replace(aboutModels))
	b.run(t)
	if large = b.model(t, "acme-large-2"); !large.RetiresAt.Equal(end.AddDate(0, 1, 0)) {
		t.Errorf("the end that moved is %v", large.RetiresAt)
	}
	if small := b.model(t, "acme-small-2"); small.Usability != domain.UsabilityAvailable || input(small) != "1" {
		t.Errorf("the model that is named no more: %+v", small)
	}

	// A page that is away takes nothing back.
	s.other.Store(nil)
	if run := b.run(t); !strings.Contains(step(t, run, domain.StepDiscovery).Detail, "models could not be read") {
		t.Errorf("%+v", run.Steps)
	}
	if large = b.model(t, "acme-large-2"); large.RetiresAt == nil || len(large.Aliases) != 1 {
		t.Errorf("%+v", large)
	}

	b.setKey("a key")
	b.run(t)
	if large = b.model(t, "acme-large-2"); large.Source != "api" || large.RetiresAt == nil || len(large.Aliases) != 1 || input(large) != "3" {
		t.Errorf("with a key: %+v", large)
	}
	s.about(b, strings.Replace(aboutModels, "| acme-large-2 | Active | March 1, 2030 |", "| acme-large-2 | Deprecated | - |", 1))
	b.run(t)
	if large = b.model(t, "acme-large-2"); large.RetiresAt != nil || large.Usability != domain.UsabilityDeprecated || input(large) != "3" {
		t.Errorf("deprecated by the page: %+v", large)
	}
}

// TestPricePagesNameModels: without a key the ids on a price page are models.
// Names for people are not, nor other ids of a model.
func TestPricePagesNameModels(t *testing.T) {
	s, b := keyless(t)
	s.show(strings.NewReplacer("Acme Large 2", "acme-large-2", "Acme Small 2", "Acme Small").Replace(shopPage))
	b.run(t)
	large := b.model(t, "acme-large-2")
	if n := b.count(t, "models"); n != 1 || large.Source != "page" || input(large) != "3" {
		t.Errorf("%d models, %+v", n, large)
	}
}

// TestAFirstSyncWithoutAnyKey: the catalogue is filled, every provider that
// prints ids or has a page about its models is there, and it is said on what
// each rests.
func TestAFirstSyncWithoutAnyKey(t *testing.T) {
	b := newBench(t)
	b.setKey("")
	b.world.paused = true
	priced := map[domain.ProviderID]int{}
	for _, p := range b.world.providers {
		b.whose = p.ID
		run := b.run(t)
		if step(t, run, domain.StepDiscovery).Outcome != domain.StepSkipped {
			t.Errorf("%s: %+v", p.ID, run.Steps)
		}
		models, err := postgres.NewCatalogue(b.store).Models(context.Background(), ports.ModelQuery{
			AsOf: domain.AsOf{At: b.world.now()}, Providers: []domain.ProviderID{p.ID}, Limit: 500,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range models.Models {
			if len(m.Rates) > 0 {
				priced[p.ID]++
			}
		}
	}
	t.Logf("priced without any key: %v", priced)
	for _, id := range []domain.ProviderID{"openai", "anthropic", "google"} {
		if priced[id] < 5 {
			t.Errorf("%s: %d models have a price", id, priced[id])
		}
	}
	r := b.running(t, time.Minute)
	var health struct {
		Items []struct {
			Provider string
			Models   []struct {
				Source string
				Models int
			}
		}
	}
	r.ask(t, http.MethodGet, "/api/providers", "", &health)
	rests := map[string]string{}
	for _, p := range health.Items {
		for _, m := range p.Models {
			if m.Models > 0 {
				rests[p.Provider] = m.Source
			}
		}
	}
	if rests["anthropic"] != "models-overview" || slices.Contains(slices.Collect(maps.Values(rests)), "api") {
		t.Errorf("they rest on %v", rests)
	}
}
