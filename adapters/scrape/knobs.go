package scrape

import (
	"maps"
	"slices"
	"strings"

	"ratecard/domain"
)

// knobsOf are the knobs that each reader has. One that a reader does not have
// would be turned in vain, so a configuration with it is refused; one that is
// stored already is read with all the same.
var knobsOf = map[string][]string{
	ReaderTables:   {"selector", "headers", "tiers", "divisor", "strip", "skip", "columns"},
	ReaderSections: {"selector", "headers", "tiers", "divisor", "strip", "skip"},
	ReaderScript:   {"headers", "tiers", "divisor", "strip"},
	ReaderJSON:     {"headers", "tiers", "divisor", "strip"},
	ReaderText:     {"headers", "tiers", "divisor", "strip", "skip"},
	ReaderIsland:   {"selector", "headers", "tiers", "divisor", "strip", "skip", "rows"},
	ReaderAuto:     {"selector", "strip", "skip"},
}

// knobs refuses those that the reader does not have.
func knobs(cfg domain.ReaderConfig, path string) []domain.FieldError {
	has, known := knobsOf[cfg.Reader]
	if !known {
		return nil
	}
	turned := map[string]bool{
		"selector": cfg.Selector != "", "headers": len(cfg.Headers) > 0, "tiers": len(cfg.Tiers) > 0, "divisor": cfg.Divisor != nil,
		"strip": len(cfg.Strip) > 0, "skip": len(cfg.Skip) > 0, "rows": len(cfg.Rows) > 0, "columns": len(cfg.Columns) > 0,
	}
	f := faultFinder{path: path}
	for _, knob := range slices.Sorted(maps.Keys(turned)) {
		if turned[knob] && !slices.Contains(has, knob) {
			f.fault(knob, "is no knob of the reader %q; expected one of: %s", cfg.Reader, strings.Join(has, ", "))
		}
	}
	return f.faults
}

// fixed checks columns that are given by their index.
func (f *faultFinder) fixed(columns map[string]int) map[string]int {
	if len(columns) == 0 {
		return nil
	}
	if _, named := columns[domain.ColumnModel]; !named {
		f.fault("columns."+domain.ColumnModel, "is missing; expected the index of the column that names the models")
	}
	if len(columns) < 2 {
		f.fault("columns", "names no column of prices; expected a meter beside %q", domain.ColumnModel)
	}
	taken := map[int]string{}
	for _, name := range sortedKeys(columns) {
		i := columns[name]
		switch first, twice := taken[i]; {
		case name != domain.ColumnModel && !domain.Meter(name).CountsTokens():
			f.fault("columns."+name, "is no token meter; expected %q or one of: %s", domain.ColumnModel, joined(domain.TokenMeters()))
		case i < 0 || i >= maxColumns:
			f.fault("columns."+name, "is %d; expected an index from 0 to %d", i, maxColumns-1)
		case twice:
			f.fault("columns."+name, "is %d, as %s is; expected a column of its own", i, first)
		}
		taken[i] = name
	}
	return columns
}

// fix makes columns what the configuration says that they are, whatever their
// headers say. A table that is too narrow for it is not the one that was meant.
func (p *plan) fix(columns map[string]int) {
	p.name, p.id, p.guessed, p.rowMeters, p.prices = -1, -1, false, false, false
	for i := range p.columns {
		p.columns[i].role = unread
	}
	for _, i := range columns {
		if i >= len(p.columns) {
			return
		}
	}
	for name, i := range columns {
		if name == domain.ColumnModel {
			p.name, p.columns[i].role = i, namesModel
			continue
		}
		p.columns[i].role, p.columns[i].meter, p.columns[i].dollar = meterPrice, domain.Meter(name), true
		p.prices = true
	}
}

// pricedByIndex tells whether a row has a figure in a column that the
// configuration makes one of prices.
func (r *reader) pricedByIndex(row []*cell) bool {
	for name, i := range r.columns {
		if name == domain.ColumnModel || i >= len(row) {
			continue
		}
		said := row[i].text.words()
		if figures, err := bareFigure(said, true, r.meters); err == nil && len(figures) > 0 || statesMoney(said) {
			return true
		}
	}
	return false
}
