package scrape_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestAutoOnPagesOfManyManners: of whole pages, each in another manner of naming
// prices, auto reads nothing that a person would not (beside each page stands what
// he would), and of all of it at least half.
func TestAutoOnPagesOfManyManners(t *testing.T) {
	files, err := filepath.Glob("testdata/unknown/*.rates")
	if err != nil || len(files) == 0 {
		t.Fatal("no pages", err)
	}
	right, all := 0, 0
	for _, file := range files {
		name := strings.TrimSuffix(file, ".rates")
		pages, _ := filepath.Glob(name + ".[hm]*")
		if len(pages) != 1 {
			t.Fatalf("%s: pages %q", file, pages)
		}
		page, err := os.ReadFile(pages[0])
		if err != nil {
			t.Fatal(err)
		}
		said, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		truth := strings.FieldsFunc(string(said), func(r rune) bool { return r == '\n' })
		got, warnings := autoReads(t, string(page))
		had := 0
		for _, rate := range got {
			if slices.Contains(truth, rate) {
				had++
			} else {
				t.Errorf("%s: wrong: %s", filepath.Base(name), rate)
			}
		}
		right, all = right+had, all+len(truth)
		t.Logf("%s: %d of %d rates", filepath.Base(name), had, len(truth))
		if had < len(truth) {
			t.Logf("  warnings %q", warnings)
		}
	}
	t.Logf("auto reads %d of %d rates on %d pages", right, all, len(files))
	if 2*right < all {
		t.Errorf("%d of %d rates are under half", right, all)
	}
}
