package scrape_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ratecard/domain"
)

// fuzzRead reads any bytes: no panic, and what is read can be believed.
func fuzzRead(f *testing.F, opening string, endings ...string) {
	pages, err := filepath.Glob("testdata/pages/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, p := range pages {
		for _, ending := range endings {
			if !strings.HasSuffix(p, ending) {
				continue
			}
			body, err := os.ReadFile(p)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(body)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := readFuzzed(t, append([]byte(opening), body...), tablesSource())
		if err == nil && len(got.Quotes) == 0 {
			t.Fatal("nothing was read, and no error says why")
		}
		seen := map[domain.QuoteKey]bool{}
		for _, q := range got.Quotes {
			if !q.Amount.IsPositive() || q.Name == "" || !q.Meter.CountsTokens() || q.Tier == "" || q.Place.Path == "" || q.Place.Cell == "" {
				t.Fatalf("not to be believed: %+v", q)
			}
			if seen[q.QuoteKey] {
				t.Fatalf("twice: %+v", q)
			}
			seen[q.QuoteKey] = true
		}
	})
}

func FuzzReadHTML(f *testing.F)     { fuzzRead(f, "<!doctype html>", ".html") }
func FuzzReadMarkdown(f *testing.F) { fuzzRead(f, "", ".md") }
