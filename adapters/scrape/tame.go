package scrape

import "strings"

// A Markdown parser spends memory by the cell and time by the mark: a few
// kilobytes of "|" or "[" can keep it busy for minutes. Before it sees a page,
// what no page of prices contains is taken out of the lines, in place.
const (
	maxLineMarks      = 400  // brackets, stars and the like in one line
	maxParagraphMarks = 2000 // and in lines that follow each other
	maxTinyLines      = 1000 // lines of three characters and less, in a row
	maxNested         = 32   // quotes and lists that one line opens within each other
	markBytes         = "[]*_~`<!&"
)

// tame blanks rows of tables beyond what the page's size can explain, lines
// with more columns than a table has, endless runs of tiny lines, and the
// marks of lines that are all marks.
func tame(lines []string, size int) {
	cells := size/8 + 5_000
	columns, marks, tiny := 0, 0, 0
	for i, line := range lines {
		bare := strings.TrimSpace(line)
		if bare == "" {
			columns, marks, tiny = 0, 0, 0
			continue
		}
		if tiny++; len(bare) > 3 {
			tiny = 0
		}
		if tiny > maxTinyLines || nestedIn(bare) > maxNested {
			lines[i] = ""
			continue
		}
		if pipes := strings.Count(bare, "|"); pipes > 2*maxColumns {
			lines[i] = ""
			columns, marks = 0, 0
			continue
		} else if strings.Trim(bare, "|-: >") == "" && strings.Contains(bare, "-") {
			columns = pipes + 1
		}
		if cells -= columns; cells < 0 {
			lines[i] = ""
			continue
		}
		n := marksIn(bare)
		if strings.ContainsRune("|-+#", rune(bare[0])) || strings.HasPrefix(bare, "* ") {
			marks = 0 // a block of its own
		}
		if marks += n; n > maxLineMarks || marks > maxParagraphMarks {
			lines[i] = unmarked(line)
		}
	}
}

// nestedIn counts the quotes and lists that a line opens within each other. Each
// of them looks at the rest of the line anew.
func nestedIn(s string) int {
	for n := 0; ; n++ {
		s = strings.TrimLeft(s, " \t")
		rest := strings.TrimLeft(s, digits)
		switch number := len(s) - len(rest); {
		case number > 9 || rest == "":
			return n
		case number > 0 && (rest[0] == '.' || rest[0] == ')'), number == 0 && strings.IndexByte("-+*", rest[0]) >= 0:
			if len(rest) > 1 && rest[1] != ' ' && rest[1] != '\t' {
				return n
			}
		case number > 0 || rest[0] != '>':
			return n
		}
		s = rest[1:]
	}
}

func marksIn(line string) int {
	n := 0
	for i := range len(line) {
		if strings.IndexByte(markBytes, line[i]) >= 0 {
			n++
		}
	}
	return n
}

func unmarked(line string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(markBytes, r) {
			return ' '
		}
		return r
	}, line)
}
