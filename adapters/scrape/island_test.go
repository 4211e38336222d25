package scrape_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// handed writes an element with JSON in an attribute, around what it shows.
func handed(json, shows string) string {
	return "<!doctype html><html><body><h1>Prices</h1><div data-value=\"standard\"><x-island props='" + json + "'>" + shows + "</x-island></div></body></html>"
}

const shownTable = "<table><tr><th>Model</th><th>Input</th><th>Cached input</th><th>Output</th></tr><tr><td>ada-1</td><td>$4.00</td><td>$0.40</td><td>$16.00</td></tr></table>"

func said(t *testing.T, page string, source domain.Source) (map[string]string, domain.Reading) {
	t.Helper()
	got, err := scrape.New().Read([]byte(page), source)
	if err != nil && domain.KindOf(err) != domain.KindUnread {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, q := range got.Quotes {
		out[fmt.Sprintf("%s %s %s %d", q.Name, q.Tier, q.Meter, q.Above)] = q.Amount.String()
	}
	return out, got
}

// TestGoldenIslands reads pages of our own making with the readers of a page's
// data and of its tables.
func TestGoldenIslands(t *testing.T) {
	pages, err := filepath.Glob("testdata/islands/*")
	if err != nil || len(pages) == 0 {
		t.Fatal("no pages in testdata/islands", err)
	}
	for _, page := range pages {
		t.Run(filepath.Base(page), func(t *testing.T) {
			body, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			reading, err := scrape.New().Read(body, islandSource())
			got := shown(reading, err)
			golden := filepath.Join("testdata", "golden", "island-"+filepath.Base(page)+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("read\n%s\nwant (go test -update writes it)\n%s", got, want)
			}
		})
	}
}

// TestDisagreement: what a page shows and what its data says must be one; a
// figure about which they differ is left out, the others stay.
func TestDisagreement(t *testing.T) {
	page := handed(`{"headings":["Model","Input","Cached input","Output"],"rows":[["ada-1",4,0.4,17],["bix-2",1,null,3]]}`, shownTable)
	got, reading := said(t, page, islandSource())
	if got["ada-1 standard input 0"] != "4" || got["bix-2 standard output 0"] != "3" || got["ada-1 standard output 0"] != "" {
		t.Errorf("read %v", got)
	}
	if !strings.Contains(strings.Join(reading.Warnings, "\n"), "ada-1, standard, output is stated twice, as 17") {
		t.Errorf("warnings %q do not tell of the disagreement", reading.Warnings)
	}
}

// TestRowsWithoutHeadings: what nothing explains is left out, and told.
func TestRowsWithoutHeadings(t *testing.T) {
	for _, c := range []struct {
		name, page string
		want       map[string]string // of a few keys; empty: must not be read
		warns      string
	}{
		{
			"another order, told by the table", handed(`{"rows":[["ada-1",16,4,0.4],["bix-2",8,2,0.2]]}`,
				"<table><tr><th>Model</th><th>Output</th><th>Input</th><th>Cached input</th></tr><tr><td>ada-1</td><td>$16.00</td><td>$4.00</td><td>$0.40</td></tr></table>"),
			map[string]string{"bix-2 standard output 0": "8", "bix-2 standard input 0": "2", "bix-2 standard cache_read 0": "0.2"}, "",
		},
		{
			"the table states other figures", handed(`{"rows":[["ada-1",5,0.5,20],["bix-2",1,0.1,2]]}`, shownTable),
			map[string]string{"ada-1 standard input 0": "4", "bix-2 standard input 0": ""}, "states other figures",
		},
		{
			"a width that nothing explains", handed(`{"rows":[["ada-1",1,2,3,4,5,6]]}`, shownTable),
			map[string]string{"ada-1 standard input 0": "4"}, "were left out",
		},
		{
			"training before the prices", handed(`{"rows":[["ada-1",25,3,0.75,12]]}`, ""),
			map[string]string{"ada-1 standard input 0": ""}, "were left out",
		},
		{
			"an hour's price", handed(`{"rows":[["ada-1","$100.00 / hour",4,16]]}`, ""),
			map[string]string{"ada-1 standard input 0": "", "ada-1 standard output 0": ""}, "were left out",
		},
		{
			"modalities under their model", handed(`{"parts":[{"model":"ada-live","rows":[["Audio",32,0.4,64],["Text",4,0.4,16]]}]}`, ""),
			map[string]string{"ada-live standard input_audio 0": "32", "ada-live standard output 0": "16", "Audio standard input 0": ""}, "",
		},
		{
			"modalities of nobody", handed(`{"rows":[["Audio",32,0.4,64],["Text",4,0.4,16]]}`, ""),
			map[string]string{"Audio standard input 0": "", "Text standard input 0": ""}, "were left out",
		},
		{
			"headings for another width", handed(`{"headings":["Model","Input","Output"],"rows":[["ada-1",1,2,3]]}`, ""),
			map[string]string{"ada-1 standard input 0": ""}, "their headings are 3",
		},
		{
			"another currency", handed(`{"rows":[["ada-1",4,0.4,16]]}`, "<p>from €3 a month</p>"),
			map[string]string{"ada-1 standard input 0": ""}, "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, reading := said(t, c.page, islandSource())
			for k, v := range c.want {
				if got[k] != v {
					t.Errorf("%s is %q, want %q", k, got[k], v)
				}
			}
			if !strings.Contains(strings.Join(reading.Warnings, "\n"), c.warns) {
				t.Errorf("warnings %q do not say %q", reading.Warnings, c.warns)
			}
		})
	}
}

