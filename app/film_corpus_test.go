package app

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ratecard/domain"
	"ratecard/domain/guard"
)

// form is what tells captures of one form of a page apart.
var form = regexp.MustCompile(`_\d{4}[-\da-z]*`)

var update = flag.Bool("update", false, "write the film's golden anew")

// TestFilm shows each provider's recorded pages in the order of time; those of
// one form are one source. A page that repeats too little of the one before it,
// months earlier, is let in by the setting. What is held is decided as an administrator would who has read the
// page: approved where the labelled truth says the same, else rejected. After
// each page everything that it states is right; what was held and how it was
// decided stands in a golden for people to read: ids, prices and reasons.
func TestFilm(t *testing.T) {
	byProvider := map[domain.ProviderID][]recording{}
	for _, r := range recordings(t) {
		byProvider[r.Provider] = append(byProvider[r.Provider], r)
	}
	var film bytes.Buffer
	for _, provider := range slices.Sorted(mapsKeys(byProvider)) {
		fmt.Fprintf(&film, "%s\n", provider)
		th, models := &theatre{provider: provider}, []string{}
		last := map[string][]domain.Quote{}
		for i, r := range byProvider[provider] {
			at := r.at.Add(time.Duration(i) * time.Minute) // some were captured on one day
			reading, err := r.read(r.body)
			if err != nil {
				t.Fatalf("%s: %v", r.Page, err)
			}
			source := form.ReplaceAllString(r.Page, "")
			fmt.Fprintf(&film, "  %s, captured %s: ", r.Page, r.Captured)
			if guard.Coverage(last[source], reading.Quotes, domain.Guard{}) != nil {
				fmt.Fprint(&film, "repeats too little and is let in; ")
			}
			last[source] = reading.Quotes
			for _, name := range namesOf(reading.Quotes) {
				if !slices.Contains(models, name) {
					models = append(models, name)
				}
			}
			j := th.show(source, reading, models, at)
			right := r.truth(at)
			fmt.Fprintf(&film, "%d prices, %d moved or new at once, %d held\n", len(reading.Quotes), j.change.Counts.PricingUpdated, len(j.change.Held))
			for n, h := range slices.Clone(th.state.Held) {
				verdict := Decision{ID: h.ID, Reason: "as people read the page", By: "the desk", Approve: right[heldPlace(h)] == h.New.String()}
				if h.State != domain.HeldOpen {
					continue
				}
				change, err := verdict.decide(th.state, knownAt(th.state, at.Add(time.Hour+time.Duration(n)*time.Second)))
				if err != nil {
					t.Fatal(err)
				}
				th.take(change)
				fmt.Fprintf(&film, "    %s\n", line(h, verdict.Approve))
				if !verdict.Approve {
					t.Errorf("%s: %s: what is held is not what the page says", r.Page, line(h, false))
				}
			}
			for _, wrong := range th.judge(right, at.Add(2*time.Hour)) {
				t.Errorf("%s: %s", r.Page, wrong)
			}
		}
	}
	golden := filepath.Join("testdata", "film.golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, film.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, film.Bytes()) {
		t.Errorf("the film is another than its golden; run with -update and read the difference:\n%s", film.Bytes())
	}
}

func mapsKeys[K cmp.Ordered, V any](m map[K]V) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// line is a held change in one line.
func line(h domain.HeldChange, approved bool) string {
	old := "-"
	if h.Old != nil {
		old = h.Old.String()
	}
	var why []string
	for _, d := range h.Doubts {
		text := string(d.Code)
		if d.Factor != "" {
			text += " ×" + d.Factor
		}
		why = append(why, text)
	}
	verdict := "rejected"
	if approved {
		verdict = "approved"
	}
	return fmt.Sprintf("%s %s %s from %d: %s → %s, held for %s; %s", h.Key.Model.ID, h.Key.Tier, h.Key.Meter, h.Key.MinPromptTokens, old, h.New, strings.Join(why, ", "), verdict)
}

func place(model string, tier domain.Tier, meter domain.Meter, above int64) string {
	return strings.ToLower(fmt.Sprint(strings.Join(strings.Fields(model), " "), "|", cmp.Or(tier, domain.TierStandard), "|", meter, "|", above))
}

func heldPlace(h domain.HeldChange) string {
	return place(h.Quote.Name, h.Key.Tier, h.Key.Meter, h.Quote.Above)
}

// truth gives what the page says holds at an instant, as people read it.
func (r recording) truth(at time.Time) map[string]string {
	out := map[string]string{}
	day := at.Format("2006-01-02")
	for _, q := range r.Rates {
		if (q.From == "" || q.From <= day) && (q.Until == "" || q.Until >= day) {
			out[place(q.Model, q.Tier, q.Meter, q.Above)] = q.Amount.String()
		}
	}
	for _, q := range r.Debatable { // may be read or not
		delete(out, place(q.Model, q.Tier, q.Meter, q.Above))
	}
	return out
}

// judge says what is believed otherwise than the truth says.
func (th *theatre) judge(right map[string]string, at time.Time) []string {
	believed := map[string]domain.Rate{}
	for _, r := range th.state.Rates {
		if r.Effective.Contains(at) && r.Origin == domain.OriginPrinted {
			believed[place(r.Quote.Name, r.Tier, r.Meter, r.Quote.Above)] = r
		}
	}
	var wrong []string
	for at, amount := range right {
		if b, there := believed[at]; !there || b.Amount.String() != amount {
			wrong = append(wrong, fmt.Sprintf("%s is %s, believed %v", at, amount, b.Amount))
		}
	}
	slices.Sort(wrong)
	return wrong
}
