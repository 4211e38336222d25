package scrape

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"ratecard/domain"
)

// ReaderSections is the general reader of pages that give each model a section
// of its own: a heading, the model's ids below it, and tables whose rows are
// the meters and whose columns are the ways of buying. It reads HTML and
// Markdown alike. Its knobs: Selector (HTML: only tables inside these
// elements), Headers (row labels), Tiers, Divisor, Strip, Skip.
const ReaderSections = "sections"

// readSections reads the sections of a page, and the rules and charges that
// its text states beside them.
func readSections(p *page, cfg compiled) (domain.Reading, string, error) {
	doc, err := p.document(cfg.selector)
	if err != nil {
		return domain.Reading{}, "", err
	}
	labels := &labelBook{meters: cfg.meters, read: map[string]labelled{}, tabs: map[string]bool{}}
	found, nameless, captions := sectionsOf(doc, cfg, labels)
	s := sectionReader{
		reader: newReader(doc, cfg).telling(p.account), labels: labels, perTokens: saysPerTokens(doc),
		cells: map[string]cellSaid{}, room: roomFor(len(p.body)),
	}
	taken := map[*table]bool{}
	for _, sec := range found {
		for _, t := range sec.tables {
			before := len(s.reading.Quotes)
			s.table(sec, t)
			taken[t.table] = true
			if cfg.name == ReaderSections && len(s.reading.Quotes) > before {
				p.take(t.table)
			}
		}
	}
	explainNameless(p.account, nameless)
	if captions {
		s.warn(belowPrices)
	}
	if s.room < 0 {
		s.warn("the page states more prices than a page of its size explains; the rest was left out")
	}
	rest := document{place: doc.place}
	for _, b := range doc.blocks {
		if b.kind == grid && !taken[b.table] || b.kind != grid && !labels.tabs[b.text.words()] {
			rest.blocks = append(rest.blocks, b)
		}
	}
	readProse(rest, cfg, &s.reading)
	return s.reading, lookedForSections(found, p.form), nil
}

// lookedForSections says what the reader looked for and what it found.
func lookedForSections(found []section, f form) string {
	var titles []string
	for _, sec := range found {
		titles = append(titles, fmt.Sprintf("%q", oneLine(sec.title)))
	}
	s := fmt.Sprintf("reader %q looked in the page (%s) for headings of models with tables below them whose rows are token prices (input, output, cache …); it found ", ReaderSections, f)
	switch {
	case len(titles) == 0:
		return s + "no such section (a page built by scripts has none until it is rendered)"
	case len(titles) > 8:
		return s + fmt.Sprintf("%d sections, the first headed %s", len(titles), strings.Join(titles[:8], ", "))
	default:
		return s + fmt.Sprintf("%d sections headed %s", len(titles), strings.Join(titles, ", "))
	}
}

// A section is what a page says of one model, or of several sold alike.
type section struct {
	title  string
	names  []string // its models: the ids printed there, else the heading
	ids    bool     // the names are ids
	tables []sectionTable
}

// maxIDs is how many models one section may price.
const maxIDs = 24

// A sectionTable is a table of one section.
type sectionTable struct {
	*table
	tier     domain.Tier
	modality modality
	before   []string // the paragraphs before it
}

// A sectionFinder goes through a document and gathers its sections.
type sectionFinder struct {
	cfg      compiled
	linewise bool // headings are lines
	labels   *labelBook
	found    []section
	open     section
	label    string   // the tier or modality said since the last table
	before   []string // paragraphs since the last table
	skipping int      // the level of the heading whose section is left out
	mixed    bool     // several tiers were named since the last table, as tabs are
	lost     bool     // a table came whose place in the section nobody knows
	bar      tabBar   // the section's tabs, where their names stand in one line only,
	panes    []sectionTable
	order    order // of names and tables
}

