package demosite_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"ratecard/adapters/demosite"
	"ratecard/domain"
)

// TestReprice: a price of every provider moves by a factor of what it is on the
// day, however often, and is as before on another day.
func TestReprice(t *testing.T) {
	site, base := serve(t, demosite.Config{})
	for _, c := range []struct {
		provider    domain.ProviderID
		model, page string
	}{
		{"anthropic", "claude-opus-4-7", "/anthropic/pages/docs/en/about-claude/pricing.md"},
		{"openai", "gpt-5.6-sol", "/openai/pages/api/docs/pricing.md"},
		{"google", "gemini-3-flash-preview", "/google/pages/gemini-api/docs/pricing.md.txt"},
		{"xai", "grok-4.5", "/xai/pages/docs/models"},
		{"groq", "openai/gpt-oss-120b", "/groq/pages/pricing"},
	} {
		shown := func() string { return get(t, base+c.page, nil).body }
		reprice := func(factor string) {
			t.Helper()
			if err := site.Reprice(c.provider, c.model, decimal.RequireFromString(factor)); err != nil {
				t.Fatal(err)
			}
		}
		plain := shown()
		reprice("1.5")
		dearer := shown()
		reprice("3")
		if dearest := shown(); plain == dearer || dearest == dearer {
			t.Errorf("the page of %s does not change", c.provider)
		}
		if reprice("1.5"); shown() != dearer {
			t.Errorf("the factors of %s are multiplied", c.provider)
		}
		if site.SetDay(1); shown() != plain {
			t.Errorf("the price of %s stays changed", c.provider)
		}
	}
	if err := site.Reprice("groq", "nothing-1", decimal.NewFromInt(2)); domain.KindOf(err) != domain.KindNotFound {
		t.Errorf("of an unknown model: %v", err)
	}
	if err := site.Reprice("groq", "openai/gpt-oss-120b", decimal.Zero); domain.KindOf(err) != domain.KindInvalid {
		t.Errorf("a factor of 0: %v", err)
	}
}