// TestLongContext: where the long context begins when its header gives no
// number.
func TestLongContext(t *testing.T) {
	table := func(name string) string {
		return "<table><tr><th></th><th colspan=2>Short context</th><th colspan=2>Long context</th></tr><tr><th>Model</th><th>Input</th><th>Output</th><th>Input</th><th>Output</th></tr>" +
			"<tr><td>" + name + "</td><td>$1</td><td>$2</td><td>$3</td><td>$4</td></tr></table>"
	}
	for name, c := range map[string]struct {
		page  string
		above int64
		min   int64
	}{
		"said by the row itself":     {table("ada-1 (&lt;272K context length)"), 272_000, 272_000},
		"said by another row":        {"<table><tr><th>Model</th><th>Input</th></tr><tr><td>bix (≤200K context)</td><td>$1</td></tr></table>" + table("ada-1"), 200_000, 200_001},
		"said by the data":           {`<x-island props='{"rows":[["bix-9 (&lt;128K context length)",1,null,2]]}'></x-island>` + table("ada-1"), 128_000, 128_000},
		"said in a sentence":         {table("ada-1") + "<p>Prompts with more than 300K input tokens are priced at the long context rates.</p>", 300_000, 300_001},
		"said twice, differently":    {"<table><tr><th>Model</th><th>Input</th></tr><tr><td>bix (≤200K context)</td><td>$1</td></tr><tr><td>cor (&lt;272K context)</td><td>$1</td></tr></table>" + table("ada-1"), 0, 0},
		"said nowhere: it is unread": {table("ada-1"), 0, 0},
	} {
		_, reading := said(t, "<!doctype html><html><body>"+c.page, islandSource())
		var short, long string
		for _, q := range reading.Quotes {
			switch {
			case q.Name != "ada-1" || q.Meter != domain.MeterInput:
			case q.Above == 0:
				short = q.Amount.String()
			case q.Above == c.above && q.MinPromptTokens == c.min:
				long = q.Amount.String()
			default:
				t.Errorf("%s: %+v", name, q)
			}
		}
		if short != "1" || (long == "3") != (c.above > 0) {
			t.Errorf("%s: short %q, long %q; warnings %q", name, short, long, reading.Warnings)
		}
	}
}

// TestOwnTierWords: a tab that one source calls by another tier's name means
// what the source says.
func TestOwnTierWords(t *testing.T) {
	page := "## Prices\n\nFast mode\n\n| Model | Input | Output |\n|---|---|---|\n| ada-1 | $1 | $2 |\n"
	for want, tiers := range map[string]map[string][]string{"priority": {"priority": {"Fast mode"}}, "fast": nil} {
		got, _ := said(t, page, domain.Source{Readers: []domain.ReaderConfig{{Reader: scrape.ReaderTables, Tiers: tiers}}})
		if got["ada-1 "+want+" input 0"] != "1" {
			t.Errorf("with the words %v: read %v, want tier %s", tiers, got, want)
		}
		got, _ = said(t, strings.ReplaceAll(page, "Fast mode", "Fast"), domain.Source{Readers: []domain.ReaderConfig{{Reader: scrape.ReaderTables, Tiers: tiers}}})
		if got["ada-1 "+want+" input 0"] != "1" {
			t.Errorf("a tab %q with the words %v: read %v, want tier %s", "Fast", tiers, got, want)
		}
	}
}

