package memory

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/ports"
)

// Edition gives what names all that is answered at an instant; false where the
// snapshot is older than what this process knows to be there, and the store has
// to be asked.
func (c *Catalogue) Edition(at time.Time) (ports.Edition, bool) {
	m := c.momentAt(at)
	if m == nil {
		return ports.Edition{}, false
	}
	e := m.edition
	e.Away, e.StaleAfterHours = c.Away(), m.held.Settings.StaleAfterHours
	return e, true
}

// momentAt gives the moment that an instant lies in; nil where the snapshot does
// not tell.
func (c *Catalogue) momentAt(at time.Time) *moment {
	m := c.moment.Load()
	switch {
	case m.held.Version < c.wanted.Load() && c.Away().IsZero():
		return nil
	case m.holds(at):
		return m
	case at.Before(m.held.read):
		return nil
	}
	return c.makeMoment(at)
}

// holds reports whether an instant lies in a moment.
func (m *moment) holds(at time.Time) bool {
	return !at.Before(m.edition.At) && (m.edition.Until.IsZero() || at.Before(m.edition.Until))
}

// follows reports whether a moment is the one that comes after another.
func (m *moment) follows(before *moment) bool {
	return m.held == before.held && m.holds(before.edition.Until)
}

// makeMoment makes it once, whoever asks at the same time.
func (c *Catalogue) makeMoment(at time.Time) *moment {
	c.making.Lock()
	defer c.making.Unlock()
	m := c.moment.Load()
	if m.holds(at) {
		return m
	}
	made := c.next.Load()
	if made == nil || made.held != m.held || !made.holds(at) {
		made = m.held.at(at)
	}
	c.moment.Store(made)
	return made
}

// Models implements ports.Catalogue.
func (c *Catalogue) Models(ctx context.Context, q ports.ModelQuery) (ports.ModelPage, error) {
	m, err := c.momentOf(q)
	switch {
	case err != nil:
		return ports.ModelPage{}, err
	case m == nil || q.Limit < 1:
		return c.Catalogue.Models(ctx, q)
	}
	return m.page(q), nil
}

// momentOf gives the moment that a query is answered of; nil where the store has to
// be asked.
func (c *Catalogue) momentOf(q ports.ModelQuery) (*moment, error) {
	if !q.AsOf.KnownAt.IsZero() {
		return nil, nil
	}
	m := c.momentAt(q.AsOf.At)
	if m != nil && q.Version != 0 && q.Version != m.held.Version {
		return nil, domain.Errorf(domain.KindCursorExpired, "the catalogue has changed since the page before; start again without the cursor")
	}
	return m, nil
}

// Model implements ports.Catalogue.
func (c *Catalogue) Model(ctx context.Context, provider domain.ProviderID, ref string, asOf domain.AsOf) ([]ports.ModelView, error) {
	m := c.momentAt(asOf.At)
	if !asOf.KnownAt.IsZero() || m == nil {
		return c.Catalogue.Model(ctx, provider, ref, asOf)
	}
	for _, by := range []map[string][]int{m.byID, m.byAlias} {
		var found []ports.ModelView
		for _, i := range by[ref] {
			if model := *m.list[i].ModelView; provider == "" || model.Provider == provider {
				found = append(found, model)
			}
		}
		if found != nil {
			return found, nil
		}
	}
	return nil, nil
}

// History implements ports.Catalogue. What applies now, as it is believed now, is
// answered while the store is away as well.
func (c *Catalogue) History(ctx context.Context, model domain.ModelKey, q ports.HistoryQuery) ([]domain.RateView, error) {
	now := q.Overlapping && q.Range == domain.Span{From: q.Now, To: q.Now.Add(time.Microsecond)} && (q.KnownAt.IsZero() || q.KnownAt.Equal(q.Now))
	if !now {
		return c.Catalogue.History(ctx, model, q)
	}
	var err error
	if c.Away().IsZero() {
		var found []domain.RateView
		if found, err = c.Catalogue.History(ctx, model, q); err == nil || domain.KindOf(err) != domain.KindUnavailable {
			return found, err
		}
		c.Doubt()
	}
	m := c.momentAt(q.Now)
	if m == nil {
		return nil, cmp.Or(err, error(domain.Errorf(domain.KindUnavailable, "what is believed now is not known while the store is away")))
	}
	for _, i := range m.byID[model.ID] {
		if m.list[i].Provider == model.Provider {
			return m.list[i].Rates, nil
		}
	}
	return nil, nil
}

type order struct {
	by         ports.ModelSort
	descending bool
}

