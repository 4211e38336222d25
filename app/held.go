package app

import (
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/domain/match"
)

// released is a held change once somebody has confirmed it.
func released(h domain.HeldChange, by, reason string, at time.Time) domain.HeldChange {
	h.State, h.By, h.Reason, h.Decided, h.Over = domain.HeldReleased, by, reason, at, at
	return h
}

// accept adds to a change what a released change makes true.
func accept(state ledger.State, h domain.HeldChange, change *ledger.Change) {
	fix := ledger.Accept(state.Rates, says(state, h), h, retires(state.Models, change.Models), change.KnownAt)
	if h.Reason != "" { // a person's: what he decided is signed
		signed(fix.Events, h.By, h.Reason)
	}
	change.Supersede = append(change.Supersede, fix.Supersede...)
	change.Open = append(change.Open, fix.Open...)
	change.Events = append(change.Events, fix.Events...)
	change.Counts.PricingUpdated += keysTouched(fix)
}

// says gives everything that the source of a held change states now of its
// key: there may be several, for different times.
func says(state ledger.State, h domain.HeldChange) []ledger.Stated {
	var out []ledger.Stated
	add := func(quote domain.Quote) {
		out = append(out, ledger.Stated{Key: h.Key, Source: h.Source, Quote: quote.QuoteKey, Price: domain.Price{
			Amount: quote.Amount, Unit: h.Key.Meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted,
		}})
	}
	for i := range state.Statements {
		s := &state.Statements[i]
		k := s.Quote.QuoteKey
		if s.Source == h.Source && match.SameSpelling(k.Name, h.Quote.Name) && k.Tier == h.Key.Tier && k.Meter == h.Key.Meter &&
			k.Region == h.Key.Region && k.MinPromptTokens == h.Key.MinPromptTokens {
			add(s.Quote)
		}
	}
	if len(out) == 0 {
		add(domain.Quote{QuoteKey: h.Quote, Amount: h.New})
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
