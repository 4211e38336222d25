package ledger

import (
	"maps"
	"slices"
	"time"

	"ratecard/domain"
)

// This file warns of models that are left without a price (PROPERTIES 9).

// WarnUnpriced adds to a change an event of each active model that has been known
// without a price for as long as wait: once, until something prices it. Of one that can no longer be
// used, or is sold otherwise, nobody expects a price.
func WarnUnpriced(state State, c *Change, wait time.Duration) {
	priced, since := pricedAt(state, *c), unpricedSince(state, *c)
	models := state.ModelsAfter(c.Models)
	for _, id := range slices.Sorted(maps.Keys(models)) {
		m := models[id]
		_, told := state.Unpriced[id]
		expected := !priced[id] && m.Usability.Active() && m.StatedPricing == ""
		switch {
		case told && !expected:
			c.Repriced = append(c.Repriced, id)
		case !told && expected && !since(id).Add(wait).After(c.KnownAt):
			c.Unpriced = append(c.Unpriced, id)
			c.Events = append(c.Events, domain.Event{
				At: c.KnownAt, Kind: domain.EventModelUnpriced, Provider: m.Provider, Model: id,
				Payload: domain.ModelPayload{DisplayName: m.DisplayName, Usability: m.Usability},
			})
		}
	}
}

// unpricedSince says from when on a model without a price has been without one,
// as far as is known: since it was found, or lost the name that priced it.
func unpricedSince(state State, c Change) func(id string) time.Time {
	since := map[string]time.Time{}
	note := func(id string, at time.Time) {
		if at.After(since[id]) {
			since[id] = at
		}
	}
	for i := range state.Models {
		note(state.Models[i].ID, state.Models[i].DiscoveredAt)
	}
	for id, m := range state.Matches {
		note(id, m.Since)
	}
	for _, m := range c.Matches {
		if m.Name == "" && state.Matches[m.ModelID].Name != "" {
			note(m.ModelID, c.KnownAt)
		}
	}
	return func(id string) time.Time {
		if at, known := since[id]; known {
			return at
		}
		return c.KnownAt
	}
}

// pricedAt says which models some rate prices once a change is made: of any
// layer, in force or scheduled.
func pricedAt(state State, c Change) map[string]bool {
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
