package scrape_test

import (
	"bytes"
	"runtime/metrics"
	"testing"
	"time"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// everyReader reads a page in every way that there is.
var everyReader = domain.Source{Name: "page", URL: "https://prices.example/page", Readers: []domain.ReaderConfig{
	{Reader: scrape.ReaderTables}, {Reader: scrape.ReaderSections}, {Reader: scrape.ReaderScript}, {Reader: scrape.ReaderJSON},
	{Reader: scrape.ReaderText}, {Reader: scrape.ReaderIsland}, {Reader: scrape.ReaderAuto},
}}

// openings make a text a page of each form.
var openings = []string{"<!doctype html>", "<!doctype html><table>", "", `{"a":`}

// repeatedPage says one thing over and over, and then another.
func repeatedPage(first, then []byte, opening string, size int) []byte {
	page := append([]byte(opening), bytes.Repeat(first, size/len(first)+1)...)
	if len(then) > 0 {
		page = append(page, bytes.Repeat(then, size/len(then)+1)...)
	}
	return page
}

// allocated is what the heap has given out so far.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// FuzzRepeated: what a parser does for one mark, it may do again for all marks
// before it. A page that repeats itself is read in no time, and in no more memory
// than a page may take, or is refused.
func FuzzRepeated(f *testing.F) {
	for _, first := range []string{
		"<b>", "<b><p>", "<a><p></a>", "</p><b>", "<font x=1><div>", "<table><tr><td>", "x<tr>", "ib>", "a</x>", "<svg><p>", "<svg></p><title><b>", "<select><table>", "<template>", "<x-y>", "<!--", "<!>0",
		"1. ", "> ", "> - ", "- a\n", "[", "[a]: b\n", "![](", "*a_", "`a``b", "|a|b\n", "<a ", "<Tab title='x'>\n", "<X a={[", `{"a":[`, "$1 ", "input $1, ", "(a", "a-1\ninput\n$1\n",
	} {
		for form := range openings {
			f.Add([]byte(first), []byte("<p>x"), uint8(form))
			f.Add([]byte(first), []byte(nil), uint8(form))
		}
	}
	f.Fuzz(func(t *testing.T, first, then []byte, form uint8) {
		if len(first) == 0 || len(first) > 200 || len(then) > 200 {
			return
		}
		page := repeatedPage(first, then, openings[int(form)%len(openings)], 12_000)
		before, start := allocated(), time.Now()
		_, _ = scrape.New().Read(page, everyReader)
		took := time.Since(start)
		if int(allocated()-before) > 60*len(page)+4<<20 { // given out at any time, and perhaps freed
			measureMemory(t, string(page), everyReader)
		}
		if took > 60*time.Second {
			t.Errorf("%d bytes took %s", len(page), took)
		}
	})
}

// TestOneTableOneReader: a table that is a model's own, by its section, is no
// other reader's to complain about.
func TestOneTableOneReader(t *testing.T) {
	body := "# Ada 5\n\n`ada-5`\n\n|  | Paid, per 1M tokens |\n|---|---|\n| Input price | $2 |\n| Output price | $10 |\n\n" +
		"# All\n\n| Model | Input |\n|---|---|\n| ada-4 | $1 / MTok |\n"
	source := domain.Source{Name: "page", URL: "https://prices.example/", Readers: []domain.ReaderConfig{{Reader: scrape.ReaderSections}, {Reader: scrape.ReaderTables}}}
	got, findings, err := scrape.New().Explain([]byte(body), source)
	if err != nil || len(got.Quotes) != 3 || len(got.Warnings) > 0 {
		t.Fatalf("read %v with the warnings %q, %v; want three prices and none", got.Quotes, got.Warnings, err)
	}
	if why := findings[1].Tables[0].Skipped; why != "another reader of this source read it" {
		t.Errorf("the first table was left out because %q", why)
	}
}
