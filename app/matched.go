package app

import (
	"fmt"

	"ratecard/domain"
	"ratecard/domain/ledger"
)

// This file keeps how each model was matched.

// mostPinNotes bounds what a run's step says of pins that find no name.
const mostPinNotes = 5

// matches notes which models another name prices than before, or none.
func (j *joining) matches(state ledger.State) {
	models := state.ModelsAfter(j.change.Models)
	for _, pair := range j.pairs {
		if _, known := models[pair.ModelID]; !known {
			continue // listed, but not believed
		}
		old, looked := state.Matches[pair.ModelID]
		if looked && old.Name == pair.Name && old.How == string(pair.How) {
			continue
		}
		j.change.Matches = append(j.change.Matches, domain.Match{ModelID: pair.ModelID, Name: pair.Name, How: string(pair.How)})
	}
	j.pinNotes(state)
}

// pinNotes says which pins mean names that the page does not print.
func (j *joining) pinNotes(state ledger.State) {
	unpaired := map[string]bool{}
	for _, pair := range j.pairs {
		unpaired[pair.ModelID] = pair.Name == ""
	}
	missed := 0
	for _, r := range state.Rulings {
		if r.Kind != domain.RulingPin || !unpaired[r.Model.ID] {
			continue
		}
		if missed++; missed <= mostPinNotes {
			j.notes = append(j.notes, fmt.Sprintf("%s is pinned to %q, which the page does not print", clip(r.Model.ID), clip(r.Name)))
		}
	}
	if more := missed - mostPinNotes; more > 0 {
		j.notes = append(j.notes, fmt.Sprintf("%d more pins mean names that the page does not print", more))
	}
}
