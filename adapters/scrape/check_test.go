package scrape_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

func TestCheck(t *testing.T) {
	if err := scrape.Check(tablesSource()); err != nil {
		t.Fatalf("a good source: %v", err)
	}
	zero, minus := decimal.Zero, decimal.NewFromInt(-1)
	for _, c := range []struct {
		path, says string
		spoil      func(*domain.Source)
	}{
		{"name", "is empty", func(s *domain.Source) { s.Name = "" }},
		{"url", "is empty", func(s *domain.Source) { s.URL = "" }},
		{"url", `scheme "file"`, func(s *domain.Source) { s.URL = "file:///etc/passwd" }},
		{"url", "credentials", func(s *domain.Source) { s.URL = "https://me:secret@example.com/" }},
		{"url", "no host", func(s *domain.Source) { s.URL = "https:///x" }},
		{"url", "not an address", func(s *domain.Source) { s.URL = "https://me:secret@exa mple.com:x/" }},
		{"rendering", `"magic" is unknown`, func(s *domain.Source) { s.Rendering = "magic" }},
		{"readers", "at least one", func(s *domain.Source) { s.Readers = nil }},
		{"readers[0].reader", `"tabels" is unknown; expected one of: tables`, func(s *domain.Source) { s.Readers[0].Reader = "tabels" }},
		{"readers[0].selector", "not a CSS selector", func(s *domain.Source) { s.Readers[0].Selector = "table[" }},
		{"readers[0].headers.imput", "no token meter", func(s *domain.Source) { s.Readers[0].Headers = map[string][]string{"imput": {"In"}} }},
		{"readers[0].headers.input[0]", "no word", func(s *domain.Source) { s.Readers[0].Headers = map[string][]string{"input": {" - "}} }},
		{"readers[0].tiers.turbo", "no tier", func(s *domain.Source) { s.Readers[0].Tiers = map[string][]string{"turbo": {"Turbo"}} }},
		{"readers[0].divisor", "above 0", func(s *domain.Source) { s.Readers[0].Divisor = &zero }},
		{"readers[0].divisor", "above 0", func(s *domain.Source) { s.Readers[0].Divisor = &minus }},
		{"readers[0].strip[1]", "RE2", func(s *domain.Source) { s.Readers[0].Strip = []string{"ok", `(?<=a)b`} }},
		{"readers[0].skip[0]", "no word", func(s *domain.Source) { s.Readers[0].Skip = []string{""} }},
	} {
		s := tablesSource()
		c.spoil(&s)
		err := scrape.Check(s)
		var e *domain.Error
		if !errors.As(err, &e) || e.Kind != domain.KindInvalid || len(e.Fields) != 1 {
			t.Errorf("%s: error %v, want one fault", c.path, err)
			continue
		}
		if e.Fields[0].Path != c.path || !strings.Contains(e.Fields[0].Message, c.says) {
			t.Errorf("fault %+v, want %s: …%s…", e.Fields[0], c.path, c.says)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error repeats the secret: %v", err)
		}
	}
}

// TestKnobs turns each knob of the reader and sees what it changes.
func TestKnobs(t *testing.T) {
	page := `<html><body><h1>Prices</h1>
<div id="old"><table><tr><th>Model</th><th>Input</th></tr><tr><td>Ada 0</td><td>$9</td></tr></table></div>
<div id="new"><h2>Turbo lane</h2><table><tr><th>Model</th><th>What goes in</th><th>Output</th></tr><tr><td>Ada 1 beta!</td><td>$300</td><td>$500</td></tr></table>
<h2>Archive</h2><table><tr><th>Model</th><th>Output</th></tr><tr><td>Ada 2</td><td>$700</td></tr></table></div>`
	cents := decimal.NewFromInt(100)
	s := tablesSource()
	s.Readers[0] = domain.ReaderConfig{
		Reader: scrape.ReaderTables, Selector: "#new", Headers: map[string][]string{"input": {"What goes in"}},
		Tiers: map[string][]string{"priority": {"turbo lane"}}, Divisor: &cents, Strip: []string{`\s*beta!`}, Skip: []string{"Archive"},
	}
	if err := scrape.Check(s); err != nil {
		t.Fatal(err)
	}
	got, err := scrape.New().Read([]byte(page), s)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Ada 1|priority|input|0|||3", "Ada 1|priority|output|0|||5"}
	if h := had(got); strings.Join(h, "\n") != strings.Join(want, "\n") {
		t.Errorf("read %q, want %q", h, want)
	}
}

// TestReadersDisagree: what two readers of one source read differently is
// doubtful; what they agree on, or only one of them reads, is not.
func TestReadersDisagree(t *testing.T) {
	cents := decimal.NewFromInt(100)
	s := tablesSource()
	s.Readers = append(s.Readers, domain.ReaderConfig{Reader: scrape.ReaderTables, Divisor: &cents})
	if got, err := scrape.New().Read([]byte(onePrice), s); domain.KindOf(err) != domain.KindUnread || len(got.Warnings) != 2 {
		t.Errorf("read %v (%v), warnings %q; want nothing, with two warnings", got.Quotes, err, got.Warnings)
	}
	s.Readers[1].Divisor = nil
	if got, err := scrape.New().Read([]byte(onePrice), s); err != nil || len(got.Quotes) != 2 || got.Strategy != "tables" {
		t.Errorf("two readers that agree: %v, %v", got, err)
	}
}