// sectionsOf finds the sections that hold tables of meters: those of models, and
// those of which nobody knows whose they are: all of them where names stand below
// the tables.
func sectionsOf(doc document, cfg compiled, labels *labelBook) (found, nameless []section, captions bool) {
	f := sectionFinder{cfg: cfg, labels: labels, linewise: doc.linewise}
	for _, b := range doc.blocks {
		switch b.kind {
		case heading:
			f.heading(b)
		case paragraph, item:
			f.paragraph(b)
		case grid:
			f.grid(b.table)
		case data: // has readers of its own
		}
	}
	f.close()
	if f.order.captions() {
		return nil, f.found, true
	}
	found, nameless = named(f.found)
	return found, nameless, false
}

func (f *sectionFinder) close() {
	f.unbar()
	if len(f.open.tables) > 0 {
		f.found = append(f.found, f.open)
	}
	f.open, f.label, f.mixed, f.before, f.lost = section{}, "", false, nil, false
}

// says heeds a text that is a label: a tier, or what tokens stand for.
func (f *sectionFinder) says(s string) bool {
	if strings.Count(s, " ") > 5 || !bare(s, f.cfg.tiers) {
		return false
	}
	f.labels.tabs[s] = true
	f.mixed = f.mixed || f.label != "" && normal(f.label) != normal(s)
	f.label = s
	return true
}

func (f *sectionFinder) heading(b block) {
	s := strings.ReplaceAll(b.text.words(), "\n", " ")
	if f.says(s) || plainHeading(s) {
		return
	}
	f.close()
	f.open.title = strings.TrimFunc(labelOf(b.text, f.cfg.tiers, f.cfg.strip).name, decoration)
	if ids := codeIDs(b.text); len(ids) > 0 {
		f.open.names, f.open.ids = ids, true
	}
	if f.open.ids || namesAModel(s) {
		f.order.name()
	}
	if f.skipping == 0 || b.level <= f.skipping {
		f.skipping = 0
		if slices.Contains(f.cfg.skip, normal(s)) {
			f.skipping = b.level
		}
	}
}

// plainHeading tells whether a heading opens nothing new: "Pricing" under the
// heading of a model.
func plainHeading(s string) bool {
	words := wordsOf(s)
	for _, w := range words {
		if !anyOf([]string{w}, "price", "prices", "pricing", "rates", "cost", "costs", "token", "tokens", "paid", "tier", "api", "per", "model", "details") {
			return false
		}
	}
	return len(words) > 0 && !anyOf(words, "models")
}

// decoration are the pictures that a heading carries beside its words.
func decoration(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.So, r) || unicode.Is(unicode.Variation_Selector, r)
}

func (f *sectionFinder) paragraph(b block) {
	s := b.text.words()
	if bar := tabBarOf(b.text, f.cfg.tiers); bar != nil {
		f.unbar()
		f.bar, f.before = bar, nil
		return
	}
	if ids := onlyIDs(b.text); len(ids) > 0 {
		f.order.name()
		if len(f.open.tables) > 0 { // a further model whose heading is missing
			f.close()
		}
		if !f.open.ids {
			f.open.names, f.open.ids = nil, true
		}
		for _, id := range ids {
			if !slices.Contains(f.open.names, id) && len(f.open.names) < maxIDs {
				f.open.names = append(f.open.names, id)
			}
		}
		return
	}
	if b.kind == paragraph && f.says(s) {
		return
	}
	if f.linewise && titleLine(s) {
		f.titled(s)
		return
	}
	f.before = append(f.before, s)
}

// titled heeds a line that may be a heading.
func (f *sectionFinder) titled(s string) {
	if namesAModel(s) {
		f.order.name()
		f.close()
		f.open.title = s
	}
	f.label, f.mixed, f.before = "", false, nil
}

// captioned opens a section for a table whose own caption names its model.
func (f *sectionFinder) captioned(name string) {
	f.order.name()
	f.close()
	f.open.title = name
	if isID(name) {
		f.open.names, f.open.ids = []string{name}, true
	}
}

