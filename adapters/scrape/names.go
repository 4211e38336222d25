package scrape

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"ratecard/domain"
)

// A label is what the cell that names a row says: the model, and what else
// stands there without being part of its name.
type label struct {
	name    string
	also    []string // ids of dated editions that stand beside the name
	remarks []string
	tier    domain.Tier // said in the cell, else empty
	over    threshold
	stated  bool // the cell states a threshold
	ofLong  bool // from which on it is a long context
	when    period
	unclear bool // it states a date that cannot be placed
}

var idShape = regexp.MustCompile(`^[a-z0-9][a-z0-9._:/-]*[a-z0-9]$`)

// cloudRegion is where a model runs, as some pages say beside its name.
var cloudRegion = regexp.MustCompile(`^[a-z]{2}-[a-z]{4,9}-\d$`)

// labelOf reads the cell that names a row. Links that follow the name, what
// stands in parentheses, dates and footnote marks are not part of the name.
// Where the cell prints the model's id as code beside a name, the id is it.
func labelOf(t text, voc vocabulary, strip []*regexp.Regexp) label {
	var l label
	var name strings.Builder
	id := ""
	for _, r := range t {
		switch {
		case r.kind == note:
		case r.kind == code && idShape.MatchString(strings.TrimSpace(r.text)) && strings.ContainsAny(r.text, "-0123456789") && id == "":
			id = strings.TrimSpace(r.text)
			name.WriteString(r.text)
		case r.kind == link && opensRemark(name.String(), r.text) && !datePhrase.MatchString(r.text):
			l.remark(strings.TrimSpace(r.text))
		default:
			name.WriteString(r.text)
		}
	}
	s := name.String()
	if len(s) > maxCell {
		return l
	}
	for _, re := range strip {
		s = re.ReplaceAllString(s, " ")
	}
	var ok bool
	s, l.when, ok = cutDates(s)
	l.unclear = l.unclear || !ok
	s = l.cutLong(s)
	for {
		before, inside, after, found := cutParentheses(s)
		if !found {
			break
		}
		s = before + " " + after
		l.heed(inside, voc, id)
	}
	l.unclear = l.unclear || saysDay(s)
	first, second, two := strings.Cut(strings.TrimSpace(s), "\n")
	first = l.editions(l.cutRegion(first), "")
	if two && id == "" {
		for line := range strings.SplitSeq(second, "\n") {
			if line = l.editions(line, first); line != "" && line != first {
				l.heed(line, voc, "")
			}
		}
	}
	if head, tail, found := cutLast(first, " - ", " – ", " — ", ": ", ", "); found {
		if tier, ok := voc.exactly(tail); ok {
			l.tier, first = tier, head
		} else if over, ok := onlyThreshold(tail); ok {
			l.over, l.stated, first = over, true, head
		}
	}
	if id != "" {
		first = id
	}
	l.name = strings.Join(strings.Fields(strings.TrimFunc(first, footnoteMark)), " ")
	return l
}

// cutRegion takes off an id where the model runs: "ada-1 us-east-1".
func (l *label) cutRegion(s string) string {
	id, region, found := strings.Cut(s, " ")
	if !found || !isID(id) || !cloudRegion.MatchString(region) {
		return s
	}
	l.remarks = append(l.remarks, region)
	return id
}

var longNote = regexp.MustCompile(`(?i)[\s(]+(long[ -]context\b[^\n()]*)\)?`)

// cutLong takes out of a name cell from which length on the model's context is a
// long one: "ada-1 Long context ≥ 200k tokens".
func (l *label) cutLong(s string) string {
	at := longNote.FindStringSubmatchIndex(s)
	if at == nil {
		return s
	}
	over, ok := onlyThreshold(s[at[2]:at[3]])
	if !ok {
		return s
	}
	l.over, l.stated, l.ofLong = over, true, true
	return s[:at[0]] + s[at[1]:]
}

// editions takes the ids of a model's dated editions out of a line that names
// the model ("ada-1 ada-1-2025-04-14"), or that follows it ("↳ ada-1-2025-04-14").
func (l *label) editions(line, of string) string {
	words := strings.Fields(strings.TrimLeft(line, "↳→└─- "))
	if of == "" {
		if len(words) < 2 {
			return line
		}
		of, words = words[0], words[1:]
	}
	if !idShape.MatchString(of) {
		return line
	}
	for _, w := range words {
		if rest, ok := strings.CutPrefix(w, of+"-"); !ok || !idShape.MatchString(w) || !strings.ContainsAny(rest[:1], digits) {
			return line
		}
	}
	l.also = append(l.also, words...)
	if strings.HasPrefix(strings.TrimSpace(line), of+" ") {
		return of
	}
	return ""
}

// heed reads what stands beside a name: a tier, a threshold, or a remark.
func (l *label) heed(s string, voc vocabulary, id string) {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" || s == id {
		return
	}
	if tier, ok := voc.exactly(s); ok {
		l.tier = tier
		return
	}
	if over, ok := onlyThreshold(s); ok {
		l.over, l.stated = over, true
		return
	}
	l.remark(s)
}

// remark notes what is said of a model. A day that is none of its life's is one of
// its price's, said in words that are not understood.
func (l *label) remark(s string) {
	l.unclear = l.unclear || saysDay(s) && !anyOf(wordsOf(s), lifeWords...)
	l.remarks = append(l.remarks, s)
}

// anyDay finds a day in whatever language: what it means for a price may be said
// in that language as well.
var anyDay = regexp.MustCompile(`\b\d{1,2}\.?\s+(?:de\s+)?\pL{3,}\.?,?\s+(?:de\s+)?20\d\d\b|\b\pL{3,}\s+\d{1,2},?\s+20\d\d\b|20\d\d\s*年\s*\d{1,2}\s*月`)

