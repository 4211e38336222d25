package ledger_test

import (
	"slices"
	"testing"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
)

var overviewAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func overviewOf(facts ...domain.ModelFacts) ledger.Overview {
	var o ledger.Overview
	for _, f := range facts {
		o.Add(f)
	}
	return o
}

func idsOf(models []domain.Model) []string {
	var ids []string
	for i := range models {
		ids = append(ids, models[i].ID)
	}
	return ids
}

// TestOverviewListing: which models pages name, and which of them are new.
func TestOverviewListing(t *testing.T) {
	past, future := overviewAt.Add(-time.Hour), overviewAt.Add(time.Hour)
	o := overviewOf(
		domain.ModelFacts{ID: "ada-2", DisplayName: "Ada 2", Aliases: []string{"ada-latest"}, Source: "overview"},
		domain.ModelFacts{ID: "ada-1", Leaving: true},
		domain.ModelFacts{ID: "ada-0", RetiresAt: &past},
		domain.ModelFacts{ID: "ada-3", RetiresAt: &future},
		domain.ModelFacts{ID: "bob-1", Leaving: true},
	)
	known := []domain.ModelVersion{
		{Model: domain.Model{ModelKey: domain.ModelKey{Provider: "acme", ID: "bob-1"}, Source: ledger.SourceAPI, Aliases: []string{"bob"}}},
		{Model: domain.Model{ModelKey: domain.ModelKey{Provider: "acme", ID: "bob-0"}, Source: ledger.SourceAPI}},
	}
	names := []string{"ada-2", "ada-latest", "bob", "cy-1", "Cy 2", "embeddings", "cy/3.5-mini"}
	got := o.Listing("acme", known, names, "pricing", overviewAt)
	if want := []string{"ada-2", "ada-3", "bob-1", "cy-1", "cy/3.5-mini"}; !slices.Equal(idsOf(got.Models), want) {
		t.Errorf("models %v, want %v", idsOf(got.Models), want)
	}
	if ada := got.Models[0]; ada.DisplayName != "Ada 2" || ada.Source != "overview" || got.Models[3].Source != "pricing" {
		t.Errorf("sources and names: %+v", got.Models)
	}
	change := ledger.DiffModels(known, got, ledger.ListState{}, overviewAt)
	if change.Deprecated != 0 || change.Doubt != "" || change.List != (ledger.ListState{}) || change.Added != 4 {
		t.Errorf("pages deprecate nothing and are no list: %+v", change)
	}
}

// TestOverviewTell: a page says what the list leaves open, and nothing else; of
// one thing the earlier page is believed.
func TestOverviewTell(t *testing.T) {
	window, other := int64(200_000), int64(100)
	first, second := overviewAt.AddDate(1, 0, 0), overviewAt.AddDate(2, 0, 0)
	o := overviewOf(
		domain.ModelFacts{ID: "ada-2", DisplayName: "Ada 2", ContextWindow: &window, RetiresAt: &first, Aliases: []string{"ada-1", "ada-latest"}},
		domain.ModelFacts{ID: "ada-2", DisplayName: "The other Ada", MaxOutputTokens: &other, RetiresAt: &second, Aliases: []string{"ada"}},
	)
	listed := map[string]bool{"ada-1": true, "ada-2": true}
	said := o.Tell(domain.Model{ModelKey: domain.ModelKey{ID: "ada-2"}, DisplayName: "ada-2"}, nil, listed)
	if said.DisplayName != "Ada 2" || *said.ContextWindow != window || *said.MaxOutputTokens != other || !said.RetiresAt.Equal(first) ||
		!slices.Equal(said.Aliases, []string{"ada", "ada-latest"}) {
		t.Errorf("what pages say: %+v", said)
	}
	own := o.Tell(domain.Model{ModelKey: domain.ModelKey{ID: "ada-2"}, DisplayName: "Ada II", ContextWindow: &other}, nil, listed)
	if own.DisplayName != "Ada II" || *own.ContextWindow != other {
		t.Errorf("what the list says holds: %+v", own)
	}
}

// TestOverviewUnread: what a page said stands while it cannot be read, and goes
// when it says so no longer.
func TestOverviewUnread(t *testing.T) {
	ends := overviewAt.AddDate(1, 0, 0)
	before := domain.ModelVersion{Model: domain.Model{ModelKey: domain.ModelKey{Provider: "acme", ID: "ada-2"}, RetiresAt: &ends}}
	for what, c := range map[string]struct {
		pages ledger.Overview
		stays bool
	}{
		"no page was to be read": {ledger.Overview{}, true},
		"a page was not read":    {ledger.Overview{Unread: true}, true},
		"the page says nothing":  {overviewOf(domain.ModelFacts{ID: "ada-2"}), false},
	} {
		listing := c.pages.Listing("acme", []domain.ModelVersion{before}, []string{"ada-2"}, "pricing", overviewAt)
		if told := c.pages.Tell(listing.Models[0], &before, nil); (told.RetiresAt != nil) != c.stays {
			t.Errorf("%s: retires at %v", what, told.RetiresAt)
		}
	}
	listed := domain.Model{ModelKey: before.ModelKey} // a list knows nothing of what pages say
	if told := (ledger.Overview{Unread: true}).Tell(listed, &before, nil); told.RetiresAt == nil {
		t.Error("a list took away what the unread page said")
	}
}
