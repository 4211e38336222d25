package scrape

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// A figure is one amount that a cell states, with what it says of it.
type figure struct {
	amount  decimal.Decimal // USD per 1,000,000 tokens where perToken, else per unit
	meter   domain.Meter    // said by a label in the cell ("Input: $6"), else empty
	kinds   []modality      // said in parentheses ("text / image")
	over    threshold
	stated  bool // the cell states a threshold of its own
	when    period
	unit    string // as printed, empty when the cell prints none
	tokens  bool   // the unit is one of tokens, or none is printed
	perHour bool   // per token and hour
}

// moneyPattern finds amounts that carry a currency sign or its letters.
var moneyPattern = regexp.MustCompile(`(?i)(?:([~≈]\s*)?([-−])?(\b[A-Z]{1,3}\$|\$|€|£|¥|￥|₹|₩|元|\b(?:USD|EUR|GBP|CNY|RMB|JPY|INR|KRW|CHF|AUD|CAD)\b\s*\$?)\s*([-−]\s*)?((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+))` +
	`|(?:([-−])?\b((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*(€|£|¥|￥|元|\b(?:USD|EUR|GBP|CNY|RMB|JPY|INR|KRW|CHF|AUD|CAD|dollars?)\b))`)

// statesMoney tells whether a text states an amount with its currency.
func statesMoney(s string) bool { return mayStateMoney(s) && moneyPattern.MatchString(s) }

// mayStateMoney spares the pattern the texts that it cannot match: an amount
// has a digit, and a sign or the letters of a currency.
func mayStateMoney(s string) bool {
	if !strings.ContainsAny(s, digits) {
		return false
	}
	letters := 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) {
			switch c := s[i] | 0x20; {
			case s[i] == '$' || s[i] >= 0x80:
				return true
			case c >= 'a' && c <= 'z':
				letters++
				continue
			}
		}
		if letters == 3 && slices.Contains(currencies, strings.ToLower(s[i-3:i])) || letters >= 6 && strings.HasPrefix(strings.ToLower(s[i-letters:i]), "dollar") {
			return true
		}
		letters = 0
	}
	return false
}

var currencies = []string{"usd", "eur", "gbp", "cny", "rmb", "jpy", "inr", "krw", "chf", "aud", "cad"}

// unitPhrase finds the unit of a price, when it is one of tokens.
var unitPhrase = regexp.MustCompile(`(?i)(?:/|\bper\b)\s*(?:` +
	`(?:1|one)?\s*(?:m|mm|million|1,?000,?000)(?:\s*-?\s*(?:(input|output|cached|text|audio|image|video)\s+)?(?:tokens?|toks?))?\b` +
	`|(?:1|one)?\s*(k|thousand|1,?000)\s*-?\s*(?:(input|output|cached|text|audio|image|video)\s+)?(?:tokens?|toks?)\b` +
	`|(?:1\s*)?(input|output)\s+(?:mtok|mtokens?|million tokens)s?` +
	`|(?:1\s*)?(?:m|(k))tok(?:en)?s?` +
	`|(token)s?\b)`)

// withoutUnit takes the unit out of a text, but for what it says of the tokens:
// "per 1M input tokens".
func withoutUnit(s string) string { return unitPhrase.ReplaceAllString(s, " ${1} ${3} ${4} ") }

// inverse finds an amount said the other way round: "(9.09M / $1)".
var inverse = regexp.MustCompile(`(?i)\(\s*[\d.,]+\s*[KMB]?(?:\s*tokens?)?\s*/\s*\$1\s*\)`)

var otherUnit = regexp.MustCompile(`(?i)^\s*(?:USD\s*)?(?:/|\bper\b)\s*([A-Za-z0-9][A-Za-z0-9, -]*)`)

var maxAmount = decimal.NewFromInt(1_000_000)

// A refusal says why a cell was not believed.
type refusal struct{ why string }

func (r refusal) Error() string { return r.why }

func refuse(format string, args ...any) error { return refusal{fmt.Sprintf(format, args...)} }

// maxCell is how long a cell of a price list may be, in bytes.
const maxCell = 1000

// figuresIn reads the amounts of a cell. A cell is believed whole or not at
// all: one word that is not understood may change what every figure means.
func figuresIn(s string, voc map[string]domain.Meter) ([]figure, error) {
	if len(s) > maxCell {
		return nil, refuse("the cell has %d characters; a price has fewer than %d", len(s), maxCell)
	}
	if !mayStateMoney(s) {
		return nil, nil
	}
	s = inverse.ReplaceAllString(s, "")
	found := moneyPattern.FindAllStringSubmatchIndex(s, -1)
	var out []figure
	label := ""
	if len(found) > 0 {
		label = s[:found[0][0]]
	}
	for i, at := range found {
		end := len(s)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		tail, next := s[at[1]:end], ""
		if i+1 < len(found) {
			if tail == "" {
				return nil, refuse("two amounts stand side by side")
			}
			tail, next = splitLabel(tail)
		}
		f, err := figureOf(s, at, label, tail, voc)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
		label = next
	}
	return out, nil
}

