package cli_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// An htmlTurn changes how a page of HTML is made and nothing of what it says.
type htmlTurn struct {
	name string
	turn func(root *html.Node, rnd *rand.Rand)
}

var turnsOfHTML = slices.Concat(wordsInHTML(), formsOfHTML, []htmlTurn{
	{"classes renamed", func(root *html.Node, _ *rand.Rand) {
		each(root, "", func(n *html.Node) {
			for i := range n.Attr {
				if n.Attr[i].Key == "class" {
					n.Attr[i].Val = fmt.Sprintf("c%x", len(n.Attr[i].Val))
				}
			}
		})
	}},
	{"wrappers around tables", func(root *html.Node, _ *rand.Rand) {
		each(root, "table", func(n *html.Node) { wrap(n, element("div")); wrap(n, element("div")) })
	}},
	{"wrappers within cells", func(root *html.Node, _ *rand.Rand) {
		eachCell(root, func(n *html.Node) {
			outer, inner := element("div"), element("div")
			for n.FirstChild != nil {
				c := n.FirstChild
				n.RemoveChild(c)
				inner.AppendChild(c)
			}
			outer.AppendChild(inner)
			n.AppendChild(outer)
		})
	}},
	{"columns turned", func(root *html.Node, _ *rand.Rand) { turnColumns(root, slices.Reverse[[]*html.Node]) }},
	{"last column first", func(root *html.Node, _ *rand.Rand) {
		turnColumns(root, func(cells []*html.Node) { slices.Reverse(cells); slices.Reverse(cells[1:]) })
	}},
	{"columns shuffled", func(root *html.Node, rnd *rand.Rand) {
		each(root, "table", func(t *html.Node) {
			seed := rnd.Uint64()
			turnColumns(t, func(cells []*html.Node) {
				rand.New(rand.NewPCG(seed, 1)).Shuffle(len(cells), func(i, j int) { cells[i], cells[j] = cells[j], cells[i] })
			})
		})
	}},
	{"a column more", func(root *html.Node, _ *rand.Rand) {
		eachRow(root, func(row *html.Node, cells []*html.Node) { row.AppendChild(remark(cells)) })
	}},
	{"a column before", func(root *html.Node, _ *rand.Rand) {
		eachRow(root, func(row *html.Node, cells []*html.Node) { row.InsertBefore(remark(cells), cells[0]) })
	}},
	{"rows turned", func(root *html.Node, _ *rand.Rand) { turnRows(root, slices.Reverse[[][]*html.Node]) }},
	{"rows shuffled", func(root *html.Node, rnd *rand.Rand) {
		turnRows(root, func(rows [][]*html.Node) {
			rnd.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		})
	}},
	{"white space", func(root *html.Node, _ *rand.Rand) {
		eachCell(root, func(n *html.Node) {
			each(n, "#text", func(t *html.Node) { t.Data = "\n\t " + strings.ReplaceAll(t.Data, " ", "\u00a0 ") + " \n" })
		})
	}},
	{"spaces that show nothing", func(root *html.Node, _ *rand.Rand) {
		eachCell(root, func(n *html.Node) {
			each(n, "#text", func(t *html.Node) { t.Data = strings.ReplaceAll(t.Data, " ", "\u202f") + "\u200b" })
		})
	}},
	{"header cells all over", func(root *html.Node, _ *rand.Rand) {
		eachCell(root, func(n *html.Node) { n.Data, n.DataAtom = "th", 0 })
	}},
	{"no header cells", func(root *html.Node, _ *rand.Rand) {
		eachCell(root, func(n *html.Node) { n.Data, n.DataAtom = "td", 0 })
	}},
	{"spans written out", func(root *html.Node, _ *rand.Rand) { each(root, "table", writeOut) }},
	{"comments", func(root *html.Node, _ *rand.Rand) {
		eachCell(root, func(n *html.Node) {
			n.InsertBefore(&html.Node{Type: html.CommentNode, Data: " $9 "}, n.FirstChild)
		})
	}},
})

// entities says the digits, signs and marks of a page's text by their numbers.
func entities(page []byte) []byte {
	var out bytes.Buffer
	z := html.NewTokenizer(bytes.NewReader(page))
	raw := false
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return out.Bytes()
		}
		text := slices.Clone(z.Raw())
		if name, _ := z.TagName(); kind == html.StartTagToken {
			raw = slices.Contains([]string{"script", "style", "noscript", "iframe", "textarea", "title"}, string(name))
		}
		if kind != html.TextToken || raw {
			out.Write(text)
			continue
		}
		for i, c := range text {
			switch {
			case c == '$' || c == '.' && i%2 == 0 || c == '/':
				fmt.Fprintf(&out, "&#%d;", c)
			case c >= '0' && c <= '9' && !bytes.Contains(text[max(0, i-8):i], []byte("&")):
				fmt.Fprintf(&out, "&#x%x;", c)
			default:
				out.WriteByte(c)
			}
		}
	}
}

func element(name string) *html.Node { return &html.Node{Type: html.ElementNode, Data: name} }

// remark is a cell of one column more.
func remark(cells []*html.Node) *html.Node {
	more := element(cells[0].Data)
	text := "see below"
	if cells[0].Data == "th" || cells[0].Parent.Parent.Data == "thead" {
		text = "Notes"
	}
	more.AppendChild(&html.Node{Type: html.TextNode, Data: text})
	return more
}

