package scrape

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"ratecard/domain"
)

// An island is data that a page hands to one of its components: JSON in an
// attribute of an element, or the properties of a component in MDX.
type island struct {
	root   value
	astro  bool // its values are pairs of a type and what they hold
	panes  []string
	inside []*table // the tables that the page shows for it
	chosen bool     // it lies where the configuration looks

	node   *html.Node // HTML: the element,
	attr   string     // and its attribute
	line   int        // Markdown: the line it begins in, from 1,
	starts []int      // and the offsets at which the page's lines begin
}

// lineOf is the line in which the value stands that begins at an offset.
func (d *island) lineOf(at int) int {
	i, found := slices.BinarySearch(d.starts, at)
	if !found {
		i--
	}
	return i + 1
}

// A list is a list of rows of an island, with what the data says of it.
type list struct {
	headings []value // header texts; none when the data has none
	rows     []dataRow
	labels   []string // texts that may name a tier
}

// A dataRow is an array of the data: the cells of one row.
type dataRow struct {
	cells []value
	group *value // the label of the rows that it stands among
}

// lists gives the lists of rows that an island holds.
func (d *island) lists(meters map[string]domain.Meter) []*list {
	c := collector{astro: d.astro, meters: meters}
	c.walk(d.root, dataScope{}, true)
	return c.lists
}

type collector struct {
	astro  bool
	meters map[string]domain.Meter
	lists  []*list
}

// dataScope is what the data around a value says of it.
type dataScope struct {
	list   *list // that rows belong to
	group  *value
	labels []string
}

// plainly takes a value out of its pair of type and value. What is neither a
// plain value nor a list of some says nothing.
func (c *collector) plainly(v value) value {
	if !c.astro {
		return v
	}
	if v.kind != aList || len(v.items) != 2 || v.items[0].kind != aNumber {
		return value{at: v.at}
	}
	switch held := v.items[1]; v.items[0].text {
	case "0", "3", "6", "7": // as it is, a date, a large integer, an address
		held.key = v.key
		return held
	case "1":
		held.key = v.key
		return held
	}
	return value{at: v.at}
}

// items gives the values in a list or an object.
func (c *collector) items(v value) []value {
	if !c.astro {
		return v.items
	}
	out := make([]value, len(v.items))
	for i, item := range v.items {
		out[i] = c.plainly(item)
	}
	return out
}

// walk looks for rows in a value; around is what stands around it. At the top
// stand the properties of the component, which name no group of rows.
func (c *collector) walk(v value, around dataScope, top bool) {
	switch v.kind { //nolint:exhaustive // the others hold no rows
	case anObject:
		c.object(c.items(v), around, top)
	case aList:
		items := c.items(v)
		if rows, ok := c.rows(items); ok {
			c.add(rows, around)
			return
		}
		for _, item := range items {
			c.walk(item, around, false)
		}
	}
}

func (c *collector) object(fields []value, around dataScope, top bool) {
	sole := !top && soleText(fields)
	for _, f := range fields {
		switch {
		case f.kind == aText && anyOf(wordsOf(camel(f.key)), "tier", "mode", "service", "processing", "plan"):
			around.labels = append(slices.Clone(around.labels), f.text)
		case f.kind == aText && !top && f.text != "" && (sole || anyOf(wordsOf(camel(f.key)), groupKeys...)):
			around.group = &f
		}
	}
	for _, f := range fields {
		if headings, ok := c.headings(f); ok {
			around.list = &list{headings: headings, labels: around.labels}
			c.lists = append(c.lists, around.list)
			break
		}
	}
	if around.list == nil {
		around.list = &list{labels: around.labels}
		c.lists = append(c.lists, around.list)
	}
	for _, f := range fields {
		if f.kind == aList || f.kind == anObject {
			c.walk(f, around, false)
		}
	}
}

// groupKeys are the words in the keys of texts that name what stands below.
var groupKeys = []string{"model", "name", "label", "title", "category", "group", "heading"}

// soleText tells whether an object holds one text beside its lists: what it
// is about, whatever its key.
func soleText(fields []value) bool {
	texts := 0
	for _, f := range fields {
		if f.kind == aText {
			texts++
		}
	}
	return texts == 1
}

