package scrape

import (
	"cmp"
	"slices"
	"strings"

	"ratecard/domain"
)

// Explain reads a page as Read does, and says besides what each reader looked
// for and what it found.
func (*Scraper) Explain(body []byte, source domain.Source) (domain.Reading, []domain.Finding, error) {
	findings := []domain.Finding{}
	reading, err := readWith(body, source, &findings)
	return reading, findings, err
}

// explained is how many tables, and how many other places, of one page anybody
// would look through.
const explained = 100

// An account is what one reader says that it did. A nil one takes nothing down:
// nobody asked.
type account struct {
	tables []domain.TableFinding
	places []domain.PlaceFinding
}

func (a *account) table(t domain.TableFinding) {
	if a == nil || len(a.tables) == explained {
		return
	}
	if t.Quotes == 0 {
		t.Matched = 0
		t.Skipped = cmp.Or(t.Skipped, "no row of it both names a model and states a price of tokens")
	}
	a.tables = append(a.tables, t)
}

func (a *account) place(p domain.PlaceFinding) {
	if a == nil || len(a.places) == explained {
		return
	}
	p.Names = p.Names[:min(len(p.Names), explained)]
	a.places = append(a.places, p)
}

// explainTable says what was made of a table, of whose rows r.matched were read.
func (r *reader) explainTable(p plan, quotes int) {
	matched := r.matched
	r.matched = 0
	if r.account == nil {
		return
	}
	t := domain.TableFinding{Heading: p.heading, Rows: len(p.body), Matched: matched, Quotes: quotes, Skipped: p.unreadable()}
	for _, c := range p.columns {
		t.Columns = append(t.Columns, domain.ColumnFinding{Header: c.header, Means: c.means()})
	}
	r.account.table(t)
}

// explainSection says what was made of a section's table: its column of labels,
// and those of ways of buying.
func (s *sectionReader) explainSection(sec section, t sectionTable, head, label int, ways []way, quotes int) {
	matched := s.matched
	s.matched = 0
	if s.account == nil {
		return
	}
	found := domain.TableFinding{Heading: sec.heading(), Rows: len(t.rows) - head, Matched: matched, Quotes: quotes}
	for i := range t.rows[0] {
		c := domain.ColumnFinding{Header: headerOf(t.rows[:head], i)}
		if at := slices.IndexFunc(ways, func(w way) bool { return w.at == i }); at >= 0 {
			c.Means = "price, " + string(cmp.Or(ways[at].tier, t.tier))
		} else if i == label {
			c.Means = "meter"
		}
		found.Columns = append(found.Columns, c)
	}
	if len(ways) == 0 {
		found.Skipped = "no column of it says that it holds prices"
	}
	s.account.table(found)
}

// heading is what a section is headed, with the ids that it names.
func (s section) heading() string {
	if !s.ids {
		return oneLine(s.title)
	}
	return oneLine(s.title) + " (" + strings.Join(s.names, ", ") + ")"
}

// explainNameless says which tables belong to sections that name no model.
func explainNameless(a *account, sections []section) {
	if a == nil {
		return
	}
	for _, sec := range sections {
		for _, t := range sec.tables {
			a.table(domain.TableFinding{
				Heading: oneLine(sec.title), Rows: len(t.rows),
				Skipped: "its section names no model, neither by an id nor by a heading like those of the others",
			})
		}
	}
}

// explainLeftOut says which rows of data have no meaning, and why.
func (b *dataBuilder) explainLeftOut(l *list, rows []dataRow, why string) {
	if b.account != nil {
		b.account.table(domain.TableFinding{
			Heading: strings.Join(l.labels, ", "), Rows: len(rows), Columns: []domain.ColumnFinding{{Header: oneLine(rowText(rows[0]))}}, Skipped: why,
		})
	}
}

// explainLines says what was made of the lines that name models.
func (r *lineReader) explainLines() {
	for i, line := range r.named {
		end := len(r.reading.Quotes)
		if i+1 < len(r.named) {
			end = min(end, r.named[i+1].from)
		}
		found := domain.PlaceFinding{Place: line.place, Names: []string{line.model}, Quotes: max(end-line.from, 0)}
		if found.Quotes == 0 {
			found.Skipped = "no line at it or below it both names a meter and states an amount of US dollars for tokens"
		}
		r.account.place(found)
	}
}

// explainData says what was made of a text that may hold data.
func (r *dataReader) explainData(t dataText, quotes int) {
	names := r.found
	r.found = nil
	if r.account == nil {
		return
	}
	found := domain.PlaceFinding{Place: cmp.Or(t.place(0, ""), "the whole page"), Names: names, Quotes: quotes}
	if quotes == 0 {
		found.Skipped = "no object in it both names a model and states a price of tokens"
	}
	r.account.place(found)
}

// unreadable says why a table is not read at all; empty: it is.
func (p plan) unreadable() string {
	switch {
	case p.doubt != "":
		return p.doubt
	case !p.selected:
		return "it stands outside the selector"
	case p.skipped:
		return "the configuration skips its section"
	case len(p.columns) == 0:
		return "it has no row"
	case p.fixed && !p.prices:
		return "it has fewer columns than the configuration counts"
	case p.excluded():
		return "its headers are those of an example or of training, not of a price list"
	case !p.prices:
		return "no header names a price of tokens"
	case p.regional:
		return "it states prices of a region"
	}
	return ""
}

func (c column) means() string {
	switch c.role {
	case namesModel:
		return domain.ColumnModel
	case identifies:
		return "model id"
	case meterPrice:
		return string(c.meter)
	case labelPrice:
		return "price"
	case namesTier:
		return "tier"
	case namesKind:
		return "modality"
	case setsMeter:
		return "meter"
	case setsCliff:
		return "threshold"
	case setsUnit:
		return "unit"
	case regionPrice:
		return "price of a region"
	case unread:
	}
	return ""
}
