package scrape

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"ratecard/domain"
)

// fromHTML makes a document of an HTML page. Hidden parts count: a tab that
// is not shown states prices as well. selector, when not empty, marks the
// tables inside the elements it chooses; headings around them still count.
func fromHTML(body []byte, selector string) (document, error) {
	if err := scanTokens(body); err != nil {
		return document{}, err
	}
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		return document{}, domain.Wrap(domain.KindUnread, err, "the page is not HTML that can be read")
	}
	b := htmlBuilder{left: newBudget(len(body)), values: valuesFor(len(body)), paths: map[*html.Node]string{}, places: map[*html.Node]int{}}
	if selector != "" {
		b.chosen = map[*html.Node]bool{}
		for _, n := range goquery.NewDocumentFromNode(root).Find(selector).Nodes {
			b.chosen[n] = true
		}
	}
	b.root = root
	b.walk(root)
	b.flush()
	b.doc.path = func(blk block) string { return b.path(blk.node) }
	b.doc.place = func(c *cell) string {
		if c.from != nil {
			return b.path(c.from.node) + " @" + c.from.attr + " " + pointerTo(&c.from.root, c.at)
		}
		return b.path(c.node)
	}
	return b.doc, nil
}

type htmlBuilder struct {
	doc     document
	root    *html.Node
	current text       // of the paragraph that is being read
	around  *html.Node // the element that holds it
	inItem  bool
	left    *budget
	values  int                 // how many values of data may still be made
	islands []*island           // whose elements are open
	chosen  map[*html.Node]bool // nil: everything
	paths   map[*html.Node]string
	places  map[*html.Node]int  // an element's number among its siblings, from 1
	labels  map[string]string   // element id → text, for aria-labelledby; made when first needed
	abreast map[*html.Node]bool // rows whose cells are beside each other: text that stands beside a table, and the table
}

// flush ends the paragraph that is being read.
func (b *htmlBuilder) flush() {
	if b.current.String() != "" {
		kind := paragraph
		if b.inItem {
			kind = item
		}
		b.doc.blocks = append(b.doc.blocks, block{kind: kind, text: b.current, node: b.around})
	}
	b.current, b.around = nil, nil
}

func (b *htmlBuilder) walk(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		if b.current.add(kindOf(n), n.Data); b.around == nil && len(b.current) > 0 {
			b.around = blockAround(n)
		}
		return
	case html.ElementNode:
		if silent(n) {
			return
		}
	}
	switch partOf(n) {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		b.flush()
		var t text
		inline(n, &t)
		b.doc.blocks = append(b.doc.blocks, block{kind: heading, level: int(n.Data[1] - '0'), text: t, node: n})
		return
	case atom.Table:
		if !holdsTable(n) || headed(n) { // a table around tables, without a header of its own, is layout
			b.flush()
			b.table(n)
			return
		}
		b.rowsOfTables(n)
	case atom.Br:
		b.current.newline()
		return
	}
	breaks := n.Type == html.ElementNode && !inlineElement(n)
	if breaks {
		b.flush()
	}
	open := len(b.islands)
	b.data(n)
	wasItem := b.inItem
	b.inItem = wasItem || n.DataAtom == atom.Li
	for _, c := range b.inOrder(n) {
		b.walk(c)
	}
	if breaks {
		b.flush()
	}
	b.inItem = wasItem
	b.islands = b.islands[:open]
}

// blockAround is the element whose lines hold a text.
func blockAround(n *html.Node) *html.Node {
	p := n.Parent
	for p != nil && inlineElement(p) && p.Parent != nil {
		p = p.Parent
	}
	return p
}

// table lays a table out and adds it to the document.
func (b *htmlBuilder) table(n *html.Node) {
	t := &table{panes: b.panes(n), selected: b.selected(n)}
	rows := rowsUnder(n, t, false, nil)
	if t.head == len(rows) { // a table whose every cell is marked as a header says nothing by it
		t.head = 0
	}
	var ok bool
	if t.rows, ok = layOut(rows, b.left); ok {
		b.doc.blocks = append(b.doc.blocks, block{kind: grid, table: t})
		b.shows(t)
	}
}

// shows notes a table with the components around it, which show it.
func (b *htmlBuilder) shows(t *table) {
	for _, d := range b.islands[max(0, len(b.islands)-maxIslands):] {
		if t.within = d; len(d.inside) < maxInside {
			d.inside = append(d.inside, t)
		}
	}
}

