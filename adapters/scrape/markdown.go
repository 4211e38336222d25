package scrape

import (
	"bytes"
	"html"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	gtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"strconv"
)

var markdownParser = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough)).Parser()

// fromMarkdown makes a document of a Markdown or MDX page. Components around
// the text are looked through; the labels of those that carry one (a tab's
// title) stay with the tables inside. Code is no statement of a price.
func fromMarkdown(body []byte) (document, error) {
	lines := strings.Split(strings.ReplaceAll(string(body), "\r\n", "\n"), "\n")
	tables := liftTables(lines)
	values := valuesFor(len(body))
	islands := liftComponents(lines, &values)
	scopes := lookThrough(lines)
	copied := liftCopied(lines)
	widen(lines)
	tame(lines, len(body))
	source := []byte(strings.Join(lines, "\n"))
	b := markdownBuilder{source: source, scopes: scopes, left: newBudget(len(body)), lifted: tables, copied: copied, islands: islands, doc: document{linewise: len(copied) > 0}}
	for i, c := range source {
		if c == '\n' {
			b.breaks = append(b.breaks, i)
		}
	}
	b.walk(markdownParser.Parse(gtext.NewReader(source)), false)
	if err := b.lift(len(lines) + 1); err != nil {
		return document{}, err
	}
	b.doc.place = func(c *cell) string {
		if c.from != nil {
			return "line " + strconv.Itoa(c.from.lineOf(c.at))
		}
		return "line " + strconv.Itoa(c.line)
	}
	return b.doc, b.err
}

type markdownBuilder struct {
	doc     document
	source  []byte
	breaks  []int // offsets of the line breaks
	scopes  []scope
	left    *budget
	lifted  []liftedTable // HTML tables not yet added, by line
	copied  []copiedTable // the same of tables copied as text
	islands []*island     // components not yet added, by line
	err     error
}

// lineAt is the number of the line that holds an offset, from 1.
func (b *markdownBuilder) lineAt(offset int) int { return sort.SearchInts(b.breaks, offset) + 1 }

func (b *markdownBuilder) walk(n ast.Node, inItem bool) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if c.Type() == ast.TypeBlock && c.Lines().Len() > 0 && b.err == nil {
			b.err = b.lift(b.lineAt(c.Lines().At(0).Start))
		}
		switch c := c.(type) {
		case *ast.Heading:
			b.add(block{kind: heading, level: c.Level, text: b.inline(c)})
		case *ast.Paragraph, *ast.TextBlock:
			kind := paragraph
			if inItem {
				kind = item
			}
			for _, line := range b.lines(c) {
				b.add(block{kind: kind, text: line})
			}
		case *extast.Table:
			b.table(c)
		case *ast.List:
			if !b.listed(c) {
				b.walk(c, inItem)
			}
		case *ast.ListItem:
			b.walk(c, true)
		case *ast.HTMLBlock:
			var t text
			for i := range c.Lines().Len() {
				line := c.Lines().At(i)
				t.add(plain, html.UnescapeString(tagPattern.ReplaceAllString(string(line.Value(b.source)), " ")))
			}
			b.add(block{kind: paragraph, text: t})
		case *ast.CodeBlock, *ast.FencedCodeBlock:
		default:
			b.walk(c, inItem)
		}
	}
}

func (b *markdownBuilder) add(block block) {
	if block.text.String() != "" {
		b.doc.blocks = append(b.doc.blocks, block)
	}
}

func (b *markdownBuilder) table(n *extast.Table) {
	var rows [][]spanned
	line := 0
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		line++ // a row of empty cells has no place of its own
		for c := row.FirstChild(); c != nil; c = c.NextSibling() {
			if c.Lines().Len() > 0 {
				line = b.lineAt(c.Lines().At(0).Start)
				break
			}
		}
		var cells []spanned
		for c := row.FirstChild(); c != nil; c = c.NextSibling() {
			if c.Lines().Len() == 0 { // the parser fills short rows up
				break
			}
			cells = append(cells, spanned{&cell{text: b.inline(c), line: line}, 1, 1})
		}
		if dashRow(cells) && len(rows) > 1 { // the row before it is the header of a table of its own
			b.grids(rows[:len(rows)-1])
			rows = rows[len(rows)-1:]
			continue
		}
		if len(rows) == 0 {
			line++ // the line of dashes
		}
		rows = append(rows, cells)
	}
	b.grids(rows)
}

// grids adds a table, and as paragraphs the lines below it that have no cells:
// where no empty line ends a table, Markdown takes them for rows.
func (b *markdownBuilder) grids(rows [][]spanned) {
	end := len(rows)
	for end > 1 && len(rows[end-1]) == 1 && !b.barred(rows[end-1][0].line) {
		end--
	}
	b.grid(rows[:end])
	for _, row := range rows[end:] {
		b.add(block{kind: paragraph, text: row[0].text})
	}
}

// barred tells whether a line has the bars that part cells.
func (b *markdownBuilder) barred(line int) bool {
	from, to := 0, len(b.source)
	if line > 1 && line-2 < len(b.breaks) {
		from = b.breaks[line-2]
	}
	if line-1 < len(b.breaks) {
		to = b.breaks[line-1]
	}
	return bytes.IndexByte(b.source[from:to], '|') >= 0
}