// TestWideHeadersInMarkdown: spans that a converter lost.
func TestWideHeadersInMarkdown(t *testing.T) {
	rows := "| Model | Input | Output | Input | Output |\n| ada-1 (<272K context length) | $1 | $2 | $3 | $4 |\n"
	for _, head := range []string{
		"| | Short context | Long context |\n|---|---|---|\n",
		"| | Short context | | Long context | |\n|---|---|---|---|---|\n",
		"| | Short context | Short context | Long context | Long context |\n|---|---|---|---|---|\n",
	} {
		got, reading := said(t, "Prices per 1M tokens.\n\n"+head+rows, islandSource())
		for k, v := range map[string]string{"ada-1 standard input 0": "1", "ada-1 standard output 0": "2", "ada-1 standard input 272000": "3", "ada-1 standard output 272000": "4"} {
			if got[k] != v {
				t.Errorf("%s\n%s is %q, want %s; warnings %q", head, k, got[k], v, reading.Warnings)
			}
		}
	}
}

// TestEditionsBesideAName: a row that names a model and its dated edition
// prices both.
func TestEditionsBesideAName(t *testing.T) {
	for _, cell := range []string{"ada-4.1 ada-4.1-2025-04-14", "ada-4.1<br>↳ ada-4.1-2025-04-14", "<div>ada-4.1</div><div>ada-4.1-2025-04-14</div>"} {
		got, _ := said(t, "<!doctype html><table><tr><th>Model</th><th>Input</th></tr><tr><td>"+cell+"</td><td>$2</td></tr></table>", islandSource())
		if len(got) != 2 || got["ada-4.1 standard input 0"] != "2" || got["ada-4.1-2025-04-14 standard input 0"] != "2" {
			t.Errorf("%s: read %v", cell, got)
		}
	}
}

// TestOtherUnitsAreCharges: what is not sold by the token is no rate.
func TestOtherUnitsAreCharges(t *testing.T) {
	page := handed(`{"headings":["Model","Use","Input","Output","Estimated cost"],"groups":[{"model":"ada-hear","rows":[["Hearing",2.5,10,"$0.006 / minute"]]},{"model":"ada-speak","rows":[["Speaking","$15.00 / 1M characters","-","-"]]}]}`, "") +
		"<h2>Video</h2><p>Prices per second.</p><table><tr><th>Model</th><th>Size</th><th>Price per second</th></tr><tr><td>ada-film</td><td>720p</td><td>$0.10</td></tr></table>"
	got, reading := said(t, page, islandSource())
	if len(got) != 2 || got["ada-hear standard input 0"] != "2.5" || got["ada-hear standard output 0"] != "10" {
		t.Errorf("read %v", got)
	}
	charges := map[string]string{}
	for _, c := range reading.Charges {
		charges[c.Model] = c.Amount.String() + " per " + c.Unit
	}
	for model, want := range map[string]string{"ada-hear": "0.006 per minute", "ada-speak": "15 per 1M characters", "ada-film": "0.1 per second"} {
		if charges[model] != want {
			t.Errorf("%s: charge %q, want %q (%v)", model, charges[model], want, charges)
		}
	}
}

// TestBrokenData: data that cannot be read leaves the visible tables alone.
func TestBrokenData(t *testing.T) {
	good := `{"rows":[["ada-1",4,0.4,16],["bix-2",1,0.1,2]]}`
	broken := map[string]string{
		"truncated":        good[:len(good)-9],
		"not JSON":         "{rows: <b>}[",
		"escaped twice":    strings.ReplaceAll(good, `"`, "&amp;quot;"),
		"deep":             strings.Repeat("[", 5000),
		"deep and closed":  strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		"a flood":          `{"rows":[` + strings.Repeat("[],", 300_000) + `[]]}`,
		"a flood of keys":  "{" + strings.Repeat(`"a":1,`, 200_000) + `"b":[1]}`,
		"a long key":       `{"` + strings.Repeat("k", 100_000) + `":[["ada-1",4,0.4,16]]}`,
		"huge numbers":     `{"rows":[["bix-2",1e999999999,1e-999999999,1]]}`,
		"types of nowhere": `{"rows":[99,[[1,[[0,"bix-2"],[7],[0,1,2]]]]]}`,
	}
	for name, json := range broken {
		runtime.GC()
		start := time.Now()
		got, _ := said(t, handed(json, shownTable), islandSource())
		if len(got) != 3 || got["ada-1 standard input 0"] != "4" {
			t.Errorf("%s: read %v, want the visible table alone", name, got)
		}
		if took := time.Since(start); took > 60*time.Second {
			t.Errorf("%s: %s", name, took)
		}
	}
	for name, page := range map[string]string{
		"an open component":  "<PriceList rows={[[\"ada-9\", 1, 2]\n\n" + onePrice,
		"an open brace":      "<PriceList rows={ ((( \n\n" + onePrice,
		"many open ones":     strings.Repeat("<PriceList rows={[[\n", 3000) + "\n" + onePrice,
		"code":               "```jsx\n<PriceList headings={[\"Model\", \"Input\"]} rows={[[\"ada-9\", 7]]} />\n```\n\n" + onePrice,
		"a group that broke": "{ model: \"ada-9\", rows: [[\"x\", 1, \n\n" + onePrice,
	} {
		got, _ := said(t, page, islandSource())
		for k := range got {
			if strings.HasPrefix(k, "ada-9") {
				t.Errorf("%s: read %v", name, got)
			}
		}
	}
}

