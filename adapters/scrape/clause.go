package scrape

import (
	"regexp"
	"strings"

	"ratecard/domain"
)

// A clause is one figure of a cell that states several, each in its own words:
// "$3.00 or $0.005/min (audio)", "$120 (images), equivalent to $0.134 per image".
type clause struct {
	figure
	aside bool // it says the figure before it otherwise, in another unit
}

var (
	// sameAs opens a cell that repeats a price: "Same as Standard, not yet …".
	sameAs = regexp.MustCompile(`(?i)^\s*same as\b[^$]*$`)
	// orElse ends the words before a figure that only says another one otherwise.
	orElse = regexp.MustCompile(`(?i)[\s,;]*\b(or|and|(?:this is |which is )?equivalent to|equals|i\.e\.,?)\s*$`)
	// pricedUnit is a unit that is none of tokens: "per 1K/2K image", "/min".
	pricedUnit = regexp.MustCompile(`(?i)^\s*(?:/|\bper\b)\s*((?:\d[\d.,]*\s*k?(?:/\d[\d.,]*\s*k?)?\s+)?[a-z]+(?:\s+(?:queries|prompts|requests|calls|sources|searches))?)`)
)

// clausesIn reads the figures of a cell. It is believed whole or not at all,
// as by figuresIn.
func clausesIn(s string, voc map[string]domain.Meter) ([]clause, error) {
	if len(s) > maxCell {
		return nil, refuse("the cell has %d characters; a price has fewer than %d", len(s), maxCell)
	}
	s, asides := cutAsides(s)
	found := moneyPattern.FindAllStringSubmatchIndex(s, -1)
	if len(found) == 0 {
		return nil, refuse("no amount stands outside parentheses")
	}
	var out []clause
	label := s[:found[0][0]]
	if sameAs.MatchString(label) {
		label = ""
	}
	word := "" // that joins this figure to the one before it
	for i, at := range found {
		tail, next, joint := s[at[1]:], "", ""
		if i+1 < len(found) {
			tail, next, joint = between(s[at[1]:found[i+1][0]])
			if strings.TrimSpace(tail) == "" && next == "" && joint == "" && !storageFollows(s[found[i+1][1]:]) {
				return nil, refuse("two amounts stand side by side")
			}
		}
		f, err := labelledFigure(s, at, label, tail, voc)
		if err != nil {
			return nil, err
		}
		c, err := judged(f, word, tail)
		if err != nil {
			return nil, err
		}
		if before := len(out) - 1; word == "or" && len(out[before].kinds) == 0 { // "$3.00 or $0.005/min (audio)"
			if _, inside, _, ok := cutParentheses(tail); ok {
				out[before].kinds, _ = modalities(inside)
			}
		}
		out = append(out, c)
		label, word = next, joint
	}
	return withAsides(out, asides, voc)
}

// storageFollows tells whether what stands behind an amount makes it the price
// of storage, which cannot be mistaken for another price of what stands before
// it: "$0.15 $1.00 / 1,000,000 tokens per hour".
func storageFollows(tail string) bool {
	at := unitPhrase.FindStringIndex(tail)
	return at != nil && strings.TrimSpace(tail[:at[0]]) == "" && perHour.MatchString(tail[at[1]:])
}

// withAsides adds the figures that stand in parentheses: they say those before
// them otherwise.
func withAsides(out []clause, asides []string, voc map[string]domain.Meter) ([]clause, error) {
	for _, inside := range asides {
		more, err := clausesIn(strings.TrimLeft(inside, "=~≈ "), voc)
		if err != nil {
			return nil, err
		}
		for _, c := range more {
			c.aside = true
			out = append(out, c)
		}
	}
	return out, nil
}

// judged makes a figure a clause: what stands behind it must be understood, and
// the word that joins it to the figure before must not make two prices of one
// thing, or a sum.
func judged(f figure, word, tail string) (clause, error) {
	if f.tokens && !plainRemarks(tail) {
		return clause{}, refuse("what stands in parentheses after the amount is not understood: %q", strings.TrimSpace(tail))
	}
	if f.tokens && (word == "or" || word == "and") {
		return clause{}, refuse("two amounts are joined by %q", word)
	}
	if m := pricedUnit.FindStringSubmatch(tail); m != nil && !f.tokens {
		f.unit = strings.Join(strings.Fields(m[1]), " ")
	}
	return clause{figure: f, aside: word != ""}, nil
}

// plainRemarks tells whether what stands in parentheses after a price changes
// nothing about it that the price does not say itself.
func plainRemarks(tail string) bool {
	if !strings.Contains(tail, "(") {
		return true
	}
	tail, _, _ = cutDates(tail)
	tail = thresholdPhrase.ReplaceAllString(tail, " ")
	for {
		before, inside, after, found := cutParentheses(tail)
		if !found {
			return true
		}
		for _, w := range wordsOf(inside) {
			if modalityOf([]string{w}) == unsaid && !anyOf([]string{w}, "and", "or", "input", "output", "tokens", "token", "thinking", "reasoning",
				"including", "includes", "incl", "all", "default", "storage", "price", "pricing", "usd", "preview", "paid", "new") {
				return false
			}
		}
		tail = before + " " + after
	}
}

// cutAsides takes out of a cell what it says in parentheses with amounts of
// its own: "$0.45 ($0.00012 per image)".
func cutAsides(s string) (rest string, asides []string) {
	kept := ""
	for {
		before, inside, after, found := cutParentheses(s)
		if !found {
			return kept + s, asides
		}
		if moneyPattern.MatchString(inside) {
			asides = append(asides, inside)
			kept += before + " "
		} else {
			kept += before + "(" + inside + ")"
		}
		s = after
	}
}

// between cuts the words between two figures into what belongs to the first,
// the label of the second, and the word that joins them.
func between(s string) (tail, label, joint string) {
	if m := orElse.FindStringSubmatchIndex(s); m != nil {
		return s[:m[0]], "", strings.ToLower(s[m[2]:m[3]])
	}
	tail, label = splitLabel(s)
	return tail, label, ""
}

// labelledFigure is figureOf, whose label may also name what the tokens stand
// for: "Text: $0.10".
func labelledFigure(s string, at []int, label, tail string, voc map[string]domain.Meter) (figure, error) {
	kinds, ok := modalities(label)
	if ok {
		label = ""
	}
	f, err := figureOf(s, at, label, tail, voc)
	if ok && len(f.kinds) == 0 {
		f.kinds = kinds
	}
	return f, err
}