// grid gives a table of prices to the open section. A section's tables are told
// apart by their tiers: a further table that says none, or one that was there
// already, may belong to a model whose heading was lost.
func (f *sectionFinder) grid(t *table) {
	if f.skipping > 0 || !t.selected || len(t.rows) == 0 || listsModels(t) || !slices.ContainsFunc(t.rows, hasAmount) && f.labels.column(t) < 0 {
		return
	}
	if untiered(f.label) || slices.ContainsFunc(t.panes, untiered) {
		f.label, f.mixed, f.before = "", false, nil
		return
	}
	if namesAModel(t.caption) {
		f.captioned(t.caption)
	}
	f.order.price(shapeOf(t))
	out := sectionTable{table: t, before: f.before}
	says := append([]string{t.caption, f.label}, t.panes...)
	slices.Reverse(says[2:]) // the innermost pane first
	if f.mixed {
		says[1] = ""
	}
	said := false
	for _, s := range says {
		if tier, ok := f.cfg.tiers.exactly(s); ok && out.tier == "" {
			out.tier, said = tier, true
		}
		if m, ok := tokensOf(s); ok && out.modality == unsaid {
			out.modality, said = m, true
		}
	}
	if out.tier == "" {
		out.tier = domain.TierStandard
	}
	if f.bar != nil && !said && !f.mixed {
		f.panes = append(f.panes, out)
		f.label, f.before = "", nil
		return
	}
	again := slices.ContainsFunc(f.open.tables, func(o sectionTable) bool { return o.tier == out.tier && o.modality == out.modality })
	if (len(f.open.tables) > 0 || f.mixed) && !said || again {
		f.lost = true
	}
	if !f.lost {
		f.open.tables = append(f.open.tables, out)
	}
	f.label, f.mixed, f.before = "", false, nil
}

// named leaves the sections whose models are known. Where a section prints no
// id, its heading names the model, if it looks like those that do: a heading
// such as "Enterprise" names none.
func named(sections []section) (out, nameless []section) {
	families := map[string]bool{} // the first words of headings with ids or versions
	for _, s := range sections {
		if words := wordsOf(s.title); len(words) > 0 && (s.ids || versioned(words)) {
			families[words[0]] = true
		}
	}
	for _, s := range sections {
		if words := wordsOf(s.title); !s.ids && len(words) > 0 && nameable(s.title) && len(words) <= 8 && families[words[0]] {
			s.names = []string{s.title}
		}
		if len(s.names) > 0 {
			out = append(out, s)
		} else {
			nameless = append(nameless, s)
		}
	}
	return out, nameless
}

func versioned(words []string) bool {
	return slices.ContainsFunc(words[1:], func(w string) bool { return strings.ContainsAny(w[:1], digits) })
}

// codeIDs are the ids that a text prints as code.
func codeIDs(t text) []string {
	var out []string
	for _, r := range t {
		if r.kind == code {
			for word := range strings.FieldsFuncSeq(r.text, func(r rune) bool { return unicode.IsSpace(r) || r == ',' }) {
				if isID(word) {
					out = append(out, word)
				}
			}
		}
	}
	return out
}

// onlyIDs are the ids of a text that says nothing besides.
func onlyIDs(t text) []string {
	var out []string
	for word := range strings.FieldsFuncSeq(t.words(), func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;:|•()", r) }) {
		switch {
		case isID(word):
			out = append(out, word)
		case anyOf([]string{strings.ToLower(word)}, "and", "or", "model", "models", "code", "codes", "id", "ids", "name", "names", "api", "&", "/"):
		default:
			return nil
		}
	}
	return out
}

// isID tells whether a word can only be an id: lower case, in parts, with a
// letter.
func isID(s string) bool {
	return len(s) <= 120 && idShape.MatchString(s) && strings.Contains(s, "-") && strings.ContainsFunc(s, unicode.IsLetter) && !strings.Contains(s, "//")
}
