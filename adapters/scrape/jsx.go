package scrape

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// componentStart opens a component of MDX: <PriceList …
	componentStart = regexp.MustCompile(`(?m)^[ \t>]*<[A-Z][A-Za-z0-9.]*(?:\s|$)`)
	// strayStart opens a labelled group of rows that stands in a page without
	// its component, as converters leave it: { model: "…", rows: [
	strayStart = regexp.MustCompile(`\{\s*["']?[A-Za-z_]\w{0,40}["']?\s*:\s*["'][^"'\n]{0,120}["']\s*,\s*["']?[A-Za-z_]\w{0,40}["']?\s*:\s*\[\s*\[`)
)

// liftComponents takes the components of an MDX page that hold data out of its
// lines, in place, and groups of rows that have lost theirs. Code is left
// alone: it states no price.
func liftComponents(lines []string, left *int) []*island {
	if !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, "[") }) {
		return nil
	}
	l := lifter{lines: lines, text: strings.Join(lines, "\n"), fenced: codeLines(lines), left: left}
	l.work = 4*len(l.text) + 10_000
	at := 0
	for _, line := range lines {
		l.starts = append(l.starts, at)
		at += len(line) + 1
	}
	for _, at := range componentStart.FindAllStringIndex(l.text, -1) {
		l.component(at[0] + strings.IndexByte(l.text[at[0]:], '<'))
	}
	for _, at := range strayStart.FindAllStringIndex(l.text, -1) {
		l.stray(at[0])
	}
	l.blank()
	slices.SortStableFunc(l.out, func(a, b *island) int { return a.line - b.line })
	return l.out
}

type lifter struct {
	lines  []string
	text   string
	starts []int // offset of each line
	fenced []bool
	left   *int
	work   int      // how many bytes may still be looked at
	taken  [][2]int // what was lifted, by offset
	out    []*island
}

// codeLines tells which lines belong to blocks of code.
func codeLines(lines []string) []bool {
	f := fences{never: map[byte]int{}}
	out := make([]bool, len(lines))
	for i, line := range lines {
		out[i] = f.code(strings.TrimSpace(line), lines[i+1:])
	}
	return out
}

func (l *lifter) lineAt(offset int) int {
	i, found := slices.BinarySearch(l.starts, offset)
	if !found {
		i--
	}
	return i
}

// open tells whether something may be lifted at an offset.
func (l *lifter) open(at int) bool {
	if l.work <= 0 || l.fenced[l.lineAt(at)] {
		return false
	}
	i, found := slices.BinarySearchFunc(l.taken, at, func(t [2]int, at int) int { return t[0] - at })
	return !found && (i == 0 || at >= l.taken[i-1][1])
}

// component lifts one component, if it can be read and holds a list.
func (l *lifter) component(at int) {
	if !l.open(at) {
		return
	}
	c := componentParser{s: l.text, i: at + 1, left: l.left, until: at + l.work}
	root, ok := c.properties()
	l.work -= c.i - at
	if ok && slices.ContainsFunc(root.items, func(v value) bool { return v.kind == aList }) {
		l.take(root, at, c.i)
	}
}

func (l *lifter) stray(at int) {
	if !l.open(at) {
		return
	}
	group, n, ok := parseLiteral(l.text[at:min(len(l.text), at+l.work)], l.left)
	l.work -= n
	if ok {
		moved(&group, at)
		l.take(value{kind: aList, items: []value{group}, at: at}, at, at+n)
	}
}

// moved shifts the offsets of a value that was read from a later beginning.
func moved(v *value, by int) {
	v.at += by
	for i := range v.items {
		moved(&v.items[i], by)
	}
}

func (l *lifter) take(root value, from, to int) {
	i, _ := slices.BinarySearchFunc(l.taken, from, func(t [2]int, at int) int { return t[0] - at })
	*l.left -= islandCost
	l.taken = slices.Insert(l.taken, i, [2]int{from, to})
	l.out = append(l.out, &island{root: root, chosen: true, line: l.lineAt(from) + 1, starts: l.starts})
}

// blank takes what was lifted out of the lines.
func (l *lifter) blank() {
	for _, t := range l.taken {
		first, last := l.lineAt(t[0]), l.lineAt(max(t[0], t[1]-1))
		for i := first; i <= last; i++ {
			from, to := 0, len(l.lines[i])
			if i == first {
				from = min(to, t[0]-l.starts[i])
			}
			if i == last {
				to = min(to, t[1]-l.starts[i])
			}
			l.lines[i] = l.lines[i][:from] + strings.Repeat(" ", max(0, to-from)) + l.lines[i][max(from, to):]
		}
	}
}

// A componentParser reads the opening tag of a component.
type componentParser struct {
	s     string
	i     int
	left  *int
	until int
}

// properties reads the properties of a component up to the end of its tag.
// One that cannot be read is left out.
func (c *componentParser) properties() (value, bool) {
	root := value{kind: anObject, at: c.i}
	c.word()
	for c.i < len(c.s) && c.i < c.until {
		switch b := c.s[c.i]; {
		case b == ' ' || b == '\t' || b == '\n' || b == '\r':
			c.i++
		case b == '>':
			c.i++
			return root, true
		case strings.HasPrefix(c.s[c.i:], "/>"):
			c.i += 2
			return root, true
		case b == '{': // {...others}
			if !c.balanced() {
				return root, false
			}
		case letter(b):
			if !c.property(&root) {
				return root, false
			}
		default:
			return root, false
		}
	}
	return root, false
}

func (c *componentParser) word() string {
	from := c.i
	for c.i < len(c.s) && (letter(c.s[c.i]) || strings.IndexByte("0123456789.:-", c.s[c.i]) >= 0) {
		c.i++
	}
	return c.s[from:c.i]
}

func (c *componentParser) property(root *value) bool {
	key := c.word()
	if c.i >= len(c.s) || c.s[c.i] != '=' {
		return true
	}
	c.i++
	if c.i >= len(c.s) {
		return false
	}
	at := c.i
	switch c.s[c.i] {
	case '"', '\'':
		n := strings.IndexByte(c.s[c.i+1:], c.s[c.i])
		if n < 0 {
			return false
		}
		root.items = append(root.items, value{kind: aText, key: key, text: c.s[at+1 : at+1+n], at: at})
		c.i += n + 2
		return true
	case '{':
		v, n, ok := parseLiteral(c.s[at+1:], c.left)
		if rest := at + 1 + n; ok && strings.HasPrefix(strings.TrimLeft(c.s[rest:], " \t\r\n"), "}") && len(key) <= maxLiteralKey {
			moved(&v, at+1)
			v.key = key
			root.items = append(root.items, v)
			c.i = rest + strings.IndexByte(c.s[rest:], '}') + 1
			return true
		}
		return c.balanced()
	}
	return false
}

// balanced skips what stands in braces, quotes heeded.
func (c *componentParser) balanced() bool {
	depth := 0
	for c.i < len(c.s) && c.i < c.until {
		switch b := c.s[c.i]; b {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				c.i++
				return true
			}
		case '"', '`':
			p := literalParser{s: c.s, i: c.i, left: c.left}
			if _, ok := p.quoted(); !ok {
				return false
			}
			c.i = p.i
			continue
		}
		c.i++
	}
	return false
}
