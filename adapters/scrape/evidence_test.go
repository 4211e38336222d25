package scrape_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"ratecard/domain"
)

// provePlaces finds every quote's cell again in the page, by its place alone.
func provePlaces(t *testing.T, name string, body []byte, quotes []domain.Quote) {
	t.Helper()
	lines := strings.Split(string(body), "\n")
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	squeeze := func(s string) string {
		s = strings.NewReplacer("\\", "", "*", "", "^", "", "`", "", "&amp;", "&", "<br/>", "", "<br />", "", "<br>", "", "<sup>", "", "</sup>", "").Replace(s)
		return strings.Join(strings.Fields(s), "")
	}
	for _, q := range quotes {
		var text string
		if n, isLine := strings.CutPrefix(q.Place.Path, "line "); isLine {
			i, err := strconv.Atoi(n)
			if err != nil || i < 1 || i > len(lines) {
				t.Fatalf("%s: no line %q", name, q.Place.Path)
			}
			text = strings.Join(lines[i-1:min(len(lines), i+strings.Count(q.Place.Cell, "\n"))], "\n") // where the cell begins
		} else {
			found := doc.Find(q.Place.Path)
			if found.Length() != 1 {
				t.Fatalf("%s: %q finds %d cells", name, q.Place.Path, found.Length())
			}
			found.Find("del").Remove()
			text = found.Text()
		}
		if !strings.Contains(squeeze(text), squeeze(q.Place.Cell)) {
			t.Errorf("%s: at %s stands %q, not %q", name, q.Place.Path, text, q.Place.Cell)
		}
	}
}

func TestEvidenceIsFoundAgain(t *testing.T) {
	pages, err := filepath.Glob("testdata/pages/*")
	if err != nil || len(pages) == 0 {
		t.Fatal("no pages", err)
	}
	for _, page := range pages {
		if strings.HasSuffix(page, "doubtful.md") {
			continue // its struck-out cells are not words of the line as it stands
		}
		body, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(t, page)
		if err != nil {
			t.Fatal(err)
		}
		provePlaces(t, page, body, got.Quotes)
	}
}

func TestCorpusEvidenceIsFoundAgain(t *testing.T) {
	dir := corpus(t)
	quotes := 0
	for _, tr := range truths(t, dir) {
		page := filepath.Join(dir, "pages", tr.Page)
		body, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := read(t, page) // unread pages have no evidence to find
		provePlaces(t, tr.Page, body, got.Quotes)
		quotes += len(got.Quotes)
	}
	t.Logf("%d quotes found again in their pages", quotes)
}
