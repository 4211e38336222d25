package app

import (
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// NewAdjustment asks for a discount or a mark-up on the list prices of a provider
// or of one of its models.
type NewAdjustment struct {
	Provider  domain.ProviderID
	Model     string       // its id; empty: every model of the provider
	Tier      domain.Tier  // empty: every one
	Meter     domain.Meter // empty: every one
	Percent   string       // a decimal, to be added: -12.5 for a discount
	Effective domain.Span  // a zero From: from now on; a zero To: until it is ended
	Reason    string
	By        string // who asks
}

// A percentage has so many digits that no price becomes unreadable.
var (
	plainPercent = regexp.MustCompile(`^[+-]?\d{1,4}(\.\d{1,6})?$`)
	leastPercent = decimal.NewFromInt(-100)
	mostPercent  = decimal.NewFromInt(1000)
)

// Adjust puts an adjustment on record. The adjusted prices overlay the list prices,
// which stay on record below them, and follow them. Entered again, while it is the
// newest of its kind, it changes nothing. KindInvalid names the fields that cannot
// be, KindNotFound says that nothing is known of the provider or of the model.
func Adjust(ctx context.Context, l ports.Ledger, want NewAdjustment, now func() time.Time) (domain.Adjustment, error) {
	entered, err := want.check(domain.Instant(now()))
	if err != nil {
		return domain.Adjustment{}, err
	}
	_, err = l.Update(ctx, want.Provider, func(state ledger.State) (ledger.Change, error) {
		known := func(m domain.ModelVersion) bool { return want.Model == "" || m.ID == want.Model }
		if !slices.ContainsFunc(state.Models, known) {
			return ledger.Change{}, domain.Errorf(domain.KindNotFound, "no model of %s is known%s", clip(string(want.Provider)), named(want.Model))
		}
		at := knownAt(state, domain.Instant(now()))
		entered.MadeAt = at
		if want.Effective.From.IsZero() {
			entered.Effective.From = at
		}
		if i := slices.IndexFunc(state.Adjustments, entered.sameKind()); i >= 0 && entered.repeats(state.Adjustments[i], want) {
			entered.Adjustment = state.Adjustments[i]
			return ledger.Change{}, nil
		}
		return ledger.Change{
			KnownAt: at, Adjust: []domain.Adjustment{entered.Adjustment},
			Events: []domain.Event{ledger.AdjustmentEvent(domain.EventAdjustmentEntered, entered.Adjustment, time.Time{}, at, want.By, want.Reason)},
		}, nil
	})
	return entered.Adjustment, err
}

func named(model string) string {
	if model == "" {
		return ""
	}
	return " with the id \"" + clip(model) + "\""
}

// asked is an adjustment that is asked for.
type asked struct{ domain.Adjustment }

// sameKind finds adjustments of the same prices; of those on record the newest
// comes first.
func (a asked) sameKind() func(domain.Adjustment) bool {
	return func(b domain.Adjustment) bool {
		return a.Model == b.Model && a.Tier == b.Tier && a.Meter == b.Meter && !b.Effective.Empty()
	}
}

// repeats reports whether another says all that is asked for. One that is to
// begin now, and has begun, does.
func (a asked) repeats(b domain.Adjustment, want NewAdjustment) bool {
	begins := a.Effective.From.Equal(b.Effective.From) || want.Effective.From.IsZero() && b.Effective.Contains(a.Effective.From)
	return begins && a.Percent.Equal(b.Percent) && a.Effective.To.Equal(b.Effective.To)
}

func (n NewAdjustment) check(now time.Time) (asked, error) {
	var f faults
	f.provider("provider", n.Provider)
	if n.Tier != "" && !slices.Contains(domain.Tiers(), n.Tier) {
		f.add("tier", "%q is not known; expected one of %s, or none for all of them", clip(string(n.Tier)), listed(domain.Tiers()))
	}
	if n.Meter != "" && (!plainMeter.MatchString(string(n.Meter)) || len(n.Meter) > longestName) {
		f.add("meter", "%q is not the name of a meter; expected one of %s, another name of small letters, digits and _, or none for all of them",
			clip(string(n.Meter)), listed(domain.TokenMeters()))
	}
	f.reason(n.Reason)
	a := domain.Adjustment{
		Provider: n.Provider, Model: n.Model, Tier: n.Tier, Meter: n.Meter, Percent: f.percent("percent", n.Percent),
		Effective: domain.Span{From: domain.Instant(n.Effective.From), To: domain.Instant(n.Effective.To)},
		By:        n.By, Reason: n.Reason,
	}
	begins := a.Effective.From
	if n.Effective.From.IsZero() {
		begins = now
	}
	if (domain.Span{From: begins, To: a.Effective.To}).Empty() {
		f.add("to", "%s does not lie after %s, when it begins", a.Effective.To.Format(time.RFC3339Nano), begins.Format(time.RFC3339Nano))
	}
	return asked{a}, f.err("the adjustment cannot be entered")
}

func (f *faults) percent(path, text string) decimal.Decimal {
	d, err := decimal.NewFromString(text)
	switch {
	case err != nil || !plainPercent.MatchString(text):
		f.add(path, "%q is not a percentage; expected a decimal number of up to 6 places, such as -12.5 for a discount or 20 for a mark-up", clip(text))
	case d.IsZero():
		f.add(path, "0 changes nothing; end the adjustment instead")
	case d.LessThan(leastPercent) || d.GreaterThan(mostPercent):
		f.add(path, "%s is not between %s and %s", clip(text), leastPercent, mostPercent)
	}
	return d
}

// EndAdjustment asks for the end of an adjustment.
type EndAdjustment struct {
	ID     int64
	At     time.Time // zero: now
	Reason string
	By     string // who asks
}

// EndedAdjustment says how an adjustment ended.
type EndedAdjustment struct {
	domain.Adjustment      // as it is now
	Withdrawn         bool // it never began
}

// FinishAdjustment ends an adjustment: from then on the list prices stand alone
// again, or under another adjustment that covers them. One that has not begun by
// then is withdrawn. KindNotFound where there is none of that id, KindConflict
// where it has ended by then.
func FinishAdjustment(ctx context.Context, l ports.Ledger, adjustments ports.Adjustments, want EndAdjustment, now func() time.Time) (EndedAdjustment, error) {
	var f faults
	f.reason(want.Reason)
	if err := f.err("the adjustment cannot be ended"); err != nil {
		return EndedAdjustment{}, err
	}
	all, err := adjustments.Adjustments(ctx)
	if err != nil {
		return EndedAdjustment{}, err
	}
	same := func(a domain.Adjustment) bool { return a.ID == want.ID }
	i := slices.IndexFunc(all, same)
	if i < 0 {
		return EndedAdjustment{}, domain.Errorf(domain.KindNotFound, "there is no adjustment %d", want.ID)
	}
	requested := domain.Instant(now())
	var ended EndedAdjustment
	_, err = l.Update(ctx, all[i].Provider, func(state ledger.State) (ledger.Change, error) {
		i := slices.IndexFunc(state.Adjustments, same)
		if i < 0 {
			return ledger.Change{}, domain.Errorf(domain.KindNotFound, "there is no adjustment %d", want.ID)
		}
		ended = EndedAdjustment{Adjustment: state.Adjustments[i]}
		end := domain.Instant(want.At)
		if want.At.IsZero() {
			end = requested
		}
		before := ended.Effective
		if !before.Open() && !end.Before(before.To) {
			return ledger.Change{}, domain.Errorf(domain.KindConflict, "adjustment %d ends at %s, not after %s",
				want.ID, before.To.Format(time.RFC3339Nano), end.Format(time.RFC3339Nano))
		}
		if ended.Withdrawn = !end.After(ended.Effective.From); ended.Withdrawn {
			end = ended.Effective.From
		}
		ended.Effective.To = end
		at := knownAt(state, domain.Instant(now()))
		return ledger.Change{
			KnownAt: at, AdjustEnd: []ledger.AdjustmentEnd{{ID: want.ID, At: end, By: want.By, Reason: want.Reason}},
			Events: []domain.Event{ledger.AdjustmentEvent(domain.EventAdjustmentEnded, ended.Adjustment, before.To, at, want.By, want.Reason)},
		}, nil
	})
	return ended, err
}
