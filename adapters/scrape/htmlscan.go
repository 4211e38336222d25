package scrape

import (
	"bytes"
	"cmp"
	"slices"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"ratecard/domain"
)

// How heavy a page may become when it is made a tree, in bytes. Pages that people
// write become three to ten times what they were.
const (
	weightPerByte = 24
	weightAtLeast = 1 << 20
	nodeWeight    = 112           // of a node
	attrWeight    = 48            // of an attribute, without its text
	maxUnclosed   = 256           // formatting elements that are open at a time
	adoptions     = 8             // how often an end tag in the wrong place is taken up,
	maxAdopted    = 4 * adoptions // and how many nodes it makes
)

// scanTokens refuses a page that is small as bytes and huge as a tree, or slow to
// be made one. A formatting element left open is opened again in every block that
// follows; an end tag in the wrong place makes copies of what it crosses; text
// beside the cells of a table moves in front of it and grows there: a few
// kilobytes become millions of nodes. The scan weighs the tree without making it,
// in one pass and never too lightly.
func scanTokens(body []byte) error {
	z := html.NewTokenizer(bytes.NewReader(body))
	z.SetMaxBuf(len(body) + 1)
	w := newWeigher(weightPerByte*len(body) + weightAtLeast)
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return nil
		}
		w.token(kind, z)
		switch {
		case w.unclosed > maxUnclosed:
			return domain.Errorf(domain.KindUnread,
				"the HTML leaves more than %d formatting elements (b, i, a, font …) open; such a page is not parsed, it would take too much memory", maxUnclosed)
		case w.left < 0:
			return domain.Errorf(domain.KindUnread,
				"the HTML has %d bytes and would become a tree of over %d times as many (elements left open or closed in the wrong place, text beside the cells of tables, or nearly no text); such a page is not parsed, it would take too much memory", len(body), weightPerByte)
		}
	}
}

// A weigher weighs tokens.
type weigher struct {
	left     int                 // how much the tree may still weigh
	stack    []atom.Atom         // the elements that began and did not end
	open     map[atom.Atom]int   // how many of them there are of each name
	active   map[atom.Atom][]int // what each formatting element weighs that had no end tag: blocks open it again
	unclosed int                 // how many of these there are,
	again    int                 // and what they weigh together
	pending  bool                // some of them were ended by another element's end: what follows opens them again
	running  int                 // bytes of text since the last node: further text is copied together with it
	table    bool                // text would stand beside the cells of a table,
	fostered int                 // as so many bytes did
	body     bool                // a body of a table is open,
	row      bool                // and a row
	lost     bool                // a drawing began and did not end: nobody knows whether what follows is in it
	within   atom.Atom           // what may hold text there, or elements: both are counted
}

func newWeigher(most int) weigher {
	return weigher{left: most, open: map[atom.Atom]int{}, active: map[atom.Atom][]int{}}
}

func (w *weigher) token(kind html.TokenType, z *html.Tokenizer) {
	switch kind {
	case html.TextToken:
		w.text(z.Raw())
	case html.CommentToken, html.DoctypeToken:
		w.left -= nodeWeight + len(z.Raw())
		w.running = 0
	case html.StartTagToken, html.SelfClosingTagToken:
		w.begin(z)
	case html.EndTagToken:
		name, _ := z.TagName()
		w.end(atom.Lookup(name))
	case html.ErrorToken:
	}
}

func (w *weigher) text(raw []byte) {
	w.running += len(raw)
	w.left -= nodeWeight + w.running
	if w.table && len(bytes.TrimSpace(raw)) > 0 {
		w.fostered += len(raw)
		w.left -= w.fostered + w.again
	}
}

func (w *weigher) begin(z *html.Tokenizer) {
	name, more := z.TagName()
	tag := atom.Lookup(name)
	own := nodeWeight + len(z.Raw()) + attrWeight*attributes(z, more)
	w.left -= own
	w.running = 0
	switch {
	case formatting(tag):
		if tag == atom.A || tag == atom.Nobr { // it ends the one before
			w.unformat(tag)
		}
		if w.pending {
			w.left -= w.again
			w.pending = false
		}
		w.active[tag] = append(w.active[tag], own)
		w.unclosed++
		w.again += own
	case tableParts(tag):
		w.part(tag)
		fallthrough
	default:
		w.left -= w.again
		switch top := len(w.stack) - 1; {
		case tag == atom.P && top >= 0 && w.stack[top] == atom.P:
			w.pop()
		case w.open[atom.P] > 0: // it may end the paragraph, whose own end tag then makes another
			w.left -= nodeWeight
		}
	}
	if tag != 0 && !void(tag) {
		w.stack = append(w.stack, tag)
		w.open[tag]++
	}
	if rawText(tag) && (w.lost || w.open[atom.Svg]+w.open[atom.Math] > 0) { // a title within a drawing holds elements
		z.NextIsNotRawText()
		w.within = cmp.Or(w.within, tag)
	}
}

