package scrape

import (
	"regexp"
	"slices"
	"strings"
)

// A copiedTable is a table as it comes out when a page is copied as text: its
// header's cells stand in one line, tabs between them, or one below the other,
// and so do those of its rows.
type copiedTable struct {
	line int // of its header, from 1
	*table
}

const (
	maxNameLines = 3   // how many lines of a copied row may name its model
	maxLine      = 100 // how long they may be
)

// liftCopied takes tables that were copied as text out of the lines of a page, in
// place.
func liftCopied(lines []string) []copiedTable {
	var out []copiedTable
	for i := 0; i < len(lines); i++ {
		head, next := copiedHead(lines, i)
		if head == nil {
			continue
		}
		rows := [][]*cell{head}
		end := next
		for {
			row, after := copiedRow(lines, end, len(head))
			if row == nil {
				break
			}
			rows, end = append(rows, row), after
		}
		if len(rows) == 1 {
			continue
		}
		t := copiedTable{i + 1, &table{selected: true, head: 1, rows: rows}}
		if over := copiedOver(lines, i, head); over != nil {
			t.rows, t.head = append([][]*cell{over}, rows...), 2
			lines[i-1] = ""
		}
		out = append(out, t)
		clear(lines[i:end])
		i = end - 1
	}
	return out
}

// copiedHead reads the header that may begin in a line, and says where the rows
// begin.
func copiedHead(lines []string, at int) (head []*cell, next int) {
	if first := strings.TrimSpace(lines[at]); tabbed(first) {
		cells := copiedCells(lines[at], at)
		if !slices.ContainsFunc(cells, headsPrices) || slices.ContainsFunc(cells, func(c *cell) bool { return statesMoney(c.text.words()) }) {
			return nil, 0
		}
		return cells, at + 1
	} else if normal(first) != "model" && normal(first) != "models" {
		return nil, 0
	}
	next = at
	for next < len(lines) && next < at+maxColumns {
		c := copiedCell(lines[next], next)
		if c.text == nil || next > at && !headsPrices(c) {
			break
		}
		head = append(head, c)
		next++
	}
	if len(head) < 3 {
		return nil, 0
	}
	return head, next
}

// copiedOver reads the line above a header as headers over several columns each,
// where the header repeats itself below them.
func copiedOver(lines []string, at int, head []*cell) []*cell {
	if at == 0 || !strings.HasPrefix(lines[at-1], "\t") || !tabbed(lines[at-1]) {
		return nil
	}
	over := copiedCells(lines[at-1], at-1)
	under := make([]string, 0, len(head)-1)
	for _, c := range head[1:] {
		under = append(under, c.text.words())
	}
	spans := len(over) - 1
	n := len(under) / spans
	if spans < 2 || n < 2 || len(under)%spans != 0 || !periodic(under, n) {
		return nil
	}
	out := over[:1:1]
	for _, c := range over[1:] {
		out = append(out, slices.Repeat([]*cell{c}, n)...)
	}
	return out
}

// headsPrices tells whether a cell can head a column of prices.
func headsPrices(c *cell) bool {
	s := c.text.words()
	_, meter := meterOf(s)
	_, length := onlyThreshold(s)
	return meter || length || anyOf(wordsOf(s), "paid", "price", "prices", "pricing", "cost", "costs")
}

// copiedRow reads the row that begins behind a line, empty ones passed over; nil
// when it does not have the columns of its table.
func copiedRow(lines []string, at, columns int) (row []*cell, next int) {
	at = passBlank(lines, at)
	if at == len(lines) {
		return nil, 0
	}
	if tabbed(strings.TrimSpace(lines[at])) {
		return tabbedRow(lines, at, columns)
	}
	var names, values []*cell
	for at < len(lines) && len(names) <= maxNameLines && !copiedValue(lines[at]) {
		if len(lines[at]) > maxLine || strings.Contains(lines[at], "\t") {
			return nil, 0
		}
		names = append(names, copiedCell(lines[at], at))
		at = passBlank(lines, at+1)
	}
	for at < len(lines) && len(values) < columns && copiedValue(lines[at]) {
		c := copiedCell(lines[at], at)
		next = at + 1
		if at = passBlank(lines, next); at < len(lines) && copiedUnit.MatchString(strings.TrimSpace(lines[at])) {
			if line := strings.TrimSpace(lines[at]); saysPer(line) {
				c.text.newline()
				c.text.add(plain, line)
			} else { // "minute": no unit of tokens
				c.text.add(plain, " / "+line)
			}
			next = at + 1
			at = passBlank(lines, next)
		}
		values = append(values, c)
	}
	switch {
	case len(names) > maxNameLines || len(values) == 0:
		return nil, 0
	case len(names) == 0 && len(values) != columns:
		return nil, 0
	case len(values) == columns-1:
		named := names[0]
		for _, more := range names[1:] {
			named.text.newline()
			named.text = append(named.text, more.text...)
		}
		return append([]*cell{named}, values...), next
	case len(names)+len(values) == columns:
		return append(names, values...), next
	}
	return nil, 0
}

// tabbedRow reads a row that stands in one line; its last cell may go on below.
func tabbedRow(lines []string, at, columns int) (row []*cell, next int) {
	if row = copiedCells(lines[at], at); len(row) != columns {
		return nil, 0
	}
	last := &row[columns-1].text
	for at++; at < len(lines) && copiedValue(lines[at]) && statesMoney(last.words()); at++ {
		last.newline()
		last.add(plain, strings.TrimSpace(lines[at]))
	}
	return row, at
}

// copiedUnit is a line that says what the amount above it is the price of.
var copiedUnit = regexp.MustCompile(`(?i)^(?:(?:/\s*|per\s+)(?:\d[\d,]*\s*[km]?\s+)?(?:input\s+|output\s+)?(?:tokens?|[mk]?tok)|(?:/\s*|per\s+|\d[\d,]*\s*[km]?\s+)+(?:images?|pages?|calls?|characters?|requests?|searches|minutes?|hours?)|minutes?|seconds?|hours?|days?|months?|containers?|sessions?|gb)(?:/[a-z]+)?(?:\s*\(.{0,60}\))?$`)

func saysPer(line string) bool {
	return strings.HasPrefix(line, "/") || strings.HasPrefix(strings.ToLower(line), "per ")
}

// copiedValue tells whether a line is the cell of a column of prices.
func copiedValue(line string) bool {
	if line = strings.TrimSpace(line); strings.Contains(line, "\t") {
		return false
	}
	if at := moneyPattern.FindStringIndex(line); at != nil {
		label, labelled := strings.CutSuffix(strings.TrimSpace(line[:at[0]]), ":")
		return len(line) <= maxLine && (at[0] == 0 || labelled && isMeterLabel(label, nil))
	}
	return line != "" && strings.Trim(line, "-–—") == "" || anyOf([]string{normal(line)}, "free", "n a", "not available")
}

// tabbed tells whether tabs part the cells of a line. In the row of a Markdown table
// they are white space.
func tabbed(line string) bool { return strings.Contains(line, "\t") && !strings.Contains(line, "|") }

func copiedCells(line string, at int) []*cell {
	var out []*cell
	for s := range strings.SplitSeq(strings.Trim(line, "\r\n"), "\t") {
		out = append(out, copiedCell(s, at))
	}
	return out
}

func copiedCell(s string, at int) *cell {
	c := &cell{line: at + 1}
	c.text.add(plain, strings.TrimSpace(s))
	return c
}

func passBlank(lines []string, at int) int {
	for at < len(lines) && strings.TrimSpace(lines[at]) == "" {
		at++
	}
	return at
}
