package app_test

import (
	"maps"
	"slices"
	"time"

	"ratecard/domain"
)

// This file says once more, as plainly as it can be said, what must be believed
// after anything that may happen to one provider. It shares no code with the
// rules that it is compared with: a price over time is a list of pieces, and
// what was known when is a list of such lists.

// A piece of time in which one amount holds; a zero to has no end.
type piece struct {
	from, to time.Time
	amount   string
}

func (p piece) holds(t time.Time) bool {
	return !t.Before(p.from) && (p.to.IsZero() || t.Before(p.to))
}

// A course is what one key costs over time: pieces in order, apart from each
// other; those that meet differ in price.
type course []piece

func (c course) at(t time.Time) string {
	for _, p := range c {
		if p.holds(t) {
			return p.amount
		}
	}
	return ""
}

// with lets an amount, or nothing, hold in [from, to).
func (c course) with(from, to time.Time, amount string) course {
	var out course
	for _, p := range c {
		if left := (piece{p.from, earlier(p.to, from), p.amount}); left.from.Before(left.to) {
			out = append(out, left)
		}
	}
	if amount != "" {
		out = append(out, piece{from, to, amount})
	}
	if !to.IsZero() {
		for _, p := range c {
			if right := (piece{later(p.from, to), p.to, p.amount}); right.to.IsZero() || right.from.Before(right.to) {
				out = append(out, right)
			}
		}
	}
	return out.joined()
}

// earlier is the first of two ends.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (c course) joined() course {
	var out course
	for _, p := range c {
		if n := len(out); n > 0 && out[n-1].to.Equal(p.from) && out[n-1].amount == p.amount {
			out[n-1].to = p.to
			continue
		}
		out = append(out, p)
	}
	return out
}

// since is the course from an instant on.
func (c course) since(t time.Time) course {
	var out course
	for _, p := range c {
		if p.to.IsZero() || p.to.After(t) {
			out = append(out, piece{later(p.from, t), p.to, p.amount})
		}
	}
	return out
}

// A line is one price as a page prints it.
type line struct {
	amount      string
	from, until domain.Date
}

// An entry is what a page prints of one key: one line, or two in the order of
// time, or two that contradict each other.
type entry struct {
	lines    []line
	nonsense bool
}

// pieces gives the time of each line; a zero from is not stated.
func (e entry) pieces() []piece {
	var out []piece
	for i, l := range e.lines {
		p := piece{amount: l.amount}
		if !l.from.IsZero() {
			p.from = l.from.Start()
		} else if i > 0 {
			p.from = out[i-1].to
		}
		if !l.until.IsZero() {
			p.to = l.until.End()
		} else if i+1 < len(e.lines) {
			p.to = e.lines[i+1].from.Start()
		}
		out = append(out, p)
	}
	return out
}

// hear is the course after a page that was read at an instant, and before that
// at another.
func (c course) hear(said []piece, read, before time.Time) course {
	var news []piece
	for _, p := range said {
		over := !p.to.IsZero() && !p.to.After(read)
		if over && (len(c) > 0 || p.from.IsZero()) {
			continue // what is over is known, or nobody knows when it began
		}
		switch {
		case !p.from.After(read) && c.at(read) == p.amount:
			p.from = c.beginning(read) // it says what is believed
		case p.from.IsZero(), len(c) > 0 && p.from.Before(before):
			p.from = read // first seen now; an earlier page would have shown it
		}
		news = append(news, p)
	}
	if len(news) == 0 {
		return c
	}
	c = c.with(news[0].from, time.Time{}, "")
	for _, p := range news {
		c = c.with(p.from, p.to, p.amount)
	}
	return c
}

func (c course) beginning(t time.Time) time.Time {
	i := slices.IndexFunc(c, func(p piece) bool { return p.holds(t) })
	return c[i].from
}

// ended reports whether nothing of a course lies after an instant.
func (c course) ended(t time.Time) bool {
	last := c[len(c)-1]
	return !last.to.IsZero() && !last.to.After(t)
}

// A belief is a course, and since when it was believed.
type belief struct {
	known  time.Time
	course course
}

// A seen is what a model was seen to be, and since when.
type seen struct {
	known  time.Time
	name   string
	active bool
	source string
	ends   time.Time // when it is retired
}

// A listed is what a list says of one model.
type listed struct {
	name string
	ends time.Time
}