// splitLabel cuts the text between two figures into what belongs to the first
// and the label that introduces the second.
func splitLabel(s string) (tail, label string) {
	colon := strings.LastIndex(s, ":")
	if colon < 0 || strings.TrimSpace(s[colon+1:]) != "" {
		return s, ""
	}
	from := strings.LastIndexAny(s[:colon], "\n,;)")
	if from < 0 { // "$3 / MTokOutput:" and "$3 / MTok Output:": converters lose line breaks
		if m := gluedLabel.FindStringIndex(s[:colon]); m != nil {
			from = m[0] - 1
		} else {
			return s, ""
		}
	}
	return s[:from+1], s[from+1:]
}

var gluedLabel = regexp.MustCompile(`(?:[A-Z][a-z]+(?: [A-Za-z]+){0,3})$`)

func figureOf(s string, at []int, label, tail string, voc map[string]domain.Meter) (figure, error) {
	group := func(n int) string {
		if at[2*n] < 0 {
			return ""
		}
		return strings.TrimSpace(s[at[2*n]:at[2*n+1]])
	}
	currency, number := group(3), group(5)
	if number == "" {
		currency, number = group(8), group(7)
	}
	switch c := strings.ToUpper(strings.TrimSpace(strings.TrimSuffix(currency, "$"))); {
	case c != "" && c != "US" && c != "USD" && c != "DOLLAR" && c != "DOLLARS":
		return figure{}, refuse("the amount is in another currency than US dollars (%s)", currency)
	case group(1) != "":
		return figure{}, refuse("the amount is approximate")
	case group(2) != "" || group(4) != "" || group(6) != "":
		return figure{}, refuse("the amount is negative")
	}
	if r, _ := utf8.DecodeRuneInString(tail); unicode.IsLetter(r) || unicode.IsDigit(r) ||
		len(tail) > 1 && (tail[0] == ',' || tail[0] == '.') && tail[1] >= '0' && tail[1] <= '9' {
		return figure{}, refuse("the amount is not a plain decimal number")
	}
	amount, err := decimal.NewFromString(strings.ReplaceAll(number, ",", ""))
	if err != nil {
		return figure{}, refuse("the amount is not a decimal number")
	}
	f := figure{amount: amount, tokens: true}
	if err := f.labelled(label, voc); err != nil {
		return figure{}, err
	}
	if err := f.followed(tail, voc); err != nil {
		return figure{}, err
	}
	if f.tokens && f.amount.GreaterThan(maxAmount) {
		return figure{}, refuse("the amount is over %s USD per million tokens", maxAmount)
	}
	return f, nil
}

// labelled heeds what stands before the figure.
func (f *figure) labelled(label string, voc map[string]domain.Meter) error {
	label = strings.TrimSpace(strings.Trim(strings.TrimSpace(label), ":•*·"))
	if t, ok := thresholdIn(label); ok {
		f.over, f.stated = t, true
		label = thresholdPhrase.ReplaceAllString(label, " ")
	}
	label = strings.Trim(label, " :,;\n")
	if label == "" {
		return nil
	}
	m, ok := namedMeter(label, voc)
	if !ok {
		return refuse("what stands before the amount is not understood: %q", label)
	}
	f.meter = m
	return nil
}

// followed heeds what stands after the figure: unit, threshold, modality,
// dates, footnote marks.
func (f *figure) followed(tail string, voc map[string]domain.Meter) error {
	tail = bracketedMark.ReplaceAllString(withoutRemarks(tail), "")
	tail = strings.TrimLeft(tail, noteSigns) // "$12.50¹ / MTok"
	if unit, ok := countedUnit(tail); ok {
		f.unit, f.tokens = unit, false
		return nil
	}
	if m := unitPhrase.FindStringSubmatchIndex(tail); m != nil && strings.Trim(strings.ToLower(tail[:m[0]]), " \nusd") == "" {
		if err := f.priced(tail, m, voc); err != nil {
			return err
		}
		tail = tail[m[1]:]
		tail = strings.TrimLeft(tail, digits+noteSigns) // glued to the unit
		if hour := perHour.FindStringIndex(tail); hour != nil {
			f.perHour, tail = true, tail[hour[1]:]
		}
	} else if m := otherUnit.FindStringSubmatch(tail); m != nil {
		f.unit, f.tokens = strings.TrimSpace(m[1]), false
		return nil
	}
	rest, when, ok := cutDates(tail)
	if !ok {
		return refuse("it is not clear when the amount holds: %q", strings.TrimSpace(tail))
	}
	f.when = when
	if t, ok := thresholdIn(rest); ok {
		if f.stated && f.over != t {
			return refuse("two thresholds for one amount")
		}
		f.over, f.stated = t, true
		rest = thresholdPhrase.ReplaceAllString(rest, " ")
	}
	for {
		before, inside, after, found := cutParentheses(rest)
		if !found {
			break
		}
		if kinds, ok := modalities(inside); ok {
			f.kinds = append(f.kinds, kinds...)
		} else if len(inside) == 1 && strings.Contains(digits, inside) {
			// the mark of a footnote: "$0.07(5)"
		} else if strings.ContainsAny(inside, "0123456789$%") {
			return refuse("what stands in parentheses after the amount is not understood: %q", inside)
		}
		rest = before + " " + after
	}
	if strings.ContainsAny(rest, "-–—×%=+") {
		return refuse("what follows the amount is not understood: %q", strings.TrimSpace(rest))
	}
	for _, w := range wordsOf(strings.TrimFunc(rest, footnoteMark)) {
		if !anyOf([]string{w}, "prompt", "prompts", "for", "usd", "input", "tokens", "token") {
			return refuse("what follows the amount is not understood: %q", strings.TrimSpace(rest))
		}
	}
	return nil
}

