package scrape

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// shown finds what the cells of rows without headings mean by the table that
// their component shows: a cell means the column in which every row that both
// have prints the same figure. Where several columns do, possible lists what
// each cell may mean. contradicted: both have rows in common, and no columns fit.
func (b *dataBuilder) shown(d *island, rows []dataRow, width int) (texts []string, possible [][]string, contradicted bool) {
	for _, t := range d.inside {
		head := headerRows(t, b.cfg.meters)
		if head >= len(t.rows) || len(t.rows[0]) > maxColumns {
			continue
		}
		a := alignment{width: width, columns: len(t.rows[0])}
		a.fill(b, rows, t.rows[head:])
		if a.shared == 0 {
			continue
		}
		columns, n := a.solve()
		switch n {
		case 0:
			return nil, nil, true
		case 1:
			texts = append(texts, headerOf(t.rows[:head], a.name))
			for _, c := range columns {
				texts = append(texts, headerOf(t.rows[:head], c))
			}
			return texts, nil, false
		}
		possible = make([][]string, width)
		for j := 1; j < width; j++ {
			for c, fits := range a.fits[j] {
				if fits {
					possible[j] = append(possible[j], headerOf(t.rows[:head], c))
				}
			}
		}
		return nil, possible, false
	}
	return nil, nil, false
}

// agrees tells whether a shape gives each cell a meaning that is possible.
func (b *dataBuilder) agrees(shape []string, possible [][]string) bool {
	for j := 1; j < len(possible); j++ {
		meter, _ := namedMeter(shape[j], b.cfg.meters)
		if !slices.ContainsFunc(possible[j], func(header string) bool {
			m, _ := namedMeter(contextWords.ReplaceAllString(header, " "), b.cfg.meters)
			return m == meter
		}) {
			return false
		}
	}
	return true
}

// An alignment compares the cells of rows with the columns of a table.
type alignment struct {
	width, columns int
	name           int // the column that names the models
	shared         int // rows that both have
	fits           [][]bool
}

// fill compares all rows that both have, which are found by their names.
func (a *alignment) fill(b *dataBuilder, rows []dataRow, body [][]*cell) {
	a.fits = make([][]bool, a.width)
	for j := range a.fits {
		a.fits[j] = make([]bool, a.columns)
		for c := range a.fits[j] {
			a.fits[j][c] = true
		}
	}
	byName := map[string][]*cell{}
	twice := map[string]bool{}
	for _, row := range body {
		for c, cl := range row {
			if name := b.nameIn(cl.text); name != "" {
				twice[name] = twice[name] || byName[name] != nil
				byName[name], a.name = row, c
				break
			}
		}
	}
	for _, row := range rows {
		name := b.nameIn(fragment(row.cells[0].text))
		seen := byName[name]
		if seen == nil || twice[name] {
			continue
		}
		a.shared++
		for j := 1; j < a.width; j++ {
			stated, has := amountOf(row.cells[j].text)
			for c := range a.fits[j] {
				printed, prints := amountOf(seen[c].text.words())
				a.fits[j][c] = a.fits[j][c] && c != a.name && has == prints && (!has || stated.Equal(printed))
			}
		}
	}
}

// nameIn is the name that a cell gives, in its normal form.
func (b *dataBuilder) nameIn(t text) string {
	name := labelOf(t, b.cfg.tiers, b.cfg.strip).name
	if !nameable(name) {
		return ""
	}
	return normal(name)
}

func amountOf(s string) (decimal.Decimal, bool) {
	s = strings.TrimSpace(s)
	for _, sign := range []string{"US$", "USD", "$"} {
		if rest, signed := strings.CutPrefix(s, sign); signed {
			s = rest
			break
		}
	}
	s = strings.TrimSpace(strings.TrimSuffix(s, "USD"))
	d, err := decimal.NewFromString(strings.ReplaceAll(s, ",", ""))
	return d, err == nil
}

// solve finds the columns of the cells, in the order of both, and how many
// ways there are: none, one, or several. Where there is none in that order, the
// table may show the columns in another.
func (a *alignment) solve() (columns []int, ways int) {
	if columns, ways = a.assign(true); ways == 0 {
		columns, ways = a.assign(false)
	}
	return columns, ways
}

// assign looks for a column for each cell, from left to right or in any order.
func (a *alignment) assign(inOrder bool) (columns []int, ways int) {
	chosen := make([]int, 0, a.width)
	steps := 0
	var try func(j, from int)
	try = func(j, from int) {
		if steps++; steps > 10_000 {
			ways = 2
		}
		if ways > 1 {
			return
		}
		if j == a.width {
			ways++
			columns = slices.Clone(chosen)
			return
		}
		for c := from; c < a.columns; c++ {
			if a.fits[j][c] && !slices.Contains(chosen, c) {
				chosen = append(chosen, c)
				next := c + 1
				if !inOrder {
					next = 0
				}
				try(j+1, next)
				chosen = chosen[:len(chosen)-1]
			}
		}
	}
	try(1, 0)
	return columns, ways
}

// shaped finds what the cells of rows mean by the configuration, if the rows
// are what it says they are. Where the first cells say what the tokens stand
// for, the label of the rows' group names the model.
func (b *dataBuilder) shaped(rows []dataRow, width int, hasGroup bool, possible [][]string) (texts []string, grouped bool) {
	for _, shape := range b.cfg.rows {
		if len(shape) != width || !b.agrees(shape, possible) {
			continue
		}
		kinds := 0
		for _, r := range rows {
			if _, ok := modalities(r.cells[0].text); ok {
				kinds++
			}
			if !b.orderly(shape, r) {
				return nil, false
			}
		}
		switch {
		case kinds == 0:
			return shape, false
		case kinds == len(rows) && hasGroup:
			return append([]string{shape[0], "Modality"}, shape[1:]...), true
		}
	}
	return nil, false
}

// orderly tells whether a row can be what a shape says: its first cell a name,
// the others amounts or nothing, and no cached token dearer than a fresh one.
func (b *dataBuilder) orderly(shape []string, r dataRow) bool {
	if !nameable(labelOf(fragment(r.cells[0].text), b.cfg.tiers, b.cfg.strip).name) {
		return false
	}
	amounts := map[domain.Meter]decimal.Decimal{}
	for i, v := range r.cells[1:] {
		meter, ok := namedMeter(shape[i+1], b.cfg.meters)
		if !ok {
			continue
		}
		said := fragment(v.text).words()
		if amount, isAmount := amountOf(said); isAmount {
			amounts[meter] = amount
			continue
		}
		figures, err := figuresIn(said, b.cfg.meters)
		switch {
		case err != nil || len(figures) > 1:
			return false
		case len(figures) == 1 && !figures[0].tokens:
			return false
		case len(figures) == 1:
			amounts[meter] = figures[0].amount
		case strings.ContainsAny(said, digits):
			return false
		}
	}
	in, priced := amounts[domain.MeterInput]
	read, reads := amounts[domain.MeterCacheRead]
	write, writes := amounts[domain.MeterCacheWrite]
	return (!reads || priced && read.LessThanOrEqual(in)) && (!writes || priced && write.GreaterThanOrEqual(in))
}
