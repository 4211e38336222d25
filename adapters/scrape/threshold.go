package scrape

import (
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// A threshold is the prompt length from which a price holds.
type threshold struct {
	above int64 // the integer printed; 0: the price holds from the first token on
	min   int64 // the first prompt length that pays it
}

const (
	upperWords = `>=|≥|>|⩾|over|above|more than|greater than|exceeding|exceeds?|beyond|longer than|larger than|at least|starting at`
	lowerWords = `<=|≤|<|⩽|up to|under|below|at most|fewer than|less than|shorter than|within`
)

// thresholdPhrase finds "≤ 200K input tokens", "prompts > 200k", "<272K
// context length", "200K+ tokens".
var thresholdPhrase = regexp.MustCompile(`(?i)(?:\b(?:for|with|when|if)\s+)?(?:\b(?:prompts?|inputs|contexts?|requests?|context (?:window|length)|prompt length|input length)\s*(?:of|is|are|that)?\s*)?` +
	`(?:(` + upperWords + `|` + lowerWords + `)\s*(?:or equal to\s*)?(\d[\d,]*(?:\.\d+)?)\s*([km])?\b(\s*(?:or (?:more|less|fewer)))?|(\d[\d,]*(?:\.\d+)?)\s*([km])?\b\s*(?:(\+)|(or (?:more|less|fewer|above|below))))` +
	`(?:\s*-?\s*(?:input|prompt|context|total)?\s*(?:tokens?|context)?(?:\s*(?:in|of) (?:the )?(?:prompt|input|context))?(?:\s+(?:(?:context|prompt|input)\s+)?(?:length|window|size)\b)?)?(?:\s+(?:prompts?|requests?)\b)?`)

const digits = "0123456789"

// bandPhrase finds a length between two: "32K < tokens ≤ 128K".
var bandPhrase = regexp.MustCompile(`(?i)\b(\d[\d,]*(?:\.\d+)?\s*[km]?)\s*(<=?|≤|⩽)\s*(?:(?:input|prompt|context)\s*)?(?:tokens?|length|prompt|input|n|x)?\s*(<=?|≤|⩽)\s*(\d[\d,]*(?:\.\d+)?\s*[km]?)`)

// unbanded says a length between two as the one from which it holds: where the
// next begins is said by that.
func unbanded(s string) string {
	if strings.Count(s, "<")+strings.Count(s, "≤")+strings.Count(s, "⩽") < 2 {
		return s
	}
	return bandPhrase.ReplaceAllStringFunc(s, func(band string) string {
		m := bandPhrase.FindStringSubmatch(band)
		switch {
		case strings.Trim(m[1], "0,. ") == "":
			return m[3] + " " + m[4]
		case m[2] == "<":
			return "> " + m[1]
		default:
			return ">= " + m[1]
		}
	})
}

// thresholdIn finds the one threshold that a text states. Two different ones,
// or a number that is no count of tokens, are none.
func thresholdIn(s string) (threshold, bool) {
	if !strings.ContainsAny(s, digits) || !strings.ContainsAny(s, " <>≤≥⩾⩽+\n\u00a0") { // spares the pattern most texts of a page
		return threshold{}, false
	}
	var found threshold
	ok := false
	for _, m := range thresholdPhrase.FindAllStringSubmatch(unbanded(s), -1) {
		t, understood := thresholdOf(m)
		if !understood {
			continue
		}
		if ok && t != found {
			return threshold{}, false
		}
		found, ok = t, true
	}
	return found, ok
}

func thresholdOf(m []string) (threshold, bool) {
	op, number, scale := strings.ToLower(m[1]), m[2], strings.ToLower(m[3])
	if number == "" {
		number, scale = m[5], strings.ToLower(m[6])
		op = "≥"
		if strings.HasSuffix(m[8], "less") || strings.HasSuffix(m[8], "fewer") || strings.HasSuffix(m[8], "below") {
			op = "≤"
		}
	}
	n, err := decimal.NewFromString(strings.ReplaceAll(number, ",", ""))
	if err != nil {
		return threshold{}, false
	}
	switch scale {
	case "k":
		n = n.Shift(3)
	case "m":
		n = n.Shift(6)
	}
	// Below a thousand tokens no cliff lies: such a number counts something else.
	if !n.IsInteger() || n.LessThan(decimal.NewFromInt(1000)) || n.GreaterThan(decimal.NewFromInt(1_000_000_000)) {
		return threshold{}, false
	}
	switch {
	case regexpLower.MatchString(op):
		return threshold{}, true
	case op == ">=" || op == "≥" || op == "⩾" || op == "at least" || op == "starting at" || strings.TrimSpace(m[4]) == "or more":
		return threshold{above: n.IntPart(), min: n.IntPart()}, true
	default:
		return threshold{above: n.IntPart(), min: n.IntPart() + 1}, true
	}
}

var regexpLower = regexp.MustCompile(`(?i)^(?:` + lowerWords + `)$`)

// onlyThreshold tells whether a text states a threshold and nothing else.
func onlyThreshold(s string) (threshold, bool) {
	t, ok := thresholdIn(s)
	if !ok {
		return t, false
	}
	for _, w := range wordsOf(thresholdPhrase.ReplaceAllString(unbanded(s), " ")) {
		if !anyOf([]string{w}, "prompt", "prompts", "input", "tokens", "token", "context", "length", "window", "requests", "request", "for", "with", "short", "long") {
			return t, false
		}
	}
	return t, true
}

// anyLength tells whether a text says that prompts of every length are meant.
func anyLength(s string) bool {
	return slices.Contains([]string{"all", "any", "all lengths", "any length", "all prompts", "all tokens"}, normal(s))
}
