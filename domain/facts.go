package domain

import (
	"cmp"
	"slices"
	"time"
)

// ModelFacts is what a page about models says of one of them. What it does not
// say is empty.
type ModelFacts struct {
	ID              string
	DisplayName     string
	Aliases         []string // other ids that the page says mean it, sorted
	ContextWindow   *int64   // tokens
	MaxOutputTokens *int64   // tokens
	Remarks         []string // on its standing, verbatim but for case: "deprecated"
	Leaving         bool     // the remarks say that it is deprecated or gone
	RetiresAt       *time.Time
	Source          string // the page
}

// Join adds what is said of the same model elsewhere. What is said first of a
// thing holds; aliases and remarks come together.
func (f ModelFacts) Join(later ModelFacts) ModelFacts {
	return ModelFacts{
		ID:              cmp.Or(f.ID, later.ID),
		DisplayName:     cmp.Or(f.DisplayName, later.DisplayName),
		Aliases:         Union(f.Aliases, later.Aliases),
		ContextWindow:   cmp.Or(f.ContextWindow, later.ContextWindow),
		MaxOutputTokens: cmp.Or(f.MaxOutputTokens, later.MaxOutputTokens),
		Remarks:         Union(f.Remarks, later.Remarks),
		Leaving:         f.Leaving || later.Leaving,
		RetiresAt:       cmp.Or(f.RetiresAt, later.RetiresAt),
		Source:          cmp.Or(f.Source, later.Source),
	}
}

// Union is what either of two lists holds, sorted, each once; nil for nothing.
func Union(a, b []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}
