package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// A mutation changes how a page is made and nothing of what it says.
type mutation struct {
	name string
	turn func(root *html.Node)
}

var mutations = []mutation{
	{"classes renamed", func(root *html.Node) {
		each(root, "", func(n *html.Node) {
			for i := range n.Attr {
				if n.Attr[i].Key == "class" {
					n.Attr[i].Val = fmt.Sprintf("c%x", len(n.Attr[i].Val))
				}
			}
		})
	}},
	{"wrappers around tables", func(root *html.Node) {
		each(root, "table", func(n *html.Node) { wrap(n, element("div")); wrap(n, element("div")) })
	}},
	{"wrappers within cells", func(root *html.Node) {
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
	{"columns turned", func(root *html.Node) { turnColumns(root, slices.Reverse[[]*html.Node]) }},
	{"last column first", func(root *html.Node) {
		turnColumns(root, func(cells []*html.Node) { slices.Reverse(cells); slices.Reverse(cells[1:]) })
	}},
	{"a column more", func(root *html.Node) {
		eachRow(root, func(row *html.Node, cells []*html.Node) {
			more := element(cells[0].Data)
			text := "see below"
			if cells[0].Data == "th" {
				text = "Notes"
			}
			more.AppendChild(&html.Node{Type: html.TextNode, Data: text})
			row.AppendChild(more)
		})
	}},
	{"rows turned", func(root *html.Node) {
		each(root, "tbody", func(n *html.Node) {
			rows := children(n, "tr")
			if spans(n) || n.PrevSibling == nil && n.Parent.FirstChild == n { // its first row is the header
				return
			}
			slices.Reverse(rows)
			for _, r := range rows {
				n.RemoveChild(r)
				n.AppendChild(r)
			}
		})
	}},
	{"white space", func(root *html.Node) {
		eachCell(root, func(n *html.Node) {
			each(n, "#text", func(t *html.Node) { t.Data = "\n\t " + strings.ReplaceAll(t.Data, " ", "\u00a0 ") + " \n" })
		})
	}},
	{"header cells all over", func(root *html.Node) {
		eachCell(root, func(n *html.Node) { n.Data, n.DataAtom = "th", 0 })
	}},
}

func element(name string) *html.Node { return &html.Node{Type: html.ElementNode, Data: name} }

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

func spans(n *html.Node) bool {
	for d := range n.Descendants() {
		for _, a := range d.Attr {
			if (a.Key == "colspan" || a.Key == "rowspan") && a.Val != "1" {
				return true
			}
		}
	}
	return false
}

// eachRow goes through the rows of tables without spans.
func eachRow(root *html.Node, do func(row *html.Node, cells []*html.Node)) {
	each(root, "table", func(t *html.Node) {
		if spans(t) {
			return
		}
		each(t, "tr", func(row *html.Node) {
			if cells := children(row, "td", "th"); len(cells) > 1 {
				do(row, cells)
			}
		})
	})
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

// TestCorpusMutants: a page that is made otherwise and says the same is read
// the same, or not read; never wrongly.
func TestCorpusMutants(t *testing.T) {
	dir, files := corpusTruths(t, "rates")
	mutants, right := 0, 0
	for _, f := range files {
		truth := loadTruth(t, f)
		body, err := os.ReadFile(filepath.Join(dir, "pages", truth.Page))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(truth.Page, ".html") || len(truth.Rates) == 0 {
			continue
		}
		for _, m := range mutations {
			root, err := html.Parse(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			m.turn(root)
			var mutant bytes.Buffer
			if err := html.Render(&mutant, root); err != nil {
				t.Fatal(err)
			}
			missing, wrong := truth.judge(scrapeRates(t, truth.Provider, write(t, "mutant", mutant.String())))
			mutants++
			if len(missing)+len(wrong) == 0 {
				right++
			} else {
				t.Logf("%s, %s: %d missing, the first: %s", truth.Page, m.name, len(missing), slices.Concat(missing, wrong)[0])
			}
			for _, s := range wrong {
				t.Errorf("%s, %s: wrong: %s", truth.Page, m.name, s)
			}
		}
	}
	if mutants == 0 {
		t.Skip("the corpus holds no page in HTML")
	}
	t.Logf("%d of %d mutants are read fully right", right, mutants)
	if right*100 < mutants*95 {
		t.Errorf("%d of %d mutants are read fully right, under 95 %%", right, mutants)
	}
}
