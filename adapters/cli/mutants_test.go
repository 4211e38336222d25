package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// A mutant is a page that is made otherwise than the recorded one and says the
// same.
type mutant struct {
	how  string
	body []byte
}

// mutantsOf makes the mutants of a page: one per change, and so many of several
// changes together; or, in the short form, every third of the former and one of
// the latter, others for every page. A change that finds nothing to change makes
// none.
func mutantsOf(t *testing.T, name string, body []byte, together, page int) []mutant {
	t.Helper()
	rnd := rand.New(rand.NewPCG(uint64(len(body)), 7))
	var turns [][]int
	n := len(turnsOfMarkdown)
	isHTML := strings.HasSuffix(name, ".html")
	if isHTML {
		n = len(turnsOfHTML) + 1 // entities, which are no matter of the tree
	}
	for i := range n {
		if together > 0 || i%3 == page%3 {
			turns = append(turns, []int{i})
		}
	}
	for range max(1, together) {
		turns = append(turns, rnd.Perm(n)[:2+rnd.IntN(3)])
	}
	mutate := func(turns []int) mutant {
		if isHTML {
			return mutateHTML(t, body, turns, rnd)
		}
		return mutateMarkdown(body, turns, rnd)
	}
	same := mutate(nil).body
	out := make([]mutant, 0, len(turns))
	for _, some := range turns {
		if m := mutate(some); !bytes.Equal(m.body, same) {
			out = append(out, m)
		}
	}
	return out
}

func mutateHTML(t *testing.T, body []byte, turns []int, rnd *rand.Rand) mutant {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	last := false
	for _, i := range turns {
		if i == len(turnsOfHTML) {
			last = true
			continue
		}
		names = append(names, turnsOfHTML[i].name)
		turnsOfHTML[i].turn(root, rnd)
	}
	var out bytes.Buffer
	if err := html.Render(&out, root); err != nil {
		t.Fatal(err)
	}
	made := out.Bytes()
	if last {
		names, made = append(names, "entities"), entities(made)
	}
	return mutant{strings.Join(names, ", "), made}
}

func mutateMarkdown(body []byte, turns []int, rnd *rand.Rand) mutant {
	lines := strings.Split(string(body), "\n")
	var names []string
	for _, i := range turns {
		names = append(names, turnsOfMarkdown[i].name)
		lines = turnsOfMarkdown[i].turn(lines, rnd)
	}
	return mutant{strings.Join(names, ", "), []byte(strings.Join(lines, "\n"))}
}

// mutantReading is what `ratecard scrape` prints of a mutant.
type mutantReading struct {
	Rates    []corpusRate `json:"rates"`
	Warnings []string     `json:"warnings"`
}

func readMutant(t *testing.T, provider string, m mutant) mutantReading {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status := command(t, nil).Run(t.Context(), []string{provider, "--file", write(t, "mutant", string(m.body))}, &stdout, &stderr)
	var out mutantReading
	if err := json.Unmarshal(stdout.Bytes(), &out); err != nil {
		t.Fatalf("%s: status %d: %v", m.how, status, err)
	}
	return out
}

// A tally counts the mutants of one kind.
type tally struct{ right, all int }

// count counts a mutant by how it was made.
func count(kinds map[string]*tally, how string, right bool) {
	if strings.Contains(how, ", ") {
		how = "several changes together"
	}
	if kinds[how] == nil {
		kinds[how] = &tally{}
	}
	kinds[how].all++
	if right {
		kinds[how].right++
	}
}

