package scrape

import (
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// listed adds a list that is a table written otherwise: each item names a row,
// and the items below it give its cells, each with its column's name: "Input
// price", and below it "Paid Tier, per 1M tokens: $2". false when it is none.
func (b *markdownBuilder) listed(list *ast.List) bool {
	var head []string
	var rows [][]spanned
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		label, below := item.FirstChild(), item.LastChild()
		cells, ok := below.(*ast.List)
		if !ok || label == nil || label.NextSibling() != below || label.Lines().Len() == 0 {
			return false
		}
		row := []spanned{{&cell{text: b.inline(label), line: b.lineAt(label.Lines().At(0).Start)}, 1, 1}}
		var columns []string
		for c := cells.FirstChild(); c != nil; c = c.NextSibling() {
			said := c.FirstChild()
			if said == nil || said != c.LastChild() || said.Lines().Len() == 0 {
				return false
			}
			column, value, found := strings.Cut(b.inline(said).words(), ": ")
			if !found {
				return false
			}
			made := &cell{line: b.lineAt(said.Lines().At(0).Start)}
			made.text.add(plain, value)
			columns = append(columns, column)
			row = append(row, spanned{made, 1, 1})
		}
		if head != nil && !slices.Equal(head, columns) {
			return false
		}
		head = columns
		rows = append(rows, row)
	}
	if len(rows) < 2 || !slices.ContainsFunc(head, func(s string) bool { return scaleIn("price " + s).said }) && !slices.ContainsFunc(rows, func(r []spanned) bool { return statesMoney(r[len(r)-1].text.words()) }) {
		return false
	}
	top := []spanned{{&cell{line: rows[0][0].line}, 1, 1}}
	for _, s := range head {
		c := &cell{line: rows[0][0].line}
		c.text.add(plain, s)
		top = append(top, spanned{c, 1, 1})
	}
	b.grid(append([][]spanned{top}, rows...))
	return true
}
