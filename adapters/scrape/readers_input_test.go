package scrape_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

const oneModel = `{"name":"orca-4","promptTextTokenPrice":"30000","completionTextTokenPrice":"150000"}`

// TestReadersBadInput: what cannot be read says what was looked for; what breaks
// off is read as far as it is whole.
func TestReadersBadInput(t *testing.T) {
	deep := strings.Repeat(`{"a":[`, 500) + oneModel + strings.Repeat(`]}`, 500)
	for name, c := range map[string]struct {
		reader, body string
		quotes       int
		says         string
	}{
		"a script without data":  {scrape.ReaderScript, "<html><script>var a={b:1}</script></html>", 0, "0 texts with such fields"},
		"a list that breaks off": {scrape.ReaderScript, `<html><script>x={"models":[` + oneModel + `,{"name":"orca-5","promptTextTokenPrice":"1</script></html>`, 2, ""},
		"a text that breaks off": {scrape.ReaderScript, `<html><script>f.push([1,"{\"models\":[` + strings.ReplaceAll(oneModel, `"`, `\"`) + "</script></html>", 0, "0 models"},
		"data deep down":         {scrape.ReaderScript, "<html><script>x=" + deep + "</script></html>", 2, ""},
		"a figure of words":      {scrape.ReaderScript, `<html><script>x={"name":"orca-4","promptTextTokenPrice":"much"}</script></html>`, 0, "1 models"},
		"a figure too large":     {scrape.ReaderScript, `<html><script>x={"name":"orca-4","promptTextTokenPrice":"99999999999999"}</script></html>`, 0, "1 models"},
		"prices of nobody":       {scrape.ReaderScript, `<html><script>x={"promptTextTokenPrice":"30000"}</script></html>`, 0, "0 models"},
		"a page that is no JSON": {scrape.ReaderJSON, onePrice, 0, "the page is Markdown or plain text"},
		"JSON without models":    {scrape.ReaderJSON, `{"data":[{"id":"orca-4"}]}`, 0, "with 0 such models"},
		"no sections":            {scrape.ReaderSections, onePrice, 0, "no such section"},
		"sections of nobody":     {scrape.ReaderSections, "# Prices\n\n|  | Paid, per 1M tokens |\n|---|---|\n| Input price | $1 |\n", 0, "no such section"},
		"no unit":                {scrape.ReaderSections, "# M 1\n\n`m-1`\n\n|  | Paid |\n|---|---|\n| Input price | $1 |\n", 0, `1 sections headed "M 1"`},
		"two amounts at odds":    {scrape.ReaderSections, "# M 1\n\n`m-1`\n\n|  | Paid, per 1M tokens |\n|---|---|\n| Input price | $1 $2 |\n| Output price | $3 or $4 |\n", 0, "1 sections"},
		"another currency":       {scrape.ReaderSections, "# M 1\n\n`m-1`\n\n|  | Paid, per 1M tokens |\n|---|---|\n| Input price | €1 |\n", 0, "1 sections"},
		"a meter of its own":     {scrape.ReaderSections, "# M 1\n\n`m-1`\n\n|  | Paid, per 1M tokens |\n|---|---|\n| Tuned input price | $1 |\n", 0, "1 sections"},
		"lines without a unit":   {scrape.ReaderText, "m-1\nInput\n$1\n", 0, "1 lines that name models and 1 with amounts"},
		"lines of nobody":        {scrape.ReaderText, "Price per million tokens\nInput\n$1\n", 0, "0 lines that name models"},
		"lines of HTML":          {scrape.ReaderText, "<html><p>m-1: input $1 per million tokens</p></html>", 1, ""},
		"lines of JSON":          {scrape.ReaderText, `{"m-1":"input $1 per million tokens"}`, 0, "(JSON)"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := scrape.New().Read([]byte(c.body), sourceOf(c.reader))
			if len(got.Quotes) != c.quotes {
				t.Errorf("read %v, want %d quotes", got.Quotes, c.quotes)
			}
			if c.quotes == 0 && (domain.KindOf(err) != domain.KindUnread || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("error %v, want unread and %q", err, c.says)
			}
		})
	}
}

// TestModifiersOfData: a rule that data states for one model keeps its name.
func TestModifiersOfData(t *testing.T) {
	body := `{"models":[{"id":"a-1","input_token_price":20000,"batch_discount_percent":20},{"id":"b-1","input_token_price":20000,"batch_discount_percent":0},{"id":"c-1","input_token_price":20000,"batch_discount_percent":"50"}]}`
	got, err := scrape.New().Read([]byte(body), sourceOf(scrape.ReaderJSON))
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, m := range got.Modifiers {
		said = append(said, fmt.Sprint(m.Name, " ", m.What, " ", m.Factor, " ", m.Place.Path))
	}
	if s := strings.Join(said, "; "); s != "a-1 batch 0.8 /models/0/batch_discount_percent; c-1 batch 0.5 /models/2/batch_discount_percent" {
		t.Errorf("modifiers %s", s)
	}
}

// fuzzReader reads any bytes with one reader: no panic, and what is read can be
// believed.
func fuzzReader(f *testing.F, reader, opening string) {
	pages, err := filepath.Glob(filepath.Join("testdata", reader, "*"))
	if err != nil || len(pages) == 0 {
		f.Fatal("no pages to begin with", err)
	}
	for _, p := range pages {
		body, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	fuzzBelief(f, reader, opening)
}

// fuzzBelief holds what one reader makes of any bytes to what can be believed.
func fuzzBelief(f *testing.F, reader, opening string) {
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := readFuzzed(t, append([]byte(opening), body...), sourceOf(reader))
		if err == nil && len(got.Quotes) == 0 {
			t.Fatal("nothing was read, and no error says why")
		}
		seen := map[domain.QuoteKey]bool{}
		for _, q := range got.Quotes {
			if !q.Amount.IsPositive() || q.Name == "" || !q.Meter.CountsTokens() || q.Tier == "" || q.Place.Path == "" || q.Place.Cell == "" || q.Place.Reader != reader {
				t.Fatalf("not to be believed: %+v", q)
			}
			if seen[q.QuoteKey] {
				t.Fatalf("twice: %+v", q)
			}
			seen[q.QuoteKey] = true
		}
	})
}

// readFuzzed reads a page, in no time and in no more memory than a page may take.
func readFuzzed(t *testing.T, page []byte, source domain.Source) (domain.Reading, error) {
	t.Helper()
	before, start := allocated(), time.Now()
	got, err := scrape.New().Read(page, source)
	if took := time.Since(start); took > time.Minute {
		t.Errorf("%d bytes took %s", len(page), took)
	}
	if int(allocated()-before) > 60*len(page)+4<<20 { // given out at any time, and perhaps freed
		measureMemory(t, string(page), source)
	}
	return got, err
}

func FuzzReadSections(f *testing.F)     { fuzzReader(f, scrape.ReaderSections, "") }
func FuzzReadSectionsHTML(f *testing.F) { fuzzReader(f, scrape.ReaderSections, "<!doctype html>") }
func FuzzReadScript(f *testing.F)       { fuzzReader(f, scrape.ReaderScript, "<!doctype html>") }
func FuzzReadJSON(f *testing.F)         { fuzzReader(f, scrape.ReaderJSON, "") }
func FuzzReadText(f *testing.F)         { fuzzReader(f, scrape.ReaderText, "") }
func FuzzReadTextHTML(f *testing.F)     { fuzzReader(f, scrape.ReaderText, "<!doctype html>") }
