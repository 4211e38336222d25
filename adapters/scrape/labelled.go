package scrape

import (
	"regexp"
	"slices"
	"strings"

	"ratecard/domain"
)

// pairSeparators stand between the labelled amounts of a line.
const pairSeparators = " \t\n,;·•|/&"

var dashValue = regexp.MustCompile(`\s[-–—](?:\s|$)|\b(?i:n/a)\b`)

// labelledFigures reads amounts that each have a meter's name before or behind
// them, or in their unit, and nothing else around: "Text input $2.00 Image
// input - Completion $10.00", "$2 input / $10 output per million". lead is what
// stands before the first label: a model's name, or nothing. false when a word
// is not understood.
func labelledFigures(s string, voc map[string]domain.Meter) (lead string, out []figure, ok bool) {
	found := moneyPattern.FindAllStringSubmatchIndex(s, -1)
	if len(found) == 0 || len(s) > maxCell {
		return "", nil, false
	}
	lead, label := cutLabel(s[:found[0][0]], voc)
	before := label != "" // labels stand before their amounts
	seen := map[domain.Meter]bool{}
	for i, at := range found {
		end := len(s)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		tail := s[at[1]:end]
		unit := ""
		if m := unitPhrase.FindStringIndex(tail); m != nil && strings.Trim(strings.ToLower(tail[:m[0]]), " usd") == "" {
			unit, tail = tail[:m[1]], tail[m[1]:]
		}
		next := ""
		if before {
			if next, unit, ok = behindAmount(tail, unit, i+1 == len(found), voc); !ok {
				return "", nil, false
			}
		} else {
			label, unit = labelBehind(tail, unit)
		}
		if label != "" && !isMeterLabel(label, voc) {
			return "", nil, false
		}
		f, err := figureOf(s, at, label, unit, voc)
		if err != nil || f.meter == "" || seen[f.meter] || !f.tokens {
			return "", nil, false
		}
		seen[f.meter] = true
		out = append(out, f)
		label = next
	}
	shareUnit(out)
	return lead, out, true
}

// behindAmount reads what stands behind an amount whose label stands before
// it: the label of the next amount, or, behind the last one, a unit.
func behindAmount(tail, unit string, last bool, voc map[string]domain.Meter) (next, withUnit string, ok bool) {
	if !last {
		next, ok = lastLabel(tail, voc)
		return next, unit, ok
	}
	m := unitPhrase.FindStringIndex(tail)
	if m == nil || strings.Trim(tail[:m[0]]+tail[m[1]:], pairSeparators+".") != "" {
		return "", unit, emptyLabels(tail, voc)
	}
	if unit == "" {
		unit = " " + tail[m[0]:m[1]]
	}
	return "", unit, true
}

// labelBehind reads the label, and perhaps the unit, that stand behind an
// amount.
func labelBehind(tail, unit string) (label, withUnit string) {
	if m := unitPhrase.FindStringIndex(tail); m != nil && unit == "" {
		unit, tail = " "+tail[m[0]:m[1]], tail[:m[0]]+tail[m[1]:]
	}
	return strings.Trim(cutAnd(tail), pairSeparators+"."), unit
}

// shareUnit gives a unit that stands at the end alone to all figures.
func shareUnit(out []figure) {
	last := out[len(out)-1].unit
	if last == "" || out[0].unit != "" {
		return
	}
	shift := unitShift(last)
	for i := range out[:len(out)-1] {
		if out[i].unit == "" {
			out[i].unit, out[i].amount = last, out[i].amount.Shift(shift)
		}
	}
}

func unitShift(unit string) int32 {
	if at := unitPhrase.FindStringSubmatchIndex("/" + unit); at != nil {
		return scaleOf(at).shift
	}
	return 0
}

