package scrape

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// ReaderIsland is the general reader of the data that a page hands to its
// components: JSON in attributes of elements (Astro's islands and the like),
// and the properties of components in MDX. Its rows become tables, which are
// read as visible ones are: under the headings, tab panes and units around the
// component.
//
// What the cells of a row mean is said, in this order, by the headings in the
// data; by the table that the component shows, where rows of the same figures
// stand in both; by the knob Rows. Its other knobs are those of the reader of
// tables.
const ReaderIsland = "island"

// readIslands reads the data of a page's components.
func readIslands(p *page, cfg compiled) (domain.Reading, string, error) {
	doc, err := p.document(cfg.selector)
	if err != nil {
		return domain.Reading{}, "", err
	}
	b := dataBuilder{cfg: cfg, dollars: inDollars(doc), account: p.account}
	got := readTables(b.document(doc), cfg, p)
	for i := range got.Quotes {
		got.Quotes[i].Place.Reader = ReaderIsland
	}
	got.Warnings = append(b.warnings, got.Warnings...)
	looked := fmt.Sprintf("reader %q looked in the page (%s) for rows of prices in the attributes of elements; it found %d components with data and %d lists of rows", cfg.name, p.form, b.islands, b.lists)
	return settle(got), looked, nil
}

// inDollars tells whether a page's bare numbers may be US dollars: it prints no
// amount in another currency.
func inDollars(doc document) bool {
	for _, b := range doc.blocks {
		if foreign(b.text) {
			return false
		}
		if b.kind != grid {
			continue
		}
		for _, row := range b.table.rows {
			for _, c := range row {
				if foreign(c.text) {
					return false
				}
			}
		}
	}
	return true
}

// foreign tells whether a text states an amount in another currency.
func foreign(t text) bool {
	for _, r := range t {
		if strings.ContainsAny(r.text, digits) && foreignAmount.MatchString(r.text) {
			return true
		}
	}
	return false
}

var foreignAmount = regexp.MustCompile(`[€£¥₹₩]\s?\d|\d\s?[€£¥₹₩元]|\b(?:EUR|GBP|CNY|RMB|JPY|INR|KRW|CHF)\s?\d|\d\s?(?:EUR|GBP|CNY|RMB|JPY|INR|KRW|CHF)\b`)

// A dataBuilder makes tables of islands.
type dataBuilder struct {
	cfg            compiled
	dollars        bool
	islands, lists int
	warnings       []string
	account        *account
}

func (b *dataBuilder) warn(format string, args ...any) {
	if len(b.warnings) < maxWarnings {
		b.warnings = append(b.warnings, fmt.Sprintf(format, args...))
	}
}

// document is the page with the islands' tables instead of those that it shows.
func (b *dataBuilder) document(doc document) document {
	out := document{place: doc.place}
	for _, blk := range doc.blocks {
		switch blk.kind {
		case data:
			b.islands++
			for _, l := range blk.data.lists(b.cfg.meters) {
				if len(l.rows) > 0 {
					b.lists++
					out.blocks = append(out.blocks, b.tables(blk.data, l)...)
				}
			}
		case grid: // what stands before a visible table is said of that one
			out.blocks = append(out.blocks, block{kind: grid, table: &table{}})
		default:
			out.blocks = append(out.blocks, blk)
		}
	}
	return out
}

// tables makes one table of the rows of each width.
func (b *dataBuilder) tables(d *island, l *list) []block {
	byWidth := map[int][]dataRow{}
	var widths []int
	for _, row := range l.rows {
		n := len(row.cells)
		if byWidth[n] == nil {
			widths = append(widths, n)
		}
		byWidth[n] = append(byWidth[n], row)
	}
	var out []block
	for _, n := range widths {
		rows := byWidth[n]
		header, grouped, why := b.header(d, l, rows, n)
		if why != "" {
			b.explainLeftOut(l, rows, why)
			continue
		}
		t := &table{head: 1, data: true, panes: append(slices.Clone(d.panes), l.labels...), selected: d.chosen, within: d}
		t.rows = append(t.rows, header)
		labels := map[int]*cell{}
		for _, row := range rows {
			line := make([]*cell, 0, len(header))
			if grouped {
				line = append(line, groupCell(d, row.group, labels))
			}
			for _, v := range row.cells {
				line = append(line, b.cell(d, v))
			}
			t.rows = append(t.rows, line)
		}
		out = append(out, block{kind: grid, table: t})
	}
	return out
}

// groupCell is one cell for all rows of a group, as one that spans them.
func groupCell(d *island, group *value, made map[int]*cell) *cell {
	if group == nil {
		return blank
	}
	if made[group.at] == nil {
		made[group.at] = &cell{text: fragment(group.text), from: d, at: group.at}
	}
	return made[group.at]
}

func (b *dataBuilder) cell(d *island, v value) *cell {
	c := &cell{from: d, at: v.at}
	switch v.kind {
	case aNumber:
		n, err := decimal.NewFromString(v.text)
		if err == nil && n.Exponent() > -20 && n.Exponent() < 20 {
			c.text.add(plain, plainNumber(v.text, n))
			c.number = b.dollars
		}
	case aText:
		c.text = fragment(v.text)
		_, err := decimal.NewFromString(strings.TrimSpace(v.text))
		c.number = b.dollars && err == nil
	case nothing, aTruth, aList, anObject:
	}
	return c
}

// plainNumber is a number as written, or without its exponent if it has one.
func plainNumber(written string, n decimal.Decimal) string {
	if strings.ContainsAny(written, "eE") {
		return n.String()
	}
	return written
}

// header finds the header row for the rows of one width. grouped tells that
// the label of the rows' group is their first cell. Where there is none, it says
// why.
func (b *dataBuilder) header(d *island, l *list, rows []dataRow, width int) (cells []*cell, grouped bool, why string) {
	hasGroup := !slices.ContainsFunc(rows, func(r dataRow) bool { return r.group == nil })
	if l.headings != nil {
		n := len(l.headings)
		if n != width && (n != width+1 || !hasGroup) {
			b.warn("%d rows of data have %d cells; their headings are %d: %s", len(rows), width, n, headingTexts(l.headings))
			return nil, false, fmt.Sprintf("its rows have %d cells, and there are %d headings", width, n)
		}
		for _, h := range l.headings {
			cells = append(cells, &cell{text: fragment(h.text), header: true, from: d, at: h.at})
		}
		return cells, n == width+1, ""
	}
	texts, possible, contradicted := b.shown(d, rows, width)
	if texts == nil && !contradicted {
		texts, grouped = b.shaped(rows, width, hasGroup, possible)
	}
	if texts == nil {
		why = "neither headings in the data nor a table beside it nor the configuration (rows) says what they mean"
		if contradicted {
			why = "the table beside them states other figures"
		}
		b.warn("%d rows of data with %d cells, such as %q, were left out: %s", len(rows), width, oneLine(rowText(rows[0])), why)
		return nil, false, why
	}
	for _, s := range texts {
		c := &cell{header: true}
		c.text.add(plain, s)
		cells = append(cells, c)
	}
	return cells, grouped, ""
}

func headingTexts(headings []value) string {
	var out []string
	for _, h := range headings {
		out = append(out, oneLine(h.text))
	}
	return strings.Join(out, " | ")
}

func rowText(r dataRow) string {
	var out []string
	for _, v := range r.cells {
		out = append(out, v.text)
	}
	return strings.Join(out, ", ")
}