// An account is what must be believed of one provider.
type account struct {
	rates     map[domain.RateKey][]belief
	models    map[string][]seen
	unlisted  map[domain.RateKey]bool
	page      map[domain.RateKey]bool // what the last good reading had a price of
	lastRead  time.Time
	imports   map[time.Time]map[domain.RateKey]string
	forgotten time.Time // what ended before may be gone
}

func newAccount() *account {
	return &account{
		rates: map[domain.RateKey][]belief{}, models: map[string][]seen{}, unlisted: map[domain.RateKey]bool{},
		imports: map[time.Time]map[domain.RateKey]string{},
	}
}

func (a *account) clone() *account {
	b := *a
	b.rates, b.models, b.unlisted, b.imports = maps.Clone(a.rates), maps.Clone(a.models), maps.Clone(a.unlisted), maps.Clone(a.imports)
	return &b
}

// now is the newest course of a key.
func (a *account) now(key domain.RateKey) course {
	if all := a.rates[key]; len(all) > 0 {
		return all[len(all)-1].course
	}
	return nil
}

// learn puts down a course as believed from now on.
func (a *account) learn(key domain.RateKey, c course, now time.Time) {
	if !slices.Equal(a.now(key), c) {
		a.rates[key] = append(slices.Clip(a.rates[key]), belief{now, c})
	}
}

func (a *account) model(id string) (seen, bool) {
	if all := a.models[id]; len(all) > 0 {
		return all[len(all)-1], true
	}
	return seen{}, false
}

func (a *account) see(id string, s seen) {
	old, known := a.model(id)
	old.known = s.known
	if !known || old != s {
		a.models[id] = append(slices.Clip(a.models[id]), s)
	}
}

// list takes up a complete list of models.
func (a *account) list(list map[string]listed, now time.Time) {
	for id, l := range list {
		a.see(id, seen{known: now, name: l.name, active: true, source: "api", ends: l.ends})
	}
	for id := range a.models {
		if m, _ := a.model(id); m.source == "api" {
			if _, still := list[id]; !still {
				m.known, m.active = now, false
				a.see(id, m)
			}
		}
	}
}

// covers reports whether a page repeats at least half of what was said before.
func covers(before map[domain.RateKey]bool, page map[domain.RateKey]entry) bool {
	repeated := 0
	for key := range before {
		if _, again := page[key]; again {
			repeated++
		}
	}
	return 2*repeated >= len(before)
}

// read takes up a page that covers what was said before.
func (a *account) read(page map[domain.RateKey]entry, read, now time.Time) {
	if read.Before(a.lastRead) {
		return // a newer one was taken up meanwhile
	}
	a.page = map[domain.RateKey]bool{}
	for key, e := range page {
		a.page[key] = true
		if _, known := a.model(key.Model.ID); !known {
			continue
		}
		delete(a.unlisted, key)
		if !e.nonsense {
			a.learn(key, a.now(key).hear(e.pieces(), read, a.lastRead), now)
		}
	}
	for key, all := range a.rates {
		c := all[len(all)-1].course
		_, stated := page[key]
		if key.Layer != domain.LayerList || len(c) == 0 {
			continue
		}
		if !stated && !c.ended(read) {
			a.unlisted[key] = true
		}
		if m, _ := a.model(key.Model.ID); !m.ends.IsZero() && !(stated && page[key].nonsense) {
			a.learn(key, c.with(m.ends, time.Time{}, ""), now)
		}
	}
	a.lastRead = read
}

// adopt takes up a price list of another catalogue: it holds until the next.
func (a *account) adopt(at time.Time, prices map[domain.RateKey]string, now time.Time) {
	a.imports[at] = prices
	lists := slices.SortedFunc(maps.Keys(a.imports), time.Time.Compare)
	keys := maps.Clone(prices)
	for key := range a.rates {
		if key.Layer == domain.LayerImported {
			keys[key] = ""
		}
	}
	for key := range keys {
		var c course
		for _, t := range lists {
			c = c.with(t, time.Time{}, a.imports[t][key])
		}
		a.learn(key, c, now)
	}
}

// cost is what a key cost at an instant, as it was known at another.
func (a *account) cost(key domain.RateKey, at, known time.Time) string {
	amount := ""
	for _, b := range a.rates[key] {
		if !b.known.After(known) {
			amount = b.course.at(at)
		}
	}
	return amount
}

// was is what a model was seen to be at an instant.
func (a *account) was(id string, at time.Time) (seen, bool) {
	var found seen
	for _, s := range a.models[id] {
		if !s.known.After(at) {
			found = s
		}
	}
	return found, !found.known.IsZero()
}
