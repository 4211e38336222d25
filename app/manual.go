package app

import (
	"context"
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// NewManualRate asks for a rate that overlays the list price of a model: a
// negotiated price, one of a model that nothing else prices, a correction.
type NewManualRate struct {
	Model           domain.ModelKey
	Tier            domain.Tier // empty: standard
	Meter           domain.Meter
	Region          domain.Region // empty: global
	MinPromptTokens int64
	Amount          string      // a decimal, in USD per the meter's unit
	Effective       domain.Span // a zero From: from now on; a zero To: until it is ended
	Reason          string
	By              string // who asks
}

// EnterRate puts a manual rate on record. Within its time it replaces manual
// rates of the same key; list prices stay on record below it. Entered again,
// it changes nothing. KindInvalid names the fields that cannot be, KindNotFound
// says that the model is not known.
func EnterRate(ctx context.Context, l ports.Ledger, want NewManualRate, now func() time.Time) (domain.Rate, error) {
	var f faults
	rate := f.rate("", askedRate{want.Model, domain.LayerManual, want.Tier, want.Meter, want.Region, want.MinPromptTokens, want.Amount})
	f.reason(want.Reason)
	rate.Effective = domain.Span{From: domain.Instant(want.Effective.From), To: domain.Instant(want.Effective.To)}
	if want.Effective.From.IsZero() {
		rate.Effective.From = domain.Instant(now())
	}
	if rate.Effective.Empty() {
		f.add("to", "%s does not lie after %s, when the rate begins", rate.Effective.To.Format(time.RFC3339Nano), rate.Effective.From.Format(time.RFC3339Nano))
	}
	if err := f.err("the rate cannot be entered"); err != nil {
		return domain.Rate{}, err
	}
	_, err := l.Update(ctx, want.Model.Provider, func(state ledger.State) (ledger.Change, error) {
		if !slices.ContainsFunc(state.Models, func(m domain.ModelVersion) bool { return m.ID == want.Model.ID }) {
			return ledger.Change{}, domain.Errorf(domain.KindNotFound, "no model of %s has the id %q", clip(string(want.Model.Provider)), clip(want.Model.ID))
		}
		at := knownAt(state, domain.Instant(now()))
		return overlaid(ledger.Enter(state.Rates, []domain.Rate{rate}, at), at, want.By, want.Reason), nil
	})
	return rate, err
}

// EndManualRate asks for the end of a manual rate.
type EndManualRate struct {
	ID     int64     // of the rate
	At     time.Time // zero: now
	Reason string
	By     string // who asks
}

// EndedRate says how a manual rate ended.
type EndedRate struct {
	Rate      domain.Rate // as it was
	End       time.Time   // when it ends; its beginning where it was withdrawn
	Withdrawn bool        // it never began
}

// EndRate ends a manual rate: what it was before stays on record. One that has
// not begun by then is withdrawn. Other manual rates of the same key hold as they
// did. KindNotFound where no manual rate has that id, KindConflict where it has
// ended by then.
func EndRate(ctx context.Context, l ports.Ledger, rates ports.ManualRates, want EndManualRate, now func() time.Time) (EndedRate, error) {
	var f faults
	f.reason(want.Reason)
	if err := f.err("the rate cannot be ended"); err != nil {
		return EndedRate{}, err
	}
	asked := domain.Instant(now())
	provider, err := sellerOf(ctx, rates, want.ID, asked)
	if err != nil {
		return EndedRate{}, err
	}
	var ended EndedRate
	_, err = l.Update(ctx, provider, func(state ledger.State) (ledger.Change, error) {
		i := slices.IndexFunc(state.Rates, func(r domain.Rate) bool { return r.ID == want.ID && r.Layer == domain.LayerManual })
		if i < 0 {
			return ledger.Change{}, noManualRate(want.ID)
		}
		rate := state.Rates[i]
		at := knownAt(state, domain.Instant(now()))
		end := domain.Instant(want.At)
		if want.At.IsZero() {
			end = asked
		}
		if !rate.Effective.Open() && !end.Before(rate.Effective.To) {
			return ledger.Change{}, domain.Errorf(domain.KindConflict, "manual rate %d ends at %s, not after %s",
				want.ID, rate.Effective.To.Format(time.RFC3339Nano), end.Format(time.RFC3339Nano))
		}
		ended = EndedRate{Rate: rate, End: end}
		if !end.After(rate.Effective.From) {
			ended.End, ended.Withdrawn = rate.Effective.From, true
		}
		return overlaid(ledger.Withdraw(state.Rates, []domain.Rate{rate}, end, at), at, want.By, want.Reason), nil
	})
	return ended, err
}

// sellerOf finds the provider whose manual rate an id names.
func sellerOf(ctx context.Context, rates ports.ManualRates, id int64, now time.Time) (domain.ProviderID, error) {
	all, err := rates.Manual(ctx, now)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(all, func(r ports.ManualRate) bool { return r.ID == id })
	if i < 0 {
		return "", noManualRate(id)
	}
	return all[i].Model.Provider, nil
}

func noManualRate(id int64) error {
	return domain.Errorf(domain.KindNotFound, "there is no manual rate %d; a rate that changes gets another id, the list has those of today", id)
}

// overlaid is the change that manual rates make, with who makes it and why.
func overlaid(c ledger.RateChange, knownAt time.Time, by, reason string) ledger.Change {
	signed(c.Events, by, reason)
	return ledger.Change{KnownAt: knownAt, Supersede: c.Supersede, Open: c.Open, Events: c.Events}
}

func (f *faults) reason(text string) {
	if !printable(text, longestReason) {
		f.add("reason", "expected 1 to %d printable characters, not only spaces", longestReason)
	}
}