var otherCount = regexp.MustCompile(`(?i)^\s*(?:USD\s*)?(?:/|\bper\b)\s*(\d[\d,.]*\s*[km]?\s+(?:characters?|chars?|images?|pixels?|pages?|requests?|calls?|queries|searches|seconds?|minutes?|hours?|words?|documents?))\b`)

// countedUnit reads a unit that counts something else than tokens by the
// thousand or million: "/ 1M characters".
func countedUnit(tail string) (string, bool) {
	m := otherCount.FindStringSubmatch(tail)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// withoutRemarks takes lines of words off that follow an amount and can change
// nothing of it: no figure, no rule, nothing that a price may be said for.
func withoutRemarks(tail string) string {
	first, rest, more := strings.Cut(tail, "\n")
	if !more {
		return tail
	}
	kept := []string{first}
	for line := range strings.SplitSeq(rest, "\n") {
		words := wordsOf(line)
		remark := len(words) > 3 && !strings.ContainsAny(line, digits+"$€£%×<>≤≥~=:(") &&
			!anyOf(words, bearing...) && !anyOf(words, notAPrice...)
		if !remark {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// bearing are words by which a line may bear on the amount before it.
var bearing = []string{
	"input", "output", "cached", "cache", "caching", "batch", "flex", "priority", "fast", "standard", "off", "half", "double", "twice",
	"free", "only", "except", "excluding", "until", "from", "before", "after", "starting", "ending", "if", "when", "up", "over", "above",
	"below", "under", "minimum", "image", "images", "audio", "video", "text", "hour", "minute", "second", "month", "day", "regional", "region",
	"approximately", "about", "was", "previously", "formerly", "promotional", "introductory", "instead", "not", "no",
}

var perHour = regexp.MustCompile(`(?i)^\s*(?:/|per|·)\s*hour(?:\s*\((?:storage price|storage)\))?`)

// priced scales the amount to a million tokens, by the unit found.
func (f *figure) priced(tail string, m []int, voc map[string]domain.Meter) error {
	f.unit = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(tail[m[0]:m[1]]), "/"))
	group := func(n int) string {
		if m[2*n] < 0 {
			return ""
		}
		return strings.ToLower(tail[m[2*n]:m[2*n+1]])
	}
	switch {
	case group(2) != "" || group(5) != "":
		f.amount = f.amount.Shift(3)
	case group(6) != "":
		f.amount = f.amount.Shift(6)
	}
	if word := group(1) + group(3) + group(4); word != "" {
		meter, ok := namedMeter(word, voc)
		if !ok || f.meter != "" && f.meter != meter {
			return refuse("the unit %q is not understood", f.unit)
		}
		f.meter = meter
	}
	return nil
}

// namedMeter is meterOf with the words of the configuration before it.
func namedMeter(label string, voc map[string]domain.Meter) (domain.Meter, bool) {
	if m, ok := voc[normal(label)]; ok {
		return m, true
	}
	return meterOf(label)
}

// modalities reads "text / image / video".
func modalities(s string) ([]modality, bool) {
	var out []modality
	for _, w := range wordsOf(s) {
		if anyOf([]string{w}, "and", "or", "tokens", "input", "output") {
			continue
		}
		m := modalityOf([]string{w})
		if m == unsaid {
			return nil, false
		}
		out = append(out, m)
	}
	return out, len(out) > 0
}

// cutParentheses cuts the first balanced pair out of a text.
func cutParentheses(s string) (before, inside, after string, found bool) {
	open := strings.IndexByte(s, '(')
	if open < 0 {
		return s, "", "", false
	}
	depth := 0
	for i := open; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return s[:open], s[open+1 : i], s[i+1:], true
			}
		}
	}
	return s, "", "", false
}

// noteSigns mark footnotes.
const noteSigns = "*†‡§¶¹²³⁴⁵⁶⁷⁸⁹⁰"

// bracketedMark is a footnote mark such as encyclopedias have: "$3 [1]".
var bracketedMark = regexp.MustCompile(`\s?\[\d{1,2}\]`)

// footnoteMark tells whether a rune is a mark of a footnote or of the end of
// a line, with no meaning of its own.
func footnoteMark(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune(noteSigns+",;.^#", r)
}
