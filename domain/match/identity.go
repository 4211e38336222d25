package match

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An Identity is what an id or a printed name says about which model it is.
// Two spellings of one model have one identity: "claude-3-5-haiku" and "Claude
// Haiku 3.5" both are the words claude and haiku with version 3.5.
type Identity struct {
	Words    []string // family, variant, size and qualifiers in lower case, sorted
	Versions []string // in the order of the text; "3-5" and "3.5" are one, "4.0" and "4" as well
	Snapshot string   // the date or revision of a frozen edition ("20250929", "0613", "001"), empty for none
}

// Base is the identity without its snapshot, as a string: models that share it
// are editions of one model.
func (i Identity) Base() string { return i.key("") }

// Key is the whole identity as a string.
func (i Identity) Key() string { return i.key(i.Snapshot) }

// key writes words, versions and a snapshot, each after a mark of its own that
// none of them holds, in one string made at once.
func (i Identity) key(snapshot string) string {
	size := len(snapshot) + 1
	for _, parts := range [][]string{i.Words, i.Versions} {
		for _, p := range parts {
			size += len(p) + 1
		}
	}
	var b strings.Builder
	b.Grow(size)
	for _, w := range i.Words {
		b.WriteByte(' ')
		b.WriteString(w)
	}
	for _, v := range i.Versions {
		b.WriteByte('|')
		b.WriteString(v)
	}
	if snapshot != "" {
		b.WriteByte('@')
		b.WriteString(snapshot)
	}
	return b.String()
}

// Empty reports whether a text had nothing to identify a model by.
func (i Identity) Empty() bool { return len(i.Words) == 0 && len(i.Versions) == 0 }

// A piece is one run of letters and digits, with what stood before it.
type piece struct {
	text   string
	dashed bool // joined to the piece before it by a single hyphen or underscore, or written as one with it
	colon  bool // joined to it by a colon
}

// Parse reads an id or a name. It takes any text and never fails; parentheses
// and what they hold say nothing about identity, unless they say that the model
// was fine-tuned.
func Parse(s string) Identity {
	var room [16]piece
	pieces := withoutRemark(piecesOf(withoutParentheses(s), room[:0]))
	id := Identity{Words: make([]string, 0, len(pieces))}
	for i := 0; i < len(pieces); {
		if n, snapshot := snapshotAt(pieces, i); n > 0 {
			if id.Snapshot != "" {
				id.Snapshot += "."
			}
			id.Snapshot += snapshot
			i += n
		} else if n, version := versionAt(pieces, i); n > 0 {
			id.Versions = append(id.Versions, version)
			i += n
		} else {
			id.Words = append(id.Words, plain(pieces[i].text))
			i++
		}
	}
	slices.Sort(id.Words)
	return id
}