// rowsUnder adds the rows that an element holds to those before it, counts the
// header rows with which its table begins, and finds the caption. head: the element
// is marked as a header.
func rowsUnder(n *html.Node, t *table, head bool, rows [][]spanned) [][]spanned {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch part := partOf(c); {
		case part == atom.Caption:
			var caption text
			inline(c, &caption)
			t.caption = caption.words()
		case part == atom.Tr:
			row := rowCells(c)
			if len(row) == 0 {
				continue
			}
			if t.head == len(rows) && (head || allHeaders(row)) {
				t.head++
			}
			rows = append(rows, row)
		case c.Type == html.ElementNode && !silent(c): // what holds rows, by its name or not
			rows = rowsUnder(c, t, head || part == atom.Thead, rows)
		}
	}
	return rows
}

// data adds the data that stands in an element's attributes.
func (b *htmlBuilder) data(n *html.Node) {
	for _, a := range n.Attr {
		if !holdsRows(a.Val) {
			continue
		}
		root, end, ok := parseLiteral(a.Val, &b.values)
		if !ok || strings.TrimSpace(a.Val[end:]) != "" {
			continue
		}
		d := &island{root: root, astro: isAstro(root), panes: b.panes(n), chosen: b.selected(n), node: n, attr: a.Key}
		b.values -= islandCost
		b.islands = append(b.islands, d)
		b.doc.blocks = append(b.doc.blocks, block{kind: data, data: d})
	}
}

// selected tells whether an element lies where the configuration looks.
func (b *htmlBuilder) selected(n *html.Node) bool {
	for p := n; p != nil && b.chosen != nil; p = p.Parent {
		if b.chosen[p] {
			return true
		}
	}
	return b.chosen == nil
}

func rowCells(tr *html.Node) []spanned {
	var row []spanned
	for c := tr.FirstChild; c != nil; c = c.NextSibling {
		part := partOf(c)
		if part != atom.Td && part != atom.Th {
			continue
		}
		made := &cell{node: c, header: part == atom.Th}
		inline(c, &made.text)
		row = append(row, spanned{made, span(c, "colspan", maxColumns), span(c, "rowspan", 65534)})
	}
	return row
}

func allHeaders(row []spanned) bool {
	for _, c := range row {
		if !c.header {
			return false
		}
	}
	return true
}

func span(n *html.Node, name string, most int) int {
	v, err := strconv.Atoi(strings.TrimSpace(attribute(n, name)))
	if err != nil || v < 1 {
		return 1
	}
	return min(v, most)
}

// inline collects the text of an element, with a line for each block in it.
func inline(n *html.Node, t *text) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			t.add(kindOf(c), c.Data)
		case c.Type != html.ElementNode || silent(c) && !pricedButton(c):
		case c.DataAtom == atom.Br || c.DataAtom == atom.Hr:
			t.newline()
		case inlineElement(c):
			inline(c, t)
		default:
			t.newline()
			inline(c, t)
			t.newline()
		}
	}
}

// kindOf tells what kind of text a text node is, by the elements around it.
func kindOf(n *html.Node) runKind {
	for p := n.Parent; p != nil && inlineElement(p); p = p.Parent {
		switch p.DataAtom {
		case atom.Sup:
			return note
		case atom.A:
			return link
		case atom.Code, atom.Kbd, atom.Samp:
			return code
		}
	}
	return plain
}

// silent elements say nothing about prices: code, pictures, controls, and
// what is struck out.
func silent(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Head, atom.Button, atom.Select,
		atom.Textarea, atom.Iframe, atom.Nav, atom.Pre, atom.S, atom.Del, atom.Strike, atom.Svg, atom.Math:
		return true
	}
	return strings.Contains(attribute(n, "style"), "line-through")
}

// pricedButton tells whether a button shows an amount: one that opens a note on
// the price that it prints is no mere control.
func pricedButton(n *html.Node) bool {
	if n.DataAtom != atom.Button {
		return false
	}
	for d := range n.Descendants() {
		if d.Type == html.TextNode && strings.Contains(d.Data, "$") && moneyPattern.MatchString(d.Data) {
			return true
		}
	}
	return false
}

func inlineElement(n *html.Node) bool {
	switch n.DataAtom {
	case atom.A, atom.Abbr, atom.B, atom.Bdi, atom.Bdo, atom.Big, atom.Br, atom.Cite, atom.Code, atom.Data, atom.Dfn,
		atom.Em, atom.Font, atom.I, atom.Img, atom.Ins, atom.Kbd, atom.Label, atom.Mark, atom.Q, atom.Samp, atom.Small,
		atom.Span, atom.Strong, atom.Sub, atom.Sup, atom.Time, atom.Tt, atom.U, atom.Var, atom.Wbr, atom.Nobr:
		return true
	}
	return n.DataAtom == 0 && n.Type == html.ElementNode && n.Namespace == "" && inlineCustom(n)
}

