package scrape

import (
	"regexp"
	"slices"
	"strings"

	"ratecard/domain"
)

type role int

const (
	unread      role = iota
	namesModel       // its cells name the row's model
	identifies       // its cells give the row's model by id
	meterPrice       // its cells are prices of one meter
	labelPrice       // its cells are prices whose meter stands in the cell or the row
	namesTier        // its cells name the row's tier
	namesKind        // its cells say what the row's tokens stand for
	setsMeter        // its cells name the row's meter
	setsCliff        // its cells state the row's threshold
	setsUnit         // its cells say what the row's prices are for
	regionPrice      // its cells are prices of a region
)

// A column is what a header says of the cells below it.
type column struct {
	role   role
	header string // verbatim, header rows joined
	meter  domain.Meter
	tier   domain.Tier // empty: not said here
	over   threshold
	stated bool // a threshold is said here
	long   bool // it is said to be of a long context
	when   period
	scale  scale
	dollar bool // the header says that bare numbers are US dollars
	pair   bool // it says that its cells state a price of input and one of output
}

// A plan is how a table is to be read.
type plan struct {
	placed
	columns   []column
	body      [][]*cell
	name, id  int    // columns, -1 for none
	guessed   bool   // the name column's header does not say that it is one
	rowMeters bool   // the first column names meters instead of models
	prices    bool   // some column holds prices
	fixed     bool   // the configuration says which column is what
	doubt     string // why it is not believed, though it could be read
}

// plans decides what each column of a table is, by the words of its header
// and, where those do not say it, by what all its cells are.
func (r *reader) plan(p placed) plan {
	if r.columns == nil { // whoever counts columns means the table as it stands
		p.table = turned(p.table, r.meters)
	}
	out := plan{placed: p, name: -1, id: -1}
	head := headerRows(p.table, r.meters)
	if p.head == 0 && len(p.rows) > 0 && r.pricedByIndex(p.rows[0]) {
		head = 0 // whoever counts columns may mean a table without a header
	}
	out.body = realign(p.rows[head:])
	heads := spreadHeads(p.rows[:head])
	width := 0
	if len(p.rows) > 0 {
		width = len(p.rows[0])
	}
	for i := range width {
		out.columns = append(out.columns, r.column(p.table, headerOf(heads, i), out.body, i))
	}
	if r.columns != nil {
		out.fixed = true
		out.fix(r.columns)
		return out
	}
	if out.excluded() {
		return out
	}
	out.note()
	if out.name < 0 && out.id >= 0 && anyOf(wordsOf(out.columns[out.id].header), "model", "models") {
		out.name = out.id // the id is the only name
	}
	if out.name < 0 {
		out.guessName()
	}
	if !out.prices && out.name < 0 {
		out.rowMeters = r.namesMeters(out)
	}
	for i, c := range out.columns {
		if c.role == labelPrice || out.rowMeters && i > 0 && c.role == unread {
			out.columns[i].role = labelPrice
			out.prices = true
		}
	}
	return out
}

// note finds the columns that name models, and whether any holds prices.
func (p *plan) note() {
	for i, c := range p.columns {
		switch {
		case c.role == namesModel && p.name < 0:
			p.name = i
		case (c.role == identifies || c.role == namesModel && all(p.body, i, isID)) && p.id < 0:
			p.id = i
		case c.role == meterPrice:
			p.prices = true
		case c.role == labelPrice && c.stated:
			p.prices = true
		}
	}
	for _, c := range p.columns {
		p.prices = p.prices || p.name >= 0 && c.role == setsMeter
	}
}

// headerRows counts the rows that are headers: those that the page marks as
// such, and, where these name no column that can be priced, the rows below
// that hold no amount but do.
func headerRows(t *table, meters map[string]domain.Meter) int {
	head := t.head
	if head == 0 && len(t.rows) > 0 {
		head = 1
	}
	for head < len(t.rows) && head < t.head+3 && !namesMeter(t.rows[:head], meters) && namesMeter(t.rows[head:head+1], meters) && !hasAmount(t.rows[head]) {
		head++
	}
	return head
}

