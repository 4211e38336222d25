package ledger

import (
	"fmt"
	"slices"
	"time"

	"ratecard/domain"
)

// Stated is what a reading says one key costs. Its quote carries the dates
// that the source prints.
type Stated struct {
	Key      domain.RateKey
	Price    domain.Price
	Source   string
	Quote    domain.QuoteKey
	Modifier domain.ModifierKey // by which it is derived from the quote; zero where it is printed
}

// Reading is what was read of a provider's list prices in one run.
type Reading struct {
	Seen    time.Time            // when the bytes came
	Before  map[string]time.Time // per source read now: its last good read before, zero for none
	Stated  []Stated
	Retires map[string]time.Time // model id → when it is retired: its rates end there
	KnownAt time.Time            // the instant from which the change is believed

	// Kept are stated keys that are left as they are believed, whatever is
	// stated of them.
	Kept map[domain.RateKey]bool
}

// retire ends a timeline where its model is retired.
func (r Reading) retire(key domain.RateKey, timeline []domain.Rate) []domain.Rate {
	if end, retires := r.Retires[key.Model.ID]; retires {
		return erase(timeline, domain.Span{From: end})
	}
	return timeline
}

// RateChange is what a reading changes in the rates.
type RateChange struct {
	Supersede []domain.Rate
	Open      []domain.Rate
	Unlisted  []domain.RateKey
	Relisted  []domain.RateKey
	Events    []domain.Event
	Keys      int      // how many have another timeline: the prices that move, however many rows each takes
	Doubts    []string // keys left as they were, because the reading contradicts itself
}

// Diff decides what a reading changes in the believed rates of a provider.
//
// An undated price is effective when first seen; a stated date beats that.
// What lay before the reading stays as it was believed. A key that a source
// read now no longer lists is unlisted, never ended: absence is not an end.
// Rates of other layers than LayerList are not looked at.
func Diff(believed []domain.Rate, unlisted map[domain.RateKey]time.Time, r Reading) RateChange {
	var c RateChange
	var rows []domain.Rate
	g := group(believed, r.Stated)
	var moved []int32 // the first mentions of keys of which something may change
	for i := range r.Stated {
		n := g.said.of[i]
		if g.said.first[n] != int32(i) {
			continue // looked at with its first mention
		}
		_, missed := unlisted[r.Stated[i].Key]
		if missed || g.said.next[i] >= 0 || len(r.Retires) > 0 || !g.stands(believed, n, &r.Stated[i], r.Seen) {
			moved = append(moved, int32(i))
		}
	}
	c.expect(len(moved), min(len(moved), len(believed)))
	for _, i := range moved {
		key, n := r.Stated[i].Key, g.said.of[i]
		c.relist(key, unlisted, r)
		rows = g.rates(rows[:0], believed, n)
		if r.Kept[key] {
			c.turn(key, rows, r.retire(key, rows), r.KnownAt)
			continue
		}
		c.key(key, rows, g.stated(r.Stated, i), r)
	}
	c.unlist(believed, g, unlisted, r)
	c.retire(believed, g, r)
	return c
}

// retire ends the list prices of retired models that no source states any
// more; those that are stated end as they are looked at.
func (c *RateChange) retire(believed []domain.Rate, g *groups, r Reading) {
	if len(r.Retires) == 0 {
		return
	}
	for i := range believed {
		n, key := g.rows.of[i], believed[i].RateKey
		if g.said.head(n) >= 0 || g.rows.first[n] != int32(i) || key.Layer != domain.LayerList {
			continue
		}
		old := g.rates(nil, believed, n)
		c.turn(key, old, r.retire(key, old), r.KnownAt)
	}
}

// expect makes room for keys that move, some of them from a rate that is
// believed, which is cut short then: rows are large, and to copy them as their
// number grows takes long.
func (c *RateChange) expect(moved, believed int) {
	if moved > 0 {
		c.Supersede, c.Open = make([]domain.Rate, 0, believed), make([]domain.Rate, 0, moved+believed)
		c.Events = make([]domain.Event, 0, moved)
	}
}

// stands reports whether the last of a key's believed rates is what is stated,
// in force and with no dates on either side, and the others are over before it:
// by far the most frequent case. Reading the past again may leave rows that
// overlap, which are not passed over.
func (g *groups) stands(believed []domain.Rate, key int32, s *Stated, seen time.Time) bool {
	standing := int32(-1)
	for row := g.rows.head(key); row >= 0; row = g.rows.next[row] {
		if unmoved(&believed[row], s, seen) {
			standing = row
		}
	}
	if standing < 0 {
		return false
	}
	for row := g.rows.head(key); row >= 0; row = g.rows.next[row] {
		if row != standing && (believed[row].Effective.Open() || believed[row].Effective.To.After(believed[standing].Effective.From)) {
			return false
		}
	}
	return true
}

func unmoved(rate *domain.Rate, s *Stated, seen time.Time) bool {
	return rate.Effective.Open() && !rate.Effective.From.After(seen) && s.Quote.From.IsZero() && s.Quote.Until.IsZero() && rate.Price.Equal(s.Price)
}

func (c *RateChange) relist(key domain.RateKey, unlisted map[domain.RateKey]time.Time, r Reading) {
	if _, was := unlisted[key]; was {
		c.Relisted = append(c.Relisted, key)
		c.Events = append(c.Events, rateEvent(domain.EventRateRelisted, r, key))
	}
}

// key brings one key's timeline up to what is stated of it.
func (c *RateChange) key(key domain.RateKey, old []domain.Rate, stated []Stated, r Reading) {
	segments, err := arrange(stated)
	if err != nil {
		c.Doubts = append(c.Doubts, fmt.Sprintf("%s %s %s: %v", key.Model.ID, key.Tier, key.Meter, err))
		return
	}
	timeline := r.retire(key, overlay(old, segments, r))
	c.revise(old, timeline, r.KnownAt)
	c.Events = append(c.Events, tell(key, old, timeline, r)...)
}

func sameRow(a, b domain.Rate) bool {
	return a.Effective.Equal(b.Effective) && a.Price.Equal(b.Price)
}

// unlist marks the keys that a source read now used to state and states no
// longer.
func (c *RateChange) unlist(believed []domain.Rate, g *groups, unlisted map[domain.RateKey]time.Time, r Reading) {
	for i := range believed {
		n := g.rows.of[i]
		if g.said.head(n) >= 0 || g.rows.last[n] != int32(i) || believed[i].Layer != domain.LayerList {
			continue // stated still, or looked at with its last row
		}
		key := believed[i].RateKey
		if _, already := unlisted[key]; already {
			continue
		}
		if _, read := r.Before[believed[i].Source]; !read || ended(believed[i].Effective, r.Seen) {
			continue
		}
		c.Unlisted = append(c.Unlisted, key)
		c.Events = append(c.Events, rateEvent(domain.EventRateUnlisted, r, key))
	}
}

func ended(s domain.Span, at time.Time) bool { return !s.Open() && !s.To.After(at) }

// Apply gives what is believed after a change.
func Apply(believed []domain.Rate, c RateChange) []domain.Rate {
	gone := make(map[domain.RateKey][]domain.Span, len(c.Supersede))
	for _, row := range c.Supersede {
		gone[row.RateKey] = append(gone[row.RateKey], row.Effective)
	}
	after := make([]domain.Rate, 0, len(believed)+len(c.Open))
	for _, row := range believed {
		if !slices.ContainsFunc(gone[row.RateKey], row.Effective.Equal) {
			after = append(after, row)
		}
	}
	return append(after, c.Open...)
}
