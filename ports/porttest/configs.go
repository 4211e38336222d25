package porttest

import (
	"context"
	"sync"
	"testing"

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
		same(t, "configuration", active(t, c, p.ID), domain.ScrapingVersion{Provider: p.ID, Version: 1, Scraping: p.Scraping, Author: domain.AuthorRelease})
	}
}

func adoptsOnce(t *testing.T, c ports.Configs) {
	one, two := aConfig(aProvider(), "https://one.example"), aConfig(aProvider(), "https://two.example")
	adopt(t, c, one, two)
	adopt(t, c, one, two)
	changed := aConfig(one.ID, "https://new.example")
	for range 2 {
		adopt(t, c, changed, two)
		same(t, "the changed one", active(t, c, one.ID), domain.ScrapingVersion{Provider: one.ID, Version: 2, Scraping: changed.Scraping, Author: domain.AuthorRelease})
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
