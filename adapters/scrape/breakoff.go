package scrape

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"ratecard/domain"
)

// breaksOff refuses a page of which the end is missing where that shows: what
// stands last may be half of a figure, and what is not there any more was not taken
// away by anybody.
func breaksOff(body []byte, f form) error {
	where := ""
	switch {
	case f == formHTML:
		where = brokenHTML(body)
	case brokenJSON(body):
		where = "in the middle of its JSON"
	case f == formMarkdown && brokenRow(body):
		where = "in the middle of a row of a table"
	case f == formMarkdown && brokenComponent(string(body)):
		where = "inside the data of a component"
	}
	if where == "" {
		return nil
	}
	return domain.Errorf(domain.KindBroken, "the page breaks off %s, after %d bytes: it did not come whole", where, len(body)).Seen(domain.SawCutOff)
}

// endsWithin is how far from its end a whole page has its end tags: behind them
// there is little, though not always nothing.
const endsWithin = 64 << 10

var endTags = regexp.MustCompile(`(?i)</(?:html|body)\b`)

// brokenHTML says inside of what HTML without its end tags ends; empty where that
// may be all there is, since end tags can be left out.
func brokenHTML(body []byte) string {
	if endTags.Match(body[max(0, len(body)-endsWithin):]) {
		return ""
	}
	if open := bytes.LastIndexByte(body, '<'); open > bytes.LastIndexByte(body, '>') && open+1 < len(body) && (body[open+1] == '/' || body[open+1] == '!' || isLetter(body[open+1])) {
		return "inside a tag"
	}
	z := html.NewTokenizer(bytes.NewReader(body))
	z.SetMaxBuf(len(body) + 1)
	tables, raw := 0, ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			switch {
			case raw != "":
				return "inside <" + raw + ">"
			case tables > 0:
				return "inside a table"
			}
			return ""
		case html.StartTagToken:
			name, _ := z.TagName()
			switch tag := atom.Lookup(name); tag {
			case atom.Table:
				tables++
			case atom.Script, atom.Style, atom.Textarea, atom.Title:
				raw = tag.String()
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			switch atom.Lookup(name) {
			case atom.Table:
				tables = max(0, tables-1)
			case atom.Script, atom.Style, atom.Textarea, atom.Title:
				raw = ""
			}
		case html.TextToken, html.SelfClosingTagToken, html.CommentToken, html.DoctypeToken:
		}
	}
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

var jsonStart = regexp.MustCompile(`^\s*(?:\{\s*"|\[\s*[\[{"])`)

// brokenJSON tells whether a text is the beginning of JSON.
func brokenJSON(body []byte) bool {
	if !jsonStart.Match(body) {
		return false
	}
	var whole json.RawMessage
	return errors.Is(json.NewDecoder(bytes.NewReader(body)).Decode(&whole), io.ErrUnexpectedEOF)
}

// brokenRow tells whether a text ends in a row of a table that has not the end
// that the row above it has.
func brokenRow(body []byte) bool {
	last := bytes.LastIndexByte(body, '\n')
	if last < 0 {
		return false
	}
	row, above := bytes.TrimSpace(body[last+1:]), bytes.TrimSpace(body[:last])
	above = bytes.TrimSpace(above[bytes.LastIndexByte(above, '\n')+1:])
	inRow := func(line []byte) bool { return len(line) > 0 && line[0] == '|' }
	return inRow(row) && inRow(above) && bytes.Count(row, []byte("|")) < bytes.Count(above, []byte("|"))
}

// blockStart opens a heading or a row of a table in Markdown.
var blockStart = regexp.MustCompile(`^(?:\||#{1,6} )`)

// brokenComponent tells whether MDX ends in the data of its last component: with
// brackets that nothing closes. Where a heading or a table follows, it is the data
// that is broken, and the page went on.
func brokenComponent(text string) bool {
	starts := componentStart.FindAllStringIndex(text, -1)
	if len(starts) == 0 {
		return false
	}
	open, quote := 0, byte(0)
	for i := starts[len(starts)-1][0]; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case quote == '`':
			if c == '`' {
				quote = 0
			}
		case c == '\n':
			quote = 0
			if blockStart.MatchString(text[i+1:]) {
				return false
			}
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' && open > 0, c == '`' && open > 0:
			quote = c
		case c == '{' || c == '[':
			open++
		case c == '}' || c == ']':
			open--
		case c == '>' && open == 0:
			return false
		}
	}
	return open > 0
}
