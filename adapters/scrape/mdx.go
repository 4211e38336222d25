package scrape

import (
	"regexp"
	"slices"
	"strings"
)

// A scope holds from its line on, until the next scope: the labels of the
// components that are open there, the innermost last.
type scope struct {
	line   int
	labels []string
}

// panesAt gives the labels around a line.
func panesAt(scopes []scope, line int) []string {
	i, found := slices.BinarySearchFunc(scopes, line, func(s scope, l int) int { return s.line - l })
	if !found {
		i--
	}
	if i < 0 {
		return nil
	}
	return scopes[i].labels
}

var (
	tagPattern   = regexp.MustCompile(`</?[A-Za-z][A-Za-z0-9.:-]*(?:\s[^<>]*)?/?>`)
	labelPattern = regexp.MustCompile(`\b(?:title|label|value|data-value|name)=["{']{1,2}([^"'{}<>]{1,60})["'}]{1,2}`)
)

// maxNesting is how deep quotes, lists and components may nest. Nobody states
// a price deeper down.
const maxNesting = 64

// lookThrough prepares the lines of an MDX page for a Markdown parser, in
// place and line for line: what stands inside components loses its
// indentation (four spaces would make it code), component tags that open a
// line are taken away, code is blanked. It gives the labels of the components
// around each line.
func lookThrough(lines []string) []scope {
	fences := fences{never: map[byte]int{}}
	var nest nesting
	for i, line := range lines {
		bare := strings.TrimSpace(line)
		switch {
		case fences.code(bare, lines[i+1:]), markersOf(bare) > maxNesting:
			lines[i] = ""
		case strings.HasPrefix(bare, "<"):
			nest.heed(bare, i+1)
			lines[i] = strings.TrimSpace(tagPattern.ReplaceAllStringFunc(bare, func(tag string) string {
				if inlineTag(tagName(tag)) {
					return tag
				}
				return ""
			}))
		case len(nest.open) > 0 || strings.HasPrefix(bare, "|"):
			lines[i] = bare
		}
	}
	return nest.scopes
}

// nesting follows which components are open.
type nesting struct {
	open   []component
	scopes []scope
}

type component struct{ name, label string }

// heed reads the tags of a line.
func (n *nesting) heed(line string, number int) {
	for _, tag := range tagPattern.FindAllString(line, -1) {
		name := tagName(tag)
		switch {
		case inlineTag(name) || strings.HasSuffix(tag, "/>"):
		case strings.HasPrefix(tag, "</"):
			n.close(name)
		case len(n.open) < maxNesting:
			label := ""
			if m := labelPattern.FindStringSubmatch(tag); m != nil {
				label = m[1]
			}
			n.open = append(n.open, component{name, label})
		}
	}
	var labels []string
	for _, c := range n.open {
		if c.label != "" {
			labels = append(labels, c.label)
		}
	}
	if !slices.Equal(panesAt(n.scopes, number), labels) {
		n.scopes = append(n.scopes, scope{number, labels})
	}
}

// close closes the innermost component of that name, with what is open in it.
func (n *nesting) close(name string) {
	for j := len(n.open) - 1; j >= 0; j-- {
		if n.open[j].name == name {
			n.open = n.open[:j]
			return
		}
	}
}

// fences follows blocks of code.
type fences struct {
	open  string
	never map[byte]int // from which length on a fence of that character is never closed
}

// code tells whether a line belongs to a block of code. The line that opens a
// block which is never closed counts; the rest of the page does not.
func (f *fences) code(line string, after []string) bool {
	if f.open != "" {
		if closes(line, f.open) {
			f.open = ""
		}
		return true
	}
	fence := fenceOf(line)
	if fence == "" {
		return false
	}
	if n, known := f.never[fence[0]]; known && len(fence) >= n {
		return true
	}
	if slices.ContainsFunc(after, func(l string) bool { return closes(strings.TrimSpace(l), fence) }) {
		f.open = fence
	} else {
		f.never[fence[0]] = len(fence)
	}
	return true
}

func closes(line, fence string) bool {
	return strings.HasPrefix(line, fence) && strings.Trim(line, fence[:1]) == ""
}

// fenceOf is the fence that a line opens, if it opens one.
func fenceOf(line string) string {
	for _, c := range []string{"`", "~"} {
		if n := len(line) - len(strings.TrimLeft(line, c)); n >= 3 && !strings.Contains(line[n:], "`") {
			return line[:n]
		}
	}
	return ""
}

// markersOf counts the quote and list markers that open a line.
func markersOf(line string) int {
	n := 0
	for line != "" {
		switch {
		case line[0] == '>':
			n++
			line = strings.TrimLeft(line[1:], " ")
		case len(line) > 1 && strings.ContainsRune("-*+", rune(line[0])) && line[1] == ' ':
			n++
			line = strings.TrimLeft(line[2:], " ")
		default:
			return n
		}
	}
	return n
}

func tagName(tag string) string {
	name := strings.TrimLeft(tag, "</")
	if i := strings.IndexAny(name, " \t/>"); i >= 0 {
		name = name[:i]
	}
	return name
}

// inlineTag tells whether a tag stands within a line of text.
func inlineTag(name string) bool {
	switch strings.ToLower(name) {
	case "a", "b", "br", "code", "del", "em", "hr", "i", "img", "s", "small", "span", "strike", "strong", "sub", "sup", "u":
		return true
	}
	return false
}

// A liftedTable is an HTML table that a Markdown page holds.
type liftedTable struct {
	line int
	html string
}

// liftTables takes HTML tables out of the lines of a Markdown page, in place:
// Markdown's own rules would end them at the first empty line.
func liftTables(lines []string) []liftedTable {
	var out []liftedTable
	for i := 0; i < len(lines); i++ {
		at := strings.Index(lines[i], "<table")
		if at < 0 || strings.TrimSpace(lines[i][:at]) != "" {
			continue
		}
		closed := false
		for j := i; j < len(lines) && !closed; j++ {
			end := strings.LastIndex(lines[j], "</table>")
			if end < 0 {
				continue
			}
			out = append(out, liftedTable{i + 1, strings.Join(lines[i:j], "\n") + "\n" + lines[j][:end+len("</table>")]})
			lines[j] = lines[j][end+len("</table>"):]
			for k := i; k < j; k++ {
				lines[k] = ""
			}
			i, closed = j, true
		}
		if !closed {
			break
		}
	}
	return out
}