// inlineCustom tells whether an element of the page's own making holds no
// block, so that it stands within a line.
func inlineCustom(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && !inlineElement(c) {
			return false
		}
	}
	return true
}

// rowsOfTables notes the rows of a table that lays out tables, several of them one
// below the other: whatever stands beside a table in its row, on either side, is
// said of it, and not of the next row's.
func (b *htmlBuilder) rowsOfTables(n *html.Node) {
	var rows []*html.Node
	var look func(n *html.Node)
	look = func(n *html.Node) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch part := partOf(c); {
			case part == atom.Tr && holdsTable(c):
				rows = append(rows, c)
			case part != atom.Tr && part != atom.Table:
				look(c)
			}
		}
	}
	look(n)
	if len(rows) < 2 {
		return
	}
	if b.abreast == nil {
		b.abreast = map[*html.Node]bool{}
	}
	for _, row := range rows {
		b.abreast[row] = true
	}
}

// inOrder gives what an element holds in the order in which it is understood: of a
// row of tables, what is said of them first.
func (b *htmlBuilder) inOrder(n *html.Node) []*html.Node {
	first := make([]*html.Node, 0, 8)
	var then []*html.Node
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if b.abreast[n] && (partOf(c) == atom.Table || holdsTable(c)) {
			then = append(then, c)
		} else {
			first = append(first, c)
		}
	}
	return append(first, then...)
}

func holdsTable(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if partOf(c) == atom.Table || holdsTable(c) {
			return true
		}
	}
	return false
}

// headed tells whether a table has header cells of its own.
func headed(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch partOf(c) {
		case atom.Th:
			return true
		case atom.Thead, atom.Tbody, atom.Tr:
			if headed(c) {
				return true
			}
		}
	}
	return false
}

// panes gives the labels of what lies around a table: a tab pane, a section,
// an opened detail. Which of them means something, the reader decides.
func (b *htmlBuilder) panes(n *html.Node) []string {
	var out []string
	for p := n.Parent; p != nil; p = p.Parent {
		for _, name := range []string{"data-value", "data-tab", "title", "label", "aria-label"} {
			if v := attribute(p, name); v != "" {
				out = append(out, v)
			}
		}
		for id := range strings.FieldsSeq(attribute(p, "aria-labelledby")) {
			if v := b.label(id); v != "" {
				out = append(out, v)
			}
		}
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// label is the text of the element with that id.
func (b *htmlBuilder) label(id string) string {
	if b.labels == nil {
		b.labels = map[string]string{}
		for n := range b.root.Descendants() {
			if key := attribute(n, "id"); key != "" && n.FirstChild != nil && b.labels[key] == "" {
				if n.DataAtom == atom.Button || inlineElement(n) || n.DataAtom == atom.Li || n.DataAtom == atom.Div {
					var t text
					inline(n, &t)
					if s := t.words(); len(s) <= 60 {
						b.labels[key] = s
					}
				}
			}
		}
	}
	return b.labels[id]
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// path is the CSS path of an element from the root down: it chooses this
// element and no other. Those of ancestors are kept, since the cells of a
// table share them.
func (b *htmlBuilder) path(n *html.Node) string {
	if n == nil || n.Type != html.ElementNode {
		return ""
	}
	if p, ok := b.paths[n]; ok {
		return p
	}
	own := n.Data
	if n.Parent != nil && n.Parent.Type == html.ElementNode {
		at := b.position(n)
		own = b.path(n.Parent) + " > " + n.Data + ":nth-child(" + strconv.Itoa(at) + ")"
	}
	if n.DataAtom != atom.Td && n.DataAtom != atom.Th {
		b.paths[n] = own
	}
	return own
}

// position numbers an element among its siblings. It goes back no further than
// to the sibling that was numbered last: rows are asked for in their order.
func (b *htmlBuilder) position(n *html.Node) int {
	at := 1
	for s := n.PrevSibling; s != nil; s = s.PrevSibling {
		if s.Type != html.ElementNode {
			continue
		}
		if k, known := b.places[s]; known {
			at += k
			break
		}
		at++
	}
	b.places[n] = at
	return at
}