func namesMeter(rows [][]*cell, meters map[string]domain.Meter) bool {
	for _, row := range rows {
		for _, c := range row {
			if _, ok := namedMeter(c.text.words(), meters); ok {
				return true
			}
		}
	}
	return false
}

func hasAmount(row []*cell) bool {
	for _, c := range row {
		if c.number || statesMoney(c.text.words()) {
			return true
		}
	}
	return false
}

// headerOf joins the header cells above a column, each once.
func headerOf(rows [][]*cell, i int) string {
	var parts []string
	var last *cell
	for _, row := range rows {
		if c := row[i]; c != last && c.text != nil {
			if s := c.text.words(); s != "" {
				parts = append(parts, s)
			}
			last = c
		}
	}
	return strings.Join(parts, " ")
}

// spreadHeads gives a header that stands over several columns to each of them,
// where a page writes it over the first alone: the row below then repeats its
// texts.
func spreadHeads(rows [][]*cell) [][]*cell {
	if len(rows) < 2 || !repeats(rows[1]) {
		return rows
	}
	over := slices.Clone(rows[0])
	var last *cell
	for i, c := range over {
		switch {
		case c.text.words() != "":
			last = c
		case last != nil:
			over[i] = last
		}
	}
	return append([][]*cell{over}, rows[1:]...)
}

// repeats tells whether a row says something twice.
func repeats(row []*cell) bool {
	seen := map[string]*cell{}
	for _, c := range row {
		s := normal(c.text.words())
		if s != "" && seen[s] != nil && seen[s] != c {
			return true
		}
		seen[s] = c
	}
	return false
}

var gluedMark = regexp.MustCompile(`^(.*[\pL]{3})[1-9]$`)

// withoutMark takes the mark of a footnote off a header, which converters glue to
// its last word: "Pricing1".
func withoutMark(s string) string {
	if m := gluedMark.FindStringSubmatch(strings.TrimSpace(s)); m != nil {
		return m[1]
	}
	return s
}

// inAndOut finds the header of cells such as "$3.00 / $15.00".
var inAndOut = regexp.MustCompile(`(?i)\binputs?\b[^,;/|&]{0,12}(?:[/|&,]|\band\b)\s*outputs?\b`)

var contextWords = regexp.MustCompile(`(?i)\b(?:short|standard|long)[ -]context\b`)

func (r *reader) column(t *table, header string, body [][]*cell, i int) column {
	c := column{header: header, dollar: strings.Contains(header, "$") || anyOf(wordsOf(header), "usd")}
	rest, when, ok := cutDates(strings.ReplaceAll(header, "\n", " "))
	if !ok {
		return c
	}
	c.when = when
	if c.over, c.stated = thresholdIn(rest); c.stated {
		rest = thresholdPhrase.ReplaceAllString(rest, " ")
	}
	if words := strings.ToLower(contextWords.FindString(rest)); words != "" {
		if c.long = strings.HasPrefix(words, "long"); c.long && (!c.stated || c.over.above == 0) {
			if c.over, c.stated = r.longContext(t); !c.stated {
				return c // a cliff without its number
			}
		}
		rest = contextWords.ReplaceAllString(rest, " ")
	}
	c.scale, rest = cutUnit(rest, pays(body, i))
	c.tier, _ = r.tiers.within(rest)
	rest = withoutMark(rest)
	words := wordsOf(rest)
	c.pair = inAndOut.MatchString(rest)
	meter, priced := namedMeter(rest, r.meters)
	if !priced {
		meter, priced = r.meters[normal(header)]
	}
	switch {
	case priced && regional(rest):
		c.role = regionPrice
	case priced:
		c.role, c.meter = meterPrice, meter
	case anyOf(words, "unit", "units") && all(body, i, func(s string) bool { return unitIn(s).said }):
		c.role = setsUnit
	case anyOf(words, "id", "identifier", "ids"):
		c.role = identifies
	case headsModels(words):
		c.role = namesModel
	case anyOf(words, "tier", "mode", "service", "processing") && all(body, i, func(s string) bool { _, ok := r.tiers.exactly(s); return ok }):
		c.role = namesTier
	case i > 0 && !c.scale.said && r.onlyMeters(body, i):
		c.role = setsMeter
	case all(body, i, singleKind):
		c.role = namesKind
	case all(body, i, func(s string) bool { _, ok := onlyThreshold(s); return ok || anyLength(s) }):
		c.role = setsCliff
	case c.stated && len(words) == 0, c.pair,
		anyOf(words, "usage") && len(words) == 1,
		anyOf(words, "price", "prices", "pricing", "cost", "costs", "rate", "rates"),
		c.tier != "" && len(words) <= 3:
		c.role = labelPrice
	}
	return c
}

