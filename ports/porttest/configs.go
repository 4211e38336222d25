package porttest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/ports"
)

// Configs tests what ports.Configs promises.
func Configs(t *testing.T, open func(testing.TB) ports.Configs) {
	run(t, open, map[string]func(*testing.T, ports.Configs){
		"a default is adopted whole":           adopts,
		"the same default is adopted once":     adoptsOnce,
		"many adopt at once":                   manyAdopt,
		"a provider without any configuration": noConfig,
		"what is saved is in force":            savesConfig,
		"a version is saved over the one seen": savesOverSeen,
		"of many who save at once one does":    manySave,
		"a release leaves what somebody saved": keepsSaved,
	})
}

func aConfig(p domain.ProviderID, url string) domain.Provider {
	divisor := decimal.RequireFromString("1000.50")
	return domain.Provider{ID: p, Name: "Provider", Enabled: true, Scraping: domain.Scraping{Sources: []domain.Source{{
		Name: "prices", URL: url, Rendering: domain.RenderStatic,
		Readers: []domain.ReaderConfig{{
			Reader: "tables", Selector: "main > table", Headers: map[string][]string{"input": {"Prompt", "in"}},
			Tiers: map[string][]string{"batch": {"Batch API"}}, Divisor: &divisor, Strip: []string{`\(.*\)`}, Skip: []string{"Legacy"},
		}, {Reader: "text"}},
	}}}}
}

func adopt(t failer, c ports.Configs, defaults ...domain.Provider) {
	t.Helper()
	if err := c.Adopt(context.Background(), defaults, noon); err != nil {
		t.Fatalf("adopting: %v", err)
	}
}

func active(t failer, c ports.Configs, p domain.ProviderID) domain.ScrapingVersion {
	t.Helper()
	v, err := c.Active(context.Background(), p)
	if err != nil {
		t.Fatalf("reading the configuration: %v", err)
	}
	return v
}

func adopts(t *testing.T, c ports.Configs) {
	one, two := aConfig(aProvider(), "https://one.example"), aConfig(aProvider(), "https://two.example")
	adopt(t, c, one, two)
	for _, p := range []domain.Provider{one, two} {
		same(t, "configuration", active(t, c, p.ID), domain.ScrapingVersion{Provider: p.ID, Version: 1, Scraping: p.Scraping, Author: domain.AuthorRelease, At: noon})
	}
}

func adoptsOnce(t *testing.T, c ports.Configs) {
	one, two := aConfig(aProvider(), "https://one.example"), aConfig(aProvider(), "https://two.example")
	adopt(t, c, one, two)
	adopt(t, c, one, two)
	changed := aConfig(one.ID, "https://new.example")
	for range 2 {
		adopt(t, c, changed, two)
		same(t, "the changed one", active(t, c, one.ID), domain.ScrapingVersion{Provider: one.ID, Version: 2, Scraping: changed.Scraping, Author: domain.AuthorRelease, At: noon})
		if v := active(t, c, two.ID).Version; v != 1 {
			t.Errorf("the other has version %d, want 1", v)
		}
	}
	adopt(t, c)
}

func manyAdopt(t *testing.T, c ports.Configs) {
	one := aConfig(aProvider(), "https://one.example")
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			if err := c.Adopt(context.Background(), []domain.Provider{one}, noon); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if v := active(t, c, one.ID).Version; v != 1 {
		t.Errorf("version %d, want 1", v)
	}
}

func noConfig(t *testing.T, c ports.Configs) {
	_, err := c.Active(context.Background(), aProvider())
	fails(t, "no configuration", err, domain.KindNotFound)
}

func savedConfig(p domain.Provider, seen, restores int) domain.ScrapingVersion {
	return domain.ScrapingVersion{Provider: p.ID, Version: seen, Scraping: p.Scraping, Author: "desk (key 4)", At: noon.Add(time.Hour), Restores: restores}
}

func saveConfig(t failer, c ports.Configs, v domain.ScrapingVersion) domain.ScrapingVersion {
	t.Helper()
	saved, err := c.Save(context.Background(), v)
	if err != nil {
		t.Fatalf("saving: %v", err)
	}
	return saved
}

func savesConfig(t *testing.T, c ports.Configs) {
	first := aConfig(aProvider(), "https://one.example")
	adopt(t, c, first)
	second := aConfig(first.ID, "https://two.example")
	want := savedConfig(second, 2, 0)
	for range 2 { // a repeat changes nothing, though it names the version before
		same(t, "what was saved", saveConfig(t, c, savedConfig(second, 1, 0)), want)
		same(t, "what is in force", active(t, c, first.ID), want)
	}
	same(t, "rolled back", saveConfig(t, c, savedConfig(first, 2, 1)), savedConfig(first, 3, 1))
	all, err := c.Versions(context.Background(), first.ID)
	if err != nil || len(all) != 3 {
		t.Fatalf("%d versions, %v; want 3", len(all), err)
	}
	same(t, "the newest", all[0], savedConfig(first, 3, 1))
	same(t, "the oldest", all[2], domain.ScrapingVersion{Provider: first.ID, Version: 1, Scraping: first.Scraping, Author: domain.AuthorRelease, At: noon})
	one, err := c.Version(context.Background(), first.ID, 2)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "one of them", one, want)
	for _, number := range []int{-1, 0, 4, 1 << 40} {
		_, err := c.Version(context.Background(), first.ID, number)
		fails(t, "a version that is not there", err, domain.KindNotFound)
	}
}

func savesOverSeen(t *testing.T, c ports.Configs) {
	first := aConfig(aProvider(), "https://one.example")
	_, err := c.Save(context.Background(), savedConfig(first, 1, 0))
	fails(t, "a first one over another", err, domain.KindConflict)
	same(t, "the first", saveConfig(t, c, savedConfig(first, 0, 0)), savedConfig(first, 1, 0))
	second, third := aConfig(first.ID, "https://two.example"), aConfig(first.ID, "https://three.example")
	saveConfig(t, c, savedConfig(second, 1, 0))
	_, err = c.Save(context.Background(), savedConfig(third, 1, 0))
	fails(t, "a save over an older one", err, domain.KindConflict)
	same(t, "what is in force", active(t, c, first.ID), savedConfig(second, 2, 0))
}

func manySave(t *testing.T, c ports.Configs) {
	p := aConfig(aProvider(), "https://one.example")
	adopt(t, c, p)
	var all sync.WaitGroup
	var saved atomic.Int32
	for i := range 6 {
		all.Go(func() {
			switch _, err := c.Save(context.Background(), savedConfig(aConfig(p.ID, fmt.Sprintf("https://%d.example", i)), 1, 0)); domain.KindOf(err) {
			case domain.KindConflict:
			default:
				if err != nil {
					t.Error(err)
				}
				saved.Add(1)
			}
		})
	}
	all.Wait()
	if v := active(t, c, p.ID).Version; saved.Load() != 1 || v != 2 {
		t.Errorf("%d were saved and version %d is in force; want one, and 2", saved.Load(), v)
	}
}

func keepsSaved(t *testing.T, c ports.Configs) {
	p := aConfig(aProvider(), "https://one.example")
	adopt(t, c, p)
	mine := aConfig(p.ID, "https://mine.example")
	saveConfig(t, c, savedConfig(mine, 1, 0))
	adopt(t, c, aConfig(p.ID, "https://newer.example"))
	same(t, "what is in force", active(t, c, p.ID), savedConfig(mine, 2, 0))
}
