package scrape

import (
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

type valueKind uint8

const (
	nothing valueKind = iota // null, undefined, and whatever is computed elsewhere
	aText
	aNumber
	aTruth
	aList
	anObject
)

// A value is one value of JSON, or of a literal as scripts write it, with
// everything in the order in which it is written.
type value struct {
	kind  valueKind
	key   string // within an object
	text  string // of a text, without escapes; of a number, as written
	items []value
	at    int // offset of its first byte
}

const (
	maxLiteralDepth = 48
	maxLiteralKey   = 80
)

// parseLiteral reads one value from the beginning of a text and tells where
// it ends. It takes JSON and what JavaScript allows besides: single quotes,
// templates, bare keys, comments, trailing commas. A call's value is its first
// argument, as far as a reader of prices is concerned: html("$1"). left is how
// many values may still be made.
func parseLiteral(s string, left *int) (v value, end int, ok bool) {
	p := literalParser{s: s, left: left}
	v, ok = p.value(0)
	return v, p.i, ok
}

type literalParser struct {
	s    string
	i    int
	left *int
}

// space skips white space and comments.
func (p *literalParser) space() {
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			p.i++
		case strings.HasPrefix(p.s[p.i:], "//"):
			n := strings.IndexByte(p.s[p.i:], '\n')
			if n < 0 {
				n = len(p.s) - p.i
			}
			p.i += n
		case strings.HasPrefix(p.s[p.i:], "/*"):
			n := strings.Index(p.s[p.i+2:], "*/")
			if n < 0 {
				p.i = len(p.s)
				return
			}
			p.i += n + 4
		default:
			return
		}
	}
}

// next skips space and gives the byte that follows, 0 at the end.
func (p *literalParser) next() byte {
	p.space()
	if p.i >= len(p.s) {
		return 0
	}
	return p.s[p.i]
}

func (p *literalParser) value(depth int) (value, bool) {
	c := p.next()
	v := value{at: p.i}
	if *p.left--; *p.left < 0 || depth > maxLiteralDepth {
		return v, false
	}
	var ok bool
	switch {
	case c == '[':
		v.kind = aList
		ok = p.list(&v, ']', depth)
	case c == '{':
		v.kind = anObject
		ok = p.object(&v, depth)
	case c == '"' || c == '\'' || c == '`':
		v.kind = aText
		v.text, ok = p.quoted()
	case c == '-' || c == '.' || c >= '0' && c <= '9':
		v.kind = aNumber
		v.text, ok = p.number()
	case letter(c):
		return p.named(depth)
	default:
		return v, false
	}
	return v, ok
}

// list reads values up to the closing byte.
func (p *literalParser) list(v *value, closing byte, depth int) bool {
	p.i++
	for {
		switch c := p.next(); c {
		case 0:
			return false
		case closing:
			p.i++
			return true
		case ',': // a hole
			p.i++
			continue
		}
		if strings.HasPrefix(p.s[p.i:], "...") {
			p.i += 3
		}
		item, ok := p.value(depth + 1)
		if !ok {
			return false
		}
		v.items = append(v.items, item)
		switch p.next() {
		case ',':
			p.i++
		case closing:
		default:
			return false
		}
	}
}

func (p *literalParser) object(v *value, depth int) bool {
	p.i++
	for {
		c := p.next()
		var key string
		ok := true
		switch {
		case c == '}':
			p.i++
			return true
		case c == '"' || c == '\'':
			key, ok = p.quoted()
		case letter(c) || c >= '0' && c <= '9':
			key = p.word()
		default:
			return false
		}
		if !ok || len(key) > maxLiteralKey || p.next() != ':' {
			return false
		}
		p.i++
		item, ok := p.value(depth + 1)
		if !ok {
			return false
		}
		item.key = key
		v.items = append(v.items, item)
		switch p.next() {
		case ',':
			p.i++
		case '}':
		default:
			return false
		}
	}
}

// named reads what begins with a word: a constant, a name, a call.
func (p *literalParser) named(depth int) (value, bool) {
	v := value{at: p.i}
	switch word := p.word(); word {
	case "true", "false":
		v.kind, v.text = aTruth, word
		return v, true
	case "null", "undefined", "NaN", "Infinity", "void":
		return v, true
	case "new":
		p.space()
		p.word()
	}
	if p.next() != '(' {
		return v, true
	}
	var arguments value
	if !p.list(&arguments, ')', depth+1) {
		return v, false
	}
	if len(arguments.items) == 0 {
		return v, true
	}
	return arguments.items[0], true
}

func (p *literalParser) word() string {
	from := p.i
	for p.i < len(p.s) && (letter(p.s[p.i]) || p.s[p.i] == '.' || p.s[p.i] >= '0' && p.s[p.i] <= '9') {
		p.i++
	}
	return p.s[from:p.i]
}

func letter(c byte) bool {
	return c == '_' || c == '$' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// maxExponent keeps a short text from standing for a number of a million digits.
const maxExponent = 100

func (p *literalParser) number() (string, bool) {
	from := p.i
	for p.i < len(p.s) && (strings.IndexByte("+-.eE_", p.s[p.i]) >= 0 || p.s[p.i] >= '0' && p.s[p.i] <= '9') {
		p.i++
	}
	s := strings.ReplaceAll(p.s[from:p.i], "_", "")
	d, err := decimal.NewFromString(s)
	return s, err == nil && d.Exponent() < maxExponent && d.Exponent() > -maxExponent
}

// quoted reads a text in quotes.
func (p *literalParser) quoted() (string, bool) {
	quote := p.s[p.i]
	p.i++
	from := p.i
	n := strings.IndexAny(p.s[from:], string(quote)+"\\")
	if n < 0 {
		return "", false
	}
	if p.s[from+n] == quote {
		p.i = from + n + 1
		return p.s[from : from+n], true
	}
	var b strings.Builder
	for p.i < len(p.s) {
		c := p.s[p.i]
		p.i++
		switch {
		case c == quote:
			return b.String(), true
		case c != '\\':
			b.WriteByte(c)
		case p.i >= len(p.s):
			return "", false
		default:
			if !p.escape(&b) {
				return "", false
			}
		}
	}
	return "", false
}

func (p *literalParser) escape(b *strings.Builder) bool {
	c := p.s[p.i]
	p.i++
	switch c {
	case 'n', 'r', 't', 'f', 'b', 'v', '\n':
		b.WriteByte(' ')
	case 'x', 'u':
		digits := 4
		if c == 'x' {
			digits = 2
		}
		if p.i+digits > len(p.s) {
			return false
		}
		n, err := strconv.ParseUint(p.s[p.i:p.i+digits], 16, 32)
		if err != nil {
			return false
		}
		p.i += digits
		if r := rune(n); utf8.ValidRune(r) { // half of a pair says nothing about a price
			b.WriteRune(r)
		}
	default:
		b.WriteByte(c)
	}
	return true
}

// pointerTo is the JSON pointer from a value to the one inside it that begins
// at an offset.
func pointerTo(v *value, at int) string {
	var b strings.Builder
	for v.at != at && len(v.items) > 0 {
		i := sort.Search(len(v.items), func(i int) bool { return v.items[i].at > at }) - 1
		if i < 0 {
			break
		}
		b.WriteByte('/')
		if v.kind == anObject {
			b.WriteString(strings.ReplaceAll(strings.ReplaceAll(v.items[i].key, "~", "~0"), "/", "~1"))
		} else {
			b.WriteString(strconv.Itoa(i))
		}
		v = &v.items[i]
	}
	return b.String()
}
