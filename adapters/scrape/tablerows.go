package scrape

import (
	"strings"

	"ratecard/domain"
)

// This file reads what a row of a table says of all its figures.

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
