package app

import (
	"fmt"

	"ratecard/domain"
	"ratecard/domain/ledger"
)

// This file keeps how each model was matched, and warns of models that are
// left without a price.

// mostPinNotes bounds what a run's step says of pins that find no name.
const mostPinNotes = 5

// matches notes which models another name prices than before, or none, and
// warns of those that nothing prices (PROPERTIES 9). A model stays unmatched
// until that changes, so the warning comes once.
func (j *joining) matches(state ledger.State) {
	models := currently(state.Models, j.change.Models)
	priced := pricedAt(state, j.change)
	for _, pair := range j.pairs {
		m, known := models[pair.ModelID]
		if !known {
			continue // listed, but not believed
		}
		old, looked := state.Matches[pair.ModelID]
		if looked && old.Name == pair.Name && old.How == string(pair.How) {
			continue
		}
		j.change.Matches = append(j.change.Matches, domain.Match{ModelID: pair.ModelID, Name: pair.Name, How: string(pair.How)})
		if pair.Name == "" && (!looked || old.Name != "") && !priced[m.ID] {
			j.change.Events = append(j.change.Events, unpriced(m, j.change)...)
		}
	}
	j.pinNotes(state)
}

// unpriced is the warning about a model that nothing prices. Of one that can
// no longer be used, or is sold otherwise, nobody expects a price.
func unpriced(m domain.Model, c ledger.Change) []domain.Event {
	if !m.Usability.Active() || m.StatedPricing != "" {
		return nil
	}
	return []domain.Event{{
		At: c.KnownAt, Kind: domain.EventModelUnpriced, Provider: m.Provider, Model: m.ID,
		Payload: domain.ModelPayload{DisplayName: m.DisplayName, Usability: m.Usability},
	}}
}

// currently gives the models as they are known after a change.
func currently(known []domain.ModelVersion, changed []domain.Model) map[string]domain.Model {
	models := make(map[string]domain.Model, len(known)+len(changed))
	for i := range known {
		models[known[i].ID] = known[i].Model
	}
	for _, m := range changed {
		models[m.ID] = m
	}
	return models
}

// pricedAt says which models some rate prices once a change is made: of any
// layer, in force or scheduled.
func pricedAt(state ledger.State, c ledger.Change) map[string]bool {
	gone := make(map[int64]bool, len(c.Supersede))
	for i := range c.Supersede {
		gone[c.Supersede[i].ID] = true
	}
	priced := map[string]bool{}
	for _, rows := range [][]domain.Rate{state.Rates, c.Open} {
		for i := range rows {
			if r := &rows[i]; !gone[r.ID] && (r.Effective.Open() || r.Effective.To.After(c.KnownAt)) {
				priced[r.Model.ID] = true
			}
		}
	}
	return priced
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
