package scrape_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ratecard/adapters/scrape"
)

// TestNamesBelowPrices: where names stand below what they name, no model is given
// the prices of the next; where they stand above, all is read.
func TestNamesBelowPrices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reader := rapid.SampledFrom([]string{scrape.ReaderSections, scrape.ReaderText, scrape.ReaderAuto}).Draw(t, "reader")
		tag := rapid.SampledFrom([]string{"p", "div", "h3", "figcaption"}).Draw(t, "tag")
		below := rapid.Bool().Draw(t, "below")
		models := rapid.IntRange(2, 5).Draw(t, "models")
		var page strings.Builder
		page.WriteString("<!doctype html><html><body><h1>Prices</h1>")
		for i := range models {
			name := fmt.Sprintf("<%s>heron-%d</%s>", tag, i+1, tag)
			prices := fmt.Sprintf("<p>Input: $%d / 1M tokens</p><p>Output: $%d / 1M tokens</p>", i+1, 2*i+2)
			if reader != scrape.ReaderText {
				prices = fmt.Sprintf("<table><tr><th>Tokens</th><th>Price</th></tr><tr><td>Input</td><td>$%d / 1M tokens</td></tr>"+
					"<tr><td>Output</td><td>$%d / 1M tokens</td></tr></table>", i+1, 2*i+2)
			}
			if below {
				name, prices = prices, name
			}
			page.WriteString("<div>" + name + prices + "</div>")
		}
		page.WriteString("</body></html>")
		got, _ := scrape.New().Read([]byte(page.String()), sourceOf(reader))
		if below && len(got.Quotes) > 0 {
			t.Fatalf("read %v of\n%s", got.Quotes, page.String())
		}
		if !below && len(got.Quotes) != 2*models {
			t.Fatalf("read %d prices of %d of\n%s", len(got.Quotes), 2*models, page.String())
		}
		for _, q := range got.Quotes {
			if want := strings.TrimPrefix(q.Name, "heron-"); q.Meter == "input" && q.Amount.String() != want {
				t.Fatalf("%s costs %s", q.Name, q.Amount)
			}
		}
	})
}
