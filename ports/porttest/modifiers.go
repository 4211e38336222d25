package porttest

import (
	"context"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// aModifier is a rule as a source states it, from hour(n) on.
func aModifier(p domain.ProviderID, factor string, n int) domain.ModifierStatement {
	return domain.ModifierStatement{
		Provider: p, Source: "prices", ConfigVersion: 2, Stated: domain.Span{From: hour(n)},
		Modifier: domain.Modifier{
			What: "batch", Factor: decimal.RequireFromString(factor), Text: "Batches cost less: × " + factor,
			Place: domain.Place{Reader: "prose", Path: "p:nth-of-type(2)", Cell: "less"},
		},
	}
}

// aDerived is a rate of the batch tier that a rule derives from a printed one.
func aDerived(base domain.Rate, rule domain.ModifierStatement) domain.Rate {
	base.Tier, base.Origin = domain.TierBatch, domain.OriginDerived
	base.Amount = base.Amount.Mul(rule.Modifier.Factor)
	base.Modifier = domain.Derived{ModifierKey: rule.Modifier.Key()}
	return base
}

// restsOnModifier: a derived rate rests on the printed one and on the rule that
// was stated when it was opened, whatever becomes of that.
func restsOnModifier(t *testing.T, b Books) {
	p := aProvider()
	m := aModel(p, "one")
	body := aPage(p, []byte("half price"))
	said, r := aStatement("prices", aRate(aKey(m.ModelKey, domain.MeterInput), "3", noon), noon)
	half, less := aModifier(p, "0.5", 0), aModifier(p, "0.4", 1)
	half.PageID = put(t, b.Pages, body)
	b.update(t, p, ledger.Change{
		KnownAt: noon, Models: []domain.Model{m}, StatementsOpen: []domain.Statement{said},
		ModifiersOpen: []domain.ModifierStatement{half}, Open: []domain.Rate{r, aDerived(r, half)},
	})
	s := b.state(t, p)
	if len(s.Modifiers) != 1 || s.Modifiers[0].ID == 0 {
		t.Fatalf("the open modifiers are %+v", s.Modifiers)
	}
	half.ID = s.Modifiers[0].ID
	same(t, "the open modifier", s.Modifiers, []domain.ModifierStatement{half})

	old := derivedIn(t, s.Rates)
	cut := old
	cut.Effective.To = hour(1)
	next := aDerived(r, less)
	next.Effective.From = hour(1)
	b.update(t, p, ledger.Change{
		KnownAt: hour(1), ModifiersEnd: []int64{half.ID}, ModifiersOpen: []domain.ModifierStatement{less},
		Supersede: []domain.Rate{old}, Open: []domain.Rate{cut, next},
	})
	s = b.state(t, p)
	half.Stated.To, less.ID = hour(1), s.Modifiers[0].ID
	same(t, "the open modifier of then", s.Modifiers, []domain.ModifierStatement{less})

	body.ID, body.Body, body.ETag, body.LastModified = half.PageID, nil, "", ""
	was, is := domain.ModifierEvidence{ModifierStatement: half, Page: body}, domain.ModifierEvidence{ModifierStatement: less}
	for hours, want := range []domain.ModifierEvidence{was, is} {
		view := derivedAt(t, b, m.ModelKey, hours)
		same(t, "what a derived rate rests on", view.Derivation, &domain.Derivation{Printed: r.Amount, Modifier: want})
		if view.Modifier != (domain.Derived{ModifierKey: want.Modifier.Key(), Evidence: want.ID}) || view.Quote != r.Quote {
			t.Errorf("it names %+v and %+v", view.Modifier, view.Quote)
		}
	}
	evidence, err := b.Catalogue.Evidence(context.Background(), old.Evidence)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "what was derived from a printed rate", evidence.Modifiers, []domain.ModifierEvidence{was, is})

	_, err = b.Ledger.Update(context.Background(), p, func(ledger.State) (ledger.Change, error) {
		return ledger.Change{KnownAt: hour(2), ModifiersEnd: []int64{half.ID}}, nil
	})
	fails(t, "ending a modifier twice", err, domain.KindConflict)
}

