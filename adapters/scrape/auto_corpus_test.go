package scrape

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// A seen is a rate that a person found on a recorded page.
type seen struct {
	Model  string          `json:"model"`
	Tier   string          `json:"tier"`
	Meter  string          `json:"meter"`
	Above  int64           `json:"above"`
	Amount decimal.Decimal `json:"amount"`
	From   string          `json:"from"`
	Until  string          `json:"until"`
}

func (s seen) key() string {
	if s.Tier == "" {
		s.Tier = string(domain.TierStandard)
	}
	text, _ := json.Marshal([]any{normal(s.Model), s.Tier, s.Meter, s.Above, s.From, s.Until})
	return string(text)
}

func (s seen) place() string {
	s.From, s.Until = "", ""
	return s.key()
}

// A shown table is a table that a person sees, with the lines around it.
type shown struct {
	around string                // the headings and lines before it
	names  []string              // what its first row says, and each other row
	pays   []([]decimal.Decimal) // the amounts of each row
}

// shownIn are the tables of a page that a person sees.
func shownIn(doc document) []shown {
	var out []shown
	var around []string
	for _, b := range doc.blocks {
		switch b.kind {
		case heading, paragraph, item:
			around = append(around, normal(b.text.words()))
		case grid:
			s := shown{around: " " + strings.Join(around, " . ") + " "}
			for _, row := range b.table.rows {
				said := " "
				var pays []decimal.Decimal
				for i, c := range row {
					if i == 0 || c != row[i-1] {
						said += normal(c.text.words()) + " . "
						pays = append(pays, amountsIn(c.text.words())...)
					}
				}
				s.names, s.pays = append(s.names, said), append(s.pays, pays)
			}
			out = append(out, s)
			around = around[max(0, len(around)-40):]
		case data:
		}
	}
	return out
}

func amountsIn(s string) []decimal.Decimal {
	var out []decimal.Decimal
	for _, m := range moneyPattern.FindAllStringSubmatch(s, -1) {
		for _, number := range []string{m[5], m[7]} {
			if d, err := decimal.NewFromString(strings.ReplaceAll(number, ",", "")); err == nil {
				out = append(out, d)
			}
		}
	}
	return out
}

// holds tells whether a rate stands in the table: a row of it states the amount,
// and the model's name stands in that row, in the first row, or shortly before
// the table.
func (s shown) holds(r seen) bool {
	name := " " + normal(r.Model) + " "
	for i, pays := range s.pays {
		if slices.ContainsFunc(pays, r.Amount.Equal) && (strings.Contains(s.names[i], name) || strings.Contains(s.names[0], name) || strings.Contains(s.around, name)) {
			return true
		}
	}
	return false
}

// TestCorpusAuto: on every recorded page, with every other reader off and nothing
// configured, auto reads nothing wrong, invents nothing, and reads at least half
// of the rates that stand in visible tables.
func TestCorpusAuto(t *testing.T) {
	dir := os.Getenv("RATECARD_CORPUS")
	files, _ := filepath.Glob(filepath.Join(dir, "truth", "rates", "*.json"))
	if dir == "" || len(files) == 0 {
		t.Skip("RATECARD_CORPUS names no folder with truth/rates: the recorded pages are not there to be read")
	}
	source := domain.Source{Name: "page", Readers: []domain.ReaderConfig{{Reader: ReaderAuto}}}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var truth struct {
			Page      string `json:"page"`
			Rates     []seen `json:"rates"`
			Debatable []seen `json:"debatable"`
		}
		if err := json.Unmarshal(text, &truth); err != nil {
			t.Fatal(err)
		}
		body, err := os.ReadFile(filepath.Join(dir, "pages", truth.Page))
		if err != nil {
			t.Fatal(err)
		}
		got, err := New().Read(body, source)
		if err != nil && domain.KindOf(err) != domain.KindUnread {
			t.Errorf("%s: %v", truth.Page, err)
		}
		amounts, optional := map[string]decimal.Decimal{}, map[string][]decimal.Decimal{}
		for _, r := range truth.Rates {
			amounts[r.key()] = r.Amount
		}
		for _, r := range truth.Debatable {
			optional[r.place()] = append(optional[r.place()], r.Amount)
		}
		read := map[string]bool{}
		for _, q := range got.Quotes {
			r := seen{q.Name, string(q.Tier), string(q.Meter), q.Above, q.Amount, q.From.String(), q.Until.String()}
			read[r.key()] = true
			if amount, known := amounts[r.key()]; known && amount.Equal(q.Amount) {
				continue
			}
			if !slices.ContainsFunc(optional[r.place()], q.Amount.Equal) {
				t.Errorf("%s: %s is read as %s, not %s", truth.Page, r.key(), q.Amount, amounts[r.key()])
			}
		}
		doc, err := documentOf(body, formOf(body), "")
		if err != nil {
			t.Errorf("%s: %v", truth.Page, err)
		}
		tables := shownIn(doc)
		inTables, had := 0, 0
		for _, r := range truth.Rates {
			if slices.ContainsFunc(tables, func(s shown) bool { return s.holds(r) }) {
				inTables++
				if read[r.key()] {
					had++
				}
			}
		}
		t.Logf("%s: auto reads %d of the %d rates in visible tables, of %d stated", truth.Page, had, inTables, len(truth.Rates))
		if 2*had < inTables {
			t.Errorf("%s: auto reads %d of the %d rates in visible tables, under half", truth.Page, had, inTables)
		}
	}
}
