package scrape_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// places finds the place of a page's quotes again, whatever read it, of every
// nth, and gives how many there are.
func places(t *testing.T, name string, body []byte, source domain.Source, nth int) (found int) {
	t.Helper()
	got, _ := scrape.New().Read(body, source) // what cannot be read has no places
	for i := 0; i < len(got.Quotes); i += nth {
		q := got.Quotes[i]
		around, err := scrape.New().Around(body, q.Place)
		if err != nil || !around.Found || len(around.Row) == 0 {
			t.Errorf("%s: %s of %s: %+v, %v at %+v", name, q.Meter, q.Name, around, err, q.Place)
		}
		found++
	}
	return found
}

func TestEveryPlaceIsFoundAgain(t *testing.T) {
	pages, err := filepath.Glob("testdata/*/*")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, page := range pages {
		body, err := os.ReadFile(page)
		if err != nil || slices.Contains([]string{".golden", ".json"}, filepath.Ext(page)) {
			continue
		}
		for _, reader := range []string{scrape.ReaderTables, scrape.ReaderSections, scrape.ReaderScript, scrape.ReaderJSON, scrape.ReaderText, scrape.ReaderIsland, scrape.ReaderAuto} {
			found += places(t, page, body, sourceOf(reader), 1)
		}
	}
	if t.Logf("%d places found again", found); found < 800 {
		t.Errorf("only %d places", found)
	}
}

func TestCorpusPlacesAreFoundAgain(t *testing.T) {
	dir := corpus(t)
	found := 0
	for _, tr := range truths(t, dir) {
		body, err := os.ReadFile(filepath.Join(dir, "pages", tr.Page))
		if err != nil {
			t.Fatal(err)
		}
		for _, reader := range []string{scrape.ReaderTables, scrape.ReaderSections, scrape.ReaderScript, scrape.ReaderText, scrape.ReaderIsland, scrape.ReaderAuto} {
			found += places(t, tr.Page, body, sourceOf(reader), 20) // each one parses a whole page
		}
	}
	t.Logf("%d places found again", found)
}

// TestAround: the captions and the row of a cell, the fields beside a value.
func TestAround(t *testing.T) {
	for name, c := range map[string]struct {
		page  string
		place domain.Place
		want  domain.Surroundings
	}{
		"a Markdown table": {
			"# Prices\n\n| Model | Input | Output |\n|---|---|---|\n| Ada 1 | $3 | $15 |\n",
			domain.Place{Path: "line 5", Cell: "$3"},
			domain.Surroundings{Found: true, Header: []string{"Model", "Input", "Output"}, Row: []string{"Ada 1", "$3", "$15"}},
		},
		"an HTML table": {
			"<!doctype html><table id=p><tr><th>Model<th>Input<tr><td>Ada 1<td>$3<sup>1</sup></table>",
			domain.Place{Path: "#p tr:nth-of-type(2) > td:nth-of-type(2)", Cell: "$31"},
			domain.Surroundings{Found: true, Header: []string{"Model", "Input"}, Row: []string{"Ada 1", "$31"}},
		},
		"a line": {
			"Ada 1\n\nInput: $3 / MTok\n\nOutput: $15 / MTok",
			domain.Place{Path: "line 3", Cell: "Input: $3 / MTok"},
			domain.Surroundings{Found: true, Row: []string{"Input: $3 / MTok"}, Before: "Ada 1", After: "Output: $15 / MTok"},
		},
		"a value": {
			`{"models":[{"id":"ada-1","input":3,"deep":{"x":1}}]}`,
			domain.Place{Path: "/models/0/input", Cell: "3"},
			domain.Surroundings{Found: true, Row: []string{"id: ada-1", "input: 3"}},
		},
		"what says otherwise": {
			"| Model | Input |\n|---|---|\n| Ada 1 | $4 |\n",
			domain.Place{Path: "line 3", Cell: "$3"},
			domain.Surroundings{Header: []string{"Model", "Input"}, Row: []string{"Ada 1", "$4"}},
		},
	} {
		got, err := scrape.New().Around([]byte(c.page), c.place)
		if err != nil || got.Found != c.want.Found || !slices.Equal(got.Header, c.want.Header) || !slices.Equal(got.Row, c.want.Row) || got.Before != c.want.Before || got.After != c.want.After {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for _, path := range []string{"line 99", "div:nth-of-type(9)", "/models/7", "script 4 /a", "((", ""} {
		if _, err := scrape.New().Around([]byte("<!doctype html><p>Ada"), domain.Place{Path: path, Cell: "$3"}); domain.KindOf(err) != domain.KindInvalid {
			t.Errorf("%q: %v", path, err)
		}
	}
}
