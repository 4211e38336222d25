package porttest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/cost"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// Traded are the ports of a store that says what models compete in.
type Traded struct {
	Books
	Market ports.Market
}

// Market tests what ports.Market promises. Questions are of noon and later.
func Market(t *testing.T, open func(testing.TB) Traded) {
	run(t, open, map[string]func(*testing.T, Traded){
		"offers are what the listing has":             offersAreListed,
		"offers are priced where they are bought":     offersArePriced,
		"offers are those believed at an instant":     offersKnown,
		"offers of an older version are not answered": offersExpire,
	})
}

func (m Traded) offers(t failer, q ports.OfferQuery) ports.Offers {
	t.Helper()
	got, err := m.Market.Offers(context.Background(), q)
	if err != nil {
		t.Fatalf("reading what is offered: %v", err)
	}
	if len(got.Models) != len(got.Priced) {
		t.Fatalf("%d models, of which %d are laid out to be priced", len(got.Models), len(got.Priced))
	}
	return got
}

// anOfferQuery asks of everything that a provider sells now.
func anOfferQuery(p domain.ProviderID) ports.OfferQuery {
	q := ports.OfferQuery{ModelQuery: of(p), Tier: domain.TierStandard, Region: domain.RegionGlobal}
	q.AsOf.KnownAt = time.Time{}
	return q
}

func offersAreListed(t *testing.T, m Traded) {
	p := ordered(t, m.Books)
	for name, narrow := range map[string]func(*ports.ModelQuery){
		"all":         func(*ports.ModelQuery) {},
		"of a page":   func(q *ports.ModelQuery) { q.Limit, q.Sort, q.Descending = 1, ports.SortName, true },
		"of a window": func(q *ports.ModelQuery) { n := int64(10); q.MinContextWindow = &n },
		"of a cost":   func(q *ports.ModelQuery) { most := decimal.NewFromInt(3); q.MaxInputCost = &most },
		"none":        func(q *ports.ModelQuery) { q.Text = "nothing is called that" },
		"then":        func(q *ports.ModelQuery) { q.AsOf = now(hour(2)) },
	} {
		q := anOfferQuery(p)
		narrow(&q.ModelQuery)
		got := m.offers(t, q)
		all := q.ModelQuery
		all.Sort, all.Descending, all.Limit = ports.SortID, false, 100
		listed := m.models(t, all)
		if len(got.Models) != len(listed.Models) || got.Version != listed.Version {
			t.Fatalf("%s: %d of version %d, listed are %d of version %d", name, len(got.Models), got.Version, len(listed.Models), listed.Version)
		}
		for i, view := range got.Models {
			same(t, name, *view, listed.Models[i])
		}
	}
}

func offersArePriced(t *testing.T, m Traded) {
	p := aProvider()
	window := int64(1000)
	one, free := aModel(p, "one"), aModel(p, "two")
	one.ContextWindow, free.StatedPricing = &window, domain.Free
	plain := aKey(one.ModelKey, domain.MeterInput)
	there, batch := plain, plain
	there.Region, batch.Tier = "us", domain.TierBatch
	m.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{one, free}, Open: []domain.Rate{
		aRate(plain, "3", noon), aRate(there, "4", noon), aRate(batch, "1.5", noon),
	}})
	for where, want := range map[[2]string]string{
		{"standard", "global"}: "one priced 30, two free 0",
		{"standard", "us"}:     "one priced 40, two free 0",
		{"standard", "eu"}:     "one priced 30, two free 0",
		{"batch", "us"}:        "one priced 15, two free 0",
		{"flex", "global"}:     "one tier_not_priced 0, two free 0",
	} {
		q := anOfferQuery(p)
		q.Tier, q.Region = domain.Tier(where[0]), domain.Region(where[1])
		offers := m.offers(t, q)
		var got []string
		for i, o := range offers.Priced {
			c := o.Price(cost.NewWorkload(cost.Request{Usage: domain.Usage{domain.MeterInput: 10_000_000}, Tier: q.Tier, Region: q.Region}))
			got = append(got, fmt.Sprint(offers.Models[i].ID, " ", c.Status, " ", c.Subtotal))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%v: got %v, want %s", where, got, want)
		}
		if w := offers.Priced[0].ContextWindow; w == nil || *w != window || offers.Priced[1].ContextWindow != nil {
			t.Errorf("the windows are %v and %v", w, offers.Priced[1].ContextWindow)
		}
	}
}

func offersKnown(t *testing.T, m Traded) {
	p := aProvider()
	model := aModel(p, "one")
	key := aKey(model.ModelKey, domain.MeterInput)
	m.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{model}, Open: []domain.Rate{aRate(key, "3", noon)}})
	m.update(t, p, ledger.Change{KnownAt: hour(2), Supersede: m.state(t, p).Rates, Open: []domain.Rate{aRate(key, "4", noon)}})
	for _, step := range []struct {
		asOf domain.AsOf
		want []string
	}{
		{now(hour(-1)), nil}, {now(hour(1)), []string{"3"}}, {now(hour(2)), []string{"4"}}, {domain.AsOf{At: hour(10)}, []string{"4"}},
	} {
		q := anOfferQuery(p)
		q.AsOf = step.asOf
		var got []string
		for _, view := range m.offers(t, q).Models {
			for _, r := range view.Rates {
				got = append(got, r.Amount.String())
			}
		}
		if !slices.Equal(got, step.want) {
			t.Errorf("as of %v: got %v, want %v", step.asOf, got, step.want)
		}
	}
}

func offersExpire(t *testing.T, m Traded) {
	p := ordered(t, m.Books)
	q := anOfferQuery(p)
	q.Version = m.offers(t, q).Version
	if again := m.offers(t, q); len(again.Models) != 5 {
		t.Fatalf("of the same version there are %d", len(again.Models))
	}
	m.update(t, p, ledger.Change{KnownAt: hour(6), Models: []domain.Model{aModel(p, "f")}})
	_, err := m.Market.Offers(context.Background(), q)
	fails(t, "offers of an older version", err, domain.KindCursorExpired)
}