// saysDay spares the pattern the texts that have no year.
func saysDay(s string) bool { return strings.Contains(s, "20") && anyDay.MatchString(s) }

// lifeWords tell of a model's life, not of its price.
var lifeWords = []string{
	"deprecated", "deprecation", "retired", "retires", "retire", "retiring", "retirement", "discontinued", "sunset", "shut", "shutdown", "removed", "legacy",
	"released", "release", "launched", "updated", "preview", "available", "availability", "snapshot", "knowledge", "cutoff",
}

// opensRemark tells whether a link that follows a text is a remark on it: a
// name's own words are not written small after a capital.
func opensRemark(before, linked string) bool {
	before = strings.TrimSpace(before)
	linked = strings.TrimSpace(linked)
	if before == "" || strings.HasSuffix(before, "(") || linked == "" {
		return false
	}
	open := strings.Count(before, "(") > strings.Count(before, ")")
	return !open && unicode.IsLower([]rune(linked)[0]) && strings.ContainsAny(before, "ABCDEFGHIJKLMNOPQRSTUVWXYZ ") || linked == "†" || linked == "*"
}

func cutLast(s string, separators ...string) (before, after string, found bool) {
	for _, sep := range separators {
		if i := strings.LastIndex(s, sep); i > 0 {
			return s[:i], s[i+len(sep):], true
		}
	}
	return s, "", false
}

// openSet are words that make a row speak of models that it does not name.
var openSet = []string{"all", "other", "others", "models", "earlier", "later", "newer", "older", "any", "every", "prior", "etc"}

// saysMoreThanLength tells whether a word is neither a count nor one that stands
// beside counts of tokens: "8K context" is a length, and no model's name.
func saysMoreThanLength(w string) bool {
	return strings.Trim(strings.TrimRight(w, "km"), digits+".") != "" && !anyOf([]string{w}, "context", "contexts", "token", "tokens", "window", "length", "prompt", "prompts", "short", "long", "up", "to", "over", "and")
}

// nameable tells whether a text can be the name of one model.
func nameable(s string) bool {
	if s == "" || len(s) > 120 || !strings.ContainsFunc(s, unicode.IsLetter) || strings.ContainsAny(s, "$€£\n") {
		return false
	}
	words := wordsOf(s)
	return len(words) <= 10 && !anyOf(words, openSet...) && slices.ContainsFunc(words, saysMoreThanLength) && !slices.ContainsFunc(words, func(w string) bool { return len(w) > 2 && strings.HasSuffix(w, ".x") })
}

// A register holds the names that a page's price tables print in full.
type register struct {
	names []string
	known map[string]string   // normal form → name
	tails map[string][]string // normal form of every tail of two words and more → names
	first map[string]bool     // the words that names begin with
}

func newRegister() *register {
	return &register{known: map[string]string{}, tails: map[string][]string{}, first: map[string]bool{}}
}

func (r *register) add(name string) {
	words := wordsOf(name)
	key := strings.Join(words, " ")
	if _, there := r.known[key]; there || key == "" {
		return
	}
	r.names = append(r.names, name)
	r.known[key] = name
	r.first[words[0]] = true
	for i := 1; i+2 <= len(words); i++ {
		tail := strings.Join(words[i:], " ")
		r.tails[tail] = append(r.tails[tail], name)
	}
}

// resolve finds the one name that words stand for: the name itself, or its
// end ("Opus 4.6").
func (r *register) resolve(words []string) (string, bool) {
	key := strings.Join(words, " ")
	if name, ok := r.known[key]; ok {
		return name, true
	}
	if names := r.tails[key]; len(names) == 1 {
		return names[0], true
	}
	return "", false
}

var listSeparator = regexp.MustCompile(`\s+/\s+|\s*,\s*(?:and\s+|or\s+|&\s*)?|\s+(?:and|or|&)\s+`)

// split reads a row's label that may name several models: "Claude Sonnet 4.5
// / 4", "A and B". A label that is known as one name, or whose parts are not
// all understood, is one name.
func (r *register) split(name string) []string {
	if _, ok := r.known[normal(name)]; ok {
		return []string{name}
	}
	parts := listSeparator.Split(name, -1)
	if len(parts) < 2 || !nameable(parts[0]) {
		return []string{name}
	}
	out := []string{parts[0]}
	if full, ok := r.resolve(wordsOf(parts[0])); ok {
		out[0] = full
	}
	for _, part := range parts[1:] {
		full, ok := r.continued(out[len(out)-1], part)
		if !ok {
			return []string{name}
		}
		out = append(out, full)
	}
	return out
}

// continued reads a further part of an enumeration: a name of its own, a
// known name's end, or only what differs from the name before it.
func (r *register) continued(before, part string) (string, bool) {
	words, previous := wordsOf(part), wordsOf(before)
	if len(words) == 0 {
		return "", false
	}
	if n := len(previous) - len(words); n > 0 {
		if name, ok := r.known[strings.Join(append(slices.Clone(previous[:n]), words...), " ")]; ok {
			return name, true
		}
	}
	if name, ok := r.resolve(words); ok {
		return name, true
	}
	switch {
	case words[0] == previous[0] && nameable(part):
		return part, true
	case len(words) == 1 && isVersion(words[0]) && isVersion(previous[len(previous)-1]):
		return before[:len(before)-len(previous[len(previous)-1])] + part, true
	}
	return "", false
}

func isVersion(w string) bool {
	return w != "" && unicode.IsDigit(rune(w[0])) && strings.Trim(w, "0123456789.") == ""
}
