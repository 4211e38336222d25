package scrape

import (
	"slices"
	"strings"
)

// realign puts the cells of rows that are shorter than their table where they
// belong. Converters lose spans: below "| Ada 1 | Audio | $32 |" stands
// "| Text | $4 |", which goes on with the model above; others leave empty cells
// at the end away. Which of the two it is shows by what the columns hold; where
// both or neither fit, the row stays as it is.
func realign(body [][]*cell) [][]*cell {
	out := slices.Clone(body)
	var shapes []shape
	for i, row := range body {
		missing := 0
		for missing < len(row) && row[len(row)-1-missing].short {
			missing++
		}
		if missing == 0 || missing == len(row) || i == 0 {
			continue
		}
		if shapes == nil {
			shapes = shapesOf(body)
		}
		cells, above := row[:len(row)-missing], out[i-1]
		front, end := fit(cells, shapes[missing:]), fit(cells, shapes)
		switch {
		case front && !end && !above[len(above)-1].short:
			out[i] = slices.Concat(above[:missing], cells)
		case end && !front:
			out[i] = slices.Clone(row)
			for j := len(cells); j < len(row); j++ {
				out[i][j] = &cell{}
			}
		}
	}
	return out
}

// A shape is what the cells of a column look like in the rows that have all.
type shape struct {
	pays  bool // some state an amount
	bare  bool // none says more than that there is no price
	kinds bool // all say what tokens stand for
}

func shapesOf(body [][]*cell) []shape {
	out := make([]shape, len(body[0]))
	for i := range out {
		out[i].kinds = all(body, i, singleKind)
		out[i].bare = all(body, i, priceless)
		for _, row := range body {
			out[i].pays = out[i].pays || !row[len(row)-1].short && (row[i].number || statesMoney(row[i].text.words()))
		}
	}
	return out
}

func singleKind(s string) bool {
	kinds, ok := modalities(s)
	return ok && len(kinds) == 1
}

// fit tells whether cells look like the columns that they would stand in.
func fit(cells []*cell, shapes []shape) bool {
	for i, c := range cells {
		s := c.text.words()
		pays := c.number || statesMoney(s)
		switch {
		case shapes[i].kinds && !singleKind(s),
			shapes[i].pays && !pays && !priceless(s),
			shapes[i].bare && !pays && !priceless(s),
			!shapes[i].pays && !shapes[i].bare && pays:
			return false
		}
	}
	return true
}

// priceless tells whether a cell of a price column says that there is no price.
func priceless(s string) bool {
	return strings.Trim(s, "-–—− ") == "" || anyOf([]string{normal(s)}, "n a", "free", "free of charge", "not available", "none", "tbd", "coming soon")
}
