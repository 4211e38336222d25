package scrape

import "strings"

// widen mends tables whose first row has lost its spans, in place: converters
// write "| | Short | Long |" over a second row of headers that repeats itself
// under each of them, and Markdown would cut all rows to the first one's width.
// Where the headers before them reached down into the second row, that has lost
// its first cells as well: "| Model | Short | Long |" over "| In | Out | In | Out |".
func widen(lines []string) {
	for i := 1; i+1 < len(lines); i++ {
		if !dashes(lines[i]) {
			continue
		}
		over, under := cellsOf(lines[i-1]), cellsOf(lines[i+1])
		lead, n := repeated(over, under, lines[i+2:])
		if n < 2 {
			continue
		}
		head, rule := "|", "|"
		for j, label := range over {
			times := 1
			if j >= lead {
				times = n
			}
			head += strings.Repeat(label+"|", times)
			rule += strings.Repeat("---|", times)
		}
		lines[i-1], lines[i] = head, rule
		if len(under) == n*(len(over)-lead) {
			lines[i+1] = "|" + strings.Repeat(" |", lead) + strings.Join(under, "|") + "|"
		}
	}
}

// repeated finds how many cells of a second row of headers stand under each cell
// of the first, from the cell lead on; 0 where the rows do not show it. The rows
// below tell whether the second row has its first cells.
func repeated(over, under, below []string) (lead, n int) {
	width := 0
	for _, line := range below[:min(len(below), 5)] {
		cells := cellsOf(line)
		if cells == nil {
			break
		}
		width = max(width, len(cells))
	}
	if width <= len(over) || width > maxColumns {
		return 0, 0
	}
	for lead := 1; lead+2 <= len(over); lead++ {
		spans, rest := len(over)-lead, under
		switch width {
		case len(under):
			rest = under[lead:]
		case len(under) + lead:
		default:
			continue
		}
		if n := len(rest) / spans; len(rest)%spans == 0 && periodic(rest, n) {
			return lead, n
		}
	}
	return 0, 0
}

// dashes tells whether a line is the rule below a table's header.
func dashes(line string) bool {
	return strings.Contains(line, "|") && strings.Contains(line, "--") && strings.Trim(line, "|-: \t\r") == ""
}

// cellsOf splits a line of a table; none of a line that has no bar. A bar that is
// escaped belongs to its cell, and stays escaped.
func cellsOf(line string) []string {
	line = strings.TrimSpace(line)
	if !strings.Contains(line, "|") {
		return nil
	}
	line = strings.TrimPrefix(line, "|")
	if !strings.HasSuffix(line, `\|`) {
		line = strings.TrimSuffix(line, "|")
	}
	var cells []string
	for _, part := range strings.Split(line, "|") {
		if n := len(cells); n > 0 && strings.HasSuffix(cells[n-1], `\`) {
			cells[n-1] += "|" + part
		} else {
			cells = append(cells, part)
		}
	}
	return cells
}

// periodic tells whether header texts repeat every n cells.
func periodic(texts []string, n int) bool {
	for i := n; i < len(texts); i++ {
		if normal(texts[i]) != normal(texts[i-n]) || normal(texts[i]) == "" {
			return false
		}
	}
	return true
}
