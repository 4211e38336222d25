package app

import (
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/domain/classify"
	"ratecard/domain/ledger"
	"ratecard/domain/match"
)

// joining is what a provider's models and prices say together, and what of it
// is new.
type joining struct {
	change    ledger.Change
	settings  domain.Guard
	pairs     []match.Pair // which printed name prices which model
	priced    int          // models that the page prices
	unpriced  int          // models that it does not
	unmatched int          // names on the page that no model answers to
	notes     []string
}

// join decides what a run changes: who the models are, whose each price is,
// and what of both is new. No listing and a nil reading say nothing; one of
// auto's alone says nothing but prices.
func join(state ledger.State, provider domain.ProviderID, found discovered, read *pageRead, settings domain.Guard, now time.Time) joining {
	j := joining{change: ledger.Change{KnownAt: knownAt(state, now)}, settings: settings}
	if read != nil && newer(state.LastReads, read.read.At) {
		read, j.notes = nil, append(j.notes, "a newer reading was stored meanwhile")
	}
	sure := read
	if read != nil && guessed(read.Reading) {
		sure = nil
	}
	listing := found.listing
	if found.keyless {
		var names []string
		var source string
		if sure != nil {
			names, source = namesOf(sure.Quotes), sure.read.Source
		}
		pages := found.pages.Listing(provider, state.Models, names, source, now)
		listing = &pages
	}
	if read != nil {
		j.pair(state, listing, read.Reading)
	}
	if listing != nil {
		j.models(state, *listing, found, sure)
	}
	if read != nil {
		j.statements(state, provider, *read)
		j.prices(state, provider, *read)
	}
	if sure != nil {
		j.matches(state)
	}
	return j
}

// knownAt is when a change becomes known: later than everything before it. now
// is asked for under the provider's lock: what was answered before the lock was
// taken, for instants until then, is not added to any more.
func knownAt(state ledger.State, now time.Time) time.Time {
	if !now.After(state.LastKnown) {
		return state.LastKnown.Add(time.Microsecond)
	}
	return now
}

func newer(reads map[string]time.Time, than time.Time) bool {
	for _, at := range reads {
		if at.After(than) {
			return true
		}
	}
	return false
}

// pair finds out which name on the page prices which model, listed now or
// known from before.
func (j *joining) pair(state ledger.State, listing *domain.Listing, reading domain.Reading) {
	known := state.Models
	var models []domain.Model
	listed := map[string]bool{}
	if listing != nil {
		models = slices.Clone(listing.Models)
		for i := range models {
			listed[models[i].ID] = true
		}
	}
	for i := range known {
		if !listed[known[i].ID] {
			models = append(models, known[i].Model)
		}
	}
	page := pageOf(reading)
	taken := map[string]bool{}
	j.pairs = match.AssignRuled(models, page, state.Rulings)
	for _, pair := range j.pairs {
		if pair.Name == "" {
			j.unpriced++
		} else {
			j.priced++
			taken[pair.Name] = true
		}
	}
	j.unmatched = len(page.Names) - len(taken)
}

// pageOf is what a reading gives to match by.
func pageOf(r domain.Reading) match.Page {
	return match.Page{Names: namesOf(r.Quotes), Aliases: r.Aliases}
}

// namesOf lists the names that quotes are stated under, each once.
func namesOf(quotes []domain.Quote) []string {
	var names []string
	seen := map[string]bool{}
	for i := range quotes {
		if name := quotes[i].Name; !seen[name] {
			seen[name], names = true, append(names, name)
		}
	}
	return names
}

// models decides what the list changes.
func (j *joining) models(state ledger.State, listing domain.Listing, found discovered, read *pageRead) {
	c := &j.change
	listing.Models = j.understand(listing.Models, state.Models, found, read)
	diff := ledger.DiffModels(state.Models, listing, state.List, c.KnownAt)
	if diff.Doubt != "" {
		j.notes = append(j.notes, "nothing was deprecated: "+diff.Doubt)
	}
	if diff.List != state.List {
		c.List = &diff.List
	}
	c.Models = diff.Models
	c.Events = append(c.Events, diff.Events...)
	c.Counts.ModelsAdded, c.Counts.ModelsUpdated, c.Counts.ModelsDeprecated = diff.Added, diff.Updated, diff.Deprecated
}