// cutUnit takes out of a header what its prices are for.
func cutUnit(header string, pays bool) (scale, string) {
	if at := unitPhrase.FindStringSubmatchIndex(header); at != nil {
		return scaleOf(at), withoutUnit(header)
	}
	at := countPhrase.FindStringSubmatchIndex(header)
	if at == nil || !pays {
		return scale{}, header
	}
	per := scale{said: true, tokens: true}
	if at[2] >= 0 {
		per.shift = 3
	}
	return per, countPhrase.ReplaceAllString(header, " ${2} ")
}

// onlyMeters tells whether the cells of a column name meters, and state no amount.
func (r *reader) onlyMeters(body [][]*cell, i int) bool {
	return !pays(body, i) && all(body, i, func(s string) bool { _, ok := namedMeter(s, r.meters); return ok })
}

// headsModels tells whether a header says that its column names models.
func headsModels(words []string) bool {
	return anyOf(words, "model", "models") && !anyOf(words, "price", "pricing", "cost", "rate") ||
		len(words) == 1 && anyOf(words, "name", "names", "llm", "llms", "engine")
}

// countPhrase finds in a header of prices what they are for: "1M TOKENS INPUT PRICE".
var countPhrase = regexp.MustCompile(`(?i)\b(?:1|one)?\s?(?:m|million|1,000,000|(k|thousand|1,000))\s+(?:(input|output|prompt|completion|cached)\s+)?tokens?\b`)

// pays tells whether a cell of a column states an amount.
func pays(body [][]*cell, i int) bool {
	return slices.ContainsFunc(body, func(row []*cell) bool { return statesMoney(row[i].text.words()) })
}

// all tells whether every cell of a column that says anything passes.
func all(body [][]*cell, i int, pass func(string) bool) bool {
	some := false
	for _, row := range body {
		s := row[i].text.words()
		if s == "" || row[len(row)-1].short { // nobody knows which cell of a short row is missing
			continue
		}
		if !pass(s) {
			return false
		}
		some = true
	}
	return some
}

// excluded tells whether a table's headers, or what stands over it, show that it holds no price list:
// an example that adds something up, or what trained models cost.
func (p plan) excluded() bool {
	if p.fixed {
		return false
	}
	if aboutTraining(p.heading) || aboutTraining(p.caption) || slices.ContainsFunc(p.before, aboutTraining) {
		return true
	}
	for _, c := range p.columns {
		if anyOf(wordsOf(c.header), "calculation", "training", "subtotal", "example", "multiplier", "quantity") {
			return true
		}
	}
	return false
}

// guessName takes the first column whose header says nothing as the one that
// names the models, if its cells look like names.
func (p *plan) guessName() {
	if !p.prices {
		return
	}
	for i, c := range p.columns {
		if c.role != unread {
			continue
		}
		named := 0
		for _, row := range p.body {
			s := row[i].text.words()
			_, meter := meterOf(s)
			switch {
			case s == "":
			case !nameable(strings.ReplaceAll(s, "\n", " ")) || meter || moneyPattern.MatchString(s):
				return
			default:
				named++
			}
		}
		if named > 0 {
			p.name, p.guessed = i, true
		}
		return
	}
}

// namesMeters tells whether the first column of a table names meters, so that
// its rows are what columns are elsewhere.
func (r *reader) namesMeters(p plan) bool {
	if len(p.columns) < 2 {
		return false
	}
	meters, total := 0, 0
	for _, row := range p.body {
		s := row[0].text.words()
		if s == "" {
			continue
		}
		total++
		if anyOf(wordsOf(s), "total", "subtotal", "sum") {
			return false
		}
		if _, ok := namedMeter(s, r.meters); ok {
			meters++
		}
	}
	return meters > 0 && 2*meters >= total
}