// TestMutantsOfUnknownPages: pages of many manners, beside each of which stands
// what a person reads there, are read by auto rightly or not at all however they
// are made.
func TestMutantsOfUnknownPages(t *testing.T) {
	pages, err := filepath.Glob("../scrape/testdata/unknown/*.[hm]*")
	if err != nil || len(pages) == 0 {
		t.Fatal("no pages", err)
	}
	together, _ := strconv.Atoi(os.Getenv("RATECARD_MUTANTS"))
	kinds := map[string]*tally{}
	rates, all := 0, 0
	for i, page := range pages {
		body, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		said, err := os.ReadFile(strings.TrimSuffix(page, filepath.Ext(page)) + ".rates")
		if err != nil {
			t.Fatal(err)
		}
		truth := strings.FieldsFunc(string(said), func(r rune) bool { return r == '\n' })
		for _, m := range mutantsOf(t, page, body, together, i) {
			right := 0
			for _, r := range readMutant(t, "nobody", m).Rates {
				line := fmt.Sprint(r.Model, " ", r.Meter, " ", r.Amount)
				if r.Tier != "" && r.Tier != "standard" {
					line += " " + r.Tier
				}
				if r.Above > 0 {
					line += fmt.Sprint(" above ", r.Above)
				}
				if slices.Contains(truth, line) && r.From+r.Until == "" {
					right++
				} else {
					t.Errorf("%s, %s: wrong: %s", filepath.Base(page), m.how, line)
				}
			}
			count(kinds, m.how, right > 0 || len(truth) == 0)
			rates, all = rates+right, all+len(truth)
		}
	}
	for _, how := range slices.Sorted(maps.Keys(kinds)) {
		t.Logf("%s: %d of %d pages read", how, kinds[how].right, kinds[how].all)
	}
	t.Logf("auto reads %d of %d rates", rates, all)
}

// TestCorpusMutants: a page that is made otherwise and says the same is read the
// same, or not read, or less is read and a warning says so; never wrongly. The
// long form, which RATECARD_MUTANTS asks for (with a number of combined changes
// per page), makes every mutant, and has auto read them as well.
func TestCorpusMutants(t *testing.T) {
	dir, files := corpusTruths(t, "rates")
	together, _ := strconv.Atoi(os.Getenv("RATECARD_MUTANTS"))
	mutants, right := 0, 0
	kinds := map[string]*tally{}
	for page, f := range files {
		truth := loadTruth(t, f)
		body, err := os.ReadFile(filepath.Join(dir, "pages", truth.Page))
		if err != nil {
			t.Fatal(err)
		}
		if len(truth.Rates) == 0 {
			continue
		}
		for _, m := range mutantsOf(t, truth.Page, body, together, page) {
			mutants++
			got := readMutant(t, truth.Provider, m)
			missing, wrong := truth.judge(got.Rates)
			count(kinds, m.how, len(missing)+len(wrong) == 0)
			if len(missing)+len(wrong) == 0 {
				right++
			} else {
				t.Logf("%s, %s: %d missing of %d, the first: %s", truth.Page, m.how, len(missing), len(truth.Rates), slices.Concat(missing, wrong)[0])
			}
			if len(missing) > 0 && len(got.Rates) > 0 && len(got.Warnings) == 0 {
				t.Errorf("%s, %s: %d rates are missing, and no warning says so", truth.Page, m.how, len(missing))
			}
			for _, s := range wrong {
				t.Errorf("%s, %s: wrong: %s", truth.Page, m.how, s)
			}
			if together > 0 {
				_, wrong := truth.judge(readMutant(t, "nobody", m).Rates)
				for _, s := range wrong {
					t.Errorf("%s, %s: wrong, by auto: %s", truth.Page, m.how, s)
				}
			}
		}
	}
	if mutants == 0 {
		t.Skip("the corpus holds no page with rates")
	}
	for _, how := range slices.Sorted(maps.Keys(kinds)) {
		t.Logf("%s: %d of %d", how, kinds[how].right, kinds[how].all)
	}
	t.Logf("%d of %d mutants are read fully right (%s)", right, mutants, fmt.Sprintf("%.1f %%", 100*float64(right)/float64(mutants)))
	if right*100 < mutants*95 {
		t.Errorf("%d of %d mutants are read fully right, under 95 %%", right, mutants)
	}
}
