package scrape_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// proveData finds the element that each quote names ("script 3 /models/0/…",
// "div 1 @data-plan /…") and its cell, or the part of it that the element holds
// where a framework cut it, again.
func proveData(t *testing.T, name string, body []byte, quotes []domain.Quote) {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range quotes {
		var tag, attribute string
		var n int
		if _, err := fmt.Sscanf(q.Place.Path, "%s %d", &tag, &n); err != nil {
			t.Fatalf("%s: no element in %q", name, q.Place.Path)
		}
		found := doc.Find(tag).Eq(n - 1)
		text := found.Text()
		if _, rest, ok := strings.Cut(q.Place.Path, "@"); ok {
			attribute, _, _ = strings.Cut(rest, " ")
			text, _ = found.Attr(attribute)
		}
		_, value, _ := strings.Cut(q.Place.Cell, ":")
		if text = strings.ReplaceAll(text, `\`, ""); !strings.Contains(text, q.Place.Cell) && !strings.Contains(text, value) {
			t.Errorf("%s: %s does not hold %s", name, q.Place.Path, q.Place.Cell)
		}
	}
}

func TestReadersEvidenceIsFoundAgain(t *testing.T) {
	for _, reader := range []string{scrape.ReaderSections, scrape.ReaderText, scrape.ReaderScript} {
		pages, err := filepath.Glob(filepath.Join("testdata", reader, "*"))
		if err != nil || len(pages) == 0 {
			t.Fatal("no pages", err)
		}
		for _, page := range pages {
			body, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			got, err := scrape.New().Read(body, sourceOf(reader))
			if err != nil {
				t.Fatal(err)
			}
			if reader == scrape.ReaderScript {
				proveData(t, page, body, got.Quotes)
			} else {
				provePlaces(t, page, body, got.Quotes)
			}
		}
	}
}

// TestCorpusReadersEvidence finds the figures of recorded pages again, whatever
// reader reads them.
func TestCorpusReadersEvidence(t *testing.T) {
	dir := corpus(t)
	found := map[string]int{}
	for _, tr := range truths(t, dir) {
		body, err := os.ReadFile(filepath.Join(dir, "pages", tr.Page))
		if err != nil {
			t.Fatal(err)
		}
		for _, reader := range []string{scrape.ReaderSections, scrape.ReaderText, scrape.ReaderScript} {
			got, _ := scrape.New().Read(body, sourceOf(reader)) // most pages are not this reader's
			if reader == scrape.ReaderScript && strings.HasSuffix(tr.Page, ".html") {
				proveData(t, tr.Page, body, got.Quotes)
			} else {
				provePlaces(t, tr.Page, body, got.Quotes)
			}
			found[reader] += len(got.Quotes)
		}
	}
	t.Logf("quotes found again: %v", found)
}
