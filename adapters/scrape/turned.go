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
	if !modelsAcross(t, meters) {
		return t
	}
	out := *t
	out.head = 1
	out.rows = make([][]*cell, len(t.rows[0]))
	for i := range out.rows {
		for j, row := range t.rows {
			if j == 0 || hasAmount(row[1:]) || anyOf(wordsOf(row[0].text.words()), "id", "ids", "name") && identify(row[1:]) {
				out.rows[i] = append(out.rows[i], row[i])
			}
		}
	}
	corner := *out.rows[0][0]
	corner.text = text{run{plain, "Model"}}
	out.rows[0][0] = &corner
	return &out
}

// modelsAcross tells whether the first row of a table names models of one
// family and its first column a price.
func modelsAcross(t *table, meters map[string]domain.Meter) bool {
	if t.data || len(t.rows) < 2 || len(t.rows[0]) < 2 || len(t.rows) > maxColumns {
		return false
	}
	family, versions := "", 0
	for i, c := range t.rows[0][1:] {
		s := c.text.words()
		words := wordsOf(s)
		if c == t.rows[0][i] || len(words) < 2 || !nameable(strings.ReplaceAll(s, "\n", " ")) || statesMoney(s) || family != "" && words[0] != family ||
			anyOf(words, "price", "prices", "pricing", "cost", "rate", "tier", "token", "tokens", "context", "input", "output", "per", "usd", "api") {
			return false
		}
		family = words[0]
		if versioned(words) {
			versions++
		}
	}
	if 2*versions < len(t.rows[0])-1 {
		return false
	}
	for _, row := range t.rows[1:] {
		said := withoutMark(row[0].text.words())
		_, meter := namedMeter(said, meters)
		if hasAmount(row[1:]) && (meter || anyOf(wordsOf(said), "price", "prices", "pricing", "cost", "costs")) {
			return true
		}
	}
	return false
}

// identify tells whether cells give ids, and nothing else.
func identify(cells []*cell) bool {
	return !slices.ContainsFunc(cells, func(c *cell) bool { return !isID(c.text.words()) })
}
