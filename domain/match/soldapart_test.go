package match_test

import (
	"testing"

	"ratecard/domain"
)

// TestSoldApart: an edition that was sold at another price inherits nothing;
// its own row prices it, and the same id of another provider is another model.
func TestSoldApart(t *testing.T) {
	const id, base = "gpt-4o-audio-preview-2024-10-01", "gpt-4o-audio-preview"
	for _, c := range []struct {
		provider domain.ProviderID
		id       string
		names    []string
		want     string
	}{
		{"openai", id, []string{base}, ""},
		{"openai", id, []string{base, id}, id},
		{"openai", id, []string{base, "GPT-4o audio preview 2024-10-01"}, "GPT-4o audio preview 2024-10-01"},
		{"openai", "gpt-4o-audio-preview-2024-12-17", []string{base}, base},
		{"reseller", id, []string{base}, base},
	} {
		m := domain.Model{ModelKey: domain.ModelKey{Provider: c.provider, ID: c.id}, Aliases: []string{base}}
		if c.want == base {
			m.Aliases = nil
		}
		if got := one(t, m, c.names...); got.Name != c.want {
			t.Errorf("%s with the rows %q: got %q, want %q", m.ModelKey, c.names, got.Name, c.want)
		}
	}
}