// attributes counts the attributes of a tag; those of a long one, whose values
// would take their time, by the marks that could stand between them.
func attributes(z *html.Tokenizer, more bool) int {
	n := 0
	if raw := z.Raw(); more && len(raw) > 300 {
		for _, mark := range []byte(" \t\n\f\r/\"'") {
			n += bytes.Count(raw, []byte{mark})
		}
		return n
	}
	for more {
		_, _, more = z.TagAttr()
		n++
	}
	return n
}

// rawText tells whether what stands in an element is text, whatever it looks like.
func rawText(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Title, atom.Textarea, atom.Xmp, atom.Iframe, atom.Noembed, atom.Noframes, atom.Noscript, atom.Plaintext:
		return true
	}
	return false
}

// part heeds that a part of a table begins: the parser makes the body and the row
// that are not written.
func (w *weigher) part(tag atom.Atom) {
	w.table = true
	switch tag {
	case atom.Table:
		w.body, w.row = false, false
	case atom.Tbody, atom.Thead, atom.Tfoot:
		w.body, w.row = true, false
	case atom.Tr:
		if !w.body {
			w.left -= nodeWeight
		}
		w.body, w.row = true, true
	case atom.Td, atom.Th:
		if !w.row {
			w.left -= 2 * nodeWeight
		}
		w.body, w.row, w.table = true, true, false
	case atom.Caption:
		w.body, w.row, w.table = false, false, false
	default:
		w.left -= nodeWeight
		w.body, w.row = false, false
	}
}

func (w *weigher) end(tag atom.Atom) {
	if tag == w.within {
		w.within = 0
	}
	if tableParts(tag) {
		w.table = tag != atom.Table
		w.row = w.row && (tag == atom.Td || tag == atom.Th)
		w.body = w.body && (w.row || tag == atom.Tr)
	}
	switch {
	case formatting(tag):
		if w.within == 0 {
			w.unformat(tag)
		} else {
			w.misplaced()
		}
	case tag == 0:
		w.pending = true
	case w.open[tag] > 0:
		for last := w.pop(); last != tag; last = w.pop() {
			w.lost = w.lost || last == atom.Svg || last == atom.Math
			w.pending = w.pending || formatting(last)
		}
	case tag == atom.P || tag == atom.Br: // makes an element, there being none to end
		w.left -= nodeWeight
	}
}

// pop takes the innermost element off the stack.
func (w *weigher) pop() atom.Atom {
	last := len(w.stack) - 1
	tag := w.stack[last]
	w.stack = w.stack[:last]
	w.open[tag]--
	return tag
}

// misplaced weighs an end tag in the wrong place: what it crosses is opened again,
// and blocks that it crosses make copies.
func (w *weigher) misplaced() { w.left -= maxAdopted*nodeWeight + adoptions*w.again }

// unformat ends a formatting element, which weighs nothing in its place.
func (w *weigher) unformat(tag atom.Atom) {
	weights := w.active[tag]
	if len(weights) == 0 {
		return
	}
	inPlace := !w.pending && len(w.stack) > 0 && w.stack[len(w.stack)-1] == tag
	if !inPlace {
		w.misplaced()
	}
	last := len(weights) - 1
	w.active[tag] = weights[:last]
	w.again -= weights[last]
	w.unclosed--
	if inPlace {
		w.pop()
	} else if at := lastOf(w.stack, tag); at >= 0 {
		w.stack = slices.Delete(w.stack, at, at+1)
		w.open[tag]--
	}
}

// lastOf finds the innermost element of a name, not further out than a page that
// is parsed may be deep.
func lastOf(stack []atom.Atom, tag atom.Atom) int {
	for i := len(stack) - 1; i >= 0 && i >= len(stack)-512; i-- {
		if stack[i] == tag {
			return i
		}
	}
	return -1
}

// void elements have no end.
func void(a atom.Atom) bool {
	switch a {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta, atom.Param, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}

// tableParts tells whether an element is part of a table's structure.
func tableParts(a atom.Atom) bool {
	switch a {
	case atom.Table, atom.Thead, atom.Tbody, atom.Tfoot, atom.Tr, atom.Td, atom.Th, atom.Caption, atom.Col, atom.Colgroup:
		return true
	}
	return false
}

func formatting(a atom.Atom) bool {
	switch a {
	case atom.A, atom.B, atom.Big, atom.Code, atom.Em, atom.Font, atom.I, atom.Nobr, atom.S,
		atom.Small, atom.Strike, atom.Strong, atom.Tt, atom.U:
		return true
	}
	return false
}
