package app

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"ratecard/domain"
	"ratecard/domain/classify"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// This file reads the pages about models and adds what they say to what the
// list says. Without a list for want of a key they stand in for it: they add and
// update models, and deprecate none by their silence (DESIGN 4).

// overview reads the provider's pages about models. A page that cannot be read
// keeps no other and no step from being done; the text that comes back says so.
func (s *Sync) overview(ctx context.Context, provider domain.Provider, found *discovered) string {
	told := ""
	for _, page := range provider.ModelPages {
		facts, err := s.readModels(ctx, provider.ID, page)
		if err != nil {
			found.unread = true
			told += fmt.Sprintf("; %s could not be read: %s", page.Name, err)
			continue
		}
		told += fmt.Sprintf("; %d models on %s", len(facts), page.Name)
		for _, f := range facts {
			f.Source = page.Name
			if found.facts == nil {
				found.facts = map[string]domain.ModelFacts{}
			}
			found.facts[f.ID] = joinFacts(found.facts[f.ID], f)
		}
	}
	return told
}

// readModels fetches a page about models, keeps it as it came, and reads it.
func (s *Sync) readModels(ctx context.Context, provider domain.ProviderID, page domain.ModelPage) ([]domain.ModelFacts, error) {
	fetched, err := s.Fetcher.Fetch(ctx, ports.FetchRequest{URL: page.URL, Page: true})
	if err != nil {
		return nil, err
	}
	_, err = s.Pages.Put(ctx, domain.Page{
		Provider: provider, Source: page.Name, URL: fetched.URL, FetchedAt: domain.Instant(fetched.At),
		ContentType: fetched.ContentType, ETag: fetched.ETag, LastModified: fetched.LastModified, Body: fetched.Body,
	})
	if err != nil {
		return nil, err
	}
	return s.Models.Models(fetched.Body)
}

// joinFacts adds to what one page says of a model what a later one does. Of one
// thing the earlier page is believed.
func joinFacts(a, b domain.ModelFacts) domain.ModelFacts {
	if a.ID == "" {
		return b
	}
	if a.DisplayName == "" {
		a.DisplayName = b.DisplayName
	}
	if a.ContextWindow == nil {
		a.ContextWindow = b.ContextWindow
	}
	if a.MaxOutputTokens == nil {
		a.MaxOutputTokens = b.MaxOutputTokens
	}
	if a.RetiresAt == nil {
		a.RetiresAt = b.RetiresAt
	}
	a.Aliases, a.Remarks = union(a.Aliases, b.Aliases), union(a.Remarks, b.Remarks)
	return a
}

// union is what either of two sorted lists holds, sorted; nil for nothing.
func union(a, b []string) []string {
	all := slices.Sorted(slices.Values(slices.Concat(a, b)))
	return slices.Compact(all)
}

// said adds to a model what pages say of it, where its list says nothing. known
// is the model as it was: what an unread page said of it still holds.
func (d discovered) said(m domain.Model, known *domain.ModelVersion, ids map[string]bool) domain.Model {
	f := d.facts[m.ID]
	if d.unread && known != nil {
		f = joinFacts(f, domain.ModelFacts{ID: m.ID, RetiresAt: known.RetiresAt, Aliases: known.Aliases})
	}
	if m.DisplayName == "" || m.DisplayName == m.ID {
		if f.DisplayName != "" {
			m.DisplayName = f.DisplayName
		}
	}
	if m.ContextWindow == nil {
		m.ContextWindow = f.ContextWindow
	}
	if m.MaxOutputTokens == nil {
		m.MaxOutputTokens = f.MaxOutputTokens
	}
	if m.RetiresAt == nil {
		m.RetiresAt = f.RetiresAt
	}
	aliases := slices.DeleteFunc(slices.Clone(f.Aliases), func(alias string) bool { return ids[alias] || alias == m.ID })
	m.Aliases = union(m.Aliases, aliases)
	return m
}

// afresh is a known model without what pages said of it, where they have been
// read again.
func (d discovered) afresh(old domain.ModelVersion) domain.Model {
	m := old.Model
	if d.facts == nil || d.unread {
		return m
	}
	m.RetiresAt = nil
	f, told := d.facts[m.ID]
	if told && len(f.Aliases) > 0 {
		m.Aliases = nil
	}
	if told && m.Source != ledger.SourceAPI {
		m.ContextWindow, m.MaxOutputTokens, m.DisplayName = nil, nil, m.ID
	}
	return m
}

// idOnPage is what a name on a price page must look like to be taken for a
// model's id: names for people have capitals or spaces.
var idOnPage = regexp.MustCompile(`^[a-z][a-z0-9]*(?:[-._:/][a-z0-9]+)*$`)

// fromPages makes of pages what a list would say: the models that pages about
// models name, and those whose ids stand on the price page. A known model is
// given as it is known, so that a page which says less takes nothing away; one
// that nobody knew and that is on its way out is not added.
func (d discovered) fromPages(provider domain.ProviderID, known []domain.ModelVersion, read *pageRead, at time.Time) domain.Listing {
	listing := domain.Listing{At: at}
	byID := make(map[string]*domain.ModelVersion, len(known))
	other := map[string]bool{} // other ids of models
	for i := range known {
		byID[known[i].ID] = &known[i]
		for _, alias := range known[i].Aliases {
			other[alias] = true
		}
	}
	for _, f := range d.facts {
		for _, alias := range f.Aliases {
			other[alias] = true
		}
	}
	add := func(id, name, source string, leaving bool) {
		switch old := byID[id]; {
		case old != nil:
			listing.Models = append(listing.Models, d.afresh(*old))
		case !leaving:
			m := domain.Model{ModelKey: domain.ModelKey{Provider: provider, ID: id}, DisplayName: name, Source: source}
			if m.DisplayName == "" {
				m.DisplayName = id
			}
			listing.Models = append(listing.Models, m)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(d.facts)) {
		f := d.facts[id]
		gone := f.RetiresAt != nil && !f.RetiresAt.After(at) || classify.Usability(domain.Model{}, f.Remarks) == domain.UsabilityDeprecated
		add(id, f.DisplayName, f.Source, gone)
	}
	if read == nil {
		return listing
	}
	for _, name := range namesOf(read.Quotes) {
		_, told := d.facts[name]
		if !told && !other[name] && idOnPage.MatchString(name) && strings.ContainsAny(name, "-0123456789") {
			add(name, name, read.read.Source, false)
		}
	}
	return listing
}