func each(n *html.Node, name string, do func(*html.Node)) {
	var all []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && (name == "" || d.Data == name) || name == "#text" && d.Type == html.TextNode {
			all = append(all, d)
		}
	}
	for _, d := range all {
		do(d)
	}
}

func eachCell(root *html.Node, do func(*html.Node)) {
	each(root, "td", do)
	each(root, "th", do)
}

func wrap(n, around *html.Node) {
	n.Parent.InsertBefore(around, n)
	n.Parent.RemoveChild(n)
	around.AppendChild(n)
}

func children(n *html.Node, names ...string) []*html.Node {
	var out []*html.Node
	for c := range n.ChildNodes() {
		if slices.Contains(names, c.Data) {
			out = append(out, c)
		}
	}
	return out
}

func rowsOf(t *html.Node) []*html.Node {
	var out []*html.Node
	each(t, "tr", func(row *html.Node) { out = append(out, row) })
	return out
}

// takeSpan reads a span and takes it away.
func takeSpan(n *html.Node, name string) int {
	for i, a := range n.Attr {
		if strings.EqualFold(a.Key, name) {
			n.Attr = slices.Delete(n.Attr, i, i+1)
			k, err := strconv.Atoi(a.Val)
			if err != nil {
				return 1
			}
			return max(1, k)
		}
	}
	return 1
}

// writeOut repeats every cell that spans columns or rows in each of its places.
func writeOut(t *html.Node) {
	type hanging struct {
		cell *html.Node
		rows int
	}
	hang := map[int]hanging{}
	for _, row := range rowsOf(t) {
		var out []*html.Node
		fill := func() {
			for hang[len(out)].rows > 0 {
				h := hang[len(out)]
				hang[len(out)] = hanging{h.cell, h.rows - 1}
				out = append(out, clone(h.cell))
			}
		}
		for _, c := range children(row, "td", "th") {
			fill()
			cols, rows := takeSpan(c, "colspan"), takeSpan(c, "rowspan")
			for i := range cols {
				hang[len(out)] = hanging{c, rows - 1}
				if i > 0 {
					out = append(out, clone(c))
				} else {
					out = append(out, c)
				}
			}
		}
		fill()
		for row.FirstChild != nil {
			row.RemoveChild(row.FirstChild)
		}
		for _, c := range out {
			row.AppendChild(c)
		}
	}
}

func clone(n *html.Node) *html.Node {
	out := &html.Node{Type: n.Type, DataAtom: n.DataAtom, Data: n.Data, Namespace: n.Namespace, Attr: slices.Clone(n.Attr)}
	for c := range n.ChildNodes() {
		out.AppendChild(clone(c))
	}
	return out
}

// eachRow goes through the rows of tables that are as wide as their table, with
// spans written out.
func eachRow(root *html.Node, do func(row *html.Node, cells []*html.Node)) {
	one := func(t *html.Node) {
		writeOut(t)
		width := 0
		for _, row := range rowsOf(t) {
			width = max(width, len(children(row, "td", "th")))
		}
		for _, row := range rowsOf(t) {
			if len(children(row, "td", "th")) != width {
				return // nobody knows which cell of a short row is missing
			}
		}
		for _, row := range rowsOf(t) {
			if cells := children(row, "td", "th"); width > 1 {
				do(row, cells)
			}
		}
	}
	if root.Data == "table" {
		one(root)
		return
	}
	each(root, "table", one)
}

func turnColumns(root *html.Node, turn func([]*html.Node)) {
	eachRow(root, func(row *html.Node, cells []*html.Node) {
		for _, c := range cells {
			row.RemoveChild(c)
		}
		turn(cells)
		for _, c := range cells {
			row.AppendChild(c)
		}
	})
}

// turnRows puts the rows of each body in another order. A row that goes on with
// the one above, and those below a row that stands for them, stay together.
func turnRows(root *html.Node, turn func([][]*html.Node)) {
	each(root, "tbody", func(body *html.Node) {
		rows := children(body, "tr")
		if len(children(body.Parent, "thead")) == 0 { // its first row is the header
			return
		}
		if slices.ContainsFunc(rows, alone) {
			return
		}
		var groups [][]*html.Node
		hanging := 0
		for _, r := range rows {
			if hanging > 0 && len(groups) > 0 || goesOn(r) && len(groups) > 0 {
				groups[len(groups)-1] = append(groups[len(groups)-1], r)
			} else {
				groups = append(groups, []*html.Node{r})
			}
			hanging--
			for _, c := range children(r, "td", "th") {
				n := clone(c)
				hanging = max(hanging, takeSpan(n, "rowspan")-1)
			}
		}
		turn(groups)
		for _, g := range groups {
			for _, r := range g {
				body.RemoveChild(r)
				body.AppendChild(r)
			}
		}
	})
}

// alone tells whether a row says one thing only: it stands for those below it.
func alone(row *html.Node) bool {
	said := 0
	for _, c := range children(row, "td", "th") {
		if strings.TrimSpace(textOf(c)) != "" {
			said++
		}
	}
	return said <= 1 || said == 2 && !strings.Contains(textOf(row), "$")
}

func goesOn(row *html.Node) bool {
	cells := children(row, "td", "th")
	return len(cells) > 0 && strings.TrimSpace(textOf(cells[0])) == ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}
