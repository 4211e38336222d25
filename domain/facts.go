package domain

import "time"

// ModelFacts is what a page about models says of one of them. What it does not
// say is empty.
type ModelFacts struct {
	ID              string
	DisplayName     string
	Aliases         []string // other ids that the page says mean it, sorted
	ContextWindow   *int64   // tokens
	MaxOutputTokens *int64   // tokens
	Remarks         []string // on its standing, verbatim but for case: "deprecated"
	RetiresAt       *time.Time
	Source          string // the page
}
