package app

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/adapters/providers"
	"ratecard/adapters/scrape"
	"ratecard/domain"
	"ratecard/domain/guard"
	"ratecard/domain/ledger"
)

// A recording is a recorded page with the rates that people read on it.
type recording struct {
	Page      string            `json:"page"`
	Provider  domain.ProviderID `json:"provider"`
	Captured  string            `json:"captured"`
	Rates     []recorded        `json:"rates"`
	Debatable []recorded        `json:"debatable"`
	at        time.Time
	body      []byte
	sources   []domain.Source // the provider's, with their readers
}

// recorded is a rate as people read it.
type recorded struct {
	Model  string          `json:"model"`
	Tier   domain.Tier     `json:"tier"`
	Meter  domain.Meter    `json:"meter"`
	Above  int64           `json:"above"`
	Amount decimal.Decimal `json:"amount"`
	From   string          `json:"from"`
	Until  string          `json:"until"`
}

// recordings are the recorded pages with rates, in order of time.
func recordings(t testing.TB) []recording {
	t.Helper()
	dir := os.Getenv("RATECARD_CORPUS")
	if dir == "" {
		t.Skip("RATECARD_CORPUS is not set: the recorded pages are not there to be read")
	}
	files, err := filepath.Glob(filepath.Join(dir, "truth", "rates", "*.json"))
	if err != nil || len(files) == 0 {
		t.Skipf("%s holds no truth/rates: there is nothing to mutate", dir)
	}
	known, err := providers.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	var all []recording
	for _, f := range files {
		var r recording
		text, err := os.ReadFile(f)
		if err == nil {
			err = json.Unmarshal(text, &r)
		}
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		if r.body, err = os.ReadFile(filepath.Join(dir, "pages", r.Page)); err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{"2006-01-02", "2006-01", "2006"} {
			if at, err := time.Parse(form, r.Captured[:min(len(form), len(r.Captured))]); err == nil {
				r.at = at.Add(12 * time.Hour)
				break
			}
		}
		for _, p := range known {
			if p.ID == r.Provider {
				r.sources = p.Scraping.Sources
			}
		}
		if len(r.Rates) > 0 {
			all = append(all, r)
		}
	}
	slices.SortStableFunc(all, func(a, b recording) int { return a.at.Compare(b.at) })
	return all
}

// read reads a body as the first of the provider's sources that can.
func (r recording) read(body []byte) (domain.Reading, error) {
	var reading domain.Reading
	err := domain.Errorf(domain.KindUnread, "the provider has no source")
	for _, source := range r.sources {
		var failed error
		if reading, failed = scrape.New().Read(body, source); failed == nil {
			return reading, nil
		}
		err = domain.Errorf(domain.KindUnread, "%v", failed)
	}
	return reading, err
}

// theatre is a provider's ledger in memory, kept by the same rules.
type theatre struct {
	state    ledger.State
	provider domain.ProviderID
	ids      int64
	told     []domain.HeldChange // every held change there was, as it stands
}

func (th *theatre) id() int64 { th.ids++; return th.ids }

// show lets a reading of a source be stored, as a sync does.
func (th *theatre) show(source string, reading domain.Reading, models []string, at time.Time) joining {
	listing := &domain.Listing{Complete: true, KeyFingerprint: "one", At: at}
	for _, id := range models {
		listing.Models = append(listing.Models, domain.Model{ModelKey: domain.ModelKey{Provider: th.provider, ID: id}, Source: "api", DisplayName: id})
	}
	read := &pageRead{reading, domain.SourceRead{Source: source, At: at, Good: true}}
	j := join(th.state, th.provider, discovered{listing: listing}, read, domain.Guard{}, at)
	j.change.Reads = []domain.SourceRead{read.read}
	th.take(j.change)
	return j
}

// ask lets another source be asked about what is held.
func (th *theatre) ask(source string, reading domain.Reading, at time.Time) {
	th.take(confirm(th.state, th.provider, []otherRead{{reading, domain.SourceRead{Source: source, At: at, Good: true}}}, knownAt(th.state, at)))
}

