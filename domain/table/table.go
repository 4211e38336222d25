// Package table writes rows as CSV, in the manner of RFC 4180, so that spreadsheets
// read them and run none of it. What the rows tell is told elsewhere.
package table

import (
	"strings"
	"time"
)

// Cell is a cell as it is written, before it is quoted.
type Cell string

// Text is a cell of a text from anywhere. Spreadsheets run what begins like a formula;
// an apostrophe before it says that it is text.
func Text[T ~string](text T) Cell {
	if text != "" && strings.ContainsRune("=+-@\t\r\n", rune(text[0])) {
		return Cell("'" + text)
	}
	return Cell(text)
}

// Figure is a cell of a number of ours, as it is.
func Figure(text string) Cell { return Cell(text) }

// Instant is a cell of an instant, as RFC 3339 has it in UTC; empty for the zero time.
func Instant(t time.Time) Cell {
	if t.IsZero() {
		return ""
	}
	return Cell(t.UTC().Format(time.RFC3339Nano))
}

// CSV writes rows, the first of which names the columns. A cell comes out of it as it
// went in, line breaks and all, which encoding/csv would change.
func CSV(rows [][]Cell) []byte {
	var text []byte
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				text = append(text, ',')
			}
			text = append(text, quoted(string(cell))...)
		}
		text = append(text, "\r\n"...)
	}
	return text
}

func quoted(cell string) string {
	if !strings.ContainsAny(cell, "\",\r\n") {
		return cell
	}
	return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
}
