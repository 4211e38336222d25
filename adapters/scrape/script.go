package scrape

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"ratecard/domain"
)

// ReaderScript is the general reader of prices that a page carries as data, in
// its scripts or in attributes of its elements: JSON, a literal that a script
// assigns, or either in the texts that a framework pushes piece by piece. What
// is read are objects that name a model and have fields such as
// inputTokenPrice; see model in pricedata.go for what fields mean. Its knobs:
// Headers (names of fields), Tiers, Divisor (10000 where the data counts in
// 1/10000 USD per million tokens), Strip.
const ReaderScript = "script"

// ReaderJSON reads the same objects from a page that is JSON as a whole, such
// as the answer of an API. Its knobs are those of ReaderScript.
const ReaderJSON = "json"

// readScript reads the data in the scripts and attributes of a page.
func readScript(p *page, cfg compiled) (domain.Reading, string, error) {
	texts := dataTexts(p, cfg.meters)
	r := newDataReader(p, cfg)
	for _, t := range texts {
		r.text(t)
	}
	looked := fmt.Sprintf("reader %q looked in the page (%s) for data in scripts and attributes: objects with a name and fields such as inputTokenPrice; it found %d texts with such fields and %d models in them",
		ReaderScript, p.form, len(texts), r.models)
	return r.done(), looked, nil
}

// readJSON reads a page that is JSON.
func readJSON(p *page, cfg compiled) (domain.Reading, string, error) {
	r := newDataReader(p, cfg)
	if p.form == formJSON {
		r.text(dataText{text: string(p.body), hits: priceKeys(string(p.body), cfg.meters)})
	}
	looked := fmt.Sprintf("reader %q looked for JSON with objects that have a name and fields such as input_token_price; the page is %s, with %d such models",
		ReaderJSON, p.form, r.models)
	return r.done(), looked, nil
}

// A dataText is a text that may hold data, with the places of its price keys.
type dataText struct {
	text  string
	hits  []int // offsets of keys that name prices of tokens, in order
	parts []part
}

// A part is where a piece of a text came from.
type part struct {
	from  int // offset in the text
	place string
}

// place says where the value at an offset stands.
func (t dataText) place(at int, pointer string) string {
	i, found := slices.BinarySearchFunc(t.parts, at, func(p part, at int) int { return p.from - at })
	if !found {
		i--
	}
	if i < 0 {
		return pointer
	}
	return strings.TrimSpace(t.parts[i].place + " " + pointer)
}

// dataTexts finds the texts of a page that name prices of tokens. The pieces
// that a framework pushes are joined first: it cuts them anywhere.
func dataTexts(p *page, meters map[string]domain.Meter) []dataText {
	var out []dataText
	add := func(t dataText) {
		if t.hits = priceKeys(t.text, meters); len(t.hits) > 0 {
			out = append(out, t)
		}
	}
	if p.form != formHTML {
		add(dataText{text: string(p.body), parts: lineParts(p.body)})
		return out
	}
	pushed := &dataText{}
	var pieces strings.Builder
	scan := markup{body: p.body, seen: map[string]int{}}
	for scan.next() {
		for _, a := range scan.attributes {
			add(dataText{text: a.Val, parts: []part{{0, scan.place() + " @" + a.Key}}})
		}
		if scan.script == nil {
			continue
		}
		if text, ok := pushedText(scan.script); ok {
			pushed.parts = append(pushed.parts, part{pieces.Len(), scan.place()})
			pieces.WriteString(text)
			continue
		}
		add(dataText{text: string(scan.script), parts: []part{{0, scan.place()}}})
	}
	pushed.text = pieces.String()
	add(*pushed)
	return out
}

func lineParts(body []byte) []part {
	parts := []part{{0, "line 1"}}
	for i, c := range body {
		if c == '\n' {
			parts = append(parts, part{i + 1, "line " + strconv.Itoa(len(parts)+1)})
		}
	}
	return parts
}

// A markup goes through the elements of a page that may carry data.
type markup struct {
	body       []byte
	tokens     *html.Tokenizer
	seen       map[string]int // element → how many there were
	tag        string
	attributes []html.Attribute // that look like data
	script     []byte           // what a script says, nil for another element
}

// place is the element and its number among those of its name, from 1.
func (m *markup) place() string { return m.tag + " " + strconv.Itoa(m.seen[m.tag]) }

// next goes to the next element that carries data; false at the end.
func (m *markup) next() bool {
	if m.tokens == nil {
		m.tokens = html.NewTokenizer(bytes.NewReader(m.body))
		m.tokens.SetMaxBuf(len(m.body) + 1)
	}
	for {
		kind := m.tokens.Next()
		if kind == html.ErrorToken {
			return false
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		maybe := bytes.ContainsAny(m.tokens.Raw(), "{[")
		name, has := m.tokens.TagName()
		m.tag, m.attributes, m.script = string(name), nil, nil
		m.seen[m.tag]++
		for has && maybe {
			var key, value []byte
			key, value, has = m.tokens.TagAttr()
			if v := bytes.TrimSpace(value); len(v) > 10 && (v[0] == '{' || v[0] == '[') {
				m.attributes = append(m.attributes, html.Attribute{Key: string(key), Val: string(value)})
			}
		}
		if m.tag == "script" && kind == html.StartTagToken && m.tokens.Next() == html.TextToken {
			m.script = m.tokens.Raw()
		}
		if len(m.attributes) > 0 || len(m.script) > 0 {
			return true
		}
	}
}

// pushedText is the text that a script does nothing with but to push it:
// frames.push([1,"…"]).
func pushedText(script []byte) (string, bool) {
	head := script[:min(len(script), 200)]
	open := bytes.Index(head, []byte(".push(["))
	if open < 0 || bytes.ContainsAny(head[:open], "{\"'") {
		return "", false
	}
	quote := bytes.IndexByte(head[open:], '"')
	if quote < 0 || len(bytes.Trim(head[open+len(".push(["):open+quote], "0123456789, ")) > 0 {
		return "", false
	}
	left := 1
	v, end, ok := parseLiteral(string(script[open+quote:]), &left)
	rest := bytes.Trim(script[min(open+quote+end, len(script)):], "]); \n")
	return v.text, ok && len(rest) == 0
}

// priceKeys finds the keys of a text that name prices of tokens.
func priceKeys(s string, meters map[string]domain.Meter) []int {
	var out []int
	for from := 0; ; {
		n := strings.IndexByte(s[from:], ':')
		if n < 0 {
			return out
		}
		colon := from + n
		from = colon + 1
		end := colon
		for end > 0 && (s[end-1] == ' ' || s[end-1] == '"' || s[end-1] == '\'') {
			end--
		}
		start := end
		for start > 0 && end-start <= maxLiteralKey && keyByte(s[start-1]) {
			start--
		}
		if key := s[start:end]; mayPrice(key) || len(meters) > 0 && len(key) > 2 && meters[normal(camel(key))] != "" {
			out = append(out, start)
		}
	}
}

func keyByte(c byte) bool { return letter(c) || c == '-' || c >= '0' && c <= '9' }

// mayPrice tells at a glance whether a key may name prices of tokens.
func mayPrice(key string) bool {
	if len(key) < 5 || len(key) > maxLiteralKey {
		return false
	}
	key = strings.ToLower(key)
	return strings.Contains(key, "price") || strings.Contains(key, "pricing") || strings.Contains(key, "cost")
}