// restatesModifier: a rule of the past is stated for the time in which it stood
// there, and no longer.
func restatesModifier(t *testing.T, b Books) {
	p := aProvider()
	m := aModel(p, "one")
	said, r := aStatement("prices", aRate(aKey(m.ModelKey, domain.MeterInput), "3", noon), noon)
	rule := aModifier(p, "0.5", 0)
	change := ledger.Change{
		KnownAt: hour(2), Models: []domain.Model{m}, StatementsOpen: []domain.Statement{said}, Open: []domain.Rate{r, aDerived(r, rule)},
		RestatedModifiers: []ledger.RestatedModifier{{ModifierStatement: rule, Rests: []int{1}}},
	}
	_, err := b.Ledger.Update(context.Background(), p, func(ledger.State) (ledger.Change, error) { return change, nil })
	fails(t, "a modifier of the past without an end", err, domain.KindInvalid)
	change.RestatedModifiers[0].Stated.To = hour(1)
	b.update(t, p, change)
	if open := b.state(t, p).Modifiers; len(open) != 0 {
		t.Errorf("a modifier of the past is stated still: %+v", open)
	}
	d := derivedAt(t, b, m.ModelKey, 2).Derivation
	if d == nil || !d.Modifier.Stated.Equal(domain.Span{From: noon, To: hour(1)}) {
		t.Errorf("it is derived by %+v", d)
	}
}

func derivedIn(t *testing.T, rates []domain.Rate) domain.Rate {
	t.Helper()
	for _, r := range rates {
		if r.Origin == domain.OriginDerived {
			return r
		}
	}
	t.Fatalf("no rate of %+v is derived", rates)
	return domain.Rate{}
}

// derivedAt gives the derived rate in force at hour(n): a listing, one model
// and its history answer it alike.
func derivedAt(t *testing.T, b Books, model domain.ModelKey, n int) domain.RateView {
	t.Helper()
	ctx, at := context.Background(), hour(n)
	q := of(model.Provider)
	q.AsOf = domain.AsOf{At: at, KnownAt: hour(50)}
	found, err := b.Catalogue.Model(ctx, model.Provider, model.ID, q.AsOf)
	if err != nil || len(found) != 1 {
		t.Fatalf("%d models, %v", len(found), err)
	}
	history := b.history(t, model, ports.HistoryQuery{Range: domain.Span{From: at, To: at.Add(time.Microsecond)}, Overlapping: true, KnownAt: hour(50)})
	var views []domain.RateView
	for _, rates := range [][]domain.RateView{found[0].Rates, b.models(t, q).Models[0].Rates, history} {
		for _, r := range rates {
			if r.Origin == domain.OriginDerived {
				views = append(views, r)
			}
		}
	}
	if len(views) != 3 {
		t.Fatalf("%d answers, want one of each: %+v", len(views), views)
	}
	same(t, "a listing's answer", views[1], views[0])
	same(t, "the history's answer", views[2], views[0])
	return views[0]
}

// modifierPage: a page stays that proves nothing but what a rule once said.
func modifierPage(t *testing.T, v Vault) {
	p := aProvider()
	rule := aModifier(p, "0.5", 0)
	rule.PageID = put(t, v.Pages, aPage(p, []byte("half price")))
	v.update(t, p, ledger.Change{KnownAt: noon, ModifiersOpen: []domain.ModifierStatement{rule}})
	v.update(t, p, ledger.Change{KnownAt: hour(1), ModifiersEnd: []int64{v.state(t, p).Modifiers[0].ID}})
	v.forgetPages(t, hour(1000))
	if _, err := v.Pages.Page(context.Background(), rule.PageID); err != nil {
		t.Errorf("the page on which a modifier rests went: %v", err)
	}
}
