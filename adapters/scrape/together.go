package scrape

import (
	"slices"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// together makes one table of those that follow one another with nothing between,
// under one header, and of different models: what was said before the first holds
// for the rest. Tables of the same models, of which each may be another way of
// buying, those whose rows are meters, of which each may be another model's, and
// those that lie in tabs stay what they are.
func together(doc document) document {
	out := doc.blocks[:0:0]
	tabs := false // a line of tab names was the last text
	for _, b := range doc.blocks {
		n := len(out)
		if b.kind == grid && n > 0 && out[n-1].kind == grid && !tabs && out[n-1].table.goesOnIn(b.table) {
			whole := *out[n-1].table
			whole.rows = slices.Concat(whole.rows, b.table.rows[max(1, b.table.head):])
			out[n-1].table = &whole
			continue
		}
		if b.kind != grid && b.kind != data {
			tabs = tabBarOf(b.text, newVocabulary(nil)) != nil
		}
		out = append(out, b)
	}
	doc.blocks = out
	return doc
}

// goesOnIn tells whether a table's rows go on in the table that follows it.
func (t *table) goesOnIn(next *table) bool {
	head := max(1, t.head)
	if t.data || next.data || t.within != nil || next.within != nil || t.head != next.head || t.selected != next.selected ||
		next.caption != "" || !slices.Equal(t.panes, next.panes) || len(t.rows) <= head || len(next.rows) <= head ||
		len(t.rows[0]) != len(next.rows[0]) || tableOf(t).Parent != tableOf(next).Parent {
		return false
	}
	says := func(c *cell) string { return normal(c.text.words()) }
	for i := range head {
		if !slices.EqualFunc(t.rows[i], next.rows[i], func(a, b *cell) bool { return says(a) == says(b) }) {
			return false
		}
	}
	known := map[string]bool{"": true}
	for _, row := range t.rows[head:] {
		if !names(says(row[0])) || says(row[0]) == "" {
			return false
		}
		known[says(row[0])] = true
	}
	return !slices.ContainsFunc(next.rows[head:], func(row []*cell) bool { return known[says(row[0])] || !names(says(row[0])) })
}

// names tells whether the first cell of a row names something else than a meter.
func names(s string) bool {
	_, meter := meterOf(s)
	return !meter && modalityOf(wordsOf(s)) == unsaid
}

// tableOf is the element that a table of HTML is; an empty one, where it has none.
func tableOf(t *table) *html.Node {
	n := t.rows[0][0].node
	for n != nil && partOf(n) != atom.Table {
		n = n.Parent
	}
	if n == nil {
		return &html.Node{}
	}
	return n
}