// take makes a change true.
func (th *theatre) take(c ledger.Change) {
	for _, m := range c.Models {
		th.state.Models = slices.DeleteFunc(th.state.Models, func(v domain.ModelVersion) bool { return v.ID == m.ID })
		th.state.Models = append(th.state.Models, domain.ModelVersion{Model: m})
	}
	for i := range c.Open {
		c.Open[i].ID = th.id()
	}
	th.state.Rates = ledger.Apply(th.state.Rates, ledger.RateChange{Supersede: c.Supersede, Open: c.Open})
	th.state.Statements = slices.DeleteFunc(th.state.Statements, func(s domain.Statement) bool { return slices.Contains(c.StatementsEnd, s.ID) })
	for _, s := range c.StatementsOpen {
		s.ID = th.id()
		th.state.Statements = append(th.state.Statements, s)
	}
	if th.state.LastReads == nil {
		th.state.LastReads, th.state.Matches = map[string]time.Time{}, map[string]domain.Match{}
	}
	for _, r := range c.Reads {
		th.state.LastReads[r.Source] = r.At
	}
	for _, m := range c.Matches {
		th.state.Matches[m.ModelID] = m
	}
	for _, h := range c.Settled {
		th.state.Held = slices.DeleteFunc(th.state.Held, func(o domain.HeldChange) bool { return o.ID == h.ID })
		if h.Over.IsZero() {
			th.state.Held = append(th.state.Held, h)
		}
		i := slices.IndexFunc(th.told, func(o domain.HeldChange) bool { return o.ID == h.ID })
		th.told[i] = h
	}
	for _, h := range c.Held {
		h.ID = th.id()
		th.state.Held, th.told = append(th.state.Held, h), append(th.told, h)
	}
	th.state.LastKnown = c.KnownAt
}

// prices are the list prices in force at an instant.
func (th *theatre) prices(at time.Time) map[domain.RateKey]string {
	out := map[domain.RateKey]string{}
	for _, r := range th.state.Rates {
		if r.Effective.Contains(at) {
			out[r.RateKey] = r.Amount.String()
		}
	}
	return out
}

// A fault is a way in which a page goes wrong: in its text, or in what is read
// of it where pages are too different in how they say it.
type fault struct {
	name string
	text func(body []byte, dice *rand.Rand) []byte
	says func(quotes []domain.Quote, dice *rand.Rand)
}

var dollarFigure = regexp.MustCompile(`\$\d[\d,]*(\.\d+)?`)

// refigure writes dollar figures of a page anew.
func refigure(body []byte, which func(n, i int) bool, write func(string) string) []byte {
	n, i := len(dollarFigure.FindAllIndex(body, -1)), -1
	return dollarFigure.ReplaceAllFunc(body, func(figure []byte) []byte {
		if i++; !which(n, i) {
			return figure
		}
		return []byte(write(strings.ReplaceAll(string(figure[1:]), ",", "")))
	})
}

func all(int, int) bool { return true }

func timesOf(factor string) func(string) string {
	return func(s string) string {
		return "$" + decimal.RequireFromString(s).Mul(decimal.RequireFromString(factor)).String()
	}
}

// losesDigit drops one digit of an amount; never the only one.
func losesDigit(s string, dice *rand.Rand) string {
	var digits []int
	for i, r := range s {
		if r != '.' {
			digits = append(digits, i)
		}
	}
	if len(digits) < 2 {
		return s
	}
	at := digits[dice.IntN(len(digits))]
	s = s[:at] + s[at+1:]
	if strings.HasPrefix(s, ".") {
		s = "0" + s
	}
	return strings.TrimSuffix(s, ".")
}

// exchanged takes two values for each other.
func exchanged[T comparable](v, one, other T) T {
	switch v {
	case one:
		return other
	case other:
		return one
	}
	return v
}

