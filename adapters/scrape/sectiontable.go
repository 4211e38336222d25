package scrape

import (
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// A sectionReader reads the tables of sections.
type sectionReader struct {
	reader
	labels    *labelBook
	cells     map[string]cellSaid
	perTokens bool // the page says once for all tables that its prices are per so many tokens
	room      int  // for how many prices there is left
}

// roomFor is how many prices a page of that many bytes may state.
func roomFor(size int) int { return size/20 + 1000 }

// A labelBook reads the labels of rows, each once: a page repeats them.
type labelBook struct {
	meters map[string]domain.Meter
	read   map[string]labelled
	tabs   map[string]bool // the texts that name tiers, or what tokens stand for
}

// A labelled meter is what a row's label says: ok false when it names none.
type labelled struct {
	meter domain.Meter
	ok    bool
}

// column finds the column of a table whose cells name meters; -1 for none.
func (b *labelBook) column(t *table) int {
	if len(t.rows) == 0 {
		return -1
	}
	best, most := -1, 0
	for i := range t.rows[0] {
		n := 0
		for _, row := range t.rows {
			if row[i].short {
				continue
			}
			if _, ok := b.meter(row[i].text.words()); ok {
				n++
			}
		}
		if n > most {
			best, most = i, n
		}
	}
	return best
}

// meter reads a row's label, with what stands in parentheses or without.
func (b *labelBook) meter(label string) (domain.Meter, bool) {
	if found, known := b.read[label]; known {
		return found.meter, found.ok
	}
	m, ok := b.fresh(strings.ReplaceAll(label, "\n", " "))
	b.read[label] = labelled{m, ok}
	return m, ok
}

func (b *labelBook) fresh(label string) (domain.Meter, bool) {
	if len(label) > maxLabel || mayPay(label) && moneyPattern.MatchString(label) {
		return "", false
	}
	label, _, ok := cutDates(label)
	if !ok {
		return "", false
	}
	if m, ok := namedMeter(label, b.meters); ok {
		return m, true
	}
	for {
		before, _, after, found := cutParentheses(label)
		if !found {
			return namedMeter(label, b.meters)
		}
		label = before + " " + after
	}
}

// maxLabel is how long a row's label may be, in bytes.
const maxLabel = 200

// mayPay tells at a glance whether a text may state an amount.
func mayPay(s string) bool { return strings.ContainsAny(s, digits) }

// A way is one column of a section's table: a way of buying.
type way struct {
	at     int
	header string
	tier   domain.Tier // empty: not said here
	scale  scale
	when   period
}

var (
	freeWords = []string{"free", "trial"}
	wayWords  = []string{"paid", "price", "prices", "pricing", "cost", "costs", "rate", "rates", "usd", "tier", "amount"}
	anyPer    = regexp.MustCompile(`(?i)(?:/|\bper\b)\s*((?:\d[\d,]*\s*)?[a-z][a-z-]*)`)
)

// ways finds the columns of prices. Free ways of buying are no prices.
func (s *sectionReader) ways(t sectionTable, label, head int) []way {
	var out []way
	for i := range t.rows[0] {
		if i == label {
			continue
		}
		w := way{at: i, header: headerOf(t.rows[:head], i)}
		rest, when, ok := cutDates(strings.ReplaceAll(w.header, "\n", " "))
		words := wordsOf(rest)
		if !ok || anyOf(words, freeWords...) || regional(rest) {
			continue
		}
		w.when = when
		w.tier, _ = s.tiers.within(rest)
		w.scale = s.scaleOf(t, rest)
		if w.scale.said || w.tier != "" || anyOf(words, wayWords...) || strings.Contains(rest, "$") {
			out = append(out, w)
		}
	}
	return out
}

// scaleOf says what a figure of a column is the price of: what its header says,
// else the text before the table, else the page.
func (s *sectionReader) scaleOf(t sectionTable, header string) scale {
	if at := unitPhrase.FindStringSubmatchIndex(header); at != nil {
		return scaleOf(at)
	}
	if m := anyPer.FindStringSubmatch(header); m != nil {
		return scale{said: true, unit: m[1]}
	}
	if around := scaleAround(t.table, nil, t.before); around.said {
		return around
	}
	return scale{tokens: true, said: s.perTokens}
}

// saysPerTokens tells whether the text of a page says that its prices are per
// million tokens.
func saysPerTokens(doc document) bool {
	return slices.ContainsFunc(doc.blocks, func(b block) bool {
		if b.kind == grid || len(b.text) == 0 {
			return false
		}
		s := scaleIn(oneLine(b.text.words()))
		return s.said && s.tokens && s.shift == 0
	})
}

// table reads one table of a section.
func (s *sectionReader) table(sec section, t sectionTable) {
	label := s.labels.column(t.table)
	if label < 0 {
		label = 0
	}
	head := headerRows(t.table, nil)
	head = min(head, len(t.rows))
	ways := s.ways(t, label, head)
	first := len(s.reading.Quotes)
	for _, row := range t.rows[head:] {
		before := len(s.reading.Quotes)
		for _, w := range ways {
			if row[w.at] == row[label] || w.at > 0 && row[w.at] == row[w.at-1] && w.at-1 != label && slices.ContainsFunc(ways, func(o way) bool { return o.at == w.at-1 }) {
				continue // one cell over all columns
			}
			s.cell(sec, t, w, row, label)
		}
		if len(s.reading.Quotes) > before {
			s.matched++
		}
	}
	s.explainSection(sec, t, head, label, ways, len(s.reading.Quotes)-first)
}

func (s *sectionReader) cell(sec section, t sectionTable, w way, row []*cell, label int) {
	c := row[w.at]
	said := strings.ReplaceAll(c.text.words(), "\n", " ")
	if c.short || s.room < 0 || !mayPay(said) || !moneyPattern.MatchString(said) {
		return
	}
	place := domain.Place{Reader: ReaderSections, Path: s.doc.place(c), Row: row[label].text.String(), Header: w.header, Cell: c.text.String()}
	line := s.lineOf(sec, t, w, row[label].text.words())
	clauses, err := s.clauses(said)
	switch {
	case err == nil && line.meter != "" && line.err == nil:
		if err = s.quote(line, w, clauses, place); err == nil {
			return
		}
	case line.err != nil && err == nil:
		err = line.err
	case line.meter == "": // "Grounding with search": whatever it is, it is no token price
		s.other(line, w, clauses, said)
		return
	}
	s.warn("%s of %q: %s", quoted(place, line.names), oneLine(sec.title), err)
}

// cellSaid is what a cell says, wherever it stands.
type cellSaid struct {
	clauses []clause
	err     error
}

func (s *sectionReader) clauses(said string) ([]clause, error) {
	c, known := s.cells[said]
	if !known {
		c.clauses, c.err = clausesIn(said, s.meters)
		s.cells[said] = c
	}
	return c.clauses, c.err
}

// other reads a cell of a row that is no token price.
func (s *sectionReader) other(line meterLine, w way, clauses []clause, said string) {
	if len(clauses) > 0 {
		s.charges(line, w, clauses)
		return
	}
	var found domain.Reading
	addCharges(line.label, said, &found)
	for _, c := range found.Charges {
		s.addCharge(c, line.names)
	}
}

// A meterLine is what the row of a section's table says, with its table.
type meterLine struct {
	label  string
	names  []string
	meter  domain.Meter // empty: the row is no token price
	tier   domain.Tier
	kinds  []modality
	over   threshold
	stated bool
	when   period
	err    error // it is a token price, but not understood
}

func (s *sectionReader) lineOf(sec section, t sectionTable, w way, label string) meterLine {
	label = strings.ReplaceAll(label, "\n", " ")
	line := meterLine{label: oneLine(label), names: sec.names, tier: t.tier, kinds: []modality{t.modality}}
	meter, ok := s.labels.meter(label)
	if line.names = narrowed(sec, label, ok); !ok {
		return line
	}
	line.meter = meter
	if len(line.names) == 0 {
		line.err = refuse("it is not clear for which of the section's models it holds")
		return line
	}
	rest, when, ok := cutDates(label)
	if line.when = when; !ok {
		line.err = refuse("it is not clear when it holds")
	}
	line.over, line.stated = thresholdIn(rest)
	if w := s.strange(sec, rest); w != "" {
		line.err = refuse("the row's label says %q, which is not understood", w)
	}
	if _, inside, _, found := cutParentheses(rest); found {
		if kinds, ok := modalities(inside); ok {
			line.kinds = kinds
		}
	}
	for _, tier := range []domain.Tier{within(s.tiers, rest), w.tier} {
		switch {
		case tier == "":
		case line.tier == domain.TierStandard || line.tier == tier:
			line.tier = tier
		default:
			line.err = refuse("two different tiers are said of it")
		}
	}
	return line
}

// strange is the first word of a row's label that is none of a meter, a tier or
// the section's models: "Tuned input price" is another price.
func (s *sectionReader) strange(sec section, label string) string {
	if _, known := s.meters[normal(label)]; known {
		return ""
	}
	if mayPay(label) || strings.ContainsAny(label, "/") || strings.Contains(label, " per ") {
		label = unitPhrase.ReplaceAllString(thresholdPhrase.ReplaceAllString(label, " "), " ")
	}
	own := wordsOf(sec.title + " " + strings.Join(sec.names, " "))
	for _, w := range wordsOf(label) {
		if _, tier := s.tiers.within(w); !tier && !slices.Contains(meterWords, w) && !slices.Contains(own, w) {
			return w
		}
	}
	return ""
}

func within(v vocabulary, s string) domain.Tier {
	tier, _ := v.within(s)
	return tier
}

// withoutInclusions takes out of a label what it says to be counted as well:
// "(including thinking tokens)".
func withoutInclusions(label string) string {
	before, inside, after, found := cutParentheses(label)
	if words := wordsOf(inside); found && len(words) > 0 && strings.HasPrefix(words[0], "includ") {
		return before + " " + withoutInclusions(after)
	}
	return label
}

// narrowed are those of a section's models that a row speaks of: all of them,
// unless its label has words that tell them apart.
func narrowed(sec section, label string, meter bool) []string {
	if len(sec.names) < 2 {
		return sec.names
	}
	words := wordsOf(withoutInclusions(label))
	var some []string // words of the label that some names have and others have not
	for _, w := range words {
		n := 0
		for _, name := range sec.names {
			if slices.Contains(wordsOf(name), w) {
				n++
			}
		}
		if n > 0 && n < len(sec.names) && modalityOf([]string{w}) == unsaid {
			some = append(some, w)
		}
	}
	var out []string
	for _, name := range sec.names {
		have := wordsOf(name)
		if !slices.ContainsFunc(some, func(w string) bool { return !slices.Contains(have, w) }) {
			out = append(out, name)
		}
	}
	if title := wordsOf(sec.title); len(some) == 0 && len(title) > 0 && slices.Contains(words, title[0]) {
		return nil // it names a variant in words that no id has
	}
	if meter && len(some) > 0 && len(out) == len(sec.names) {
		return nil
	}
	return out
}

// quote makes the quotes of a row's cell, one per model, figure and modality.
func (s *sectionReader) quote(line meterLine, w way, clauses []clause, place domain.Place) error {
	text := textAmount(line, w, clauses)
	var quotes []domain.Quote
	var others []clause
	for _, f := range clauses {
		if !f.prices(line, w) {
			others = append(others, f)
			continue
		}
		key, kinds, err := line.key(f, w)
		if err != nil {
			return err
		}
		amount := f.amount
		if f.unit == "" {
			amount = amount.Shift(w.scale.shift)
		}
		amount = amount.Div(s.divisor)
		switch {
		case amount.GreaterThan(maxAmount):
			return refuse("the amount is over %s USD per million tokens", maxAmount)
		case amount.IsZero():
			others = append(others, f)
			continue
		case key.Meter == line.meter && amount.Mul(farBelow).LessThan(text) && !ofTextToo(kinds):
			s.warn("%s: %s is too far below %s to be of the same unit; it was left out", quoted(place, line.names), f.amount, text)
			continue
		}
		meters, err := spread(key.Meter, kinds)
		if err != nil {
			return err
		}
		for _, name := range line.names {
			for _, m := range meters {
				key.Name, key.Meter = name, m
				quotes = append(quotes, domain.Quote{QuoteKey: key, Amount: amount, Place: place})
			}
		}
	}
	if s.room -= len(quotes); s.room < 0 {
		return nil
	}
	s.reading.Quotes = append(s.reading.Quotes, quotes...)
	s.charges(line, w, others)
	return nil
}

// farBelow is how many times dearer text may be than what else a cell prices
// by the token. Beyond it the other figure is per picture or per second.
var farBelow = decimal.NewFromInt(100)

// textAmount is what a cell asks for text, zero where it does not say it.
func textAmount(line meterLine, w way, clauses []clause) decimal.Decimal {
	for _, f := range clauses {
		if f.prices(line, w) && (len(f.kinds) == 0 || ofTextToo(f.kinds)) {
			return f.amount
		}
	}
	return decimal.Zero
}

func ofTextToo(kinds []modality) bool {
	return slices.Contains(kinds, ofText) || slices.Contains(kinds, unsaid)
}

// prices tells whether a figure is a price per token.
func (f clause) prices(line meterLine, w way) bool {
	switch {
	case f.aside || line.meter == "":
		return false
	case f.tokens && f.unit != "":
		return true
	case f.tokens:
		return w.scale.tokens
	default: // a million tokens' storage, per hour
		return line.meter == domain.MeterCacheStorage && w.scale.tokens && normal(f.unit) == "hour"
	}
}

// key gathers what a figure, its row and its column say.
func (l meterLine) key(f clause, w way) (domain.QuoteKey, []modality, error) {
	key := domain.QuoteKey{Region: domain.RegionGlobal, Meter: l.meter, Tier: l.tier}
	if f.unit == "" && !w.scale.said {
		return key, nil, refuse("nothing says what the amount buys")
	}
	if f.meter != "" && f.meter != key.Meter {
		return key, nil, refuse("its label says %s, its row %s", f.meter, key.Meter)
	}
	over := l.over
	if f.stated {
		if l.stated && over != f.over {
			return key, nil, refuse("two different thresholds are said of it")
		}
		over = f.over
	}
	when := l.when
	for _, p := range []period{f.when, w.when} {
		var ok bool
		if when, ok = when.union(p); !ok {
			return key, nil, refuse("two different dates are said of it")
		}
	}
	key.Above, key.MinPromptTokens, key.From, key.Until = over.above, over.min, when.from, when.until
	if f.perHour {
		key.Meter = domain.MeterCacheStorage
	}
	kinds := f.kinds
	if len(kinds) == 0 {
		kinds = l.kinds
	}
	return key, kinds, nil
}

// charges notes what a cell prices otherwise than by the token.
func (s *sectionReader) charges(line meterLine, w way, others []clause) {
	for _, f := range others {
		c := domain.Charge{What: line.label, Unit: f.unit, Amount: f.amount, Kind: domain.ChargeNotPerToken}
		switch {
		case f.unit == "" && w.scale.tokens:
			c.Unit = domain.UnitMillionTokens
		case f.unit == "":
			c.Unit = w.scale.unit
		}
		switch {
		case f.amount.IsZero():
			c.Kind = domain.ChargeFree
		case c.Unit == "" || c.Unit == domain.UnitMillionTokens: // a figure beside the price that says nothing of its own
			continue
		}
		s.addCharge(c, line.names)
	}
}

func (s *sectionReader) addCharge(c domain.Charge, names []string) {
	if len(names) == 0 {
		names = []string{""}
	}
	for _, name := range names {
		if c.Model = name; len(s.reading.Charges) < maxCharges {
			s.reading.Charges = append(s.reading.Charges, c)
		}
	}
}
