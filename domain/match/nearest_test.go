package match_test

import (
	"slices"
	"testing"

	"ratecard/domain"
	"ratecard/domain/match"
)

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		id, name string
		want     match.Refusal
	}{
		{"gpt-4.1", "gpt-4", match.RefusedVersion},
		{"claude-opus-4-1-20250805", "Claude Opus 4", match.RefusedVersion},
		{"gpt-4o", "gpt-4o-mini", match.RefusedVariant},
		{"claude-sonnet-4-5", "Claude Opus 4.5", match.RefusedVariant},
		{"gpt-4", "gpt-4-0613", match.RefusedSnapshot},
		{"claude-3-5-sonnet-20241022", "Claude Sonnet 3.5 2024-06-20", match.RefusedSnapshot},
		{"llama-3-8b", "llama-3-70b", match.RefusedSize},
		{"gpt-3.5-turbo-16k", "gpt-3.5-turbo", match.RefusedSize},
		{"claude-opus-4-20250514", "Claude Opus 4", match.RefusedTie},
		{"gpt-4o", "Claude Opus 4", match.RefusedFar},
	} {
		if got := match.Refuse(domain.Model{ModelKey: domain.ModelKey{ID: c.id}}, c.name); got != c.want {
			t.Errorf("%s and %q: %s, want %s", c.id, c.name, got, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	n := match.Neighbours([]string{"Claude Opus 4.5", "Claude Sonnet 4", "Claude Sonnet 4.6", "gpt-4o", "Claude Haiku 3"})
	for text, want := range map[string][]string{
		"claude-sonnet-4-5": {"Claude Sonnet 4", "Claude Sonnet 4.6", "Claude Opus 4.5"},
		"gpt-4o-mini":       {"gpt-4o"},
		"veo-3.1":           {},
	} {
		if got := n.Nearest(text, 3); !slices.Equal(got, want) {
			t.Errorf("near %s: %q, want %q", text, got, want)
		}
	}
}
