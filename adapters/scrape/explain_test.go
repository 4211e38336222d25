package scrape_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// TestEveryReaderSaysWhatItFound: what a reader says of tables and places adds up
// to what it read, and it says where and of whom.
func TestEveryReaderSaysWhatItFound(t *testing.T) {
	for _, c := range []struct {
		reader, page string
		table        string // the heading of one that was read
		place, names string // of one that was read
		twice        int    // prices that stand in several tables, or are doubtful
	}{
		{reader: "tables", page: "pages/tiers-and-cliffs.md", table: "*", twice: 8},
		{reader: "sections", page: "sections/tabs.html", table: "*"},
		{reader: "auto", page: "unknown/tiers.html", table: "*"},
		{reader: "island", page: "islands/2026-07-tabs.html", table: "*"},
		{reader: "text", page: "text/lines.md", place: "line ", names: "*"},
		{reader: "text", page: "text/cards.html", place: "", names: "*"},
		{reader: "script", page: "script/pushed.html", place: "script ", names: "*"},
		{reader: "json", page: "json/language-models.json", place: "the whole page", names: "*"},
	} {
		t.Run(c.reader+" "+c.page, func(t *testing.T) {
			body, err := os.ReadFile("testdata/" + c.page)
			if err != nil {
				t.Fatal(err)
			}
			source := domain.Source{Name: "page", URL: "https://a.example", Readers: []domain.ReaderConfig{{Reader: c.reader}}}
			got, findings, err := scrape.New().Explain(body, source)
			if err != nil || len(findings) != 1 {
				t.Fatalf("%+v, %v", findings, err)
			}
			f := findings[0]
			said := 0
			read := slices.DeleteFunc(slices.Clone(f.Tables), func(t domain.TableFinding) bool { return t.Quotes == 0 })
			for _, table := range f.Tables {
				said += table.Quotes
				if (table.Quotes == 0) != (table.Skipped != "") || (table.Matched > 0) != (table.Quotes > 0) || table.Matched > table.Rows || table.Matched > table.Quotes {
					t.Errorf("%+v", table)
				}
			}
			places := slices.DeleteFunc(slices.Clone(f.Places), func(p domain.PlaceFinding) bool { return p.Quotes == 0 })
			for _, p := range f.Places {
				said += p.Quotes
				if (p.Quotes == 0) != (p.Skipped != "") {
					t.Errorf("%+v", p)
				}
			}
			// What a page states twice is read twice, and is one price.
			if said-f.Quotes != c.twice || f.Quotes < len(got.Quotes) {
				t.Errorf("%d prices in places and tables, %d of the reader, %d in all", said, f.Quotes, len(got.Quotes))
			}
			if c.table != "" && (len(read) == 0 || !slices.ContainsFunc(read[0].Columns, func(c domain.ColumnFinding) bool { return c.Means != "" })) {
				t.Errorf("no table was read: %+v", f.Tables)
			}
			if c.names != "" && (len(places) == 0 || !strings.HasPrefix(places[0].Place, c.place) || places[0].Place == "" || len(places[0].Names) == 0) {
				t.Errorf("no place was read: %+v", f.Places)
			}
		})
	}
}

// TestReadersSayWhyTheyFoundNothing: each place that looks like prices and was not
// read has its reason.
func TestReadersSayWhyTheyFoundNothing(t *testing.T) {
	for _, c := range []struct{ reader, page, says string }{
		{"sections", "<!doctype html><h2>Enterprise</h2><table><tr><th></th><th>Price</th></tr><tr><td>Input price</td><td>$3 per 1M tokens</td></tr></table>", "names no model"},
		{"sections", "<!doctype html><h2>Ada 1</h2><p><code>ada-1</code></p><table><tr><th></th><th>Free tier</th></tr><tr><td>Input price</td><td>Free of charge</td></tr></table>", "no column of it says that it holds prices"},
		{"text", "# Prices\n\nGPT-9 Large\n\nAsk us for a price.\n", "no line at it or below it"},
		{"script", `<!doctype html><script>var p = {"inputTokenPrice": 3}</script>`, "no object in it"},
		{"json", `{"prices":{"input_token_price":3}}`, "no object in it"},
		{"island", `<!doctype html><astro-island props='{"rows":[["ada-1",3,15],["bob-2",1,5]]}'></astro-island>`, "says what they mean"},
		{"auto", "<!doctype html><table><tr><th>Plan</th><th>Seats</th></tr><tr><td>Team</td><td>$30</td></tr></table>", "no header names a price"},
	} {
		source := domain.Source{Name: "page", URL: "https://a.example", Readers: []domain.ReaderConfig{{Reader: c.reader}}}
		_, findings, err := scrape.New().Explain([]byte(c.page), source)
		if err == nil || len(findings) != 1 {
			t.Fatalf("%s: %+v, %v", c.reader, findings, err)
		}
		var said []string
		for _, table := range findings[0].Tables {
			said = append(said, table.Skipped)
		}
		for _, p := range findings[0].Places {
			said = append(said, p.Skipped)
		}
		if !strings.Contains(strings.Join(said, "; "), c.says) {
			t.Errorf("%s of %s: %+v", c.reader, c.page, findings)
		}
	}
}
