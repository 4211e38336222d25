package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

// corpusTruths are the files of one kind of truth about the recorded pages.
func corpusTruths(t testing.TB, kind string) (dir string, files []string) {
	t.Helper()
	if dir = os.Getenv("RATECARD_CORPUS"); dir == "" {
		t.Skip("RATECARD_CORPUS is not set: the recorded pages are not there to be read")
	}
	files, err := filepath.Glob(filepath.Join(dir, "truth", kind, "*.json"))
	if err != nil || len(files) == 0 {
		t.Skipf("%s holds no truth/%s: there is nothing to compare with", dir, kind)
	}
	return dir, files
}

type corpusRate struct {
	Model  string          `json:"model"`
	Tier   string          `json:"tier"`
	Meter  string          `json:"meter"`
	Above  int64           `json:"above"`
	Amount decimal.Decimal `json:"amount"`
	From   string          `json:"from"`
	Until  string          `json:"until"`
}

// place is what a rate is stated for, without its dates.
func (r corpusRate) place() string {
	tier := r.Tier
	if tier == "" {
		tier = "standard"
	}
	return strings.ToLower(fmt.Sprint(strings.Join(strings.Fields(r.Model), " "), " | ", tier, " | ", r.Meter, " | ", r.Above))
}

func (r corpusRate) key() string { return fmt.Sprint(r.place(), " | ", r.From, " | ", r.Until) }

// A corpusTruth is what a person found on a page.
type corpusTruth struct {
	Page      string       `json:"page"`
	Provider  string       `json:"provider"`
	Rates     []corpusRate `json:"rates"`
	Debatable []corpusRate `json:"debatable"`
}

func loadTruth(t testing.TB, path string) corpusTruth {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out corpusTruth
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return out
}

// judge compares rates with the truth: what is missing, and what is wrong or
// invented.
func (c corpusTruth) judge(got []corpusRate) (missing, wrong []string) {
	stated, optional := map[string]decimal.Decimal{}, map[string][]decimal.Decimal{}
	for _, r := range c.Rates {
		stated[r.key()] = r.Amount
	}
	for _, r := range c.Debatable {
		optional[r.place()] = append(optional[r.place()], r.Amount)
	}
	read := map[string]bool{}
	for _, r := range got {
		read[r.key()] = true
		amount, known := stated[r.key()]
		allowed := known && amount.Equal(r.Amount)
		for _, a := range optional[r.place()] {
			allowed = allowed || !known && a.Equal(r.Amount)
		}
		if !allowed {
			wrong = append(wrong, fmt.Sprint(r.key(), " is read as ", r.Amount, ", not ", amount))
		}
	}
	for _, r := range c.Rates {
		if !read[r.key()] && optional[r.place()] == nil {
			missing = append(missing, fmt.Sprint(r.key(), " is ", r.Amount))
		}
	}
	return missing, wrong
}

// scrapeRates runs `ratecard scrape` on a file.
func scrapeRates(t testing.TB, provider, path string) []corpusRate {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status := command(t, nil).Run(t.Context(), []string{provider, "--file", path}, &stdout, &stderr)
	var out struct {
		Rates []corpusRate `json:"rates"`
	}
	if err := json.Unmarshal(stdout.Bytes(), &out); err != nil {
		t.Fatalf("%s: status %d: %v", path, status, err)
	}
	if want := map[bool]int{true: 0, false: 3}[len(out.Rates) > 0]; status != want {
		t.Errorf("%s: status %d with %d rates: %s", path, status, len(out.Rates), stderr.String())
	}
	return out.Rates
}

// TestCorpusRates reads every recorded page with the sources of its provider,
// as `ratecard scrape` does: all that it states, and nothing else.
func TestCorpusRates(t *testing.T) {
	dir, files := corpusTruths(t, "rates")
	rates := 0
	for _, f := range files {
		truth := loadTruth(t, f)
		missing, wrong := truth.judge(scrapeRates(t, truth.Provider, filepath.Join(dir, "pages", truth.Page)))
		for _, s := range missing {
			t.Errorf("%s: missing: %s", truth.Page, s)
		}
		for _, s := range wrong {
			t.Errorf("%s: wrong: %s", truth.Page, s)
		}
		rates += len(truth.Rates)
	}
	t.Logf("%d pages, %d rates", len(files), rates)
}