// withoutParentheses takes out what stands in parentheses, but for the one
// remark that makes another model of it.
func withoutParentheses(s string) string {
	if strings.IndexByte(s, '(') < 0 && strings.IndexByte(s, '[') < 0 {
		return s
	}
	var b strings.Builder
	depth, open := 0, 0
	for i, r := range s {
		switch r {
		case '(', '[':
			if depth++; depth == 1 {
				open = i + 1
			}
		case ')', ']':
			if depth == 1 && tuned.MatchString(s[open:i]) {
				b.WriteString(" tuned")
			}
			depth = max(0, depth-1)
			b.WriteByte(' ')
		default:
			if depth == 0 {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// tuned are remarks that speak of a model made from the one that is named.
var tuned = regexp.MustCompile(`(?i)\bfine-? ?tun(ed|ing)\b`)

// withoutRemark takes off what a printer adds behind a name, apart from it, to
// say how the model stands.
func withoutRemark(p []piece) []piece {
	for len(p) > 1 && !p[len(p)-1].dashed && remarks[p[len(p)-1].text] {
		p = p[:len(p)-1]
	}
	return p
}

var remarks = map[string]bool{"new": true, "deprecated": true, "retired": true}

// plain gives the word that ids use for one that is written out in names.
func plain(word string) string {
	if word == "experimental" {
		return "exp"
	}
	return word
}

// piecesOf splits a text into runs of letters and digits, and adds them to a
// list. A point between two digits belongs to the run; a plus behind one is a
// word ("R+"), a number behind a whole word is apart from it ("qwen3").
func piecesOf(s string, out []piece) []piece {
	s = strings.ReplaceAll(strings.ToLower(s), "×", "x")
	start, end := -1, 0 // of the run that is open; of the one before it
	finish := func(i int) {
		if start >= 0 {
			gap := s[end:start]
			run := piece{s[start:i], len(out) > 0 && dash(gap), len(out) > 0 && gap == ":"}
			word, number := parted(run.text)
			run.text = word
			if out = append(out, run); number != "" {
				out = append(out, piece{text: number, dashed: true})
			}
			start, end = -1, i
		}
	}
	for i, r := range s {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) && (r != '.' || !digitAt(s, i-1) || !digitAt(s, i+1)):
			open := start >= 0
			if finish(i); open && r == '+' && !wordAt(s, i+1) {
				out = append(out, piece{text: "plus", dashed: true})
			}
		case start < 0:
			start = i
		}
	}
	finish(len(s))
	return out
}

func digitAt(s string, i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }

// wordAt reports whether a letter or digit stands at a place.
func wordAt(s string, i int) bool {
	r, _ := utf8.DecodeRuneInString(s[i:])
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// parted divides a run into a word of at least three letters and the number
// behind it; any other stays whole ("o3", "4o", "8x7b").
func parted(run string) (word, number string) {
	i := 0
	for i < len(run) && run[i] >= 'a' && run[i] <= 'z' {
		i++
	}
	if i < 3 || !isNumber(run[i:]) {
		return run, ""
	}
	return run[:i], run[i:]
}

// dash reports whether two runs are joined by one hyphen or underscore, as ids
// are; some printers use another hyphen.
func dash(gap string) bool {
	switch gap {
	case "-", "_", "\u2010", "\u2011", "\u2012", "\u2013", "\u2212":
		return true
	}
	return false
}

// snapshotAt reads a date or a revision that begins at a piece, and says how
// many pieces it takes. A model's first piece is never one.
func snapshotAt(p []piece, i int) (n int, snapshot string) {
	if i == 0 {
		return 0, ""
	}
	at := func(k int) string {
		if i+k < len(p) && (k == 0 || p[i+k].dashed) {
			return p[i+k].text
		}
		return ""
	}
	a, b, c := at(0), at(1), at(2)
	switch {
	case year(a) && month(b) && day(c): // 2024-08-06
		return 3, a + b + c
	case year(a) && month(b): // 2025-12
		return 2, a + b
	case month(a) && day(b) && year(c): // 12-17-2024
		return 3, c + a + b
	case month(a) && year(b): // 09-2025
		return 2, b + a
	case len(a) == 8 && year(a[:4]) && month(a[4:6]) && day(a[6:]): // 20250929
		return 1, a
	case month(a) && day(b): // 02-05
		return 2, a + b
	case len(a) == 4 && digits(a) && month(a[:2]) && day(a[2:]): // 0613
		return 1, a
	case len(a) == 4 && digits(a) && a[:2] >= "23" && a[:2] <= "39" && month(a[2:]): // 2411
		return 1, a
	case len(a) == 3 && digits(a) && a[0] == '0': // 001
		return 1, a
	case revision(a) && i+2 == len(p) && p[i+1].colon && p[i+1].text == "0": // v1:0
		return 2, a + ":0"
	}
	return 0, ""
}

// revision reports whether a text is "v1" and the like.
func revision(s string) bool { return len(s) > 1 && s[0] == 'v' && digits(s[1:]) }

// versionAt reads a version that begins at a piece: "4.5", "4", "v2", and "4-5"
// as ids write it.
func versionAt(p []piece, i int) (n int, version string) {
	text := p[i].text
	if len(text) > 1 && text[0] == 'v' && isNumber(text[1:]) {
		text = text[1:]
	}
	if !isNumber(text) {
		return 0, ""
	}
	if i+1 < len(p) && p[i+1].dashed && short(text) && short(p[i+1].text) {
		if k, _ := snapshotAt(p, i+1); k == 0 {
			return 2, trimmed(text + "." + p[i+1].text)
		}
	}
	return 1, trimmed(text)
}

// trimmed takes the zero off "4.0".
func trimmed(version string) string {
	return strings.TrimSuffix(version, ".0")
}

// digits reports whether a text is digits and nothing else.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// isNumber reports whether a text is digits with points among them.
func isNumber(s string) bool {
	if s == "" || s[0] < '0' || s[0] > '9' {
		return false
	}
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && s[i] != '.' {
			return false
		}
	}
	return true
}

func short(s string) bool { return len(s) <= 2 && digits(s) }

func year(s string) bool { return len(s) == 4 && digits(s) && s >= "2015" && s <= "2099" }

func month(s string) bool { return len(s) == 2 && digits(s) && s >= "01" && s <= "12" }

func day(s string) bool { return len(s) == 2 && digits(s) && s >= "01" && s <= "31" }
