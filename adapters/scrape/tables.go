package scrape

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// ReaderTables is the general reader of tables by what their headers mean. It
// reads HTML and Markdown alike. Its knobs: Selector (HTML: only tables inside
// these elements), Headers, Tiers, Divisor, Strip, Skip, and Columns, which
// decides what a column is in place of its header.
const ReaderTables = "tables"

// A reader reads the tables of one document with one configuration.
type reader struct {
	doc     document
	meters  map[string]domain.Meter // normal form of a header → meter, from the configuration
	tiers   vocabulary
	strip   []*regexp.Regexp
	divisor decimal.Decimal
	columns map[string]int // by name, where the configuration fixes them
	names   *register
	reading domain.Reading

	account   *account  // of what was made of each table; nil: nobody asked
	matched   int       // rows of the table at hand from which a price was read
	cliffs    *cliffSet // of the whole page, once they are asked for
	ownCliffs map[*table]*cliffSet
	remarked  map[domain.Remark]bool
	hushed    int // warnings beyond maxWarnings
}

// maxWarnings is how many warnings of one page anybody would read.
const maxWarnings = 200

func newReader(doc document, cfg compiled) reader {
	return reader{doc: doc, meters: cfg.meters, tiers: cfg.tiers, strip: cfg.strip, divisor: cfg.divisor, columns: cfg.columns, names: newRegister(), ownCliffs: map[*table]*cliffSet{}, remarked: map[domain.Remark]bool{}}
}

// telling is the reader, with an account of what it does.
func (r reader) telling(a *account) reader {
	r.account = a
	return r
}

// readTables reads every table of a document, but those that another reader of
// the page took.
func readTables(doc document, cfg compiled, page *page) domain.Reading {
	r := newReader(doc, cfg).telling(page.account)
	plans := r.plans(cfg.skip)
	for _, p := range plans {
		if p.prices && p.name >= 0 && !p.guessed {
			r.register(p)
		}
	}
	for _, p := range plans {
		before := len(r.reading.Quotes)
		switch {
		case page.taken[p.table]:
			p.doubt = "another reader of this source read it"
		case p.prices && !p.excluded():
			r.table(p)
		}
		r.explainTable(p, len(r.reading.Quotes)-before)
	}
	if r.hushed > 0 {
		r.reading.Warnings = append(r.reading.Warnings, fmt.Sprintf("and %d warnings more", r.hushed))
	}
	return r.reading
}

// plans decides how each table of the document is to be read.
func (r *reader) plans(skip []string) []plan {
	var out []plan
	for _, p := range settings(r.doc, r.tiers, skip) {
		if p.selected && !p.skipped && len(p.rows) > 0 {
			out = append(out, r.plan(p))
		} else {
			r.explainTable(plan{placed: p}, 0)
		}
	}
	return out
}

// register notes the names that a price table prints.
func (r *reader) register(p plan) {
	for _, row := range p.body {
		if !p.pays(row) {
			continue
		}
		name := labelOf(row[p.name].text, r.tiers, r.strip).name
		if nameable(name) && len(listSeparator.Split(name, -1)) == 1 {
			r.names.add(name)
		}
	}
}

func (r *reader) table(p plan) {
	if p.regional {
		r.warn("the table under %q states prices of a region, which are not read", p.heading)
		return
	}
	if p.guessed && !r.plausible(p) {
		if !p.tellsNothingApart() || len(r.before(p)) == 0 {
			r.warn("a table of prices (%s) under %q has no column that says that it names models", headersOf(p), p.heading)
			return
		}
		p.name = -1
	}
	var above []string // the models that the text before the table names
	if p.name < 0 {
		if above = r.before(p); len(above) == 0 {
			r.warn("a table of prices (%s) under %q names no model, neither in a column nor in the text before it", headersOf(p), p.heading)
			return
		}
	}
	cliff, whole := p.cliff()
	whole = whole && !p.saysCliff()
	var section rowState
	var last rowState
	for _, row := range p.body {
		if r.section(row, &section) || unitRow(p, row, &section) {
			continue
		}
		s := section
		s.models = above
		if whole {
			s.over, s.cliff = cliff, true
		}
		if p.name >= 0 && !r.nameRow(p, row, &s, last) {
			continue
		}
		last = s
		if !r.rowFacets(p, row, &s) {
			continue
		}
		before := len(r.reading.Quotes)
		for i, c := range p.columns {
			r.cell(p, c, row[i], s, i)
		}
		if len(r.reading.Quotes) > before {
			r.matched++
		}
	}
}

