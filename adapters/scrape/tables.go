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

	tables    *[]domain.TableFinding // what was made of each table; nil: nobody asked
	cliffs    *cliffSet              // of the whole page, once they are asked for
	ownCliffs map[*table]*cliffSet
	remarked  map[domain.Remark]bool
	hushed    int // warnings beyond maxWarnings
}

// maxWarnings is how many warnings of one page anybody would read.
const maxWarnings = 200

func newReader(doc document, cfg compiled) reader {
	return reader{doc: doc, meters: cfg.meters, tiers: cfg.tiers, strip: cfg.strip, divisor: cfg.divisor, columns: cfg.columns, names: newRegister(), ownCliffs: map[*table]*cliffSet{}, remarked: map[domain.Remark]bool{}}
}

// readTables reads every table of a document, but those that another reader of
// the page took.
func readTables(doc document, cfg compiled, page *page) domain.Reading {
	r := newReader(doc, cfg)
	r.tables = page.tables
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

// A rowState is what one row says, and what rows above it say for it.
type rowState struct {
	label  label
	models []string
	cell   *cell // that names the row
	meter  domain.Meter
	tier   domain.Tier
	over   threshold
	kind   modality
	kinds  []modality // said of the row's meter
	cliff  bool       // a threshold is said for the row
	scale  scale      // said by a row above
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
		for i, c := range p.columns {
			r.cell(p, c, row[i], s, i)
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

// section heeds a row that is a heading within the table.
func (r *reader) section(row []*cell, s *rowState) bool {
	said, alone := saidAlone(row)
	if !alone || said == "" || moneyPattern.MatchString(said) {
		return alone && said == ""
	}
	if tier, ok := r.tiers.exactly(said); ok {
		s.tier = tier
	}
	if over, ok := onlyThreshold(said); ok {
		s.over, s.cliff = over, true
	}
	return true
}

// saidAlone gives what a row says, if one cell alone says anything.
func saidAlone(row []*cell) (said string, alone bool) {
	for i, c := range row {
		if c.short || i > 0 && c == row[i-1] {
			continue
		}
		if t := c.text.words(); t != "" {
			if said != "" && said != t { // a span may be written out
				return "", false
			}
			said = t
		}
	}
	return said, true
}

// nameRow reads the cell that names a row's models; false when the row is not
// to be read.
func (r *reader) nameRow(p plan, row []*cell, s *rowState, last rowState) bool {
	c := row[p.name]
	if c.text.words() == "" && !c.short && last.models != nil { // a further line of the row above
		s.label, s.models, s.cell = last.label, last.models, last.cell
		s.tier = first(last.tier, s.tier)
		return true
	}
	s.cell = c
	s.label = labelOf(c.text, r.tiers, r.strip)
	if row[len(row)-1].short && p.pays(row) { // nobody knows which cell is missing
		r.warn("the row %q is shorter than its table's header and was left out", oneLine(c.text.String()))
		return false
	}
	if p.id >= 0 {
		if id := strings.TrimSpace(row[p.id].text.words()); idShape.MatchString(id) {
			s.label.name = id
		}
	}
	s.tier = first(s.label.tier, s.tier)
	if s.label.stated && (!s.label.ofLong || !p.hasLong()) { // else it is said of those columns
		if s.cliff && s.over != s.label.over {
			return false
		}
		s.over, s.cliff = s.label.over, true
	}
	switch {
	case s.label.unclear:
		r.warn("the row %q states a day that cannot be placed; it was left out", oneLine(c.text.String()))
		return false
	case s.label.name == "":
		return false
	}
	return r.modelsOf(row, s)
}

// modelsOf finds the models that a row's label names, and what is remarked of
// them; false when it names none for certain.
func (r *reader) modelsOf(row []*cell, s *rowState) bool {
	s.models = append(r.names.split(s.label.name), s.label.also...)
	for _, name := range s.models {
		if !nameable(name) {
			if hasAmount(row) {
				r.warn("the row %q does not name one model; it was left out", oneLine(s.cell.text.String()))
			}
			return false
		}
	}
	for _, text := range s.label.remarks {
		for _, name := range s.models {
			if remark := (domain.Remark{Name: name, Text: text}); !r.remarked[remark] {
				r.remarked[remark] = true
				r.reading.Remarks = append(r.reading.Remarks, remark)
			}
		}
	}
	return true
}

// rowFacets reads the cells that say something of the whole row.
func (r *reader) rowFacets(p plan, row []*cell, s *rowState) bool {
	for i, c := range p.columns {
		said := row[i].text.words()
		if said == "" {
			continue
		}
		switch c.role { //nolint:exhaustive // the other columns say nothing of the row
		case namesTier:
			s.tier, _ = r.tiers.exactly(said)
		case setsMeter:
			s.meter, _ = namedMeter(said, r.meters)
			_, inside, _, _ := cutParentheses(said)
			s.kinds, _ = modalities(inside)
		case namesKind:
			if kinds, ok := modalities(said); ok {
				s.kind = kinds[0]
			}
		case setsCliff:
			if anyLength(said) {
				continue
			}
			over, ok := onlyThreshold(said)
			if !ok || s.cliff && s.over != over {
				return false
			}
			s.over, s.cliff = over, true
		case setsUnit:
			if s.scale = unitIn(said); !s.scale.said {
				return false
			}
		}
	}
	if p.rowMeters {
		meter, ok := namedMeter(row[0].text.words(), r.meters)
		if !ok {
			return false
		}
		s.meter = meter
	}
	return true
}

// cell reads the figures of one cell into quotes.
func (r *reader) cell(p plan, col column, c *cell, s rowState, i int) {
	if col.role == regionPrice {
		if i == 0 || !strings.EqualFold(p.columns[i-1].header, col.header) {
			r.warn("the column %q states prices of a region, which are not read", col.header)
		}
		return
	}
	if col.role != meterPrice && col.role != labelPrice {
		return
	}
	said := c.text.words()
	place := domain.Place{Reader: ReaderTables, Path: r.doc.place(c), Header: col.header, Cell: c.text.String()}
	if s.cell != nil {
		place.Row = s.cell.text.String()
	}
	var figures []figure
	var err error
	paired := false
	if col.pair { // "$3 / $15" below "Input / Output"
		figures, paired = gluedFigures(strings.Replace(said, "/", " ", 1))
	}
	if !paired {
		figures, err = figuresIn(said, r.meters)
	}
	if err == nil && len(figures) == 0 {
		figures, err = bareFigure(said, col.dollar || c.number, r.meters)
	}
	if err != nil || unlabelledPair(figures, col, s) {
		if wordless, ok := r.wordless(said, col, s); ok {
			figures = wordless
		} else if err != nil {
			r.warn("%s: %s", quoted(place, s.models), err)
			return
		}
	}
	var quotes []domain.Quote
	for _, f := range figures {
		made, err := r.quotes(p, col, f, s, place)
		if err != nil {
			r.warn("%s: %s", quoted(place, s.models), err)
			return
		}
		quotes = append(quotes, made...)
	}
	r.reading.Quotes = append(r.reading.Quotes, quotes...)
}

// unlabelledPair tells whether two amounts of a cell say nothing of which is which.
func unlabelledPair(figures []figure, col column, s rowState) bool {
	return len(figures) == 2 && col.role == labelPrice && col.meter == "" && s.meter == "" &&
		!slices.ContainsFunc(figures, func(f figure) bool { return f.meter != "" || f.stated || f.unit != "" || len(f.kinds) > 0 })
}

// wordless reads a cell of labelled amounts without the marks that cells have,
// or of two amounts alone.
func (r *reader) wordless(said string, col column, s rowState) ([]figure, bool) {
	if col.role != labelPrice {
		return nil, false
	}
	if lead, figures, ok := labelledFigures(said, r.meters); ok && lead == "" {
		return figures, true
	}
	if !s.scale.tokens && !col.scale.tokens || s.meter != "" {
		return nil, false
	}
	return gluedFigures(said)
}

// unitRow heeds a row that says, above others, what their prices are for:
// "Language models | Per million tokens".
func unitRow(p plan, row []*cell, s *rowState) bool {
	if hasAmount(row) {
		return false
	}
	for i, c := range p.columns {
		if c.role != labelPrice {
			continue
		}
		if per := scaleIn(row[i].text.words()); per.said {
			s.scale = per
			return true
		}
	}
	return false
}

var bareNumber = regexp.MustCompile(`^\s*((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(.*)$`)

// bareFigure reads a number without a currency, where the column says that it
// is one of US dollars.
func bareFigure(s string, dollar bool, voc map[string]domain.Meter) ([]figure, error) {
	m := bareNumber.FindStringSubmatch(s)
	if m == nil || !dollar || strings.Contains(s, "\n") {
		return nil, nil
	}
	return figuresIn("$"+m[1]+m[2], voc)
}

// quotes makes the quotes of one figure, one per model and modality.
func (r *reader) quotes(p plan, col column, f figure, s rowState, place domain.Place) ([]domain.Quote, error) {
	if f.unit == "" && !f.perHour {
		scale := p.scale
		if s.scale.said {
			scale = s.scale
		} else if col.scale.said {
			scale = col.scale
		}
		if !scale.tokens {
			f.tokens, f.unit = false, scale.unit
		}
		f.amount = f.amount.Shift(scale.shift)
	}
	if !f.tokens {
		r.charge(f, s, col, domain.ChargeNotPerToken)
		return nil, nil
	}
	key, err := r.key(p, col, f, s)
	if err != nil || key.Meter == "" {
		return nil, err
	}
	amount := f.amount.Div(r.divisor)
	switch {
	case amount.GreaterThan(maxAmount):
		return nil, refuse("the amount is over %s USD per million tokens", maxAmount)
	case amount.IsZero():
		r.charge(f, s, col, domain.ChargeFree)
		return nil, nil
	}
	meters, err := r.metersFor(key.Meter, f, s, p)
	if err != nil {
		return nil, err
	}
	var out []domain.Quote
	for _, name := range s.models {
		for _, m := range meters {
			key.Name, key.Meter = name, m
			out = append(out, domain.Quote{QuoteKey: key, Amount: amount, Place: place})
		}
	}
	return out, nil
}

// key gathers what cell, column, row and table say of a figure. An empty
// meter means that the cell is no price.
func (r *reader) key(p plan, col column, f figure, s rowState) (domain.QuoteKey, error) {
	key := domain.QuoteKey{Region: domain.RegionGlobal, Meter: col.meter, Tier: first(col.tier, s.tier, p.tier)}
	for _, m := range []domain.Meter{s.meter, f.meter} {
		switch {
		case m == "":
		case key.Meter == "":
			key.Meter = m
		case key.Meter != m:
			return key, refuse("its label says %s, its column or row %s", m, key.Meter)
		}
	}
	if key.Meter == "" && col.role == labelPrice && embeds(p, s) {
		key.Meter = domain.MeterInput // nothing comes out of an embedding that could be counted
	}
	if key.Meter == "" {
		return key, nil
	}
	if col.role == labelPrice && f.unit == "" && !col.scale.said && !p.scale.said && !s.scale.said { // a sum of an example looks the same
		return domain.QuoteKey{}, nil
	}
	if f.perHour {
		key.Meter = domain.MeterCacheStorage
	}
	if col.tier != "" && s.tier != "" && col.tier != s.tier {
		return key, refuse("its column says tier %s, its row %s", col.tier, s.tier)
	}
	over, said := s.over, s.cliff
	for _, o := range []struct {
		threshold
		said, long bool
	}{{col.over, col.stated, col.long}, {f.over, f.stated, false}} {
		if !o.said {
			continue
		}
		if said && over != o.threshold && !(o.long && over.above == 0) { // a name's "(<272K)" is said of its first columns
			return key, refuse("two different thresholds are said of it")
		}
		over, said = o.threshold, true
	}
	key.Above, key.MinPromptTokens = over.above, over.min
	when := s.label.when
	for _, o := range []period{col.when, f.when} {
		var ok bool
		if when, ok = when.union(o); !ok {
			return key, refuse("two different dates are said of it")
		}
	}
	key.From, key.Until = when.from, when.until
	return key, nil
}

// embeds tells whether a row prices embeddings.
func embeds(p plan, s rowState) bool {
	said := []string{p.heading, p.caption}
	for _, text := range append(said, s.models...) {
		if anyOf(wordsOf(text), "embedding", "embeddings") {
			return true
		}
	}
	return false
}

// metersFor spreads a figure over the modalities that it is said for.
func (r *reader) metersFor(base domain.Meter, f figure, s rowState, p plan) ([]domain.Meter, error) {
	kinds := f.kinds
	if len(kinds) == 0 {
		kinds = []modality{p.modality}
		if len(s.kinds) > 0 {
			kinds = s.kinds
		} else if s.kind != unsaid {
			kinds = []modality{s.kind}
		}
	}
	return spread(base, kinds)
}

// spread gives the meters of a base meter for what its tokens stand for.
func spread(base domain.Meter, kinds []modality) ([]domain.Meter, error) {
	var out []domain.Meter
	for _, k := range kinds {
		if k == unsaid || strings.HasSuffix(string(base), "_audio") || strings.HasSuffix(string(base), "_image") || strings.HasSuffix(string(base), "_video") {
			k = ofText
		}
		if m, ok := meterIn(base, k); ok && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	if len(out) == 0 {
		return nil, refuse("nothing is counted by that meter and modality")
	}
	return out, nil
}

func (r *reader) charge(f figure, s rowState, col column, kind domain.ChargeKind) {
	unit := f.unit
	if unit == "" {
		unit = domain.UnitMillionTokens
	}
	for _, name := range s.models {
		r.reading.Charges = append(r.reading.Charges, domain.Charge{Model: name, What: col.header, Unit: unit, Amount: f.amount, Kind: kind})
	}
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

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
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