// camel splits a key into its words.
func camel(key string) string {
	var b strings.Builder
	for i, r := range key {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// headings tells whether a value is a list of header texts.
func (c *collector) headings(v value) ([]value, bool) {
	if v.kind != aList || len(v.items) < 2 || len(v.items) > maxColumns {
		return nil, false
	}
	items := c.items(v)
	out := make([]value, 0, len(items))
	telling := false
	for _, item := range items {
		label, ok := c.label(item)
		if !ok || label.kind == aNumber {
			return nil, false
		}
		if _, meter := namedMeter(label.text, c.meters); meter {
			telling = true
		}
		out = append(out, label)
	}
	telling = telling || anyOf(wordsOf(out[0].text), "model", "models")
	return out, telling || anyOf(wordsOf(camel(v.key)), "heading", "headings", "header", "headers", "columns")
}

// label is the text that a value shows: itself, or what an object around it
// calls its label.
func (c *collector) label(v value) (value, bool) {
	for range maxLiteralDepth {
		switch v.kind {
		case aText, aNumber, aTruth, nothing:
			return v, true
		case aList:
			return v, false
		case anObject:
		}
		fields := c.items(v)
		if len(fields) == 0 {
			return value{at: v.at}, true
		}
		i := 0
		if len(fields) > 1 {
			i = slices.IndexFunc(fields, func(f value) bool {
				return anyOf(wordsOf(camel(f.key)), "label", "text", "title", "name", "content", "html", "children", "value")
			})
			if i < 0 {
				return v, false
			}
		}
		v = fields[i]
	}
	return v, false
}

// rows tells whether a list is one of rows: arrays of labels, with a figure
// in one of them.
func (c *collector) rows(items []value) ([][]value, bool) {
	var out [][]value
	figures := false
	for _, item := range items {
		switch {
		case item.kind == nothing:
			continue
		case item.kind != aList || len(item.items) < 2 || len(item.items) > maxColumns:
			return nil, false
		}
		row := make([]value, 0, len(item.items))
		for _, v := range c.items(item) {
			label, ok := c.label(v)
			if !ok {
				return nil, false
			}
			figures = figures || label.kind == aNumber || label.kind == aText && strings.Contains(label.text, "$")
			row = append(row, label)
		}
		if row[0].kind != aText {
			return nil, false
		}
		out = append(out, row)
	}
	return out, figures
}

func (c *collector) add(rows [][]value, around dataScope) {
	l := around.list
	if l == nil {
		l = &list{labels: around.labels}
		c.lists = append(c.lists, l)
	}
	for _, cells := range rows {
		l.rows = append(l.rows, dataRow{cells, around.group})
	}
}

// isAstro tells whether an object writes its values as pairs of a type and
// what they hold.
func isAstro(v value) bool {
	if v.kind != anObject || len(v.items) == 0 {
		return false
	}
	for _, f := range v.items {
		if f.kind != aList || len(f.items) == 0 || len(f.items) > 2 || f.items[0].kind != aNumber || len(f.items[0].text) > 2 {
			return false
		}
	}
	return true
}

// fragment reads a text that may hold HTML.
func fragment(s string) text {
	var t text
	if !strings.Contains(s, "&") && !tagPattern.MatchString(s) {
		t.add(plain, s)
		return t
	}
	z := html.NewTokenizer(strings.NewReader(s))
	open := map[atom.Atom]int{}
	for {
		kind := z.Next()
		switch kind {
		case html.ErrorToken:
			return t
		case html.TextToken:
			t.add(kindWithin(open), string(z.Text()))
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			tag := atom.Lookup(name)
			switch tag {
			case atom.Br, atom.P, atom.Div, atom.Li, atom.Ul, atom.Hr:
				t.newline()
			case atom.Sup, atom.A, atom.Code, atom.S, atom.Del, atom.Strike:
				switch kind {
				case html.StartTagToken:
					open[tag]++
				case html.EndTagToken:
					open[tag] = max(0, open[tag]-1)
				default: // closes itself
				}
			}
		}
	}
}

func kindWithin(open map[atom.Atom]int) runKind {
	switch {
	case open[atom.S]+open[atom.Del]+open[atom.Strike] > 0:
		return note
	case open[atom.Sup] > 0:
		return note
	case open[atom.A] > 0:
		return link
	case open[atom.Code] > 0:
		return code
	}
	return plain
}

// What a component shows lies close around it.
const (
	maxIslands = 4  // components around one table
	maxInside  = 16 // tables that one component shows
	islandCost = 20 // of a component itself, in values
)

// valuesFor is how many values the data of a page of that many bytes may have.
func valuesFor(size int) int { return size/8 + 4000 }

// holdsRows tells at a glance whether a text may be data with rows.
func holdsRows(s string) bool {
	s = strings.TrimSpace(s)
	return len(s) > 10 && (s[0] == '{' || s[0] == '[') && strings.Contains(s, "[")
}
