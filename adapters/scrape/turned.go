package scrape

import (
	"slices"
	"strings"

	"ratecard/domain"
)

// turned gives a table whose columns are models, and whose rows say what is
// known of them, the other way round: a row for each model, with its id and
// its prices. Any other table comes back as it is.
func turned(t *table, meters map[string]domain.Meter) *table {
	labels := modelsAcross(t, meters)
	if labels == 0 {
		return t
	}
	out := *t
	out.head = 1
	out.rows = make([][]*cell, 1+len(t.rows[0])-labels)
	for j, row := range t.rows {
		label := joinedCells(row[:labels])
		models := row[labels:]
		if j > 0 && !hasAmount(models) && (!anyOf(wordsOf(label.text.words()), "id", "ids", "name") || !identify(models)) {
			continue
		}
		if j == 0 {
			label.text = text{run{plain, "Model"}}
		}
		out.rows[0] = append(out.rows[0], label)
		for i, c := range models {
			out.rows[1+i] = append(out.rows[1+i], c)
		}
	}
	return &out
}

// joinedCells is what the cells that stand before a row's figures say together.
func joinedCells(cells []*cell) *cell {
	out := *cells[0]
	for i, c := range cells[1:] {
		if c != cells[i] {
			out.text = append(slices.Clone(out.text), append(text{run{plain, " "}}, c.text...)...)
		}
	}
	return &out
}

// notNames are words that the names of models across a table do not have.
var notNames = []string{"price", "prices", "pricing", "cost", "rate", "tier", "token", "tokens", "context", "input", "output", "per", "usd", "api"}

// modelsAcross tells whether the first row of a table names models of one
// family and its first column a price: it gives the number of columns that
// stand before the models, 0 where it does not.
func modelsAcross(t *table, meters map[string]domain.Meter) (labels int) {
	if t.data || len(t.rows) < 2 || len(t.rows[0]) < 2 || len(t.rows) > maxColumns {
		return 0
	}
	for labels = 1; labels < len(t.rows[0])-1 && t.rows[0][labels] == t.rows[0][0]; {
		labels++
	}
	family, versions := "", 0
	for i, c := range t.rows[0][labels:] {
		s := c.text.words()
		words := wordsOf(s)
		if c == t.rows[0][labels+i-1] || len(words) < 2 || !nameable(strings.ReplaceAll(s, "\n", " ")) || statesMoney(s) ||
			family != "" && words[0] != family || anyOf(words, notNames...) {
			return 0
		}
		family = words[0]
		if versioned(words) || isID(s) {
			versions++
		}
	}
	if 2*versions < len(t.rows[0])-labels {
		return 0
	}
	for _, row := range t.rows[1:] {
		said := withoutMark(joinedCells(row[:labels]).text.words())
		_, meter := namedMeter(countPhrase.ReplaceAllString(said, " ${2} "), meters)
		if hasAmount(row[labels:]) && (meter || anyOf(wordsOf(said), "price", "prices", "pricing", "cost", "costs")) {
			return labels
		}
	}
	return 0
}

// identify tells whether cells give ids, and nothing else.
func identify(cells []*cell) bool {
	return !slices.ContainsFunc(cells, func(c *cell) bool { return !isID(c.text.words()) })
}
