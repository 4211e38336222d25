package ledger_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/domain/ledger"
)

var sold = []string{"a", "b", "c"}

// drawLists gives lists of distinct instants, in order.
func drawLists(t *rapid.T) []ledger.PriceList {
	var lists []ledger.PriceList
	at := day0
	for range rapid.IntRange(1, 8).Draw(t, "lists") {
		at = at.Add(time.Duration(rapid.IntRange(1, 99).Draw(t, "hours")) * time.Hour)
		list := ledger.PriceList{At: at}
		for _, model := range sold {
			if rapid.Bool().Draw(t, "sold") {
				amount := rapid.SampledFrom([]string{"0", "1", "2.5"}).Draw(t, "amount")
				list.Prices = append(list.Prices, ledger.ListPrice{Key: key(model, domain.MeterInput), Price: price(amount)})
			}
		}
		lists = append(lists, list)
	}
	return lists
}

func priceIn(list ledger.PriceList, model string) string {
	for _, p := range list.Prices {
		if p.Key.Model.ID == model {
			return p.Price.Amount.String()
		}
	}
	return "none"
}

// TestImportsAreTheFiles: however lists come, one by one or several together,
// in any order, the imported layer is at every list's instant, and until the
// next one's, that list; no change is on record that no list made; and every
// list again changes nothing.
func TestImportsAreTheFiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lists := drawLists(t)
		var (
			believed []domain.Rate
			instants []time.Time
			clock    = lists[len(lists)-1].At
		)
		bring := func(some []ledger.PriceList) ledger.Imported {
			clock = clock.Add(time.Hour)
			c := ledger.Import(believed, instants, some, clock)
			believed = ledger.Apply(believed, c.RateChange)
			if c.Instants != nil {
				instants = c.Instants
			}
			if len(c.Open)+len(c.Supersede) > 0 && len(c.Events) == 0 {
				t.Fatal("rates changed in silence")
			}
			checkNoOverlap(t, believed)
			return c
		}
		for rest := rapid.Permutation(lists).Draw(t, "order"); len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "together")
			bring(rest[:n])
			rest = rest[n:]
		}
		for _, model := range sold {
			changes, before := 0, "none"
			for i, list := range lists {
				want := priceIn(list, model)
				until := list.At
				if i+1 < len(lists) {
					until = lists[i+1].At.Add(-time.Microsecond)
				}
				for _, instant := range []time.Time{list.At, until} {
					if got := inLayer(believed, domain.LayerImported, key(model, domain.MeterInput), instant); got != want {
						t.Fatalf("list %d at %s: %s is %s, want %s", i, instant, model, got, want)
					}
				}
				if want != before && want != "none" {
					changes++
				}
				before = want
			}
			rows := 0
			for _, r := range believed {
				if r.Model.ID == model {
					rows++
				}
			}
			if rows != changes {
				t.Fatalf("%s: %d rates on record, the lists make %d", model, rows, changes)
			}
		}
		for i := range lists {
			c := bring(lists[i : i+1])
			if len(c.Open)+len(c.Supersede)+len(c.Events)+len(c.Instants) != 0 || c.Lists[0].Unchanged != len(lists[i].Prices) {
				t.Fatalf("list %d again changed %+v", i, c)
			}
		}
	})
}

// TestImportCounts what each list says beside what is on record.
func TestImportCounts(t *testing.T) {
	said := func(day int, prices ...string) ledger.PriceList {
		list := ledger.PriceList{At: days(day)}
		for i, amount := range prices {
			if amount != "" {
				list.Prices = append(list.Prices, ledger.ListPrice{Key: key(sold[i], domain.MeterInput), Price: price(amount)})
			}
		}
		return list
	}
	c := ledger.Import(nil, nil, []ledger.PriceList{said(2, "1", "3", ""), said(1, "1", "2", "5")}, days(9))
	want := []ledger.ListOutcome{{Changed: 1, Ended: 1, Unchanged: 1}, {Opened: 3}}
	if !slices.Equal(c.Lists, want) {
		t.Errorf("counted %+v, want %+v", c.Lists, want)
	}
	if len(c.Open) != 4 || len(c.Supersede) != 0 {
		t.Errorf("%d rates opened, want the four that were ever in force; %d superseded", len(c.Open), len(c.Supersede))
	}
}

// TestPastAloneIsCorrected: what changes nothing of today is told all the same.
func TestPastAloneIsCorrected(t *testing.T) {
	k := key("m", domain.MeterInput)
	c := ledger.Enter(nil, []domain.Rate{manualRow(k, "2", days(1), days(3))}, days(9))
	if got := kinds(c); !slices.Equal(got, []domain.EventKind{domain.EventRateCorrected}) {
		t.Fatalf("told %v", got)
	}
	p, _ := c.Events[0].Payload.(domain.RatePayload)
	if p.New != "2" || p.Old != "" || p.Effective != days(1).Format(time.RFC3339Nano) || p.Until != days(3).Format(time.RFC3339Nano) {
		t.Errorf("told %+v", p)
	}
}

// TestImportedModels: a list names new models and knows better what it alone
// has named; what the provider said stays.
func TestImportedModels(t *testing.T) {
	named := func(id, name string) domain.Model {
		return domain.Model{ModelKey: domain.ModelKey{Provider: "p", ID: id}, DisplayName: name, Usability: domain.UsabilityAvailable}
	}
	known := func(m domain.Model, source string) domain.ModelVersion {
		m.Source = source
		return domain.ModelVersion{Model: m}
	}
	c := ledger.ImportModels(
		[]domain.ModelVersion{known(named("api", "Ours"), ledger.SourceAPI), known(named("same", "Same"), ledger.SourceImport),
			known(named("renamed", "Before"), ledger.SourceImport), known(named("silent", "Silent"), ledger.SourceImport)},
		[]domain.Model{named("api", "Theirs"), named("same", "Same"), named("renamed", "After"), named("new", "New")}, days(3))
	var got []string
	for _, m := range c.Models {
		got = append(got, m.ID+" "+m.DisplayName+" "+m.Source)
	}
	if want := []string{"renamed After import", "new New import"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if c.Added != 1 || c.Updated != 1 || c.Deprecated != 0 || len(c.Events) != 2 {
		t.Errorf("%+v", c)
	}
}
