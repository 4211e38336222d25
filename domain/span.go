package domain

import "time"

// Span is a half-open range of time [From, To) in UTC. A zero To is open: the
// span has no end yet.
type Span struct {
	From time.Time
	To   time.Time
}

// Open reports whether the span has no end.
func (s Span) Open() bool { return s.To.IsZero() }

// Contains reports whether t lies in the span.
func (s Span) Contains(t time.Time) bool {
	return !t.Before(s.From) && (s.Open() || t.Before(s.To))
}

// Empty reports whether no instant lies in the span.
func (s Span) Empty() bool { return !s.Open() && !s.From.Before(s.To) }

// Overlaps reports whether some instant lies in both spans.
func (s Span) Overlaps(o Span) bool {
	return !s.Empty() && !o.Empty() &&
		(o.Open() || s.From.Before(o.To)) && (s.Open() || o.From.Before(s.To))
}

// Equal compares instants, not their representation.
func (s Span) Equal(o Span) bool { return s.From.Equal(o.From) && s.To.Equal(o.To) }

// Instant cuts a time to what the store keeps: UTC, microseconds.
func Instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// AsOf asks for what was in force at At, as it was believed at KnownAt.
type AsOf struct {
	At      time.Time
	KnownAt time.Time // zero: as it is believed now
}

// AttributesAt is the instant at which model attributes are read: they have
// one clock, so an as-of sees what was seen at the earlier of the two.
func (a AsOf) AttributesAt() time.Time {
	if !a.KnownAt.IsZero() && a.KnownAt.Before(a.At) {
		return a.KnownAt
	}
	return a.At
}
