package scrape

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// ReaderText is the general reader of prices in lines, whatever the page is
// written in: a line that names a model, and the lines below it that name a meter
// and its amount, as on a card; or all of it in one line ("Ada 1: input $2.00,
// output $10.00 per million tokens"). What the amounts buy must be said. Tables
// are not its business. Its knobs: Headers (labels of meters), Tiers, Divisor,
// Strip, Skip.
const ReaderText = "text"

// readText reads the lines of a page.
func readText(p *page, cfg compiled) (domain.Reading, string, error) {
	lines, err := linesOf(p)
	if err != nil {
		return domain.Reading{}, "", err
	}
	r := lineReader{reader: newReader(document{}, cfg).telling(p.account), skip: cfg.skip, tier: domain.TierStandard, room: roomFor(len(p.body))}
	for i, line := range lines {
		next := ""
		if i+1 < len(lines) {
			next = lines[i+1].raw
		}
		r.line(line, next)
	}
	r.untoggle()
	if r.order.captions() {
		r.warn(belowPrices)
		r.reading.Quotes = nil
	}
	r.explainLines()
	looked := fmt.Sprintf("reader %q looked in the page (%s) for lines that name a model and, in them or below, token prices (input, output, cache …); it found %d lines that name models and %d with amounts",
		ReaderText, p.form, r.names, r.amounts)
	return r.reading, looked, nil
}

// A pageLine is one line of a page.
type pageLine struct {
	raw   string
	level int  // of a heading, 1 to 6; 0: it is none
	table bool // a table stands here
	place string
}

// linesOf gives the lines of a page: as they are written, or, of HTML, as a
// person sees them.
func linesOf(p *page) ([]pageLine, error) {
	var out []pageLine
	switch p.form {
	case formMarkdown:
		lines := strings.Split(string(p.body), "\n")
		left := slices.Clone(lines)
		liftCopied(left)
		code := fences{never: map[byte]int{}}
		for i, line := range lines {
			if bare := strings.TrimSpace(line); bare != "" && !code.code(bare, lines[i+1:]) {
				out = append(out, pageLine{raw: bare, level: headingLevel(bare), table: left[i] == "" || strings.HasPrefix(bare, "|") || strings.Count(bare, "|") > 2, place: fmt.Sprintf("line %d", i+1)})
			}
		}
	case formHTML:
		doc, err := p.document("")
		if err != nil {
			return nil, err
		}
		for _, b := range doc.blocks {
			if b.kind == grid {
				out = append(out, pageLine{table: true})
				continue
			}
			for line := range strings.SplitSeq(b.text.words(), "\n") {
				if line != "" {
					out = append(out, pageLine{raw: line, level: b.level, place: doc.path(b)})
				}
			}
		}
	case formJSON:
	}
	return out, nil
}

// headingLevel is how many signs open a line of Markdown as a heading.
func headingLevel(line string) int {
	n := len(line) - len(strings.TrimLeft(line, "#"))
	if n > 6 {
		return 0
	}
	return n
}

// A lineReader goes through the lines of a text.
type lineReader struct {
	reader
	skip     []string
	skipping bool
	training int // the level of the heading under which trained models are priced; 0: none
	tier     domain.Tier
	scale    scale // of amounts that state no unit
	card     card
	meter    lineMeter
	room     int    // for how many prices there is left
	at       string // where the line at hand stands
	names    int
	named    []namedLine // where somebody wants to know
	amounts  int
	order    order // of names and amounts
}

// A namedLine names a model.
type namedLine struct {
	place, model string
	from         int // how many prices had been read before it
}

// opens makes a model the one whose prices come next.
func (r *lineReader) opens(c card) {
	c.from = len(r.reading.Quotes)
	r.card = c
	r.names++
	r.order.name()
	if r.account != nil {
		r.named = append(r.named, namedLine{r.at, c.model, c.from})
	}
}

// A lineMeter is which meter the lines before an amount speak of, and for which
// prompts.
type lineMeter struct {
	label string    // named last, its amount still to come
	last  string    // whose amount came last; another threshold may follow
	group string    // over the labels to come: "Prompt caching", over "Write" and "Read"
	over  threshold // said last
	below bool      // it is said of the labels below it, not of one amount
	fresh bool      // nothing came after it yet
}

