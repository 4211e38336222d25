package ledger

import (
	"slices"
	"time"

	"ratecard/domain"
)

// Arrive tells of the announced changes whose instant lies in (after, until]:
// rates that begin and rates that end there. Nothing of what is believed
// changes: it was believed before that they would. A beginning or an end that
// became known only at its instant or later was told of then.
//
// believed holds, of every key concerned, all rows that touch the time.
func Arrive(believed []domain.Rate, after, until time.Time) []domain.Event {
	var events []domain.Event
	keys := layer{timelines: map[domain.RateKey][]domain.Rate{}}
	for _, row := range believed {
		keys.add(row)
	}
	for _, key := range keys.keys {
		rows := keys.timelines[key]
		sortRows(rows)
		for _, t := range boundaries(rows) {
			if t.After(after) && !t.After(until) {
				events = append(events, arrival(key, rows, t)...)
			}
		}
	}
	slices.SortStableFunc(events, func(a, b domain.Event) int { return a.At.Compare(b.At) })
	return events
}

// arrival tells of one key at one boundary.
func arrival(key domain.RateKey, rows []domain.Rate, t time.Time) []domain.Event {
	was, is := at(rows, t.Add(-time.Microsecond)), at(rows, t)
	p := payload(key)
	p.Effective = t.Format(time.RFC3339Nano)
	var kind domain.EventKind
	switch {
	case is == nil:
		kind, p.Old = domain.EventRateEnded, was.Amount.String()
	case was == nil:
		kind, p.New = domain.EventRateOpened, is.Amount.String()
	default:
		kind, p.Old, p.New = domain.EventRateChanged, was.Amount.String(), is.Amount.String()
	}
	if known := newest(was, is); !known.Before(t) || was != nil && is != nil && was.Price.Equal(is.Price) {
		return nil
	}
	return []domain.Event{event(kind, Reading{KnownAt: t}, key, p)}
}

// newest is when the younger of two neighbours became known.
func newest(a, b *domain.Rate) time.Time {
	switch {
	case a == nil:
		return b.Known.From
	case b == nil || a.Known.From.After(b.Known.From):
		return a.Known.From
	default:
		return b.Known.From
	}
}
