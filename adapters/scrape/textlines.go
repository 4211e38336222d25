package scrape

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"ratecard/domain"
)

// ReaderText is the general reader of prices in plain lines: a line that names a
// model, and the lines below it that name a meter and its amount; or all of it
// in one line ("Ada 1: input $2.00, output $10.00 per million tokens"). What
// the amounts buy must be said. Tables are not its business. Its knobs: Headers
// (labels of meters), Tiers, Divisor, Strip, Skip.
const ReaderText = "text"

// readText reads the lines of a page that is plain text or Markdown.
func readText(p *page, cfg compiled) (domain.Reading, string, error) {
	r := lineReader{reader: newReader(document{}, cfg), skip: cfg.skip, tier: domain.TierStandard, room: roomFor(len(p.body))}
	if p.form == formMarkdown {
		lines := strings.Split(string(p.body), "\n")
		code := fences{never: map[byte]int{}}
		for i, line := range lines {
			if bare := strings.TrimSpace(line); !code.code(bare, lines[i+1:]) {
				r.line(bare, i+1)
			}
		}
	}
	looked := fmt.Sprintf("reader %q looked in the page (%s) for lines that name a model and, in them or below, token prices (input, output, cache …); it found %d lines that name models and %d with amounts",
		ReaderText, p.form, r.names, r.amounts)
	return r.reading, looked, nil
}

// A lineReader goes through the lines of a text.
type lineReader struct {
	reader
	skip     []string
	skipping bool
	tier     domain.Tier
	scale    scale  // of amounts that state no unit
	model    string // whose lines are being read
	label    string // the meter named last, whose amount is still to come
	room     int    // for how many prices there is left
	names    int
	amounts  int
}

// maxTextLine is how long a line of prices may be; a longer one is prose.
const maxTextLine = 300

var (
	lineMarks = regexp.MustCompile(`^(?:[#>*+•-]+\s+|\d+[.)]\s+)+`)
	linkMark  = regexp.MustCompile(`!?\[([^\]\[]*)\]\([^()\s]*\)`)
	titleName = regexp.MustCompile(`^[A-Z][\w.-]*(?: [A-Z0-9][\w.-]*){1,5}$`)
)

func (r *lineReader) line(raw string, number int) {
	if len(raw) > maxTextLine || strings.HasPrefix(raw, "|") || strings.Count(raw, "|") > 2 {
		r.model, r.label = "", ""
		return
	}
	s := strings.NewReplacer("**", "", "__", "", "`", "", "\\$", "$").Replace(linkMark.ReplaceAllString(raw, "$1"))
	s = strings.TrimSpace(lineMarks.ReplaceAllString(s, ""))
	for _, re := range r.strip {
		s = strings.TrimSpace(re.ReplaceAllString(s, " "))
	}
	if strings.HasPrefix(raw, "#") {
		r.heading(s)
	}
	switch {
	case r.skipping || s == "":
	case moneyPattern.MatchString(s):
		r.amounts++
		r.priced(s, raw, number)
	case strings.Trim(s, "-–— ") == "" || strings.EqualFold(s, "n/a"):
		r.label = ""
	default:
		r.plain(s)
	}
}

func (r *lineReader) heading(s string) {
	r.model, r.label, r.tier = "", "", domain.TierStandard
	r.skipping = slices.Contains(r.skip, normal(s))
	if tier, ok := r.tiers.within(s); ok {
		r.tier = tier
	}
}

// plain reads a line without amounts: a unit, a tier, a meter, a model's name.
func (r *lineReader) plain(s string) {
	if per := scaleOfLine(s); per.said {
		r.scale, r.label = per, ""
		return
	}
	if tier, ok := r.tiers.exactly(s); ok {
		r.tier, r.label = tier, ""
		return
	}
	if _, ok := namedMeter(s, r.meters); ok {
		r.label = s
		return
	}
	r.label = ""
	switch {
	case namesAModel(s):
		r.model = s
		r.names++
	case len(s) > 60 || strings.HasSuffix(s, "."): // a sentence: what follows it may speak of something else
		r.model = ""
	}
}

// scaleOfLine reads a line that says what prices are for: "Price (Per Million
// Tokens)".
func scaleOfLine(s string) scale {
	if per := scaleIn(s); per.said {
		return per
	}
	if at := unitPhrase.FindStringSubmatchIndex(s); at != nil && anyOf(wordsOf(s), "price", "prices", "pricing", "cost", "costs") {
		return scaleOf(at)
	}
	return scale{}
}

// namesAModel tells whether a line can be a model's name and nothing else: an
// id, or words with a version among them.
func namesAModel(s string) bool {
	if isID(s) {
		return true
	}
	return titleName.MatchString(s) && nameable(s) && versioned(wordsOf(s))
}

// priced reads a line with amounts.
func (r *lineReader) priced(s, raw string, number int) {
	place := domain.Place{Reader: ReaderText, Path: fmt.Sprintf("line %d", number), Row: r.model, Cell: raw}
	lead, figures, ok := labelledFigures(strings.TrimRight(s, "."), r.meters)
	if !ok && r.label != "" {
		lead, figures, ok = labelledFigures(r.label+" "+s, r.meters)
	}
	label := r.label
	r.label = ""
	if !ok {
		return
	}
	switch lead = strings.TrimSpace(strings.TrimFunc(lead, leadMark)); {
	case lead == "" && r.model != "":
	case namesAModel(lead):
		r.model, place.Row = lead, lead
		r.names++
	default:
		return
	}
	for _, f := range figures {
		amount := f.amount
		switch {
		case f.unit == "" && (!r.scale.said || !r.scale.tokens):
			return
		case f.unit == "":
			amount = amount.Shift(r.scale.shift)
		}
		if amount = amount.Div(r.divisor); !amount.IsPositive() || amount.GreaterThan(maxAmount) {
			continue
		}
		if place.Header = label; label == "" {
			place.Header = string(f.meter)
		}
		key := domain.QuoteKey{Name: r.model, Tier: r.tier, Meter: f.meter, Region: domain.RegionGlobal}
		if r.room--; r.room >= 0 {
			r.reading.Quotes = append(r.reading.Quotes, domain.Quote{QuoteKey: key, Amount: amount, Place: place})
		}
	}
}

// leadMark are the signs between a model's name and its prices.
func leadMark(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(":-–—,;()", r) }
