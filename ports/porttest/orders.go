package porttest

import (
	"context"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// ordered stores models that every order puts otherwise.
func ordered(t failer, b Books) domain.ProviderID {
	p := aProvider()
	window := func(n int64) *int64 { return &n }
	for i, m := range []struct {
		id, name, in, out string
		window            *int64
	}{
		{"d", "alpha", "3", "", window(10)},
		{"b", "Beta", "10", "0", window(9)},
		{"a", "", "", "7.5", nil}, // named by its id
		{"c", "alpha", "0.5", "7.50", window(10)},
		{"e", "Zulu", "", "", nil},
	} {
		model := aModel(p, m.id)
		model.DisplayName, model.ContextWindow = m.name, m.window
		c := ledger.Change{KnownAt: hour(i), Models: []domain.Model{model}}
		for meter, amount := range map[domain.Meter]string{domain.MeterInput: m.in, domain.MeterOutput: m.out} {
			if amount != "" {
				c.Open = append(c.Open, aRate(aKey(model.ModelKey, meter), "0", noon))
				c.Open[len(c.Open)-1].Amount = decimal.RequireFromString(amount)
			}
		}
		b.update(t, p, c)
	}
	return p
}

func orders(t *testing.T, b Books) {
	p := ordered(t, b)
	for sort, want := range map[ports.ModelSort][2][]string{
		"":                      {{"a", "b", "c", "d", "e"}, {"e", "d", "c", "b", "a"}},
		ports.SortID:            {{"a", "b", "c", "d", "e"}, {"e", "d", "c", "b", "a"}},
		ports.SortName:          {{"a", "c", "d", "b", "e"}, {"e", "b", "d", "c", "a"}},
		ports.SortInputCost:     {{"c", "d", "b", "a", "e"}, {"b", "d", "c", "e", "a"}},
		ports.SortOutputCost:    {{"b", "a", "c", "d", "e"}, {"c", "a", "b", "e", "d"}},
		ports.SortContextWindow: {{"b", "c", "d", "a", "e"}, {"d", "c", "b", "e", "a"}},
		ports.SortUpdatedAt:     {{"d", "b", "a", "c", "e"}, {"e", "c", "a", "b", "d"}},
	} {
		for back, want := range want {
			q := of(p)
			q.Sort, q.Descending, q.Limit = sort, back == 1, 2
			var got []string
			for more := true; more; {
				page := b.models(t, q)
				if len(page.Models) == 0 {
					t.Fatalf("%s: an empty page after %v", sort, got)
				}
				for _, m := range page.Models {
					got, q.After, q.Version = append(got, m.ID), &m.ModelKey, page.Version
				}
				more = page.More
			}
			if !slices.Equal(got, want) {
				t.Errorf("by %q, backwards %t: got %v, want %v", sort, q.Descending, got, want)
			}
		}
	}
}

func ordersExpire(t *testing.T, b Books) {
	p := ordered(t, b)
	q := of(p)
	q.Sort, q.Limit = ports.SortName, 2
	page := b.models(t, q)
	q.Version, q.After = page.Version, &page.Models[1].ModelKey
	if next := b.models(t, q); len(next.Models) != 2 {
		t.Fatalf("the second page has %v", ids(next))
	}
	b.update(t, p, ledger.Change{KnownAt: hour(6), Models: []domain.Model{aModel(p, "f")}})
	_, err := b.Catalogue.Models(context.Background(), q)
	fails(t, "a page of an older version", err, domain.KindCursorExpired)
}
