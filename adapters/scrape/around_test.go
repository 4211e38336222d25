package scrape_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

var readerNames = []string{scrape.ReaderTables, scrape.ReaderSections, scrape.ReaderScript, scrape.ReaderJSON, scrape.ReaderText, scrape.ReaderIsland, scrape.ReaderAuto}

// places finds the place of each quote that any reader reads of a page again, by
// the place alone, and gives how many each reader has.
func places(t *testing.T, file string, found map[string]int) {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := scrape.OpenPage(body)
	if err != nil {
		return // no reader lets it in
	}
	for _, source := range append(sourcesOf(readerNames), islandSource()) {
		got, _ := scrape.New().Read(body, source) // what cannot be read has no places
		for _, q := range got.Quotes {
			around, err := scrape.Around(opened, q.Place)
			if err != nil || !around.Found || len(around.Row) == 0 {
				t.Errorf("%s: %s of %s: %+v, %v at %+v", file, q.Meter, q.Name, around, err, q.Place)
			}
		}
		found[source.Readers[0].Reader] += len(got.Quotes)
	}
}

func sourcesOf(readers []string) []domain.Source {
	sources := make([]domain.Source, len(readers))
	for i, reader := range readers {
		sources[i] = sourceOf(reader)
	}
	return sources
}

// TestEveryPlaceIsFoundAgain: what a rate rests on can be looked at, whatever
// reader read it.
func TestEveryPlaceIsFoundAgain(t *testing.T) {
	pages, err := filepath.Glob("testdata/*/*.*")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, page := range pages {
		if !strings.Contains(page, "golden") {
			places(t, page, found)
		}
	}
	t.Logf("places found again: %v", found)
	for _, reader := range readerNames {
		if found[reader] == 0 {
			t.Errorf("no place of reader %s was looked for", reader)
		}
	}
}

func TestCorpusPlacesAreFoundAgain(t *testing.T) {
	dir := corpus(t)
	found := map[string]int{}
	for _, tr := range truths(t, dir) {
		places(t, filepath.Join(dir, "pages", tr.Page), found)
	}
	t.Logf("places found again: %v", found)
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
