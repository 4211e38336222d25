package scrape

import "strings"

// widen mends tables whose first row has lost its spans, in place: converters
// write "| | Short | Long |" over a second row of headers that repeats itself
// under each of them, and Markdown would cut all rows to the first one's width.
func widen(lines []string) {
	for i := 1; i+1 < len(lines); i++ {
		if !dashes(lines[i]) {
			continue
		}
		over, under := cellsOf(lines[i-1]), cellsOf(lines[i+1])
		if len(over) < 3 || len(under) <= len(over) || len(under) > maxColumns || (len(under)-1)%(len(over)-1) != 0 {
			continue
		}
		n := (len(under) - 1) / (len(over) - 1)
		if !periodic(under[1:], n) {
			continue
		}
		head, rule := "|"+over[0], "|---"
		for _, label := range over[1:] {
			head += strings.Repeat("|"+label, n)
			rule += strings.Repeat("|---", n)
		}
		lines[i-1], lines[i] = head+"|", rule+"|"
	}
}

// dashes tells whether a line is the rule below a table's header.
func dashes(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasPrefix(line, "|") && strings.Contains(line, "--") && strings.Trim(line, "|-: ") == ""
}

// cellsOf splits a line of a table.
func cellsOf(line string) []string {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "|") || strings.Contains(line, `\|`) {
		return nil
	}
	return strings.Split(strings.TrimSuffix(line[1:], "|"), "|")
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