// before finds the models that stand only in the text around a table.
func (r *reader) before(p plan) []string {
	if names := r.names.namesIn(p.caption); len(names) > 0 {
		return names
	}
	titled, variant := r.names.named(p.heading)
	if variant {
		return nil
	}
	if names := r.names.mentioned(p.before); len(names) > 0 {
		return names
	}
	return titled
}

// plausible tells whether a column that does not say that it names models
// does so: it names one that the page prices elsewhere, or nothing else on
// the page could tell and its header is empty.
func (r *reader) plausible(p plan) bool {
	for _, row := range p.body {
		name := labelOf(row[p.name].text, r.tiers, r.strip).name
		if words := wordsOf(name); len(words) > 0 && r.names.first[words[0]] {
			return true
		}
	}
	return p.columns[p.name].header == "" && len(r.names.names) == 0
}

// tellsNothingApart tells whether the column that could name models says the
// same in every row: it names none then, and the text before the table may.
func (p plan) tellsNothingApart() bool {
	said := map[string]bool{}
	for _, row := range p.body {
		if p.pays(row) {
			said[row[p.name].text.words()] = true
		}
	}
	return len(said) == 1
}

// pays tells whether a row states an amount, be it a bare number below a header
// that says that it is one of US dollars.
func (p plan) pays(row []*cell) bool {
	if hasAmount(row) {
		return true
	}
	for i, c := range p.columns {
		if c.dollar && (c.role == meterPrice || c.role == labelPrice) && bareNumber.MatchString(row[i].text.words()) {
			return true
		}
	}
	return false
}

// saysCliff tells whether a table states thresholds of its own.
func (p plan) saysCliff() bool {
	for _, c := range p.columns {
		if c.stated || c.role == setsCliff {
			return true
		}
	}
	for _, row := range p.body {
		for _, c := range row {
			if _, ok := thresholdIn(c.text.words()); ok {
				return true
			}
		}
	}
	return false
}

// hasLong tells whether a table has columns of long contexts.
func (p plan) hasLong() bool {
	return slices.ContainsFunc(p.columns, func(c column) bool { return c.long })
}

func (r *reader) warn(format string, args ...any) {
	if len(r.reading.Warnings) >= maxWarnings {
		r.hushed++
		return
	}
	r.reading.Warnings = append(r.reading.Warnings, fmt.Sprintf(format, args...))
}

// quoted says where a cell stands, for a warning.
func quoted(p domain.Place, models []string) string {
	row := oneLine(p.Row)
	if row == "" {
		row = strings.Join(models, ", ")
	}
	return fmt.Sprintf("%q in column %q of %q (%s)", oneLine(p.Cell), oneLine(p.Header), row, p.Path)
}

// oneLine is a text on one line, cut where nobody would read on.
func oneLine(s string) string {
	s = oneSpaced(s)
	if len(s) > 120 {
		s = strings.ToValidUTF8(s[:120], "") + "…"
	}
	return s
}

func headersOf(p plan) string {
	var out []string
	for _, c := range p.columns {
		out = append(out, oneLine(c.header))
	}
	return strings.Join(out, " | ")
}

// first is the first tier that is said.
func first(tiers ...domain.Tier) domain.Tier {
	for _, t := range tiers {
		if t != "" {
			return t
		}
	}
	return ""
}