// maxTextLine is how long a line of prices may be; a longer one is prose.
const maxTextLine = 300

var (
	lineMarks = regexp.MustCompile(`^(?:[#>*+•-]+\s+|\d+[.)]\s+)+`)
	linkMark  = regexp.MustCompile(`!?\[([^\]\[]*)\]\([^()\s]*\)`)
	lineUnit  = regexp.MustCompile(`(?i)^/\s*(?:1?\s*(?:m|k)tok|(?:1|one)?\s*(?:m|million|k|thousand)\s+tokens)\b`)
)

// line reads one line; next is the one below it.
func (r *lineReader) line(l pageLine, next string) {
	if len(l.raw) > maxTextLine || l.table {
		r.leave()
		return
	}
	r.at = l.place
	s := strings.NewReplacer("**", "", "__", "", "`", "", `\$`, "$", `\>`, ">", `\<`, "<", `\*`, "*").Replace(linkMark.ReplaceAllString(l.raw, "$1"))
	s = strings.TrimSpace(lineMarks.ReplaceAllString(s, ""))
	for _, re := range r.strip {
		s = strings.TrimSpace(re.ReplaceAllString(s, " "))
	}
	if l.level > 0 {
		r.heading(s, l.level)
	}
	switch {
	case r.skipping || s == "":
	case moneyPattern.MatchString(s):
		r.amounts++
		if unit := lineUnit.FindString(next); unit != "" && !unitPhrase.MatchString(s) { // converters break it off
			s += " " + unit
		}
		r.priced(s, l)
	case strings.Trim(s, "-–— ") == "" || strings.EqualFold(s, "n/a"):
		r.meter.label, r.meter.last = "", ""
	default:
		r.plain(s, l.level, next)
	}
}

// leave forgets whose prices were read.
func (r *lineReader) leave() { r.card, r.meter = card{}, lineMeter{} }

func (r *lineReader) heading(s string, level int) {
	r.skipping = slices.Contains(r.skip, normal(s))
	if r.card.continues(s, level) {
		return
	}
	r.leave()
	r.tier = domain.TierStandard
	if tier, ok := r.tiers.within(s); ok {
		r.tier = tier
	}
	switch {
	case aboutTraining(s):
		r.training = level
	case level < r.training || level == r.training && !namesAModel(s): // cards of models may have headings as high as that over them
		r.training = 0
	}
}

// plain reads a line without amounts: a unit, a tier, a meter, a prompt length,
// what tokens stand for, a model's name.
func (r *lineReader) plain(s string, level int, next string) {
	if per := scaleOfLine(s); per.said {
		r.scale, r.meter = per, lineMeter{}
		return
	}
	if tier, ok := r.tiers.exactly(s); ok {
		r.tier, r.meter = tier, lineMeter{}
		return
	}
	if over, ok := onlyThreshold(s); ok {
		r.meter.over, r.meter.fresh, r.meter.below = over, true, false
		if r.meter.label == "" && r.meter.group == "" {
			r.meter.label = r.meter.last
		}
		return
	}
	if kind, ok := kindOfLine(s); ok {
		r.card.kind, r.meter = kind, lineMeter{}
		return
	}
	if r.meter.named(s, r.meters) || lineUnit.MatchString(s) {
		return
	}
	switch {
	case namesAModel(s), abbreviation.MatchString(s) && pricePerTokens(next):
		kind := r.card.kind
		if r.card.model != "" {
			kind = unsaid
		}
		r.leave()
		r.opens(card{model: s, level: level, kind: kind})
	case aboutTraining(s):
		r.dropCard()
		r.leave()
	case r.card.describes(s, len(r.reading.Quotes)):
	case len(s) > 60 || strings.HasSuffix(s, "."): // what follows it may speak of something else
		r.leave()
	default:
		r.meter = lineMeter{}
	}
}

