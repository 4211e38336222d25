package cli_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

// A markdownTurn changes how a page of Markdown is written and nothing of what it
// says.
type markdownTurn struct {
	name string
	turn func(lines []string, rnd *rand.Rand) []string
}

var turnsOfMarkdown = slices.Concat(wordsInMarkdown(), formsOfMarkdown, []markdownTurn{
	{"columns turned", func(lines []string, _ *rand.Rand) []string {
		return turnPipes(lines, func(cells []string) []string { slices.Reverse(cells); return cells })
	}},
	{"last column first", func(lines []string, _ *rand.Rand) []string {
		return turnPipes(lines, func(cells []string) []string {
			return append([]string{cells[len(cells)-1]}, cells[:len(cells)-1]...)
		})
	}},
	{"columns shuffled", func(lines []string, rnd *rand.Rand) []string {
		seed := rnd.Uint64()
		return turnPipes(lines, func(cells []string) []string {
			rand.New(rand.NewPCG(seed, 1)).Shuffle(len(cells), func(i, j int) { cells[i], cells[j] = cells[j], cells[i] })
			return cells
		})
	}},
	{"a column more", func(lines []string, _ *rand.Rand) []string {
		return eachPipes(lines, func(t pipes) []string {
			for i, cells := range t.rows {
				t.rows[i] = append(cells, map[bool]string{true: " Notes ", false: " see below "}[i == 0])
			}
			t.rule = "|" + strings.Repeat("---|", len(t.rows[0]))
			return t.lines()
		})
	}},
	{"rows turned", func(lines []string, _ *rand.Rand) []string {
		return turnPipeRows(lines, slices.Reverse[[][][]string])
	}},
	{"rows shuffled", func(lines []string, rnd *rand.Rand) []string {
		return turnPipeRows(lines, func(rows [][][]string) {
			rnd.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		})
	}},
	{"white space", func(lines []string, _ *rand.Rand) []string {
		return eachPipes(lines, func(t pipes) []string {
			for _, cells := range t.rows {
				for i := range cells {
					cells[i] = "   " + strings.ReplaceAll(strings.TrimSpace(cells[i]), " ", "  ") + "\t "
				}
			}
			return t.lines()
		})
	}},
	{"spaces that show nothing", func(lines []string, _ *rand.Rand) []string {
		return eachPipes(lines, func(t pipes) []string {
			for _, cells := range t.rows {
				for i := range cells {
					if !strings.ContainsAny(cells[i], "`<[(") {
						cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), " ", "\u00a0")
					}
				}
			}
			return t.lines()
		})
	}},
	{"entities", func(lines []string, _ *rand.Rand) []string {
		return eachPipes(lines, func(t pipes) []string {
			for _, cells := range t.rows {
				for i := range cells {
					if !strings.ContainsAny(cells[i], "`<[\\") {
						cells[i] = strings.NewReplacer(" & ", " &amp; ", "$", "&#36;", ".", "&#x2e;").Replace(cells[i])
					}
				}
			}
			return t.lines()
		})
	}},
	{"emphasis", func(lines []string, _ *rand.Rand) []string {
		return eachPipes(lines, func(t pipes) []string {
			for _, cells := range t.rows {
				if s := strings.TrimSpace(cells[0]); s != "" && !strings.ContainsAny(s, "*_`[<\\") {
					cells[0] = " **" + s + "** "
				}
			}
			return t.lines()
		})
	}},
	{"carriage returns", func(lines []string, _ *rand.Rand) []string {
		for i := range lines {
			lines[i] = strings.TrimSuffix(lines[i], "\r") + "\r"
		}
		return lines
	}},
	{"wrappers", func(lines []string, _ *rand.Rand) []string {
		return eachPipes(lines, func(t pipes) []string {
			return slices.Concat([]string{t.indent + "<div>", ""}, t.lines(), []string{"", t.indent + "</div>"})
		})
	}},
	{"aligned columns", func(lines []string, _ *rand.Rand) []string {
		return eachPipes(lines, func(t pipes) []string {
			t.rule = "|" + strings.Repeat(" :---: |", len(t.rows[0]))
			return t.lines()
		})
	}},
})

// pipes are the lines of one table.
type pipes struct {
	indent string
	rule   string
	rows   [][]string // the header first
}

func (t pipes) lines() []string {
	out := make([]string, 0, len(t.rows)+1)
	for i, cells := range t.rows {
		out = append(out, t.indent+"|"+strings.Join(cells, "|")+"|")
		if i == 0 {
			out = append(out, t.indent+t.rule)
		}
	}
	return out
}

var ruleLine = regexp.MustCompile(`^\s*\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?\|?\s*$`)

// pipeCells splits a line of a table at the marks that are not escaped.
func pipeCells(line string) []string {
	line = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "|"), "|")
	parts := strings.Split(line, "|")
	out := parts[:1]
	for _, p := range parts[1:] {
		if last := len(out) - 1; strings.HasSuffix(out[last], `\`) {
			out[last] += "|" + p
		} else {
			out = append(out, p)
		}
	}
	return out
}

// eachPipes rewrites every table whose rows are as wide as its header.
func eachPipes(lines []string, do func(pipes) []string) []string {
	var out []string
	for i := 0; i < len(lines); i++ {
		if i+1 >= len(lines) || !strings.Contains(lines[i], "|") || !ruleLine.MatchString(lines[i+1]) {
			out = append(out, lines[i])
			continue
		}
		end := i + 2
		for end < len(lines) && strings.Contains(lines[end], "|") {
			end++
		}
		t := pipes{indent: lines[i][:len(lines[i])-len(strings.TrimLeft(lines[i], " \t"))], rule: strings.TrimSpace(lines[i+1])}
		even := strings.HasPrefix(strings.TrimSpace(lines[i]), "|")
		for j := i; j < end; j++ {
			if j != i+1 {
				t.rows = append(t.rows, pipeCells(lines[j]))
				even = even && len(pipeCells(lines[j])) == len(t.rows[0])
			}
		}
		even = even && len(pipeCells(lines[i+1])) == len(t.rows[0])
		if even {
			out = append(out, do(t)...)
		} else {
			out = append(out, lines[i:end]...)
		}
		i = end - 1
	}
	return out
}

func turnPipes(lines []string, turn func([]string) []string) []string {
	return eachPipes(lines, func(t pipes) []string {
		for i := range t.rows {
			t.rows[i] = turn(t.rows[i])
		}
		return t.lines()
	})
}

// turnPipeRows puts rows in another order; one without a first cell goes on with
// the row above it, and one that says one thing only stands for those below.
func turnPipeRows(lines []string, turn func([][][]string)) []string {
	return eachPipes(lines, func(t pipes) []string {
		if !strings.Contains(strings.Join(slices.Concat(t.rows[1:]...), ""), "$") || strings.Contains(strings.Join(t.rows[0], ""), "$") {
			return t.lines()
		}
		var groups [][][]string
		for _, cells := range t.rows[1:] {
			said := slices.DeleteFunc(slices.Clone(cells), func(c string) bool { return strings.Trim(c, " *\t") == "" })
			if len(said) <= 1 {
				return t.lines()
			}
			if strings.TrimSpace(cells[0]) == "" && len(groups) > 0 {
				groups[len(groups)-1] = append(groups[len(groups)-1], cells)
			} else {
				groups = append(groups, [][]string{cells})
			}
		}
		turn(groups)
		t.rows = append(t.rows[:1], slices.Concat(groups...)...)
		return t.lines()
	})
}