// cutLabel cuts the longest label of a meter off the end of a text.
func cutLabel(s string, voc map[string]domain.Meter) (lead, label string) {
	s = strings.TrimRight(s, pairSeparators+":=-–—")
	words := strings.Fields(s)
	for n := min(len(words), 4); n > 0; n-- {
		label := strings.Join(words[len(words)-n:], " ")
		if strings.ContainsAny(label, digits+",;|:") {
			continue
		}
		if isMeterLabel(label, voc) {
			return strings.TrimRight(strings.Join(words[:len(words)-n], " "), pairSeparators+":=-–—"), label
		}
	}
	return s, ""
}

// lastLabel reads what stands between two amounts: labels whose value is a
// dash, and the label of the second amount.
func lastLabel(s string, voc map[string]domain.Meter) (string, bool) {
	at := dashValue.FindAllStringIndex(s, -1)
	if len(at) > 0 {
		last := at[len(at)-1]
		if !emptyLabels(s[:last[1]], voc) {
			return "", false
		}
		s = s[last[1]:]
	}
	s = strings.Trim(cutAnd(s), pairSeparators+":=")
	return s, isMeterLabel(s, voc)
}

// meterWords are the words of a meter's label, and those that add nothing.
var meterWords = []string{
	"input", "inputs", "prompt", "output", "outputs", "completion", "completions", "response", "responses",
	"cache", "cached", "caching", "caches", "context", "read", "reads", "hit", "hits", "refresh", "refreshes", "write", "writes", "writing", "creation",
	"storage", "store", "text", "image", "images", "audio", "speech", "video", "videos",
	"price", "prices", "pricing", "cost", "costs", "rate", "rates", "token", "tokens", "base", "per", "in", "usd", "and", "or", "including", "incl", "thinking", "reasoning",
	"minute", "minutes", "min", "hour", "hours", "million", "mtok", "the",
}

// isMeterLabel tells whether a label names a meter without a word besides: "Large
// input" may be a model's name and a meter.
func isMeterLabel(label string, voc map[string]domain.Meter) bool {
	if _, ok := voc[normal(label)]; ok {
		return true
	}
	for _, w := range wordsOf(label) {
		if !slices.Contains(meterWords, w) {
			return false
		}
	}
	_, ok := meterOf(label)
	return ok
}

// emptyLabels tells whether a text holds labels whose values are dashes, and
// nothing else.
func emptyLabels(s string, voc map[string]domain.Meter) bool {
	from := 0
	for _, at := range dashValue.FindAllStringIndex(s, -1) {
		if !isMeterLabel(strings.Trim(s[from:at[0]], pairSeparators+":="), voc) {
			return false
		}
		from = at[1]
	}
	return strings.Trim(s[from:], pairSeparators+".") == ""
}

// cutAnd takes away the word that joins the last of several.
func cutAnd(s string) string {
	s = strings.Trim(s, pairSeparators)
	if strings.EqualFold(s, "and") {
		return ""
	}
	if len(s) >= 4 && strings.EqualFold(s[:4], "and ") {
		return s[4:]
	}
	if len(s) >= 4 && strings.EqualFold(s[len(s)-4:], " and") {
		return s[:len(s)-4]
	}
	return s
}

var gluedPattern = regexp.MustCompile(`^\s*\$(\d+(?:\.\d+)?)\s*\$(\d+(?:\.\d+)?)\s*$`)

// gluedFigures reads a cell with two amounts and no word: what goes in, and
// what comes out, which is never the cheaper one.
func gluedFigures(s string) ([]figure, bool) {
	if !gluedPattern.MatchString(s) {
		return nil, false
	}
	var out []figure
	for i, at := range moneyPattern.FindAllStringSubmatchIndex(s, -1) {
		f, err := figureOf(s, at, "", "", nil)
		if err != nil {
			return nil, false
		}
		f.meter = []domain.Meter{domain.MeterInput, domain.MeterOutput}[i]
		out = append(out, f)
	}
	return out, len(out) == 2 && out[0].amount.LessThanOrEqual(out[1].amount)
}