// page gives one page of what passes the filters.
func (m *moment) page(q ports.ModelQuery) ports.ModelPage {
	by := order{cmp.Or(q.Sort, ports.SortID), q.Descending}
	passes := q.After == nil
	page := ports.ModelPage{Version: m.held.Version}
	wanted := filterOf(q)
	for _, i := range m.inOrder(by) {
		model := &m.list[i]
		if !passes && by.by == ports.SortID { // whether or not that one is still there
			passes = after(model.ModelKey, *q.After, by.descending)
		}
		on := passes
		if !passes && by.by != ports.SortID {
			passes = model.ModelKey == *q.After
		}
		if !wanted.takes(model) {
			continue
		}
		page.Total++
		switch {
		case !on:
		case len(page.Models) < q.Limit:
			page.Models = append(page.Models, *model.ModelView)
		default:
			page.More = true
		}
	}
	return page
}

func after(k, last domain.ModelKey, descending bool) bool {
	c := cmp.Or(strings.Compare(k.ID, last.ID), cmp.Compare(k.Provider, last.Provider))
	return c > 0 && !descending || c < 0 && descending
}

// inOrder gives the places of all models in an order. Orders are few, and each
// is made once.
func (m *moment) inOrder(by order) []int {
	if have, made := m.sorted.Load(by); made {
		if places, ours := have.([]int); ours {
			return places
		}
	}
	places := make([]int, len(m.list))
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(a, b int) int {
		x, y := &m.list[a], &m.list[b]
		if known := compareKnown(x, y, by.by); known != 0 {
			return known
		}
		c := cmp.Or(compareBy(x, y, by.by), cmp.Compare(a, b))
		if by.descending {
			return -c
		}
		return c
	})
	m.sorted.Store(by, places)
	return places
}

// compareKnown puts what is not known last.
func compareKnown(a, b *item, by ports.ModelSort) int {
	last := func(unknown bool) int {
		if unknown {
			return 1
		}
		return 0
	}
	switch by {
	case ports.SortInputCost:
		return last(a.in == nil) - last(b.in == nil)
	case ports.SortOutputCost:
		return last(a.out == nil) - last(b.out == nil)
	case ports.SortContextWindow:
		return last(a.ContextWindow == nil) - last(b.ContextWindow == nil)
	case ports.SortID, ports.SortName, ports.SortUpdatedAt: // known of all
	}
	return 0
}

// compareBy compares what is known of both, or of neither.
func compareBy(a, b *item, by ports.ModelSort) int {
	switch by {
	case ports.SortName:
		return strings.Compare(a.word, b.word)
	case ports.SortUpdatedAt:
		return a.Seen.From.Compare(b.Seen.From)
	case ports.SortInputCost:
		return compareCosts(a.in, b.in)
	case ports.SortOutputCost:
		return compareCosts(a.out, b.out)
	case ports.SortContextWindow:
		if a.ContextWindow != nil {
			return cmp.Compare(*a.ContextWindow, *b.ContextWindow)
		}
	case ports.SortID: // as the list is
	}
	return 0
}

func compareCosts(a, b *decimal.Decimal) int {
	if a == nil {
		return 0
	}
	return a.Cmp(*b)
}

// A filter is a query whose texts are ready to be compared.
type filter struct {
	ports.ModelQuery
	text string
}

func filterOf(q ports.ModelQuery) filter {
	if len(q.Usabilities) == 0 {
		q.Usabilities = []domain.Usability{domain.UsabilityAvailable, domain.UsabilityPreview}
	}
	return filter{q, strings.ToLower(q.Text)}
}

func (f filter) takes(m *item) bool {
	return slices.Contains(f.Usabilities, m.Usability) &&
		(len(f.Providers) == 0 || slices.Contains(f.Providers, m.Provider)) &&
		(len(f.Classifications) == 0 || slices.ContainsFunc(m.Classification, func(c domain.Class) bool { return slices.Contains(f.Classifications, c) })) &&
		(len(f.Capabilities) == 0 || slices.ContainsFunc(m.Capabilities, func(c domain.Capability) bool {
			return c.Supported && slices.Contains(f.Capabilities, c.Type)
		})) &&
		(f.MinContextWindow == nil || m.ContextWindow != nil && *m.ContextWindow >= *f.MinContextWindow) &&
		(f.text == "" || strings.Contains(m.lowID, f.text) || strings.Contains(m.lowN, f.text)) &&
		within(f.MaxInputCost, m.in) && within(f.MaxOutputCost, m.out)
}

// within: what is not known never passes a limit.
func within(most, cost *decimal.Decimal) bool {
	return most == nil || cost != nil && cost.LessThanOrEqual(*most)
}
