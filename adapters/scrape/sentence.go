package scrape

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

var sentenceEnd = regexp.MustCompile(`[.!?](?:\s+|$)|\n`)

// sentencesOf splits a paragraph. "4.6" does not end one.
func sentencesOf(s string) []string {
	var out []string
	from := 0
	for _, at := range sentenceEnd.FindAllStringIndex(s, -1) {
		if t := strings.TrimSpace(s[from:at[1]]); t != "" {
			out = append(out, t)
		}
		from = at[1]
	}
	if t := strings.TrimSpace(s[from:]); t != "" {
		out = append(out, t)
	}
	return out
}

// denial are words by which a sentence speaks of what a price does not hold for.
var denial = []string{"not", "except", "excluding", "without", "unlike", "unavailable", "isnt", "arent", "doesnt", "cannot", "no"}

// mentioned gives the models that the text before a table names: of the
// nearest paragraph that introduces it (ends in a colon) and names one, else
// of the nearest that names one; there of the last such sentence. A sentence on a
// variant of a model ("Ada 4 Turbo") makes the text speak of that one, which is
// none of those that are known.
func (r *register) mentioned(before []string) []string {
	for _, introducing := range []bool{true, false} {
		for _, p := range slices.Backward(before) {
			if introducing && !strings.HasSuffix(strings.TrimSpace(p), ":") {
				continue
			}
			for _, s := range slices.Backward(sentencesOf(p)) {
				if anyOf(wordsOf(s), denial...) {
					continue
				}
				names, variant := r.named(s)
				if variant {
					return nil
				}
				if len(names) > 0 {
					return names
				}
			}
		}
	}
	return nil
}

type word struct {
	text    string // normal form
	raw     string
	gap     string // what stands between it and the word before
	release bool   // it begins with a capital or a digit
}

var wordPattern = regexp.MustCompile(`[\pL\pN]+(?:\.\pN+)*`)

// namesIn finds the known names in a sentence, in full or by their end, and
// versions that continue an enumeration ("Sonnet 4 and 4.5").
func (r *register) namesIn(s string) []string {
	names, _ := r.named(s)
	return names
}

// afterName are words that may follow a name, written large, without being part
// of it: of a title, and of the ways of buying.
var afterName = append([]string{"introductory", "promotional", "launch", "batch", "flex", "priority", "standard", "long", "context"}, filler...)

// named is namesIn, and tells whether the sentence names a variant of a model
// that is known: "Ada 4 Turbo" is not Ada 4, whatever it may be.
func (r *register) named(s string) (out []string, variant bool) {
	var words []word
	end := 0
	for _, at := range wordPattern.FindAllStringIndex(s, -1) {
		raw := s[at[0]:at[1]]
		first := []rune(raw)[0]
		words = append(words, word{strings.ToLower(raw), raw, s[end:at[0]], unicode.IsUpper(first) || unicode.IsDigit(first)})
		end = at[1]
	}
	add := func(name string) {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for i := 0; i < len(words); {
		name, n := r.longest(words[i:])
		if n == 0 {
			i++
			continue
		}
		i += n
		if i < len(words) && words[i].release && strings.TrimSpace(words[i].gap) == "" {
			variant = variant || !ownWord(words[i:])
			continue
		}
		add(name)
		for i < len(words) && isVersion(words[i].text) && enumerates(words, i) {
			next, ok := r.continued(name, words[i].raw)
			if !ok {
				break
			}
			add(next)
			name = next
			i++
		}
		for i < len(words) && (words[i].text == "and" || words[i].text == "or") && i+1 < len(words) && isVersion(words[i+1].text) && strings.TrimSpace(words[i+1].gap) == "" {
			next, ok := r.continued(name, words[i+1].raw)
			if !ok {
				break
			}
			add(next)
			name = next
			i += 2
		}
	}
	return out, variant
}

// ownWord tells whether what follows a name is the sentence's own word: "Fast mode",
// "Pricing". "Fast" alone is part of the name.
func ownWord(words []word) bool {
	if words[0].text == "fast" {
		return len(words) > 1 && words[1].text == "mode"
	}
	return anyOf([]string{words[0].text}, afterName...)
}

// enumerates tells whether a word continues a list by its separator alone.
func enumerates(words []word, i int) bool {
	sep := strings.TrimSpace(words[i].gap)
	return sep == "," || sep == "/" || sep == "&"
}

// maxNameWords is how long a name may be in words.
const maxNameWords = 10

// longest finds the longest known name, or end of one, that words begin with.
func (r *register) longest(words []word) (string, int) {
	run := make([]string, 0, maxNameWords)
	name, n := "", 0
	for i, w := range words {
		if i == maxNameWords || i > 0 && strings.Trim(w.gap, " -\u2011") != "" {
			break
		}
		run = append(run, w.text)
		if found, ok := r.resolve(run); ok {
			name, n = found, i+1
		}
	}
	return name, n
}
