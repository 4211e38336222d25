package app

import (
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
)

// released is a held change once somebody has confirmed it.
func released(h domain.HeldChange, by, reason string, at time.Time) domain.HeldChange {
	h.State, h.By, h.Reason, h.Decided, h.Over = domain.HeldReleased, by, reason, at, at
	return h
}

// accept adds to a change what released changes make true.
func accept(state ledger.State, released []domain.HeldChange, change *ledger.Change) {
	if len(released) == 0 {
		return
	}
	believed, said := aboutHeld(state, released)
	ends := state.Retires(change.Models)
	for _, h := range released {
		fix := ledger.Accept(believed[h.Key], says(said, h), h, ends, change.KnownAt)
		if h.Reason != "" { // a person's: what he decided is signed
			signed(fix.Events, h.By, h.Reason)
		}
		change.Supersede = append(change.Supersede, fix.Supersede...)
		change.Open = append(change.Open, fix.Open...)
		change.Events = append(change.Events, fix.Events...)
		change.Counts.PricingUpdated += fix.Keys
	}
}

// saying is what a source states amounts for, whenever they hold.
type saying struct {
	source string
	quote  domain.QuoteKey
}

func sayingOf(source string, k domain.QuoteKey) saying {
	k.From, k.Until, k.Above = domain.Date{}, domain.Date{}, 0
	return saying{source, k}
}

// aboutHeld gathers, in one look through everything, what is believed and what
// is stated of held changes.
func aboutHeld(state ledger.State, held []domain.HeldChange) (map[domain.RateKey][]domain.Rate, map[saying][]domain.Quote) {
	believed, said := make(map[domain.RateKey][]domain.Rate, len(held)), make(map[saying][]domain.Quote, len(held))
	for _, h := range held {
		believed[h.Key], said[sayingOf(h.Source, h.Quote)] = nil, nil
	}
	for i := range state.Rates {
		r := &state.Rates[i]
		if rows, wanted := believed[r.RateKey]; wanted {
			believed[r.RateKey] = append(rows, *r)
		}
	}
	for i := range state.Statements {
		s := &state.Statements[i]
		at := sayingOf(s.Source, s.Quote.QuoteKey)
		if quotes, wanted := said[at]; wanted {
			said[at] = append(quotes, s.Quote)
		}
	}
	return believed, said
}

// says gives everything that the source of a held change states now of its
// key: there may be several, for different times.
func says(said map[saying][]domain.Quote, h domain.HeldChange) []ledger.Stated {
	quotes := said[sayingOf(h.Source, h.Quote)]
	if len(quotes) == 0 {
		quotes = []domain.Quote{{QuoteKey: h.Quote, Amount: h.New}}
	}
	out := make([]ledger.Stated, len(quotes))
	for i, q := range quotes {
		out[i] = ledger.Stated{Key: h.Key, Source: h.Source, Quote: q.QuoteKey, Price: domain.Price{
			Amount: q.Amount, Unit: h.Key.Meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted,
		}}
	}
	return out
}

// heldEvents tells of changes that are held from now on, and of what became of
// others.
func heldEvents(c ledger.Change) []domain.Event {
	var events []domain.Event
	for _, h := range c.Held {
		events = append(events, heldEvent(domain.EventChangeHeld, h, c.KnownAt))
	}
	for _, h := range c.Settled {
		kind := map[domain.HeldState]domain.EventKind{
			domain.HeldReleased: domain.EventChangeApproved, domain.HeldRejected: domain.EventChangeRejected,
			domain.HeldWithdrawn: domain.EventChangeWithdrawn,
		}[h.State]
		if h.Decided.Equal(c.KnownAt) && kind != "" { // that a rejection is over, or what others said, is no news
			events = append(events, heldEvent(kind, h, c.KnownAt))
		}
	}
	return events
}

func heldEvent(kind domain.EventKind, h domain.HeldChange, at time.Time) domain.Event {
	p := domain.HeldPayload{
		ID: h.ID, Tier: h.Key.Tier, Meter: h.Key.Meter, Region: h.Key.Region, MinPromptTokens: h.Key.MinPromptTokens,
		Unit: h.Key.Meter.Unit(), New: h.New.String(), Source: h.Source, Since: h.Since.Format(time.RFC3339Nano),
		Doubts: h.Doubts, EvidenceID: h.NewProof, By: h.By, Reason: h.Reason,
	}
	if h.Old != nil {
		p.Old = h.Old.String()
	}
	return domain.Event{At: at, Kind: kind, Provider: h.Key.Model.Provider, Model: h.Key.Model.ID, Payload: p}
}
