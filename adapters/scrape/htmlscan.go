package scrape

import (
	"bytes"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"ratecard/domain"
)

// maxRebuilt is how many elements the HTML rules may make that the page did
// not write. Real pages have a handful.
const maxRebuilt = 20_000

// scanTokens refuses a page that is small as bytes and huge as a tree. A
// formatting element left open is opened again in every block that follows:
// a few kilobytes of <b> become millions of nodes. The scan counts them
// without building any.
func scanTokens(body []byte) error {
	z := html.NewTokenizer(bytes.NewReader(body))
	z.SetMaxBuf(len(body) + 1)
	open := map[atom.Atom]int{}
	total, rebuilt := 0, 0
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return nil
		}
		if kind != html.StartTagToken && kind != html.EndTagToken {
			continue
		}
		name, _ := z.TagName()
		tag := atom.Lookup(name)
		switch {
		case !formatting(tag):
			if total > 0 && tag != 0 && kind == html.StartTagToken {
				rebuilt += total
			}
		case kind == html.StartTagToken:
			open[tag]++
			total++
		case open[tag] > 0:
			open[tag]--
			total--
		}
		// Elements that are open where they should be do not count: only an
		// excess over the depth that any page could want.
		if total > 256 || rebuilt > maxRebuilt+len(body)/4 {
			return domain.Errorf(domain.KindUnread,
				"the HTML leaves more than %d formatting elements (b, i, a, font …) open; such a page is not parsed, it would take too much memory", min(total, 256))
		}
	}
}

func formatting(a atom.Atom) bool {
	switch a {
	case atom.A, atom.B, atom.Big, atom.Code, atom.Em, atom.Font, atom.I, atom.Nobr, atom.S,
		atom.Small, atom.Strike, atom.Strong, atom.Tt, atom.U:
		return true
	}
	return false
}
