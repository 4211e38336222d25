package scrape_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// corpus is the folder with recorded pages and the truth about them.
func corpus(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("RATECARD_CORPUS")
	if dir == "" {
		t.Skip("RATECARD_CORPUS is not set: the recorded pages are not there to be read")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("RATECARD_CORPUS: there is no folder %s: the recorded pages are not there to be read", dir)
	}
	return dir
}

// A truth is what a person found on a page.
type truth struct {
	Page      string       `json:"page"`
	Provider  string       `json:"provider"`
	Rates     []statedRate `json:"rates"`
	Debatable []statedRate `json:"debatable"`
}

type statedRate struct {
	Model  string          `json:"model"`
	Tier   string          `json:"tier"`
	Meter  string          `json:"meter"`
	Above  int64           `json:"above"`
	Amount decimal.Decimal `json:"amount"`
	From   string          `json:"from"`
	Until  string          `json:"until"`
}

func (r statedRate) key() string {
	tier := r.Tier
	if tier == "" {
		tier = "standard"
	}
	return strings.ToLower(fmt.Sprintf("%s | %s | %s | %d | %s | %s", strings.Join(strings.Fields(r.Model), " "), tier, r.Meter, r.Above, r.From, r.Until))
}

func (r statedRate) group() string {
	r.From, r.Until = "", ""
	return r.key()
}

func read(t testing.TB, path string) (domain.Reading, error) {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return scrape.New().Read(body, tablesSource())
}

func tablesSource() domain.Source {
	return domain.Source{Name: "page", URL: "https://prices.example/page", Readers: []domain.ReaderConfig{{Reader: scrape.ReaderTables}}}
}

type score struct{ truth, right, missing, wrong, invented int }

// compare counts what a reading has right, against the truth.
func compare(t testing.TB, want truth, got domain.Reading, verbose bool) score {
	t.Helper()
	s := score{truth: len(want.Rates)}
	amounts := map[string]decimal.Decimal{}
	for _, r := range want.Rates {
		amounts[r.key()] = r.Amount
	}
	debatable := map[string][]decimal.Decimal{}
	for _, r := range want.Debatable {
		debatable[r.group()] = append(debatable[r.group()], r.Amount)
	}
	read := map[string]bool{}
	for _, q := range got.Quotes {
		r := statedRate{q.Name, string(q.Tier), string(q.Meter), q.Above, q.Amount, q.From.String(), q.Until.String()}
		read[r.key()] = true
		amount, stated := amounts[r.key()]
		optional, isOptional := debatable[r.group()]
		switch {
		case stated && amount.Equal(q.Amount):
			s.right++
		case stated:
			s.wrong++
			if verbose {
				t.Errorf("wrong: %s is %s, read %s from %+v", r.key(), amount, q.Amount, q.Place)
			}
		case isOptional && !containsAmount(optional, q.Amount):
			s.wrong++
			if verbose {
				t.Errorf("wrong: %s is debatable as %v, read %s", r.key(), optional, q.Amount)
			}
		case !isOptional:
			s.invented++
			if verbose {
				t.Errorf("invented: %s as %s from %+v", r.key(), q.Amount, q.Place)
			}
		}
	}
	for k := range amounts {
		if !read[k] && debatable[statedGroup(k)] == nil {
			s.missing++
			if verbose {
				t.Errorf("missing: %s is %s", k, amounts[k])
			}
		}
	}
	return s
}

func statedGroup(key string) string {
	parts := strings.Split(key, " | ")
	return strings.Join(append(parts[:4], "", ""), " | ")
}

func containsAmount(list []decimal.Decimal, a decimal.Decimal) bool {
	for _, d := range list {
		if d.Equal(a) {
			return true
		}
	}
	return false
}

func truths(t testing.TB, dir string) []truth {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "truth", "rates", "*.json"))
	if err != nil || len(files) == 0 {
		t.Skipf("%s holds no truth/rates/*.json: there is nothing to compare with", dir)
	}
	var out []truth
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var tr truth
		if err := json.Unmarshal(body, &tr); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		out = append(out, tr)
	}
	return out
}

// TestCorpusAnthropic reads every recorded page of that provider exactly.
func TestCorpusAnthropic(t *testing.T) {
	dir := corpus(t)
	var all score
	pages := 0
	for _, tr := range truths(t, dir) {
		if tr.Provider != "anthropic" {
			continue
		}
		pages++
		got, err := read(t, filepath.Join(dir, "pages", tr.Page))
		if err != nil && len(tr.Rates) > 0 {
			t.Errorf("%s: %v", tr.Page, err)
		}
		s := compare(t, tr, got, true)
		all.truth, all.right, all.missing, all.wrong, all.invented = all.truth+s.truth, all.right+s.right, all.missing+s.missing, all.wrong+s.wrong, all.invented+s.invented
	}
	if pages == 0 {
		t.Skip("the corpus holds no page of that provider with its truth")
	}
	t.Logf("%d pages: %d of %d rates right, %d missing, %d wrong, %d invented", pages, all.right, all.truth, all.missing, all.wrong, all.invented)
}

// TestCorpusOthers reads the recorded pages of the other providers with the
// same reader: what it does read must be what the page states.
func TestCorpusOthers(t *testing.T) {
	dir := corpus(t)
	for _, tr := range truths(t, dir) {
		if tr.Provider == "anthropic" {
			continue
		}
		got, err := read(t, filepath.Join(dir, "pages", tr.Page))
		if err != nil && domain.KindOf(err) != domain.KindUnread {
			t.Errorf("%s: %v", tr.Page, err)
		}
		s := compare(t, tr, got, false)
		t.Logf("%s: %d of %d right, %d missing, %d wrong, %d invented", tr.Page, s.right, s.truth, s.missing, s.wrong, s.invented)
		if s.wrong+s.invented > 0 {
			compare(t, truth{Rates: tr.Rates, Debatable: tr.Debatable}, got, testing.Verbose())
			t.Errorf("%s: %d wrong, %d invented", tr.Page, s.wrong, s.invented)
		}
	}
}
