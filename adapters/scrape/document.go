package scrape

import (
	"strings"

	"golang.org/x/net/html"
)

// A document is what a page says, without how it looks: its blocks in the
// order in which they stand.
type document struct {
	blocks []block
	place  func(*cell) string // where a cell stands, so that a person or a test finds it again
	path   func(block) string // where a block stands; nil: it is not known

	linewise bool // it was copied as text: each line stands for itself, and headings are lines
}

type blockKind int

const (
	paragraph blockKind = iota
	item                // a list item
	heading
	grid
	data // of a component, which a page does not show
)

// A block is one heading, paragraph, list item, table, or a component's data.
type block struct {
	kind  blockKind
	level int // of a heading, 1 to 6
	text  text
	table *table
	data  *island
	node  *html.Node // HTML: the element that holds a paragraph's or heading's text
}

// A table is a grid of cells. A cell that spans several columns or rows
// stands in each of them.
type table struct {
	caption  string
	rows     [][]*cell
	head     int      // how many of the rows are header rows
	panes    []string // labels of the tab panes and sections around it, the innermost last
	selected bool     // it lies where the configuration looks
	data     bool     // it is made of a component's data, and the page may show another
	within   *island  // the component that shows it, or whose data it is
}

// A cell is one cell of a table as the page wrote it.
type cell struct {
	text   text
	header bool
	short  bool // it fills a place for which its row has no cell

	line int        // Markdown: the line it stands in, from 1
	node *html.Node // HTML

	from   *island // it is made of a component's data,
	at     int     // at that offset
	number bool    // the data gives it as a bare number of US dollars
}

// blank fills the grid where a row has no cell.
var blank = &cell{short: true}

type runKind int

const (
	plain runKind = iota
	link
	code
	note // a footnote mark: said of the text, not part of it
)

// A run is a stretch of text of one kind. A line break is the plain run "\n".
type run struct {
	kind runKind
	text string
}

// A text is what an element says: white space collapsed, lines kept.
type text []run

// longRun is how long a run grows: adding to one for ever takes the square of
// its length.
const longRun = 2000

// add appends raw text of one kind; white space collapses across runs.
func (t *text) add(kind runKind, s string) {
	if s == "" {
		return
	}
	var b strings.Builder
	space := len(*t) == 0 || strings.HasSuffix((*t)[len(*t)-1].text, " ") || strings.HasSuffix((*t)[len(*t)-1].text, "\n")
	for _, r := range s {
		if isSpace(r) {
			if !space {
				b.WriteByte(' ')
			}
			space = true
			continue
		}
		b.WriteRune(r)
		space = false
	}
	if b.Len() == 0 {
		return
	}
	if n := len(*t); n > 0 && (*t)[n-1].kind == kind && (*t)[n-1].text != "\n" && kind == plain && len((*t)[n-1].text) < longRun {
		(*t)[n-1].text += b.String()
		return
	}
	*t = append(*t, run{kind, b.String()})
}

// newline ends a line; an empty line is none.
func (t *text) newline() {
	if n := len(*t); n > 0 && (*t)[n-1].text != "\n" {
		*t = append(*t, run{plain, "\n"})
	}
}

// String is the whole text, footnote marks included: what a person reads.
func (t text) String() string {
	return t.join(func(runKind) bool { return true })
}

// words is the text without its footnote marks.
func (t text) words() string {
	return t.join(func(k runKind) bool { return k != note })
}

func (t text) join(take func(runKind) bool) string {
	if len(t) == 1 && take(t[0].kind) {
		return strings.TrimSpace(t[0].text)
	}
	var b strings.Builder
	for _, r := range t {
		if take(r.kind) {
			b.WriteString(r.text)
		}
	}
	lines := strings.Split(b.String(), "\n")
	kept := lines[:0]
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n")
}

// isSpace also takes the spaces and invisible marks that pages put between
// words for the sake of layout.
func isSpace(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', '\f', '\v', '\u00a0', '\u2007', '\u2009', '\u200a', '\u202f', '\u3000':
		return true
	case '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad':
		return true
	}
	return false
}