func ways() []fault {
	swapMeters := func(only func(q domain.Quote, dice string) bool) func([]domain.Quote, *rand.Rand) {
		return func(quotes []domain.Quote, dice *rand.Rand) {
			who := quotes[dice.IntN(len(quotes))].Name
			for i := range quotes {
				if q := &quotes[i]; only(*q, who) {
					q.Meter = exchanged(q.Meter, domain.MeterInput, domain.MeterOutput)
				}
			}
		}
	}
	return []fault{
		{name: "columns swapped", says: swapMeters(func(domain.Quote, string) bool { return true })},
		{name: "columns swapped in one table", says: swapMeters(func(q domain.Quote, _ string) bool { return q.Tier == domain.TierStandard })},
		{name: "columns swapped in one row", says: swapMeters(func(q domain.Quote, who string) bool { return q.Name == who })},
		{name: "rows shifted", says: shiftRows(0)}, {name: "rows shifted from the middle", says: shiftRows(2)}, {name: "the last row shifted", says: shiftRows(1 << 20)},
		{name: "tabs exchanged", says: func(quotes []domain.Quote, _ *rand.Rand) {
			for i := range quotes {
				quotes[i].Tier = exchanged(quotes[i].Tier, domain.TierStandard, domain.TierBatch)
			}
		}},
		{name: "tabs exchanged for one model", says: func(quotes []domain.Quote, dice *rand.Rand) {
			who := quotes[dice.IntN(len(quotes))].Name
			for i := range quotes {
				if q := &quotes[i]; q.Name == who {
					q.Tier = exchanged(q.Tier, domain.TierStandard, domain.TierBatch)
				}
			}
		}},
		{name: "a digit lost in what is read", says: func(quotes []domain.Quote, dice *rand.Rand) {
			q := &quotes[dice.IntN(len(quotes))]
			for i := range quotes {
				if quotes[i].Place == q.Place && quotes[i].Name == q.Name && i != slices.Index(quotes, *q) {
					quotes[i].Amount = decimal.RequireFromString(losesDigit(q.Amount.String(), rand.New(rand.NewPCG(1, 1))))
				}
			}
			q.Amount = decimal.RequireFromString(losesDigit(q.Amount.String(), rand.New(rand.NewPCG(1, 1))))
		}},
		{name: "thousands for millions in what is read", says: func(quotes []domain.Quote, _ *rand.Rand) {
			for i := range quotes {
				quotes[i].Amount = quotes[i].Amount.Shift(-3)
			}
		}},
		{name: "thousands for millions", text: func(b []byte, _ *rand.Rand) []byte { return refigure(b, all, timesOf("0.001")) }},
		{name: "millions for thousands", text: func(b []byte, _ *rand.Rand) []byte { return refigure(b, all, timesOf("1000")) }},
		{name: "in cents", text: func(b []byte, _ *rand.Rand) []byte { return refigure(b, all, timesOf("100")) }},
		{name: "the first half", text: func(b []byte, _ *rand.Rand) []byte { return b[:len(b)/2] }},
		{name: "the last half", text: func(b []byte, _ *rand.Rand) []byte { return b[len(b)/2:] }},
		{name: "in euros", text: func(b []byte, _ *rand.Rand) []byte {
			return refigure(b, all, func(s string) string { return "€" + strings.TrimPrefix(timesOf("0.92")(s), "$") })
		}},
		{name: "in euros that look like dollars", text: func(b []byte, _ *rand.Rand) []byte {
			return refigure(b, all, func(s string) string {
				return "$" + decimal.RequireFromString(s).Mul(decimal.RequireFromString("0.92")).Round(2).String()
			})
		}},
		{name: "a digit lost", text: func(b []byte, dice *rand.Rand) []byte {
			at := dice.IntN(1 << 16)
			return refigure(b, func(n, i int) bool { return i == at%n }, func(s string) string { return "$" + losesDigit(s, dice) })
		}},
		{name: "a point lost", text: func(b []byte, dice *rand.Rand) []byte {
			at := dice.IntN(1 << 16)
			return refigure(b, func(n, i int) bool { return i == at%n }, func(s string) string { return "$" + strings.ReplaceAll(s, ".", "") })
		}},
	}
}

// shiftRows gives every model, from one on, the amounts of the one before it,
// in the order of the page and within its tables.
func shiftRows(part int) func([]domain.Quote, *rand.Rand) {
	return func(quotes []domain.Quote, _ *rand.Rand) {
		type column struct {
			tier   domain.Tier
			meter  domain.Meter
			region domain.Region
			from   int64
		}
		columns := map[column][]int{}
		for i, q := range quotes {
			at := column{q.Tier, q.Meter, q.Region, q.MinPromptTokens}
			columns[at] = append(columns[at], i)
		}
		for _, places := range columns {
			first := 1
			if part > 0 {
				first = max(1, len(places)-max(1, len(places)/part))
			}
			for i := len(places) - 1; i >= first; i-- {
				quotes[places[i]].Amount = quotes[places[i-1]].Amount
			}
		}
	}
}

