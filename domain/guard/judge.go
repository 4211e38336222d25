package guard

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// Quoted is what a reading quotes, beside what was held to be true of it.
type Quoted struct {
	domain.Quote
	Old     *decimal.Decimal // what is believed of it; nil: nothing is
	WasThat time.Time        // until when the amount quoted now was believed before the old one; zero: it was not, or long ago
}

// stands reports whether the amount is what it was.
func (q *Quoted) stands() bool { return q.Old != nil && q.Old.Equal(q.Amount) }

// Page is a whole reading beside what was there before it.
type Page struct {
	Now   []Quoted
	Gone  []domain.Quote // what its source last stated and states no longer, with the amounts of then
	First bool           // nothing is believed of the provider yet
}

// Verdict is what is not believed of a page, by place in Page.Now. What is in
// neither is believed.
type Verdict struct {
	Doubts  map[int][]domain.Doubt // held until somebody confirms it
	Refused map[int]string         // never a price: the old rate stays; why, in words
}

// Judge judges a page's changes with the whole page that they stand on.
func Judge(page Page, settings domain.Guard) Verdict {
	settings = settings.WithDefaults()
	v := Verdict{Doubts: map[int][]domain.Doubt{}, Refused: map[int]string{}}
	refuse(page, settings, v)
	doubtProposed(page, v)
	if page.First || settings.Off {
		return v
	}
	c := survey(page, v.Refused)
	shifted := c.shifted()
	for _, m := range c.touched {
		m.judge(c, settings, shifted, v)
	}
	if doubts := c.whole(settings); len(doubts) > 0 {
		doubtAll(page, v, doubts...)
	}
	return v
}

// refuse names the amounts that are no price at all.
func refuse(page Page, settings domain.Guard, v Verdict) {
	for i := range page.Now {
		if why := Refused(page.Now[i].Amount, settings); why != "" {
			v.Refused[i] = why
		}
	}
}

// Refused says why an amount is no price at all; empty for one that may be.
func Refused(amount decimal.Decimal, settings domain.Guard) string {
	most := settings.LargestAmount
	if most == 0 {
		most = settings.WithDefaults().LargestAmount
	}
	if f := amount.CoefficientInt64(); f >= 0 && f < most && amount.Exponent() <= 0 && amount.NumDigits() < 18 {
		return "" // nearly all of them, at once
	}
	switch limit := decimal.NewFromInt(most); {
	case amount.IsNegative():
		return "a price is never negative"
	case amount.GreaterThan(limit):
		return "more than " + limit.String() + " is no price"
	}
	return ""
}

// doubtProposed doubts what was read without knowing how the page is made: it may
// confirm, and changes nothing.
func doubtProposed(page Page, v Verdict) {
	for i := range page.Now {
		if _, refused := v.Refused[i]; !refused && page.Now[i].Proposed() && !page.Now[i].stands() {
			v.Doubts[i] = []domain.Doubt{{Code: domain.DoubtConfirms}}
		}
	}
}

// doubtAll doubts every change of a page, besides what is doubted of each.
func doubtAll(page Page, v Verdict, doubts ...domain.Doubt) {
	for i := range page.Now {
		if _, refused := v.Refused[i]; !refused && !page.Now[i].stands() {
			v.Doubts[i] = append(v.Doubts[i], doubts...)
		}
	}
}

// A census is a page by its models, told apart by their printed names.
type census struct {
	page    Page
	models  map[string]*model
	touched []*model // those of which something is new or moves, in the page's order
	known   int      // models of which something was believed

	usual map[domain.Meter]*reach // see reaches
	last  *model                  // see of
}

// model is what a page says under one name.
type model struct {
	name   string
	rates  []int // places in Page.Now, of all its rates; of a touched model alone
	total  int   // how many of them were believed
	moved  []int
	fresh  []int          // without anything believed
	gone   []domain.Quote // stated no longer
	doubts bool           // whether it is doubted in itself
}

func survey(page Page, refused map[int]string) *census {
	c := &census{page: page, models: map[string]*model{}}
	for i := range page.Now {
		q := &page.Now[i]
		m := c.of(q.Name)
		if q.Old != nil {
			if m.total++; m.total == 1 {
				c.known++
			}
		}
		if _, no := refused[i]; !no && !q.stands() {
			c.touch(m, i)
		}
	}
	for i := range page.Gone {
		m := c.of(page.Gone[i].Name)
		m.gone = append(m.gone, page.Gone[i])
	}
	if len(c.touched) == 0 {
		return c
	}
	for i := range page.Now {
		if m := c.of(page.Now[i].Name); len(m.moved)+len(m.fresh) > 0 {
			m.rates = append(m.rates, i)
		}
	}
	return c
}

// of gives the model of a name. A page says one model's prices mostly in one
// place, so that it is mostly the last one again.
func (c *census) of(name string) *model {
	if c.last != nil && c.last.name == name {
		return c.last
	}
	m := c.models[name]
	if m == nil {
		m = &model{name: name}
		c.models[name] = m
	}
	c.last = m
	return m
}

// touch notes that a rate of a model moves or is new.
func (c *census) touch(m *model, i int) {
	if len(m.moved)+len(m.fresh) == 0 {
		c.touched = append(c.touched, m)
	}
	if c.page.Now[i].Old == nil {
		m.fresh = append(m.fresh, i)
	} else {
		m.moved = append(m.moved, i)
	}
}

// judge doubts a model's changes for what they are in themselves. What is
// doubted of one of them makes the others doubtful as well.
func (m *model) judge(c *census, settings domain.Guard, shifted map[int]domain.Doubt, v Verdict) {
	own := map[int][]domain.Doubt{}
	m.factors(c, settings, own)
	m.swapped(c, own)
	m.order(c, own)
	m.lone(c, own)
	m.scale(c, settings, own)
	for _, i := range m.moved {
		if doubt, slipped := shifted[i]; slipped {
			own[i] = append(own[i], doubt)
		}
		if until := c.page.Now[i].WasThat; !until.IsZero() {
			own[i] = append(own[i], domain.Doubt{Code: domain.DoubtFlip, Other: until.UTC().Format(time.RFC3339)})
		}
	}
	if m.doubts = len(own) > 0; !m.doubts {
		return
	}
	changes := slices.Concat(m.moved, m.fresh)
	company := own[changes[slices.IndexFunc(changes, func(i int) bool { return len(own[i]) > 0 })]]
	for _, i := range changes {
		if len(own[i]) == 0 {
			own[i] = company
		}
		v.Doubts[i] = append(v.Doubts[i], own[i]...)
	}
}
