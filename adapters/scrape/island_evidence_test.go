package scrape_test

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"ratecard/domain"
)

// proveIslandPlaces finds every quote's cell again in the page by its place
// alone: an element, its attribute, and a pointer into the JSON there.
func proveIslandPlaces(t *testing.T, name string, body []byte, quotes []domain.Quote) {
	t.Helper()
	var visible []domain.Quote
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(body), "\n")
	for _, q := range quotes {
		if n, isLine := strings.CutPrefix(q.Place.Path, "line "); isLine && q.Place.Reader == "island" {
			if i, err := strconv.Atoi(n); err != nil || i < 1 || i > len(lines) || !strings.Contains(lines[i-1], q.Place.Cell) {
				t.Errorf("%s: %s does not hold %q", name, q.Place.Path, q.Place.Cell)
			}
			continue
		}
		path, at, isData := strings.Cut(q.Place.Path, " @")
		if !isData {
			visible = append(visible, q)
			continue
		}
		attr, pointer, _ := strings.Cut(at, " ")
		held, ok := doc.Find(path).Attr(attr)
		if !ok {
			t.Fatalf("%s: no attribute %s at %s", name, attr, path)
		}
		found := pointed(t, held, pointer)
		if !strings.HasPrefix(found, strings.SplitN(q.Place.Cell, "\n", 2)[0]) {
			t.Errorf("%s: at %s stands %q, not %q", name, q.Place.Path, found, q.Place.Cell)
		}
	}
	provePlaces(t, name, body, visible)
}

// pointed follows a JSON pointer.
func pointed(t *testing.T, text, pointer string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	for _, step := range strings.Split(pointer, "/")[1:] {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		switch held := v.(type) {
		case map[string]any:
			v = held[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(held) {
				t.Fatalf("%s leads nowhere", pointer)
			}
			v = held[i]
		}
	}
	switch held := v.(type) {
	case json.Number:
		return held.String()
	case string:
		return held
	}
	t.Fatalf("%s leads to %v", pointer, v)
	return ""
}
