package scrape_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// amountsOf reads a Markdown page and gives its prices by what they are for.
func amountsOf(t *rapid.T, page string) map[domain.QuoteKey]string {
	reading, err := scrape.New().Read([]byte(page), tablesSource())
	if err != nil {
		t.Fatalf("%v\n%s", err, page)
	}
	out := map[domain.QuoteKey]string{}
	for _, q := range reading.Quotes {
		out[q.QuoteKey] = q.Amount.String()
	}
	return out
}

func lineOf(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

var anAmount = rapid.Custom(func(t *rapid.T) string {
	return fmt.Sprintf("$%d.%02d", rapid.IntRange(0, 90).Draw(t, "dollars"), rapid.IntRange(1, 99).Draw(t, "cents"))
})

// A row whose model stands above it says the same without the cell that a
// converter lost.
func TestLostSpansChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		head := "Prices per 1M tokens.\n\n" + lineOf("Model", "Modality", "Input", "Output") + lineOf("---", "---", "---", "---")
		whole, lost := head, head
		for i := range rapid.IntRange(1, 6).Draw(t, "models") {
			name := fmt.Sprintf("ada-%d", i+1)
			for j, kind := range []string{"Audio", "Text", "Image"}[:rapid.IntRange(1, 3).Draw(t, "kinds")] {
				in, out := anAmount.Draw(t, "in"), anAmount.Draw(t, "out")
				if rapid.Bool().Draw(t, "none comes out") {
					out = "-"
				}
				whole += lineOf(name, kind, in, out)
				if j == 0 {
					lost += lineOf(name, kind, in, out)
				} else {
					lost += lineOf(kind, in, out)
				}
			}
		}
		if want, got := amountsOf(t, whole), amountsOf(t, lost); !maps.Equal(want, got) {
			t.Fatalf("read %v, want %v\n%s", got, want, lost)
		}
	})
}

// A table says the same when its rows and columns change places.
func TestModelsAcrossSayWhatModelsBelowSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "models")
		below := lineOf("Model", "Input", "Output") + lineOf("---", "---", "---")
		names, rules := []string{"Feature"}, []string{"---"}
		prices, described := []string{"Pricing"}, []string{"Training data cutoff"}
		for i := range n {
			name := fmt.Sprintf("Ada Large %d.5", i+1)
			in, out := anAmount.Draw(t, "in"), anAmount.Draw(t, "out")
			below += lineOf(name, in+" / MTok", out+" / MTok")
			names, rules, described = append(names, name), append(rules, "---"), append(described, "Jul 2025")
			prices = append(prices, in+" / input MTok<br/>"+out+" / output MTok")
		}
		across := lineOf(names...) + lineOf(rules...) + lineOf(described...) + lineOf(prices...)
		if want, got := amountsOf(t, below), amountsOf(t, across); len(want) != 2*n || !maps.Equal(want, got) {
			t.Fatalf("read %v, want %v\n%s", got, want, across)
		}
	})
}

// Prices of a way of buying that is no tier are never taken for standard ones.
func TestOtherWaysOfBuyingAreLeftOut(t *testing.T) {
	for _, way := range []string{"Ultrafast", "Ultrafast mode", "Scale tier", "Provisioned throughput"} {
		table := "\n\n" + lineOf("Model", "Input", "Output") + lineOf("---", "---", "---")
		page := "Standard" + table + lineOf("ada-1", "$1", "$2") + "\n" + way + "\n\n### " + way + " pricing data" + table + lineOf("ada-1", "$7", "$9")
		reading, err := scrape.New().Read([]byte(page), tablesSource())
		if err != nil {
			t.Fatal(err)
		}
		if len(reading.Quotes) != 2 || reading.Quotes[0].Amount.String() != "1" {
			t.Errorf("%s: %v", way, reading.Quotes)
		}
	}
}

// Headers above headers say the same when a converter has lost how far they reach,
// to the right and down.
func TestLostHeaderSpansChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lead := []string{"Model", "Context", "Notes"}[:rapid.IntRange(1, 3).Draw(t, "lead")]
		under := []string{"Input", "Cached", "Output"}[:rapid.IntRange(2, 3).Draw(t, "under")]
		whole, over, second := lead, lead, []string(nil)
		for _, label := range []string{"Short context", "Long context"} {
			over = append(over[:len(over):len(over)], label)
			second = append(second, under...)
			for _, h := range under {
				whole = append(whole[:len(whole):len(whole)], label+" "+h)
			}
		}
		below := ""
		for i := range rapid.IntRange(1, 4).Draw(t, "models") {
			row := append([]string{fmt.Sprintf("ada-%d (long context > 200k tokens)", i+1)}, make([]string, len(lead)-1)...)
			for range second {
				row = append(row, anAmount.Draw(t, "amount"))
			}
			below += lineOf(row...)
		}
		rule := func(n int) string { return lineOf(slices.Repeat([]string{"---"}, n)...) }
		open := "Prices per 1M tokens.\n\n"
		want := amountsOf(t, open+lineOf(whole...)+rule(len(whole))+below)
		got := amountsOf(t, open+lineOf(over...)+rule(len(over))+lineOf(second...)+below)
		if len(want) == 0 || !maps.Equal(want, got) {
			t.Fatalf("read %v, want %v\n%s", got, want, below)
		}
	})
}