// grid adds a table whose first row is its header.
func (b *markdownBuilder) grid(rows [][]spanned) {
	t := &table{selected: true, head: 1}
	for _, c := range rows[0] {
		c.header = true
		t.panes = panesAt(b.scopes, c.line)
	}
	var ok bool
	if t.rows, ok = layOut(rows, b.left); ok {
		b.doc.blocks = append(b.doc.blocks, block{kind: grid, table: t})
	}
}

// dashRow tells whether the cells of a row are the line that stands between a
// table's header and its rows.
func dashRow(cells []spanned) bool {
	return len(cells) > 0 && !slices.ContainsFunc(cells, func(c spanned) bool {
		s := c.text.words()
		return len(s) < 2 || strings.Trim(s, "-:") != ""
	})
}

// lift adds the components' data and the tables lifted out that stand before a
// line, as they stood there.
func (b *markdownBuilder) lift(line int) error {
	for len(b.islands) > 0 && b.islands[0].line < line {
		d := b.islands[0]
		b.islands = b.islands[1:]
		d.panes = panesAt(b.scopes, d.line)
		b.doc.blocks = append(b.doc.blocks, block{kind: data, data: d})
	}
	for len(b.copied) > 0 && b.copied[0].line < line {
		t := b.copied[0]
		b.copied = b.copied[1:]
		t.panes = panesAt(b.scopes, t.line)
		b.doc.blocks = append(b.doc.blocks, block{kind: grid, table: t.table})
	}
	for len(b.lifted) > 0 && b.lifted[0].line < line {
		l := b.lifted[0]
		b.lifted = b.lifted[1:]
		doc, err := fromHTML([]byte(l.html), "")
		if err != nil {
			return err
		}
		for _, blk := range doc.blocks {
			if blk.kind != grid {
				continue
			}
			for _, row := range blk.table.rows {
				for _, c := range row {
					if c != blank {
						c.line = l.line
					}
				}
			}
			blk.table.panes = panesAt(b.scopes, l.line)
			b.doc.blocks = append(b.doc.blocks, blk)
		}
	}
	return nil
}

// noteMark is a footnote mark as converters write it: ^*^.
var noteMark = regexp.MustCompile(`\^[^\s^]{1,8}\^`)

// inline collects the text of a block.
func (b *markdownBuilder) inline(n ast.Node) text {
	var t text
	w := inlineWriter{source: b.source, out: &t, linewise: b.doc.linewise}
	w.walk(n, plain)
	marked := t[:0:0]
	for _, r := range t {
		rest := r.text
		for r.kind == plain {
			at := noteMark.FindStringIndex(rest)
			if at == nil {
				break
			}
			marked = append(marked, run{plain, rest[:at[0]]}, run{note, strings.Trim(rest[at[0]:at[1]], "^")})
			rest = rest[at[1]:]
		}
		marked = append(marked, run{r.kind, rest})
	}
	return marked
}

// lines are the texts of a paragraph: one, or, of a page that was copied as text,
// one a line.
func (b *markdownBuilder) lines(n ast.Node) []text {
	t := b.inline(n)
	if !b.doc.linewise {
		return []text{t}
	}
	var out []text
	from := 0
	for i, r := range t {
		if r.text == "\n" {
			out = append(out, t[from:i])
			from = i + 1
		}
	}
	return append(out, t[from:])
}

type inlineWriter struct {
	source   []byte
	linewise bool
	out      *text
	noted    int // open <sup>
	struck   int // open <s>, <del>
}

func (w *inlineWriter) add(kind runKind, s string) {
	if w.struck > 0 {
		return
	}
	if w.noted > 0 {
		kind = note
	}
	w.out.add(kind, s)
}

func (w *inlineWriter) walk(n ast.Node, kind runKind) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			value := c.Segment.Value(w.source)
			if kind != code {
				value = util.UnescapePunctuations(value)
				w.add(kind, html.UnescapeString(string(value)))
			} else {
				w.add(kind, string(value))
			}
			if c.HardLineBreak() || c.SoftLineBreak() && w.linewise {
				w.out.newline()
			} else if c.SoftLineBreak() {
				w.add(plain, " ")
			}
		case *ast.String:
			w.add(kind, string(c.Value))
		case *ast.CodeSpan:
			w.walk(c, code)
		case *ast.Link:
			w.walk(c, link)
		case *ast.AutoLink:
			w.add(link, string(c.Label(w.source)))
		case *ast.RawHTML:
			var raw []byte
			for i := range c.Segments.Len() {
				s := c.Segments.At(i)
				raw = append(raw, s.Value(w.source)...)
			}
			w.tag(raw)
		case *ast.Image, *extast.Strikethrough:
		default:
			w.walk(c, kind)
		}
	}
}

// tag heeds the few tags that change what a text says.
func (w *inlineWriter) tag(raw []byte) {
	name := bytes.ToLower(bytes.TrimLeft(raw, "</"))
	if i := bytes.IndexAny(name, " \t\n/>"); i >= 0 {
		name = name[:i]
	}
	step := 1
	if bytes.HasPrefix(raw, []byte("</")) {
		step = -1
	}
	switch string(name) {
	case "br", "hr", "p", "div", "li":
		w.out.newline()
	case "sup":
		w.noted = max(0, w.noted+step)
	case "s", "del", "strike":
		w.struck = max(0, w.struck+step)
	}
}