// TestMutants: of pages gone wrong none makes a believed rate wrong while the
// provider's other source stands as it was. What passes where both carry the
// same fault is reported.
func TestMutants(t *testing.T) {
	if racing {
		t.Skip("one goroutine does it all, twenty times as slowly under the race detector")
	}
	type outcome struct{ mutants, unmoved, unread, held, wrong, both int }
	results, total := map[string]*outcome{}, outcome{}
	for n, r := range recordings(t) {
		reading, err := r.read(r.body)
		if err != nil {
			t.Fatalf("%s: %v", r.Page, err)
		}
		for k, f := range ways() {
			dice := rand.New(rand.NewPCG(uint64(n), uint64(k)))
			mutant := reading
			mutant.Quotes = slices.Clone(reading.Quotes)
			failed := error(nil)
			if f.says != nil {
				f.says(mutant.Quotes, dice)
			} else {
				mutant, failed = r.read(f.text(r.body, dice))
			}
			o := results[f.name]
			if o == nil {
				o = &outcome{}
				results[f.name] = o
			}
			o.mutants++
			if failed != nil || guard.Coverage(reading.Quotes, mutant.Quotes, domain.Guard{}) != nil {
				o.unread++
				continue
			}
			th := &theatre{provider: r.Provider}
			models := namesOf(reading.Quotes)
			th.show("one", reading, models, r.at)
			before := th.prices(r.at)
			later := r.at.Add(24 * time.Hour)
			th.show("one", mutant, models, later)
			held := len(th.state.Held)
			both := &theatre{provider: r.Provider, state: th.state, ids: th.ids, told: slices.Clone(th.told)}
			both.state.LastReads = map[string]time.Time{"one": later}
			both.state.Held, both.state.Statements = slices.Clone(th.state.Held), slices.Clone(th.state.Statements)
			th.ask("other", reading, later.Add(time.Minute))
			if wrong := differ(before, th.prices(later.Add(time.Hour))); len(wrong) > 0 {
				o.wrong++
				t.Errorf("%s, %s: %d believed rates are wrong, such as %s", r.Page, f.name, len(wrong), wrong[0])
			}
			if held > 0 {
				o.held++
			} else {
				o.unmoved++
			}
			both.ask("other", mutant, later.Add(time.Minute))
			if wrong := differ(before, both.prices(later.Add(time.Hour))); len(wrong) > 0 {
				o.both++
			}
		}
	}
	for _, f := range ways() {
		o := results[f.name]
		t.Logf("%-40s %3d mutants: %3d not read or too little, %3d held, %3d move nothing, %3d wrong; where both sources carry it %3d pass",
			f.name, o.mutants, o.unread, o.held, o.unmoved, o.wrong, o.both)
		total.mutants, total.unread, total.held = total.mutants+o.mutants, total.unread+o.unread, total.held+o.held
		total.unmoved, total.wrong, total.both = total.unmoved+o.unmoved, total.wrong+o.wrong, total.both+o.both
	}
	t.Logf("%-40s %3d mutants: %3d not read or too little, %3d held, %3d move nothing, %3d wrong; where both sources carry it %3d pass",
		"together", total.mutants, total.unread, total.held, total.unmoved, total.wrong, total.both)
	if total.mutants < 300 {
		t.Errorf("%d mutants, want at least 300", total.mutants)
	}
}

// differ says which prices are others than they were, or are new.
func differ(was, is map[domain.RateKey]string) []string {
	var out []string
	for key, amount := range is {
		if was[key] != amount {
			out = append(out, fmt.Sprintf("%s %s %s from %d: %q, was %q", key.Model.ID, key.Tier, key.Meter, key.MinPromptTokens, amount, was[key]))
		}
	}
	for key, amount := range was {
		if _, there := is[key]; !there {
			out = append(out, fmt.Sprintf("%s %s %s: gone, was %q", key.Model.ID, key.Tier, key.Meter, amount))
		}
	}
	slices.Sort(out)
	return out
}
