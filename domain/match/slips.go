package match

import (
	_ "embed" // for the file below
	"math/bits"
	"slices"
	"strings"
	"unicode"

	"github.com/hbollon/go-edlib"
)

// This file says whether two names are one name with typing slips in it.

//go:embed variants.txt
var variantsFile string

var variants = readVariants(variantsFile)

func readVariants(file string) map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(file) {
		said, _, _ := strings.Cut(line, "#")
		for _, word := range strings.Fields(said) {
			out[word] = true
		}
	}
	return out
}

// A spelling is a name as slips are looked for in it: its words of letters, and
// apart from them all that has digits, where a slip is another model.
type spelling struct {
	words    []string // in the order of the text
	letters  string   // the words, joined
	digits   string   // versions and sizes, in the order of the text
	snapshot string
	length   int    // of all of it together
	mask     uint32 // which letters there are
}

// base is the spelling without its snapshot.
func (s spelling) base() spelling {
	s.length -= len(s.snapshot)
	s.snapshot = ""
	return s
}

// spellingOf takes a name apart.
func spellingOf(name string) spelling {
	var s spelling
	var digits []string
	pieces := piecesOf(withoutParentheses(name), nil)
	for i := 0; i < len(pieces); i++ {
		if n, date := snapshotAt(pieces, i); n > 0 {
			s.snapshot += date
			i += n - 1
			continue
		}
		word, number := split(pieces[i].text)
		if word != "" && (word != "v" || number == "") {
			s.words = append(s.words, word)
		}
		if number != "" {
			digits = append(digits, strings.ReplaceAll(trimmed(number), ".", " "))
		}
	}
	s.letters, s.digits = strings.Join(s.words, ""), strings.Join(digits, " ")
	s.length = len(s.letters) + len(s.digits) - strings.Count(s.digits, " ") + len(s.snapshot)
	for _, r := range s.letters {
		s.mask |= 1 << (uint32(r) % 32)
	}
	return s
}

// split divides "llama3.1" into word and number; what begins with a digit
// ("4o", "70b") is a number as a whole.
func split(piece string) (word, number string) {
	i := strings.IndexFunc(piece, unicode.IsDigit)
	if i < 0 {
		return piece, ""
	}
	return piece[:i], piece[i:]
}

// mostSlips is how many slips a name may have: they stay under a fifth of its
// length (PROPERTIES 7).
func mostSlips(length int) int { return (length - 1) / 5 }

// slips counts the slips between two names of equal digits; ok says that they
// are one name with so many slips. own says of a word that it is one in its own
// right.
func (s spelling) slips(t spelling, own func(string) bool) (n int, ok bool) {
	most := mostSlips(max(s.length, t.length))
	if s.digits != t.digits || s.snapshot != t.snapshot || bits.OnesCount32(s.mask^t.mask) > 2*most {
		return 0, false
	}
	if n = edlib.OSADamerauLevenshteinDistance(s.letters, t.letters); n > most {
		return 0, false
	}
	a, b := without(s.words, t.words), without(t.words, s.words)
	switch {
	case len(a) == 0 || len(b) == 0:
		return n, len(a) == len(b) && n == 0
	case len(a) != len(b): // a space or hyphen too many, or too few
		return n, strings.Join(a, "") == strings.Join(b, "")
	}
	for i := range a {
		if !slipped(a[i], b[i], own) {
			return 0, false
		}
	}
	return n, true
}

// without gives the words that another list does not have, each as often.
func without(words, others []string) []string {
	left := slices.Clone(others)
	var out []string
	for _, w := range words {
		if i := slices.Index(left, w); i >= 0 {
			left = slices.Delete(left, i, i+1)
		} else {
			out = append(out, w)
		}
	}
	return out
}

// slipped reports whether one of two words is the other with slips: one in a
// short word, in longer ones under a fifth of them. Two words in their own right
// are two words; in very short ones nearly every slip makes another.
func slipped(a, b string, own func(string) bool) bool {
	if own(a) && own(b) {
		return false
	}
	short, long := a, b
	if len(short) > len(long) {
		short, long = long, short
	}
	if edlib.OSADamerauLevenshteinDistance(a, b) > max(1, mostSlips(len(long))) {
		return false
	}
	switch {
	case len(long) < 3:
		return false
	case len(long) < 5: // letters swapped, or in a word that is known one changed or lost on the way; none added
		return swapped(a, b) || (own(a) || own(b)) && !(len(short) < len(long) && strings.HasPrefix(long, short))
	default:
		return true
	}
}

// swapped reports whether two words have the same letters in another order.
func swapped(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return string(x) == string(y)
}
