package scrape

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// weighed is what the scan finds a page to weigh.
func weighed(page []byte) int {
	z := html.NewTokenizer(bytes.NewReader(page))
	z.SetMaxBuf(len(page) + 1)
	w := newWeigher(0)
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return -w.left
		}
		w.token(kind, z)
	}
}

// heavy is what the tree of a page weighs.
func heavy(root *html.Node) int {
	total := 0
	for n := range root.Descendants() {
		total += nodeWeight + attrWeight*len(n.Attr)
	}
	return total
}

// TestNothingIsHeavierThanWeighed: whatever stands in a page, its tree is no
// heavier than the scan says, apart from the elements that every page has.
func TestNothingIsHeavierThanWeighed(t *testing.T) {
	names := []string{
		"a", "b", "i", "font", "code", "nobr", "u", "p", "div", "span", "li", "ul", "h2", "table", "tbody", "thead", "tr", "td", "th", "caption", "col", "colgroup",
		"select", "option", "button", "form", "svg", "math", "template", "br", "x-y", "body", "html", "head", "title", "object", "dd", "dl", "image", "address", "ruby", "rt", "frameset", "pre", "applet", "input", "textarea", "noscript",
	}
	piece := rapid.OneOf(
		rapid.Map(rapid.SampledFrom(names), func(n string) string { return "<" + n + ">" }),
		rapid.Map(rapid.SampledFrom(names), func(n string) string { return "<" + n + " c=1 d>" }),
		rapid.Map(rapid.SampledFrom(names), func(n string) string { return "</" + n + ">" }),
		rapid.SampledFrom([]string{"x", " ", "text of more words", "<!>", "<!-- a -->", "&nbsp;", "</z>", "<>", "\x00"}),
	)
	rapid.Check(t, func(t *rapid.T) {
		var page strings.Builder
		for range rapid.IntRange(1, 4).Draw(t, "parts") {
			part := strings.Join(rapid.SliceOfN(piece, 1, 12).Draw(t, "part"), "")
			page.WriteString(strings.Repeat(part, rapid.IntRange(1, 60).Draw(t, "times")))
		}
		root, err := html.Parse(strings.NewReader(page.String()))
		if err != nil {
			return // too deep
		}
		if is, said := heavy(root), weighed([]byte(page.String())); is > said+8*nodeWeight {
			t.Fatalf("%d bytes weigh %d and were found to weigh %d: %q", page.Len(), is, said, page.String())
		}
	})
}