// TestIslandMemory: no data takes more than a page of its size may.
func TestIslandMemory(t *testing.T) {
	repeat := func(s string, size int) string { return strings.Repeat(s, size/len(s)+1) }
	for name, page := range map[string]string{
		"values":             handed(`{"rows":[`+repeat("0,", 200_000)+`0]}`, shownTable),
		"empty lists":        handed(`{"rows":[`+repeat("[],", 200_000)+`[]]}`, shownTable),
		"rows":               handed(`{"headings":["Model","Input"],"rows":[`+repeat(`["a1",1],`, 200_000)+`["a1",1]]}`, shownTable),
		"rows of no heading": handed(`{"rows":[`+repeat(`["a1",1],`, 200_000)+`["a1",1]]}`, shownTable),
		"groups":             handed(`{"groups":[`+repeat(`{"m":"a","rows":[["a1",1]]},`, 200_000)+`{}]}`, shownTable),
		"many islands":       "<!doctype html>" + repeat(`<x-y p='{"rows":[["a1",1]]}'></x-y>`, 200_000),
		"islands in islands": "<!doctype html>" + strings.Repeat(`<x-y p='{"rows":[["a1",1]]}'>`, 6) + repeat(shownTable, 200_000),
		"components":         repeat("<List rows={[[\"a1\", 1]]} />\n", 200_000),
		"groups alone":       repeat("{ m: \"a\", rows: [[\"a1\", 1]] }\n", 200_000),
		"open groups":        repeat("{ m: \"a\", rows: [[\"a1\", 1\n\n", 200_000),
		"wide headers":       repeat("||a|b|\n|--|--|--|\n"+strings.Repeat("|x", 60)+"|\n", 200_000),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			measureMemory(t, page, islandSource())
			if took := time.Since(start); took > 60*time.Second {
				t.Errorf("%d bytes took %s", len(page), took)
			}
		})
	}
}

// TestRowsKnob: the shapes of rows are checked as every other knob.
func TestRowsKnob(t *testing.T) {
	for name, rows := range map[string][][]string{
		"readers[0].rows[0]":    {{"Model"}},
		"readers[0].rows[1]":    {{"Model", "Input"}, {"Name", "Output"}},
		"readers[0].rows[0][1]": {{"Model", " - "}},
	} {
		err := scrape.Check(domain.Source{Name: "page", URL: "https://prices.example/", Readers: []domain.ReaderConfig{{Reader: scrape.ReaderIsland, Rows: rows}}})
		if err == nil || !strings.Contains(fmt.Sprintf("%+v", fieldsIn(err)), name) {
			t.Errorf("%v: %+v does not name %s", rows, fieldsIn(err), name)
		}
	}
}

func fieldsIn(err error) []domain.FieldError {
	if e, ok := err.(*domain.Error); ok { //nolint:errorlint // Check returns it as it is
		return e.Fields
	}
	return nil
}

// FuzzReadIslands reads any data and any components: no panic, and what is
// read can be believed.
func FuzzReadIslands(f *testing.F) {
	for _, s := range []string{
		`{"headings":["Model","Input","Output"],"rows":[["ada-1",1,2]]}`,
		`{"tier":[0,"batch"],"rows":[1,[[1,[[0,"ada-1"],[0,1],[0,null],[0,2]]]]]}`,
		`{"groups":[{"model":"ada","rows":[["Audio",1,0.1,2]]}]}`, `[[["a",1e5,.5,-1]]]`, `{"a":"\u12","b":[`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, page := range []string{
			handed(strings.ReplaceAll(s, "'", "&#39;"), shownTable),
			"# Prices\n\n<PriceList rows={" + s + "}\n/>\n\n{ model: \"ada\", rows: " + s + "}\n\n" + onePrice,
		} {
			got, err := readFuzzed(t, []byte(page), islandSource())
			if err != nil && domain.KindOf(err) != domain.KindUnread && domain.SeenIn(err) != domain.SawCutOff {
				t.Fatal(err)
			}
			for _, q := range got.Quotes {
				if !q.Amount.IsPositive() || q.Name == "" || !q.Meter.CountsTokens() || q.Tier == "" || q.Place.Path == "" || q.Place.Cell == "" {
					t.Fatalf("not to be believed: %+v", q)
				}
			}
		}
	})
}
