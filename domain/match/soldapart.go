package match

import (
	_ "embed" // for the file below
	"strings"

	"ratecard/domain"
)

//go:embed soldapart.txt
var soldApartFile string

// soldApart holds the dated editions that were sold at another price than the
// model whose name they carry.
var soldApart = readSoldApart(soldApartFile)

func readSoldApart(file string) map[domain.ModelKey]bool {
	out := map[domain.ModelKey]bool{}
	for line := range strings.Lines(file) {
		said, _, _ := strings.Cut(line, "#")
		if words := strings.Fields(said); len(words) == 2 {
			out[domain.ModelKey{Provider: domain.ProviderID(words[0]), ID: words[1]}] = true
		}
	}
	return out
}
