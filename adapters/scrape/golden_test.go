package scrape_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

var update = flag.Bool("update", false, "write what was read as the golden files")

// TestGoldens reads pages of our own making; each golden is written to be read
// by a person.
func TestGoldens(t *testing.T) {
	pages, err := filepath.Glob("testdata/pages/*")
	if err != nil || len(pages) == 0 {
		t.Fatal("no pages in testdata/pages", err)
	}
	for _, page := range pages {
		t.Run(filepath.Base(page), func(t *testing.T) {
			body, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			reading, err := scrape.New().Read(body, tablesSource())
			got := shown(reading, err)
			golden := filepath.Join("testdata", "golden", filepath.Base(page)+".txt")
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

func shown(r domain.Reading, err error) string {
	var b strings.Builder
	if err != nil {
		fmt.Fprintln(&b, "error:", err)
	}
	for _, q := range r.Quotes {
		fmt.Fprintf(&b, "%s | %s | %s | above %d, from %d | %s .. %s | %s\n    %s | row %q | header %q | cell %q\n",
			q.Name, q.Tier, q.Meter, q.Above, q.MinPromptTokens, q.From, q.Until, q.Amount,
			q.Place.Path, q.Place.Row, q.Place.Header, q.Place.Cell)
	}
	for _, m := range r.Modifiers {
		fmt.Fprintf(&b, "modifier: %s × %s: %s\n", m.What, m.Factor, m.Text)
	}
	for _, c := range r.Charges {
		fmt.Fprintf(&b, "charge: %s | %s | %s per %s | %s\n", c.Model, c.What, c.Amount, c.Unit, c.Kind)
	}
	for _, m := range r.Remarks {
		fmt.Fprintf(&b, "remark: %s: %s\n", m.Name, m.Text)
	}
	for _, w := range r.Warnings {
		fmt.Fprintln(&b, "warning:", w)
	}
	return b.String()
}
