package memory

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/ports"
)

// A moment is the catalogue between two instants at which something begins or
// ends: every model as it is answered in it, made once.
type moment struct {
	held    *shelves
	edition ports.Edition
	list    []item           // ordered by id, then provider
	byID    map[string][]int // places in list
	byAlias map[string][]int
	sorted  sync.Map // of orders to places in list
	laid    laid
}

// An item is a model with what filters and orders look at. The model is that of the
// shelf, where it is answered as it was read.
type item struct {
	*ports.ModelView
	in, out     *decimal.Decimal // what price limits look at; nil: not known
	word        string           // the name in lower case, as far as ASCII goes
	lowID, lowN string           // id and display name in lower case
}

// A clock notes, of the instants at which something changes, the last that has
// come and the next.
type clock struct{ at, last, next time.Time }

func (c *clock) note(t time.Time) {
	switch {
	case t.IsZero():
	case t.After(c.at):
		if c.next.IsZero() || t.Before(c.next) {
			c.next = t
		}
	case t.After(c.last):
		c.last = t
	}
}

// at makes what a snapshot is at an instant.
func (s *shelves) at(at time.Time) *moment {
	m := &moment{held: s, byID: map[string][]int{}, byAlias: map[string][]int{}}
	c := clock{at: at}
	n := 0
	for _, shelf := range s.of {
		n += len(shelf.models)
	}
	m.list = make([]item, 0, n)
	marks := fnv.New64a()
	for _, p := range slices.Sorted(maps.Keys(s.of)) {
		shelf := s.of[p]
		c.note(shelf.ended)
		for i := range shelf.models {
			// One that was seen later than now was seen by a clock that is ahead of ours.
			c.note(shelf.models[i].Seen.From)
			m.list = append(m.list, asItem(s.present(&shelf.models[i], shelf, &c, marks)))
		}
	}
	slices.SortStableFunc(m.list, func(a, b item) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), cmp.Compare(a.Provider, b.Provider))
	})
	for i := range m.list {
		model := &m.list[i]
		m.byID[model.ID] = append(m.byID[model.ID], i)
		for _, alias := range model.Aliases {
			m.byAlias[alias] = append(m.byAlias[alias], i)
		}
	}
	if c.last.IsZero() { // nothing has ever begun
		c.last = time.Unix(0, 0).UTC()
	}
	m.edition = ports.Edition{Tag: fmt.Sprintf("%x-%x-%x", s.Version, c.last.UnixMicro(), marks.Sum64()), At: c.last, Until: c.next}
	return m
}

// present is a model with its rates in force, and since when they are stale.
func (s *shelves) present(model *ports.ModelView, of shelf, c *clock, marks io.Writer) *ports.ModelView {
	copied := false
	rates := model.Rates
	for i := range model.Rates {
		r := &model.Rates[i]
		c.note(r.Effective.From)
		c.note(r.Effective.To)
		c.note(r.Known.From)
		inForce := r.Effective.Contains(c.at)
		since := s.staleSince(r, of, c)
		if inForce && since.IsZero() {
			if copied {
				rates = append(rates, *r)
			}
			continue
		}
		if !copied {
			copied, rates = true, append([]domain.RateView(nil), model.Rates[:i]...)
		}
		if inForce {
			rates = append(rates, *r)
			rates[len(rates)-1].StaleSince = since
			_, _ = fmt.Fprintln(marks, r.ID, since.UnixMicro())
		}
	}
	for _, h := range model.Held {
		c.note(h.Since)
	}
	if !copied {
		return model
	}
	view := *model
	if view.Rates = rates; len(rates) == 0 {
		view.Rates = nil
	}
	return &view
}

// staleSince is when a rate was last confirmed, where that is longer ago than
// promised.
func (s *shelves) staleSince(r *domain.RateView, of shelf, c *clock) time.Time {
	if r.Layer != domain.LayerList {
		return time.Time{}
	}
	read := s.Reads[ports.SourceOf{Provider: r.Model.Provider, Name: r.Source}]
	if read.IsZero() {
		return time.Time{}
	}
	if other := of.elsewhere[r.ID]; other.After(read) {
		read = other
	}
	c.note(read.Add(s.Settings.StaleAfter()))
	if !s.Settings.Stale(read, c.at) {
		return time.Time{}
	}
	return read
}

func asItem(m *ports.ModelView) item {
	i := item{ModelView: m, lowID: strings.ToLower(m.ID), lowN: strings.ToLower(m.DisplayName)}
	i.word = strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, cmp.Or(m.DisplayName, m.ID))
	if i.word == i.lowN { // as of every name in ASCII: it is held once
		i.word = i.lowN
	}
	i.in, i.out = plainPrice(m.Rates, domain.MeterInput), plainPrice(m.Rates, domain.MeterOutput)
	return i
}

// plainPrice is what a model costs in the standard tier, globally, at the lowest
// threshold there is: of the layer that applies.
func plainPrice(rates []domain.RateView, meter domain.Meter) *decimal.Decimal {
	var best *domain.RateView
	layer := func(r *domain.RateView) int { return slices.Index(domain.Layers(), r.Layer) }
	for i := range rates {
		r := &rates[i]
		if r.Meter != meter || r.Tier != domain.TierStandard || r.Region != domain.RegionGlobal || r.Currency != domain.CurrencyUSD {
			continue
		}
		if best == nil || cmp.Or(cmp.Compare(r.MinPromptTokens, best.MinPromptTokens), cmp.Compare(layer(r), layer(best))) < 0 {
			best = r
		}
	}
	if best == nil {
		return nil
	}
	return &best.Amount
}
