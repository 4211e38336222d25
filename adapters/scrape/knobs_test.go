package scrape_test

import (
	"errors"
	"strings"
	"testing"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

func byIndex(selector string, columns map[string]int) domain.Source {
	s := tablesSource()
	s.Readers = []domain.ReaderConfig{{Reader: scrape.ReaderTables, Selector: selector, Columns: columns}}
	return s
}

// TestColumnsByIndex: the configuration says which column is what, also where
// the headers say nothing or something else, or where there are none.
func TestColumnsByIndex(t *testing.T) {
	page := []byte(`<html><body>
<table id="named"><tr><th>Plan</th><th>What</th><th>A</th><th>B</th></tr>
<tr><td>x</td><td>Ada 1</td><td>3.00</td><td>$15</td></tr><tr><td>y</td><td>Ada 2</td><td>0.25</td><td>-</td></tr></table>
<table id="bare"><tr><td>Bo 1</td><td>4</td><td>2</td></tr></table>
<table id="narrow"><tr><th>What</th><th>A</th></tr><tr><td>Cy 1</td><td>$1</td></tr></table>
</body></html>`)
	for name, c := range map[string]struct {
		source domain.Source
		want   string
	}{
		"under headers":    {byIndex("#named", map[string]int{"model": 1, "input": 2, "output": 3}), "Ada 1 input 3; Ada 1 output 15; Ada 2 input 0.25"},
		"the other way":    {byIndex("#named", map[string]int{"model": 1, "input": 3, "cache_read": 2}), "Ada 1 cache_read 3; Ada 1 input 15; Ada 2 cache_read 0.25"},
		"without a header": {byIndex("#bare", map[string]int{"model": 0, "output": 1, "input": 2}), "Bo 1 output 4; Bo 1 input 2"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := scrape.Check(c.source); err != nil {
				t.Fatal(err)
			}
			got, err := scrape.New().Read(page, c.source)
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for _, q := range got.Quotes {
				lines = append(lines, q.Name+" "+string(q.Meter)+" "+q.Amount.String())
			}
			if s := strings.Join(lines, "; "); s != c.want {
				t.Errorf("got %q, want %q (%v)", s, c.want, got.Warnings)
			}
		})
	}
	narrow := byIndex("#narrow", map[string]int{"model": 0, "input": 1, "output": 2})
	got, findings, err := scrape.New().Explain(page, narrow)
	if domain.KindOf(err) != domain.KindUnread || len(got.Quotes) != 0 {
		t.Errorf("a table that is too narrow: %+v, %v", got.Quotes, err)
	}
	if len(findings) != 1 || findings[0].Tables[2].Skipped != "it has fewer columns than the configuration counts" {
		t.Errorf("%+v", findings)
	}
}

func TestFaultsInKnobs(t *testing.T) {
	for _, c := range []struct {
		path, says string
		reader     domain.ReaderConfig
	}{
		{"readers[0].columns.model", "is missing", domain.ReaderConfig{Reader: "tables", Columns: map[string]int{"input": 0, "output": 1}}},
		{"readers[0].columns", "no column of prices", domain.ReaderConfig{Reader: "tables", Columns: map[string]int{"model": 0}}},
		{"readers[0].columns.imput", "no token meter", domain.ReaderConfig{Reader: "tables", Columns: map[string]int{"model": 0, "imput": 1}}},
		{"readers[0].columns.input", "from 0 to", domain.ReaderConfig{Reader: "tables", Columns: map[string]int{"model": 0, "input": -1}}},
		{"readers[0].columns.model", "as input is", domain.ReaderConfig{Reader: "tables", Columns: map[string]int{"model": 1, "input": 1}}},
		{"readers[0].selector", `no knob of the reader "json"`, domain.ReaderConfig{Reader: "json", Selector: "main"}},
		{"readers[0].columns", `no knob of the reader "sections"`, domain.ReaderConfig{Reader: "sections", Columns: map[string]int{"model": 0, "input": 1}}},
		{"readers[0].rows", `no knob of the reader "tables"`, domain.ReaderConfig{Reader: "tables", Rows: [][]string{{"Model", "Input"}}}},
	} {
		s := tablesSource()
		s.Readers = []domain.ReaderConfig{c.reader}
		var e *domain.Error
		if err := scrape.Check(s); !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Path != c.path || !strings.Contains(e.Fields[0].Message, c.says) {
			t.Errorf("%s: %v, want %q", c.path, err, c.says)
		}
	}
}

// TestExplain: what a reader says that it did is what it did.
func TestExplain(t *testing.T) {
	page := []byte(`<html><body><h2>Standard</h2>
<table><tr><th>Model</th><th>Input</th><th>Notes</th></tr><tr><td>Ada 1</td><td>$3</td><td>new</td></tr></table>
<h2>Limits</h2><table><tr><th>Model</th><th>Requests</th></tr><tr><td>Ada 1</td><td>10</td></tr></table></body></html>`)
	read, err := scrape.New().Read(page, tablesSource())
	if err != nil {
		t.Fatal(err)
	}
	got, findings, err := scrape.New().Explain(page, tablesSource())
	if err != nil || len(got.Quotes) != len(read.Quotes) || len(got.Quotes) != 1 {
		t.Fatalf("%+v, %v; read alone: %+v", got.Quotes, err, read.Quotes)
	}
	f := findings[0]
	if len(findings) != 1 || f.Reader != "tables" || f.Quotes != 1 || len(f.Tables) != 2 || !strings.Contains(f.Looked, "2 tables with the headers") {
		t.Fatalf("%+v", findings)
	}
	prices, limits := f.Tables[0], f.Tables[1]
	if prices.Heading != "Standard" || prices.Quotes != 1 || prices.Rows != 1 || prices.Skipped != "" ||
		prices.Columns[0] != (domain.ColumnFinding{Header: "Model", Means: "model"}) ||
		prices.Columns[1] != (domain.ColumnFinding{Header: "Input", Means: "input"}) ||
		prices.Columns[2] != (domain.ColumnFinding{Header: "Notes"}) {
		t.Errorf("%+v", prices)
	}
	if limits.Quotes != 0 || limits.Skipped != "no header names a price of tokens" {
		t.Errorf("%+v", limits)
	}
	if _, findings, err := scrape.New().Explain([]byte(`{"a":1}`), tablesSource()); err == nil || len(findings) != 1 || !strings.Contains(findings[0].Looked, "JSON, which it does not read") {
		t.Errorf("of a page that it does not read it says %+v, %v", findings, err)
	}
}