// understand classifies listed models, with what pages say of them and remark
// beside the names that price them. Where a page was not read, what it said last
// still holds.
func (j *joining) understand(listed []domain.Model, known []domain.ModelVersion, found discovered, read *pageRead) []domain.Model {
	before := make(map[string]*domain.ModelVersion, len(known))
	for i := range known {
		before[known[i].ID] = &known[i]
	}
	ids := make(map[string]bool, len(listed))
	for i := range listed {
		ids[listed[i].ID] = true
	}
	var remarks map[string][]string
	if read != nil {
		remarks = j.remarks(read.Remarks)
	}
	out := make([]domain.Model, len(listed))
	for i, m := range listed {
		old := before[m.ID]
		m = found.pages.Tell(m, old, ids)
		m.Remarks = domain.Union(remarks[m.ID], found.pages.Facts[m.ID].Remarks)
		if old != nil && (read == nil || found.pages.Unread) {
			m.Remarks = domain.Union(m.Remarks, old.Remarks)
		}
		m.Classification = classify.Classes(m)
		m.Usability = classify.Usability(m, m.Remarks)
		out[i] = m
	}
	return out
}

// remarks gives each priced model what the page remarks of it.
func (j *joining) remarks(said []domain.Remark) map[string][]string {
	byName := map[string][]string{}
	for _, r := range said {
		if !slices.Contains(byName[r.Name], r.Text) {
			byName[r.Name] = append(byName[r.Name], r.Text)
		}
	}
	of := map[string][]string{}
	for _, pair := range j.pairs {
		if texts := byName[pair.Name]; len(texts) > 0 {
			of[pair.ModelID] = slices.Sorted(slices.Values(texts))
		}
	}
	return of
}

// prices decides what the page changes in the rates.
func (j *joining) prices(state ledger.State, provider domain.ProviderID, read pageRead) {
	c, source := &j.change, read.read.Source
	stated := statedBy(provider, source, j.pairs, read.Reading)
	judged := j.judge(state, read, stated, j.settings)
	j.notes = append(j.notes, judged.notes...)
	keepProposed(judged.kept, stated, read.Quotes)
	diff := ledger.Diff(state.Rates, state.Unlisted, ledger.Reading{
		Seen: read.read.At, KnownAt: c.KnownAt,
		Stated: stated, Retires: state.Retires(c.Models),
		Before: map[string]time.Time{source: state.LastReads[source], autoOf(source): state.LastReads[autoOf(source)]}, Kept: judged.kept,
	})
	j.notes = append(j.notes, diff.Doubts...)
	c.Supersede, c.Open, c.Unlisted, c.Relisted = diff.Supersede, diff.Open, diff.Unlisted, diff.Relisted
	c.Events = append(c.Events, diff.Events...)
	c.Counts.PricingUpdated = diff.Keys
	accept(state, judged.accept, c)
	c.Held, c.Settled = judged.held, judged.settled
	c.Events = append(c.Events, heldEvents(*c)...)
}

// statedBy gives every paired model the quotes under its name, and what stated
// modifiers make of them.
func statedBy(provider domain.ProviderID, source string, pairs []match.Pair, reading domain.Reading) []ledger.Stated {
	byName := map[string][]int{}
	for i := range reading.Quotes {
		byName[reading.Quotes[i].Name] = append(byName[reading.Quotes[i].Name], i)
	}
	stated := make([]ledger.Stated, 0, len(reading.Quotes))
	for _, pair := range pairs {
		for _, i := range byName[pair.Name] {
			q := reading.Quotes[i]
			stated = append(stated, ledger.Stated{
				Key: domain.RateKey{
					Model: domain.ModelKey{Provider: provider, ID: pair.ModelID}, Layer: domain.LayerList,
					Tier: q.Tier, Meter: q.Meter, Region: q.Region, MinPromptTokens: q.MinPromptTokens,
				},
				Price: domain.Price{
					Amount: q.Amount, Unit: q.Meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted,
				},
				Source: source,
				Quote:  q.QuoteKey,
			})
		}
	}
	return append(stated, ledger.Derive(stated, reading.Modifiers)...)
}

// statements decides what the source says from now on, and what no longer.
func (j *joining) statements(state ledger.State, provider domain.ProviderID, read pageRead) {
	c := &j.change
	said := ledger.Said{
		Provider: provider, Source: read.read.Source, Quotes: read.Quotes, Modifiers: read.Modifiers,
		PageID: read.read.PageID, ConfigVersion: read.read.ConfigVersion, At: read.read.At,
	}
	c.StatementsEnd, c.StatementsOpen = ledger.DiffStatements(state.Statements, said)
	c.ModifiersEnd, c.ModifiersOpen = ledger.DiffModifiers(state.Modifiers, said)
}
