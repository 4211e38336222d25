package ledger

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"ratecard/domain"
)

// Overview is what a provider's pages about models say together. It adds to what
// the list says; without a list for want of a key it stands in for it: it adds
// and updates models, and deprecates none by its silence (DESIGN 4).
type Overview struct {
	Facts  map[string]domain.ModelFacts // by id; nil: no page was read
	Unread bool                         // a page could not be read: what it said last still holds
}

// Add joins what one more page says of a model. Of one thing the earlier page is
// believed.
func (o *Overview) Add(f domain.ModelFacts) {
	if o.Facts == nil {
		o.Facts = map[string]domain.ModelFacts{}
	}
	o.Facts[f.ID] = o.Facts[f.ID].Join(f)
}

// Tell adds to a listed model what pages say of it, where its list says nothing.
// known is the model as it was, nil for a new one; listed holds the ids that
// stand in the list for themselves, and so are nobody's alias.
func (o Overview) Tell(m domain.Model, known *domain.ModelVersion, listed map[string]bool) domain.Model {
	f := o.Facts[m.ID]
	if o.Unread && known != nil {
		f = f.Join(domain.ModelFacts{RetiresAt: known.RetiresAt, Aliases: known.Aliases})
	}
	if m.DisplayName == "" || m.DisplayName == m.ID {
		m.DisplayName = cmp.Or(f.DisplayName, m.DisplayName)
	}
	m.ContextWindow = cmp.Or(m.ContextWindow, f.ContextWindow)
	m.MaxOutputTokens = cmp.Or(m.MaxOutputTokens, f.MaxOutputTokens)
	m.RetiresAt = cmp.Or(m.RetiresAt, f.RetiresAt)
	aliases := slices.DeleteFunc(slices.Clone(f.Aliases), func(alias string) bool { return listed[alias] || alias == m.ID })
	m.Aliases = domain.Union(m.Aliases, aliases)
	return m
}

// Listing makes of pages what a list would say: the models that pages about
// models name, and those of the names on the price page, printed there by
// source, that look like ids. A known model is given as it is known, so that a
// page which says less takes nothing away; one that nobody knew and that is on
// its way out is not added.
func (o Overview) Listing(provider domain.ProviderID, known []domain.ModelVersion, names []string, source string, at time.Time) domain.Listing {
	listing := domain.Listing{At: at, Pages: true}
	byID := make(map[string]*domain.ModelVersion, len(known))
	for i := range known {
		byID[known[i].ID] = &known[i]
	}
	add := func(id, name, source string, leaving bool) {
		switch old := byID[id]; {
		case old != nil:
			listing.Models = append(listing.Models, o.afresh(*old))
		case !leaving:
			listing.Models = append(listing.Models, domain.Model{
				ModelKey: domain.ModelKey{Provider: provider, ID: id}, DisplayName: cmp.Or(name, id), Source: source,
			})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(o.Facts)) {
		f := o.Facts[id]
		add(id, f.DisplayName, f.Source, f.Leaving || f.RetiresAt != nil && !f.RetiresAt.After(at))
	}
	aliases := o.aliases(known)
	for _, name := range names {
		if _, told := o.Facts[name]; !told && !aliases[name] && looksLikeID(name) {
			add(name, name, source, false)
		}
	}
	return listing
}

// afresh is a known model without what pages said of it, where they have been
// read again.
func (o Overview) afresh(old domain.ModelVersion) domain.Model {
	m := old.Model
	if o.Facts == nil || o.Unread {
		return m
	}
	m.RetiresAt = nil
	f, told := o.Facts[m.ID]
	if told && len(f.Aliases) > 0 {
		m.Aliases = nil
	}
	if told && m.Source != SourceAPI {
		m.ContextWindow, m.MaxOutputTokens, m.DisplayName = nil, nil, m.ID
	}
	return m
}

// aliases are the ids by which models are known besides their own.
func (o Overview) aliases(known []domain.ModelVersion) map[string]bool {
	all := map[string]bool{}
	for i := range known {
		for _, alias := range known[i].Aliases {
			all[alias] = true
		}
	}
	for _, f := range o.Facts {
		for _, alias := range f.Aliases {
			all[alias] = true
		}
	}
	return all
}

var idShape = regexp.MustCompile(`^[a-z][a-z0-9]*(?:[-._:/][a-z0-9]+)*$`)

// looksLikeID tells whether a name on a price page may be taken for a model's
// id: names for people have capitals or spaces, or are one plain word.
func looksLikeID(name string) bool {
	return idShape.MatchString(name) && strings.ContainsAny(name, "-0123456789")
}
