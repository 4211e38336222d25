package scrape

import (
	"maps"
	"slices"
	"strings"
)

// On most pages a model's name stands above its prices. On some it stands below
// them, as a caption does; read as the others are, each model would be given the
// prices of the next. Such a page gives itself away at both ends: its first prices
// come before any name, alike with those that come later, and its last name has no
// prices below it.

// An order is how names and prices follow each other on a page.
type order struct {
	shapes map[string]bool // of the prices below a name
	first  string          // the shape of those that came before any name
	prices bool            // of the two, prices came last
	named  bool            // a name came
}

// name notes that a model was named.
func (o *order) name() { o.named, o.prices = true, false }

// price notes prices, told by what is said of each.
func (o *order) price(shape string) {
	o.prices = true
	switch {
	case !o.named && o.first == "":
		o.first = shape
	case o.named:
		if o.shapes == nil {
			o.shapes = map[string]bool{}
		}
		o.shapes[shape] = true
	}
}

// captions tells whether the names stand below what they name.
func (o *order) captions() bool { return o.shapes[o.first] && o.named && !o.prices }

// shapeOf tells tables apart by what they say besides figures, in whatever order.
func shapeOf(t *table) string {
	said := map[string]bool{}
	for _, row := range t.rows {
		for _, c := range row {
			if s := c.text.words(); !strings.ContainsAny(s, digits) {
				said[normal(s)] = true
			}
		}
	}
	delete(said, "")
	return strings.Join(slices.Sorted(maps.Keys(said)), "|")
}

// belowPrices says why a page whose names are captions is not read.
const belowPrices = "names of models stand below their prices, not above them; whose are whose is not sure, so they were left out"
