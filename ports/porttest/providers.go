package porttest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"ratecard/domain"
	"ratecard/ports"
)

// Described is what is said of providers, and the configurations that come with
// that.
type Described struct {
	Providers ports.Providers
	Configs   ports.Configs
}

// Providers tests what ports.Providers promises.
func Providers(t *testing.T, open func(testing.TB) Described) {
	run(t, open, map[string]func(*testing.T, Described){
		"nothing is said of a provider":         saidNothing,
		"what is said is there whole":           saidWhole,
		"it is said over the version seen":      saidOverSeen,
		"of many who say at once one does":      manySay,
		"a description brings a configuration":  saidWithConfig,
		"what is refused brings no such either": refusedWithConfig,
	})
}

func said(t failer, d Described, id domain.ProviderID) domain.ProviderEntry {
	t.Helper()
	all, err := d.Providers.Entries(context.Background())
	if err != nil {
		t.Fatalf("reading what is said of providers: %v", err)
	}
	if !slices.IsSortedFunc(all, func(a, b domain.ProviderEntry) int { return cmp.Compare(a.ID, b.ID) }) {
		t.Fatalf("they are not ordered by provider: %+v", all)
	}
	i := slices.IndexFunc(all, func(e domain.ProviderEntry) bool { return e.ID == id })
	if i < 0 {
		return domain.ProviderEntry{}
	}
	return all[i]
}

func say(d Described, e domain.ProviderEntry, scraping *domain.Scraping) (domain.ProviderEntry, error) {
	return d.Providers.Save(context.Background(), e, scraping, domain.Event{
		At: e.At, Kind: domain.EventProviderSaved, Provider: e.ID, Payload: domain.ProviderPayload{Version: e.Version + 1, New: e.Description, By: e.By},
	})
}

func saidNothing(t *testing.T, d Described) {
	same(t, "what is said", said(t, d, aProvider()), domain.ProviderEntry{})
}

func saidWhole(t *testing.T, d Described) {
	p := aConfig(aProvider(), "https://one.example")
	p.API = &domain.ListAPI{Dialect: domain.DialectOpenAI, BaseURL: "https://one.example/v1", KeyEnv: "ONE_API_KEY"}
	p.ModelPages = []domain.ModelPage{{Name: "models", URL: "https://one.example/models"}}
	off, bare := false, domain.Provider{ID: aProvider(), Name: "Bare"}
	for _, e := range []domain.ProviderEntry{
		{ID: p.ID, Description: &p, By: "desk (key 4)", At: noon},
		{ID: aProvider(), Enabled: &off, By: "desk (key 4)", At: noon},
		{ID: bare.ID, Description: &bare, Enabled: &off, By: "desk", At: noon},
	} {
		saved, err := say(d, e, nil)
		if err != nil {
			t.Fatal(err)
		}
		e.Version = 1
		same(t, "what was saved", saved, e)
		same(t, "what is said", said(t, d, e.ID), e)
	}
}

func saidOverSeen(t *testing.T, d Described) {
	on, off := true, false
	e := domain.ProviderEntry{ID: aProvider(), Enabled: &off, By: "one", At: noon}
	for _, c := range []struct {
		seen int
		on   *bool
		kind domain.Kind
		want int
	}{
		{seen: 1, on: &off, kind: domain.KindConflict},
		{on: &off, want: 1},
		{on: &on, kind: domain.KindConflict, want: 1},
		{seen: 1, on: &on, want: 2},
		{seen: 3, on: nil, kind: domain.KindConflict, want: 2},
		{seen: 2, on: nil, want: 3},
	} {
		before := said(t, d, e.ID)
		e.Version, e.Enabled = c.seen, c.on
		saved, err := say(d, e, nil)
		if domain.KindOf(err) != c.kind && (err != nil || c.kind != "") {
			t.Fatalf("over %d: %v, want %q", c.seen, err, c.kind)
		}
		now := said(t, d, e.ID)
		if now.Version != c.want {
			t.Errorf("over %d: version %d is there, want %d", c.seen, now.Version, c.want)
		}
		if err != nil {
			same(t, "after a refusal", now, before)
		} else {
			same(t, "what was saved", saved, now)
		}
	}
}

func manySay(t *testing.T, d Described) {
	id := aProvider()
	var did atomic.Int64
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			on := i%2 == 0
			switch _, err := say(d, domain.ProviderEntry{ID: id, Enabled: &on, By: fmt.Sprint(i), At: noon}, nil); {
			case err == nil:
				did.Add(1)
			case domain.KindOf(err) != domain.KindConflict:
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	all.Wait()
	if n := did.Load(); n != 1 || said(t, d, id).Version != 1 {
		t.Errorf("%d said it, and version %d is there", n, said(t, d, id).Version)
	}
}

func saidWithConfig(t *testing.T, d Described) {
	p := aConfig(aProvider(), "https://one.example")
	e := domain.ProviderEntry{ID: p.ID, Description: &p, By: "desk", At: noon}
	for version := 1; version <= 2; version++ { // the second time it is in force
		if _, err := say(d, e, &p.Scraping); err != nil {
			t.Fatal(err)
		}
		same(t, "the configuration", active(t, d.Configs, p.ID), domain.ScrapingVersion{Provider: p.ID, Version: 1, Scraping: p.Scraping, Author: "desk", At: noon})
		e.Version = version
	}
	p.Scraping.Sources[0].URL = "https://two.example"
	e.By = "other"
	if _, err := say(d, e, &p.Scraping); err != nil {
		t.Fatal(err)
	}
	same(t, "the configuration", active(t, d.Configs, p.ID), domain.ScrapingVersion{Provider: p.ID, Version: 2, Scraping: p.Scraping, Author: "other", At: noon})
}

func refusedWithConfig(t *testing.T, d Described) {
	p := aConfig(aProvider(), "https://one.example")
	if _, err := say(d, domain.ProviderEntry{ID: p.ID, Version: 4, Description: &p, By: "desk", At: noon}, &p.Scraping); domain.KindOf(err) != domain.KindConflict {
		t.Errorf("over a version that is not there: %v", err)
	}
	if _, err := d.Configs.Active(context.Background(), p.ID); domain.KindOf(err) != domain.KindNotFound {
		t.Errorf("it has a configuration: %v", err)
	}
}
