package cli_test

import (
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// formsOfHTML make tables, and what stands in their cells, in another form.
var formsOfHTML = []htmlTurn{
	{"no heads of tables", func(root *html.Node, _ *rand.Rand) {
		each(root, "thead", func(head *html.Node) {
			bodies := children(head.Parent, "tbody")
			if len(bodies) == 0 {
				return
			}
			for _, row := range slices.Backward(children(head, "tr")) {
				for _, c := range children(row, "th") {
					c.Data, c.DataAtom = "td", 0
				}
				head.RemoveChild(row)
				bodies[0].InsertBefore(row, bodies[0].FirstChild)
			}
			head.Parent.RemoveChild(head)
		})
	}},
	{"tables in two", func(root *html.Node, _ *rand.Rand) { each(root, "table", halve) }},
	{"tables of divs", func(root *html.Node, _ *rand.Rand) {
		each(root, "table", writeOut)
		each(root, "", func(n *html.Node) {
			role := map[string]string{"table": "table", "thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "th": "columnheader", "td": "cell"}[n.Data]
			switch {
			case role == "":
				return
			case n.Parent.Data == "table" && len(children(n.Parent, "caption")) > 0: // divs have none
				return
			case role == "cell" && n.Parent.Parent.Data == "thead":
				role = "columnheader"
			}
			n.Attr = append(n.Attr, html.Attribute{Key: "role", Val: role})
		})
		each(root, "", func(n *html.Node) {
			if slices.Contains([]string{"table", "thead", "tbody", "tr", "th", "td"}, n.Data) && len(children(n, "caption", "colgroup")) == 0 {
				n.Data, n.DataAtom = "div", 0
			}
		})
	}},
	{"breaks before units", func(root *html.Node, _ *rand.Rand) {
		eachCell(root, func(c *html.Node) {
			each(c, "#text", func(n *html.Node) {
				if before, unit, found := strings.Cut(n.Data, " / "); found && strings.HasPrefix(strings.TrimSpace(before), "$") && !strings.Contains(unit, "$") {
					n.Data = before
					n.Parent.InsertBefore(&html.Node{Type: html.TextNode, Data: "/ " + unit}, n.NextSibling)
					n.Parent.InsertBefore(element("br"), n.NextSibling)
				}
			})
		})
	}},
	{"breaks in headers", func(root *html.Node, _ *rand.Rand) {
		each(root, "th", func(c *html.Node) {
			each(c, "#text", func(n *html.Node) {
				words := strings.Fields(n.Data)
				if len(words) != 2 {
					return
				}
				n.Data = words[0]
				n.Parent.InsertBefore(&html.Node{Type: html.TextNode, Data: words[1]}, n.NextSibling)
				n.Parent.InsertBefore(element("br"), n.NextSibling)
			})
		})
	}},
	{"marks of footnotes", func(root *html.Node, rnd *rand.Rand) {
		eachCell(root, func(c *html.Node) {
			if rnd.IntN(3) > 0 || strings.TrimSpace(textOf(c)) == "" {
				return
			}
			mark := element("sup")
			mark.AppendChild(&html.Node{Type: html.TextNode, Data: string("12*"[rnd.IntN(3)])})
			c.AppendChild(mark)
		})
	}},
	{"signs apart from numbers", func(root *html.Node, _ *rand.Rand) {
		eachCell(root, func(c *html.Node) {
			each(c, "#text", func(n *html.Node) {
				before, number, found := strings.Cut(n.Data, "$")
				if !found || strings.Contains(number, "$") {
					return
				}
				n.Data = before
				sign, amount := element("span"), element("span")
				sign.AppendChild(&html.Node{Type: html.TextNode, Data: "$"})
				amount.AppendChild(&html.Node{Type: html.TextNode, Data: number})
				n.Parent.InsertBefore(amount, n.NextSibling)
				n.Parent.InsertBefore(sign, n.NextSibling)
			})
		})
	}},
	{"data with other spaces", func(root *html.Node, _ *rand.Rand) {
		each(root, "", func(n *html.Node) {
			for i, a := range n.Attr {
				if strings.HasPrefix(a.Val, "{") && json.Valid([]byte(a.Val)) {
					n.Attr[i].Val = spaced(a.Val)
				}
			}
		})
	}},
	{"data in other escapes", func(root *html.Node, _ *rand.Rand) {
		each(root, "script", func(n *html.Node) {
			each(n, "#text", func(t *html.Node) { t.Data = escapedQuote.ReplaceAllString(t.Data, `${1}\u0022`) })
		})
	}},
	{"hidden remarks", func(root *html.Node, _ *rand.Rand) {
		eachCell(root, func(c *html.Node) {
			note := element("template")
			note.AppendChild(&html.Node{Type: html.TextNode, Data: "$7.77 per 1M tokens"})
			c.AppendChild(note)
		})
	}},
	{"other attributes", func(root *html.Node, _ *rand.Rand) {
		each(root, "", func(n *html.Node) {
			n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool {
				return slices.Contains([]string{"class", "style", "id"}, a.Key) && !labels(root, a)
			})
			if n.Data == "table" || n.Data == "tr" || n.Data == "td" {
				n.Attr = append(n.Attr, html.Attribute{Key: "data-v-4f1a", Val: ""}, html.Attribute{Key: "role", Val: map[string]string{"table": "table", "tr": "row", "td": "cell"}[n.Data]})
			}
		})
	}},
}

// labels tells whether an attribute is an id that another element is labelled by,
// or that hides what nobody sees struck out.
func labels(root *html.Node, a html.Attribute) bool {
	if a.Key != "id" {
		return strings.Contains(a.Val, "line-through")
	}
	for d := range root.Descendants() {
		for _, other := range d.Attr {
			if strings.HasPrefix(other.Key, "aria-") && slices.Contains(strings.Fields(other.Val), a.Val) {
				return true
			}
		}
	}
	return false
}

var escapedQuote = regexp.MustCompile(`([^\\])\\"`)

// spaced writes JSON with white space where there is none.
func spaced(s string) string {
	var out strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			out.WriteByte(c)
			i++
			out.WriteByte(s[i])
		case c == '"':
			quoted = !quoted
			out.WriteByte(c)
		case !quoted && (c == ',' || c == ':' || c == '['):
			out.WriteByte(c)
			out.WriteString("\n ")
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// halve makes two tables of one, the header on both. What lies in one of several
// tabs, or belongs to a row above it, stays whole.
func halve(t *html.Node) {
	heads, bodies := children(t, "thead"), children(t, "tbody")
	if len(heads) != 1 || len(bodies) != 1 {
		return
	}
	rows := children(bodies[0], "tr")
	if len(rows) < 4 || slices.ContainsFunc(rows, alone) {
		return
	}
	at := len(rows) / 2
	for _, r := range rows {
		for _, c := range children(r, "td", "th") {
			if takeSpan(clone(c), "rowspan") > 1 {
				return
			}
		}
	}
	for at < len(rows) && goesOn(rows[at]) {
		at++
	}
	if at == len(rows) {
		return
	}
	second := element("table")
	second.Attr = slices.Clone(t.Attr)
	body := element("tbody")
	second.AppendChild(clone(heads[0]))
	second.AppendChild(body)
	for _, r := range rows[at:] {
		bodies[0].RemoveChild(r)
		body.AppendChild(r)
	}
	t.Parent.InsertBefore(second, t.NextSibling)
}

// formsOfMarkdown write tables, and what stands in their cells, in another form.
var formsOfMarkdown = []markdownTurn{
	{"a column before", func(lines []string, _ *rand.Rand) []string {
		return eachPipes(lines, func(t pipes) []string {
			for i, cells := range t.rows {
				t.rows[i] = slices.Concat([]string{map[bool]string{true: " Notes ", false: " see below "}[i == 0]}, cells)
			}
			t.rule = "|" + strings.Repeat("---|", len(t.rows[0]))
			return t.lines()
		})
	}},
	{"tables in two", func(lines []string, _ *rand.Rand) []string {
		return eachPipes(lines, func(t pipes) []string {
			at := 1 + len(t.rows)/2
			for at < len(t.rows) && strings.TrimSpace(t.rows[at][0]) == "" {
				at++
			}
			sections := slices.ContainsFunc(t.rows[1:], func(cells []string) bool {
				return len(slices.DeleteFunc(slices.Clone(cells), func(c string) bool { return strings.Trim(c, " *\t") == "" })) <= 1
			})
			if len(t.rows) < 5 || at >= len(t.rows) || sections {
				return t.lines()
			}
			first, second := t, t
			first.rows, second.rows = t.rows[:at], append([][]string{t.rows[0]}, t.rows[at:]...)
			return slices.Concat(first.lines(), []string{""}, second.lines())
		})
	}},
	{"no outer pipes", func(lines []string, _ *rand.Rand) []string {
		return eachPipes(lines, func(t pipes) []string {
			if len(t.rows[0]) < 2 {
				return t.lines()
			}
			out := t.lines()
			for i, line := range out {
				if cells := pipeCells(line); strings.TrimSpace(cells[0]) == "" || strings.TrimSpace(cells[len(cells)-1]) == "" {
					return t.lines()
				}
				out[i] = t.indent + strings.TrimSpace(strings.Trim(strings.TrimSpace(line), "|"))
			}
			return out
		})
	}},
	{"breaks before units", func(lines []string, _ *rand.Rand) []string {
		return eachPipes(lines, func(t pipes) []string {
			for _, cells := range t.rows[1:] {
				for i := range cells {
					if strings.Count(cells[i], "$") == 1 {
						cells[i] = strings.Replace(cells[i], " / ", "<br>/ ", 1)
					}
				}
			}
			return t.lines()
		})
	}},
	{"marks of footnotes", func(lines []string, rnd *rand.Rand) []string {
		return eachPipes(lines, func(t pipes) []string {
			for _, cells := range t.rows {
				for i := range cells {
					if rnd.IntN(3) == 0 && strings.TrimSpace(cells[i]) != "" {
						cells[i] = " " + strings.TrimSpace(cells[i]) + "<sup>" + string("12*"[rnd.IntN(3)]) + "</sup> "
					}
				}
			}
			return t.lines()
		})
	}},
	{"lines between lines", func(lines []string, _ *rand.Rand) []string {
		var out []string
		fenced := false
		for _, l := range lines {
			out = append(out, l)
			if strings.HasPrefix(strings.TrimSpace(l), "```") {
				fenced = !fenced
			}
			if !fenced && strings.TrimSpace(l) == "" {
				out = append(out, l, "")
			}
		}
		return out
	}},
}
