package classify_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"ratecard/domain"
	"ratecard/domain/classify"
)

var update = flag.Bool("update", false, "write what is said now into the golden file")

// TestGoldenModels says of every model that was seen in a list or on a page
// what it is for and whether it can be used, from its id alone. The golden file
// is its own input: a line is an id and what was said of it.
func TestGoldenModels(t *testing.T) {
	const file = "testdata/models.golden"
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var now strings.Builder
	for line := range strings.Lines(string(before)) {
		id := strings.Fields(line)[0]
		provider, name, _ := strings.Cut(id, "/")
		m := domain.Model{ModelKey: domain.ModelKey{Provider: domain.ProviderID(provider), ID: name}}
		said := fmt.Sprintf("%-60s %-12s %v\n", id, classify.Usability(m, nil), classify.Classes(m))
		now.WriteString(said)
		if said != line && !*update {
			t.Errorf("was  %s\tis   %s", line, said)
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(now.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