// named heeds a line that names a meter, alone or with the group above it.
func (m *lineMeter) named(s string, voc map[string]domain.Meter) bool {
	if m.group != "" {
		if label := m.group + " " + s; isMeterLabel(label, voc) && !isMeterLabel(s, voc) {
			m.label, m.last = label, ""
			m.below = m.below || m.fresh
			m.fresh = false
			return true
		}
	}
	meter, ok := namedMeter(s, voc)
	if !ok {
		return false
	}
	over, below := m.over, m.group == "" && (m.below || m.fresh)
	*m = lineMeter{label: s}
	if below {
		m.over, m.below = over, true
	}
	if meter == domain.MeterCacheRead && !anyOf(wordsOf(s), "read", "reads", "hit", "hits", "input", "cached") {
		m.group = s
	}
	return true
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

// priced reads a line with amounts.
func (r *lineReader) priced(s string, l pageLine) {
	if aboutTraining(s) {
		r.dropCard()
		return
	}
	label := r.meter.label
	lead, figures, ok := r.figures(s)
	r.meter.label, r.meter.last, r.meter.fresh = "", label, false
	if !ok || r.training > 0 {
		r.card.odd = true
		return
	}
	if label == "" && len(figures) == 1 && figures[0].stated { // another line of the meter above
		r.meter.last = string(figures[0].meter)
	}
	switch lead = strings.TrimSpace(strings.TrimFunc(lead, leadMark)); {
	case lead == "" && r.card.model != "":
	case namesAModel(lead):
		r.opens(card{model: lead})
	default:
		r.order.price(metersOf(figures))
		return
	}
	r.order.price(metersOf(figures))
	place := domain.Place{Reader: ReaderText, Path: l.place, Row: r.card.model, Cell: l.raw}
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
		r.quote(f, amount, place)
	}
}

// figures reads the amounts of a line: each with its label, or one whose label
// stands above it.
func (r *lineReader) figures(s string) (lead string, found []figure, ok bool) {
	s = strings.TrimRight(s, ".")
	if lead, found, ok = labelledFigures(s, r.meters); ok {
		return lead, found, true
	}
	for _, above := range []string{r.meter.label, r.meter.group} {
		if lead, found, ok = labelledFigures(above+" "+s, r.meters); ok && above != "" {
			return lead, found, true
		}
	}
	clauses, err := figuresIn(s, r.meters)
	if err != nil || len(clauses) != 1 || !clauses[0].tokens || clauses[0].meter != "" {
		return "", nil, false
	}
	f := clauses[0]
	label := r.meter.label
	if label == "" && (f.stated || f.perHour) { // "$2 (for longer prompts)" below "$1 (for prompts up to …)"
		label = r.meter.last
	}
	if f.meter, ok = namedMeter(label, r.meters); !ok {
		return "", nil, false
	}
	return "", []figure{f}, true
}

// metersOf names what figures are the prices of.
func metersOf(figures []figure) string {
	var b strings.Builder
	for _, f := range figures {
		b.WriteString(string(f.meter) + " ")
	}
	return b.String()
}

// quote makes the quotes of one figure.
func (r *lineReader) quote(f figure, amount decimal.Decimal, place domain.Place) {
	over := r.meter.over
	if f.stated {
		over = f.over
	}
	if f.perHour {
		f.meter = domain.MeterCacheStorage
	}
	kinds := f.kinds
	if len(kinds) == 0 {
		kinds = []modality{r.card.kind}
	}
	meters, err := spread(f.meter, kinds)
	if err != nil {
		return
	}
	for _, meter := range meters {
		key := domain.QuoteKey{Name: r.card.model, Tier: r.tier, Meter: meter, Region: domain.RegionGlobal, Above: over.above, MinPromptTokens: over.min, From: f.when.from, Until: f.when.until}
		if r.room--; r.room >= 0 {
			r.reading.Quotes = append(r.reading.Quotes, domain.Quote{QuoteKey: key, Amount: amount, Place: place})
		}
	}
}

// untoggle mends what a line such as "Batch processing" did that is no title but
// the name of a switch: a page that states prices states standard ones.
func (r *lineReader) untoggle() {
	if slices.ContainsFunc(r.reading.Quotes, func(q domain.Quote) bool { return q.Tier == domain.TierStandard }) {
		return
	}
	for i := range r.reading.Quotes {
		r.reading.Quotes[i].Tier = domain.TierStandard
	}
}

// leadMark are the signs between a model's name and its prices.
func leadMark(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(":-–—,;()", r) }
