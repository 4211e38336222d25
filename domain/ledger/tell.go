package ledger

import (
	"time"
	"unique"

	"ratecard/domain"
)

// tell says in events what became of one key: what holds now, and what is
// announced or announced no longer. An announced end is scheduled without a new
// price. What was announced is told of again when it comes (see Arrive).
func tell(key domain.RateKey, old, now []domain.Rate, r Reading) []domain.Event {
	var events []domain.Event
	say := func(kind domain.EventKind, was, is *domain.Rate, effective time.Time) {
		p := payload(key)
		if was != nil {
			p.Old = word(was.Amount.String())
		}
		if is != nil {
			p.New = word(is.Amount.String())
		}
		p.Effective = word(effective.Format(time.RFC3339Nano))
		events = append(events, event(kind, r, key, p))
	}
	was, is := at(old, r.KnownAt), at(now, r.KnownAt)
	switch {
	case is != nil && was == nil:
		say(domain.EventRateOpened, nil, is, is.Effective.From)
	case is == nil && was != nil:
		say(domain.EventRateEnded, was, nil, endOf(now, r.KnownAt))
	case is != nil && !was.Price.Equal(is.Price):
		say(domain.EventRateChanged, was, is, is.Effective.From)
	}
	for i := range old {
		if row := &old[i]; row.Effective.From.After(r.KnownAt) && !begins(now, *row) {
			say(domain.EventRateWithdrawn, row, nil, row.Effective.From)
		}
	}
	for i := range now {
		if row := &now[i]; row.Effective.From.After(r.KnownAt) && !begins(old, *row) {
			say(domain.EventRateScheduled, is, row, row.Effective.From)
		}
	}
	if end := stop(now); !end.IsZero() && end.After(r.KnownAt) && !end.Equal(stop(old)) {
		say(domain.EventRateScheduled, &now[len(now)-1], nil, end)
	}
	return events
}

// word gives an amount's or an instant's text, which thousands of events repeat that
// are held until the change is written, as one that they share.
func word(s string) string { return unique.Make(s).Value() }

// rateEvent tells of a key without amounts.
func rateEvent(kind domain.EventKind, r Reading, key domain.RateKey) domain.Event {
	return event(kind, r, key, payload(key))
}

func event(kind domain.EventKind, r Reading, key domain.RateKey, p domain.RatePayload) domain.Event {
	return domain.Event{At: r.KnownAt, Kind: kind, Provider: key.Model.Provider, Model: key.Model.ID, Payload: p}
}

func payload(key domain.RateKey) domain.RatePayload {
	return domain.RatePayload{
		Tier: key.Tier, Meter: key.Meter, Region: key.Region,
		MinPromptTokens: key.MinPromptTokens, Unit: key.Meter.Unit(), Layer: key.Layer,
	}
}

// at is the row in force at an instant, nil for none.
func at(rows []domain.Rate, t time.Time) *domain.Rate {
	for i := range rows {
		if rows[i].Effective.Contains(t) {
			return &rows[i]
		}
	}
	return nil
}

// begins reports whether a row with the same beginning and price is there.
func begins(rows []domain.Rate, row domain.Rate) bool {
	for i := range rows {
		if rows[i].Effective.From.Equal(row.Effective.From) && rows[i].Price.Equal(row.Price) {
			return true
		}
	}
	return false
}

// endOf is when the last row before an instant ended; the instant itself where
// there is none.
func endOf(rows []domain.Rate, before time.Time) time.Time {
	end := before
	for i := range rows {
		if to := rows[i].Effective.To; !rows[i].Effective.Open() && !to.After(before) {
			end = to
		}
	}
	return end
}

// stop is when a key's last row ends; zero when it does not.
func stop(rows []domain.Rate) time.Time {
	if len(rows) == 0 {
		return time.Time{}
	}
	return rows[len(rows)-1].Effective.To
}
