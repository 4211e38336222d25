package scrape

import (
	"ratecard/domain"
)

// Explain reads a page as Read does, and says besides what each reader looked
// for and what it found.
func (*Scraper) Explain(body []byte, source domain.Source) (domain.Reading, []domain.Finding, error) {
	findings := []domain.Finding{}
	reading, err := readWith(body, source, &findings)
	return reading, findings, err
}

// explained is how many tables of one page anybody would look through.
const explained = 100

// explainTable says what was made of each table; nil asks for nothing.
func (r *reader) explainTable(p plan, quotes int) {
	if r.tables == nil || len(*r.tables) == explained {
		return
	}
	t := domain.TableFinding{Heading: p.heading, Rows: len(p.body), Quotes: quotes, Skipped: p.unreadable()}
	if t.Skipped == "" && quotes == 0 {
		t.Skipped = "no row of it both names a model and states a price of tokens"
	}
	for _, c := range p.columns {
		t.Columns = append(t.Columns, domain.ColumnFinding{Header: c.header, Means: c.means()})
	}
	*r.tables = append(*r.tables, t)
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
