package match_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"ratecard/domain/match"
)

var update = flag.Bool("update", false, "write the golden of identities anew")

// TestGoldenIdentities holds what is understood of every id that the providers'
// recorded lists name, for people to read: its words, its versions after a bar,
// the edition after an @.
func TestGoldenIdentities(t *testing.T) {
	const file = "testdata/identities.golden"
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var now strings.Builder
	for line := range strings.Lines(string(before)) {
		id := strings.Fields(line)[0]
		_, name, _ := strings.Cut(id, "/")
		said := fmt.Sprintf("%-60s%s\n", id, match.Parse(name).Key())
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
