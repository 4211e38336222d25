package match_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ratecard/domain/match"
)

// told reads a table of testdata: lines of fields between tabs.
func told(t testing.TB, file string) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, "#") {
			rows = append(rows, strings.Split(line, "\t"))
		}
	}
	return rows
}

// found is the pair of one id among names, a proposal included.
func found(id string, names ...string) match.Pair {
	models := list(id)
	pairs := assign(models, names...)
	if proposed := match.Propose(models, names, pairs, nil); len(proposed) > 0 {
		return proposed[0]
	}
	return pairs[0]
}

// TestNeighboursOfTheRecord: what is spelled nearly alike and is another model
// is neither paired nor proposed, either way round, alone or among the others.
func TestNeighboursOfTheRecord(t *testing.T) {
	rows := told(t, "neighbours.txt")
	if len(rows) < 150 {
		t.Fatalf("%d rows, want at least 150", len(rows))
	}
	for _, row := range rows {
		for _, c := range [][2]string{{row[0], row[1]}, {row[1], row[0]}} {
			if p := found(c[0], c[1]); p.Name != "" {
				t.Errorf("%s takes %q (%s)", c[0], p.Name, p.How)
			}
			if p := found(c[0], c[1], "Another Model 9", "Third Model 9"); p.Name != "" {
				t.Errorf("among others %s takes %q (%s)", c[0], p.Name, p.How)
			}
		}
	}
}

func TestSpellingsOfTheRecord(t *testing.T) {
	rows := told(t, "spellings.txt")
	if len(rows) < 150 {
		t.Fatalf("%d rows, want at least 150", len(rows))
	}
	for _, row := range rows {
		if p := found(row[0], "Another Model 9", row[1]); p.Name != row[1] || string(p.How) != row[2] {
			t.Errorf("%s: got %q by %q, want %q by %q", row[0], p.Name, p.How, row[1], row[2])
		}
	}
}

// slip makes a typing slip inside a word of letters, between its first and its
// last: two swapped, one lost, doubled or changed.
func slip(t *rapid.T, word string) string {
	at := rapid.IntRange(1, len(word)-3).Draw(t, "at")
	switch rapid.IntRange(0, 3).Draw(t, "slip") {
	case 0:
		return word[:at] + word[at+1:at+2] + word[at:at+1] + word[at+2:]
	case 1:
		return word[:at] + word[at+1:]
	case 2:
		return word[:at+1] + word[at:]
	default:
		return word[:at] + rapid.StringMatching(`[a-z]`).Draw(t, "letter") + word[at+1:]
	}
}

// TestProperty07_FuzzyMatchingAccuracy: a real name with a slip under a fifth
// of its length is proposed to its model and to no other, though all of the
// record stands beside it; a version, a size or a date with a slip is not.
func TestProperty07_FuzzyMatchingAccuracy(t *testing.T) {
	var ids []string
	for _, row := range told(t, "spellings.txt") {
		if row[2] != "fuzzy" && !slices.Contains(ids, row[0]) {
			ids = append(ids, row[0])
		}
	}
	models := list(ids...)
	for i := range models {
		models[i].Provider = "record"
	}
	longWords := func(id string) (at []int) {
		for i, w := range strings.Split(id, "-") {
			if len(w) >= 5 && strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") == "" {
				at = append(at, i)
			}
		}
		return at
	}
	slippery := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return len(longWords(id)) == 0 })
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom(slippery).Draw(t, "id")
		words := strings.Split(id, "-")
		i := rapid.SampledFrom(longWords(id)).Draw(t, "word")
		words[i] = slip(t, words[i])
		separator := rapid.SampledFrom([]string{"-", " "}).Draw(t, "separator")
		if match.Parse(strings.ReplaceAll(id, "-", separator)).Key() != match.Parse(id).Key() {
			separator = "-" // spaces would take a date apart
		}
		name := strings.Join(words, separator)
		if name == id || strings.ReplaceAll(name, " ", "-") == id || slices.Contains(ids, name) {
			t.Skip("no slip, or one that makes another id")
		}
		// The page has every other model's row under its own id.
		names := []string{name}
		for _, other := range ids {
			if other != id {
				names = append(names, other)
			}
		}
		var held []match.Pair
		pairs := assign(models, names...)
		for _, p := range pairs {
			if p.Name == name {
				t.Fatalf("%q was paired with %s by %s", name, p.ModelID, p.How)
			}
		}
		// A model without a row of its own may have its base's: then nothing is missing.
		own := pairs[slices.Index(ids, id)]
		held = match.Propose(models, names, pairs, nil)
		if own.Name == "" && !slices.Contains(held, match.Pair{ModelID: id, Name: name, How: match.Fuzzy}) {
			t.Fatalf("%q is not proposed to %s: %v", name, id, held)
		}
		for _, p := range held {
			if p.ModelID != id {
				t.Fatalf("%q is proposed to %s", p.Name, p.ModelID)
			}
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom(ids).Draw(t, "id")
		at := strings.IndexAny(id, "0123456789")
		if at < 0 {
			t.Skip("nothing has digits here")
		}
		digit := rapid.StringMatching(`[0-9]`).Draw(t, "digit")
		name := rapid.SampledFrom([]string{id[:at] + digit + id[at+1:], id[:at] + digit + id[at:], id[:at] + id[at+1:]}).Draw(t, "name")
		if match.Parse(name).Key() == match.Parse(id).Key() {
			t.Skip("the same digits")
		}
		if p := found(id, name); p.How == match.Fuzzy {
			t.Fatalf("%s takes %q: another number", id, name)
		}
	})
}

// TestProposals: what is taken, forbidden, pinned elsewhere or as near to two
// is not proposed.
func TestProposals(t *testing.T) {
	for what, c := range map[string]struct {
		ids, names []string
		want       string
	}{
		"a slip":                          {[]string{"acme-large-2"}, []string{"Acme Lareg 2"}, "acme-large-2=Acme Lareg 2"},
		"the better of two":               {[]string{"acme-research-2"}, []string{"Acme Reserach 2", "Acme Resarhc 2"}, "acme-research-2=Acme Reserach 2"},
		"a tie of names":                  {[]string{"acme-research-2"}, []string{"Acme Reserach 2", "Acme Researhc 2"}, ""},
		"a tie of models":                 {[]string{"acme-bolt-wagon-2", "acme-bold-wagon-2"}, []string{"Acme Bolx Wagon 2"}, ""},
		"a name that prices another":      {[]string{"acme-large-2", "acme-lareg-2"}, []string{"Acme Large 2"}, ""},
		"words that both sides use often": {[]string{"acme-bolts-2", "acme-bolts-3"}, []string{"Acme Boats 2", "Acme Boats 4"}, ""},
	} {
		models := list(c.ids...)
		var got []string
		for _, p := range match.Propose(models, c.names, assign(models, c.names...), nil) {
			got = append(got, p.ModelID+"="+p.Name)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", what, got, c.want)
		}
	}
}

// BenchmarkPropose looks for slips among models and names that have no pair.
func BenchmarkPropose(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		var ids, names []string
		for i := range n {
			word := fmt.Sprintf("%c%c%c%c%c", 'a'+i%26, 'a'+i/26%26, 'a'+i*7%26, 'a'+i*11%26, 'a'+i*13%26)
			ids = append(ids, fmt.Sprintf("family-%s-variant-%d-%d", word, i/97, i%7))
			names = append(names, fmt.Sprintf("Family %s Vairant %d.%d", word, i/97, i%7))
		}
		models := list(ids...)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				match.Propose(models, names, assign(models, names...), nil)
			}
		})
	}
}
