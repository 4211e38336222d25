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
	type component struct{ name, label string }
	var (
		open   []component
		scopes []scope
		fence  string
		never  = map[byte]int{} // from which length on a fence of that character is never closed
	)
	for i, line := range lines {
		bare := strings.TrimSpace(line)
		if fence != "" {
			if strings.HasPrefix(bare, fence) && strings.Trim(bare, fence[:1]) == "" {
				fence = ""
			}
			lines[i] = ""
			continue
		}
		if f := fenceOf(bare); f != "" {
			lines[i] = "" // also where it is never closed: then the rest of the page is no code
			if n, known := never[f[0]]; !known || len(f) < n {
				if closedLater(lines[i+1:], f) {
					fence = f
				} else {
					never[f[0]] = len(f)
				}
			}
			continue
		}
		if markersOf(bare) > maxNesting {
			lines[i] = ""
			continue
		}
		if !strings.HasPrefix(bare, "<") {
			if len(open) > 0 || strings.HasPrefix(bare, "|") {
				lines[i] = bare
			}
			continue
		}
		for _, tag := range tagPattern.FindAllString(bare, -1) {
			name := tagName(tag)
			switch {
			case inlineTag(name) || strings.HasSuffix(tag, "/>"):
			case strings.HasPrefix(tag, "</"):
				for j := len(open) - 1; j >= 0; j-- {
					if open[j].name == name {
						open = open[:j]
						break
					}
				}
			case len(open) < maxNesting:
				label := ""
				if m := labelPattern.FindStringSubmatch(tag); m != nil {
					label = m[1]
				}
				open = append(open, component{name, label})
			}
		}
		labels := make([]string, 0, len(open))
		for _, c := range open {
			if c.label != "" {
				labels = append(labels, c.label)
			}
		}
		if n := len(scopes); n == 0 && len(labels) > 0 || n > 0 && !slices.Equal(scopes[n-1].labels, labels) {
			scopes = append(scopes, scope{i + 1, labels})
		}
		lines[i] = tagPattern.ReplaceAllStringFunc(bare, func(tag string) string {
			if inlineTag(tagName(tag)) {
				return tag
			}
			return ""
		})
		lines[i] = strings.TrimSpace(lines[i])
	}
	return scopes
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

// closedLater tells whether a fence ends at all: one that does not would
// silence the rest of the page.
func closedLater(lines []string, fence string) bool {
	for _, l := range lines {
		if l = strings.TrimSpace(l); strings.HasPrefix(l, fence) && strings.Trim(l, fence[:1]) == "" {
			return true
		}
	}
	return false
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
