package ledger

import (
	"time"

	"ratecard/domain"
)

// put lays a row over a key's timeline: within the row's span it alone is
// believed, outside of it nothing changes. Rows that it cuts keep what they
// rest on.
func put(timeline []domain.Rate, row domain.Rate) []domain.Rate {
	out := erase(timeline, row.Effective)
	out = append(out, row)
	sortRows(out)
	return out
}

// erase believes nothing within a span of a key's timeline.
func erase(timeline []domain.Rate, span domain.Span) []domain.Rate {
	var out []domain.Rate
	for _, row := range timeline {
		if !row.Effective.Overlaps(span) {
			out = append(out, row)
			continue
		}
		before, after := row, row
		before.Effective.To = span.From
		after.Effective.From = span.To
		if !before.Effective.Empty() && row.Effective.From.Before(span.From) {
			out = append(out, before)
		}
		if !span.Open() && !after.Effective.Empty() {
			out = append(out, after)
		}
	}
	return out
}

// revise adds to a change what turns one timeline of a key into another: rows
// that are in both stay untouched.
func (c *RateChange) revise(old, timeline []domain.Rate, knownAt time.Time) {
	rows := len(c.Supersede) + len(c.Open)
	for i := range old {
		if !holds(timeline, &old[i]) {
			c.Supersede = append(c.Supersede, old[i])
		}
	}
	for i := range timeline {
		if !holds(old, &timeline[i]) {
			c.Open = append(c.Open, timeline[i])
			row := &c.Open[len(c.Open)-1]
			row.ID, row.Known = 0, domain.Span{From: knownAt}
		}
	}
	if len(c.Supersede)+len(c.Open) > rows {
		c.Keys++
	}
}

// holds reports whether a timeline has the same row.
func holds(timeline []domain.Rate, row *domain.Rate) bool {
	for i := range timeline {
		if same := &timeline[i]; same.Effective.Equal(row.Effective) && same.Price.Equal(row.Price) {
			return true
		}
	}
	return false
}

// turn takes a key from one timeline to another and tells of it.
func (c *RateChange) turn(key domain.RateKey, old, timeline []domain.Rate, knownAt time.Time) {
	c.revise(old, timeline, knownAt)
	c.Events = append(c.Events, tell(key, old, timeline, Reading{Seen: knownAt, KnownAt: knownAt})...)
}

// amend takes a key from one timeline to another, which may change its past
// alone: that is told of as a correction, so that nothing changes in silence.
func (c *RateChange) amend(key domain.RateKey, old, timeline []domain.Rate, knownAt time.Time) {
	rows, told := len(c.Supersede)+len(c.Open), len(c.Events)
	c.turn(key, old, timeline, knownAt)
	if len(c.Events) == told && len(c.Supersede)+len(c.Open) > rows {
		c.Events = append(c.Events, corrected(key, old, timeline, knownAt))
	}
}
