package scrape_test

import (
	"strings"
	"testing"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// TestWhatBreaksOff: where a page ends is told; what is whole, or may be, is not.
func TestWhatBreaksOff(t *testing.T) {
	const head = "<!doctype html><html><body><h1>Prices</h1>"
	for name, c := range map[string]struct{ body, where string }{
		"whole":                          {head + onePriceTable + "</body></html>", ""},
		"without its end tags":           {head + onePriceTable, ""},
		"and a script behind its end":    {head + onePriceTable + "</html><script>x", ""},
		"in a table":                     {head + strings.TrimSuffix(onePriceTable, "</table>"), "inside a table"},
		"in a figure":                    {head + onePriceTable[:strings.Index(onePriceTable, "15")+1], "inside a table"},
		"in a tag":                       {head + onePriceTable + "<div cla", "inside a tag"},
		"in an end tag":                  {head + onePriceTable + "</", "inside a tag"},
		"in a script":                    {head + onePriceTable + "<script>let x = {", "inside <script>"},
		"in its style":                   {"<!doctype html><style>p {", "inside <style>"},
		"in a comment":                   {head + onePriceTable + "<!-- the", "inside a tag"},
		"a row of Markdown":              {markdownTable + "| Orca 5 | $1", "a row of a table"},
		"Markdown without the last line": {strings.TrimSuffix(markdownTable, "\n"), ""},
		"a table without outer pipes":    {"Model | Input | Output\n---|---|---\nOrca 4 | $3 / MTok | $15 / MTok", ""},
		"data of a component":            {"# Prices\n\n<PriceTable rows={[\n  [\"orca-4\", 3, 15],\n  [\"orca-5]\", 1", "data of a component"},
		"a whole component":              {"# Prices\n\n<PriceTable rows={[\n  [\"orca-4 [new\", 3, 15],\n]} />\n\nSee [there.\n", ""},
		"text in a component":            {"# Prices\n\n<Card text={`\n| Model | Input |\n|---|---|\n| orca-4 | $3 |\n", "data of a component"},
		"a broken one, and the page":     {"# Prices\n\n<PriceTable rows={[\n  [\"orca-4, 3, 15],\n\n" + markdownTable[len("# Prices\n\n"):], ""},
		"a broken one, and a heading":    {"# Prices\n\n" + markdownTable + "\n<PriceTable rows={[\n\n## Notes\n\nNone.\n", ""},
		"JSON":                           {`{"models": [{"id": "orca-4", "price": 1`, "its JSON"},
		"a list of JSON":                 {`[{"id": "orca-4"}, {"id": "o`, "its JSON"},
		"whole JSON":                     {`{"models": []}`, ""},
		"a link, which looks like JSON":  {`["Prices"](/prices) are here`, ""},
	} {
		_, err := scrape.New().Read([]byte(c.body), sourceOf(scrape.ReaderTables))
		_, models := scrape.New().Models([]byte(c.body))
		for _, err := range []error{err, models} {
			broken := domain.KindOf(err) == domain.KindBroken
			if broken != (c.where != "") || broken && (!strings.Contains(err.Error(), c.where) || domain.SeenIn(err) != domain.SawCutOff) {
				t.Errorf("%s: %v, want %q", name, err, c.where)
			}
		}
	}
}

const (
	onePriceTable = "<table><tr><th>Model</th><th>Input, per 1M tokens</th><th>Output, per 1M tokens</th></tr><tr><td>Orca 4</td><td>$3</td><td>$15</td></tr></table>"
	markdownTable = "# Prices\n\n| Model | Input, per 1M tokens | Output, per 1M tokens |\n| --- | --- | --- |\n| Orca 4 | $3 | $15 |\n"
)
