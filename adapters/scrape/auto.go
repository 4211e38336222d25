package scrape

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// ReaderAuto reads a page that nobody has described: tables recognised by what
// their headers and cells look like, and sections of models. It takes nothing
// for granted that the other readers do: what the amounts buy must be said, every
// word of a column's header be understood, and the prices of a row stand in the
// order that prices have. In doubt it is silent. Its knobs: Selector, Strip, Skip.
const ReaderAuto = domain.ReaderAuto

// readAuto reads the tables and the sections of a page.
func readAuto(p *page, cfg compiled) (domain.Reading, string, error) {
	doc, err := p.document(cfg.selector)
	if err != nil {
		return domain.Reading{}, "", err
	}
	s := sceptic{reader: newReader(doc, cfg).telling(p.account), page: pageScale(doc)}
	plans := s.plans(cfg.skip)
	for i := range plans {
		s.doubt(&plans[i])
	}
	s.read(plans)
	got := s.reading
	sections, _, err := readSections(p, cfg)
	if err != nil {
		return domain.Reading{}, "", err
	}
	sections.Quotes = ordered(sections.Quotes, &sections.Warnings)
	if !s.page.said { // nothing, or more than one thing, is said of what its amounts buy
		sections.Quotes = slices.DeleteFunc(sections.Quotes, func(q domain.Quote) bool {
			said := q.Place.Header + " " + q.Place.Cell
			return !unitPhrase.MatchString(said) || anyOf(wordsOf(said), termsOfSale...)
		})
	}
	got = settle(merge(got, sections))
	got.Quotes = slices.DeleteFunc(got.Quotes, func(q domain.Quote) bool {
		return q.Tier == domain.TierFast // the words mean one thing here and another there
	})
	for i := range got.Quotes {
		got.Quotes[i].Place.Reader = ReaderAuto
	}
	return got, lookedForAuto(doc, p.form), nil
}

func lookedForAuto(doc document, f form) string {
	tables := 0
	for _, b := range doc.blocks {
		if b.kind == grid && slices.ContainsFunc(b.table.rows, hasAmount) {
			tables++
		}
	}
	return fmt.Sprintf("reader %q looked in the page (%s) for tables that name models beside amounts of US dollars, under headers that name token meters and with the unit in sight; it found %d tables with amounts, none of which it understands whole",
		ReaderAuto, f, tables)
}

// A sceptic reads tables and believes no more than they show.
type sceptic struct {
	reader
	page scale // what the page says once for all that its prices are for
}

// read reads the tables that are left, each with its rows judged together.
func (s *sceptic) read(plans []plan) {
	for _, p := range plans {
		if p.prices && p.name >= 0 && !p.guessed {
			s.register(p)
		}
	}
	for _, p := range plans {
		from := len(s.reading.Quotes)
		if p.prices && !p.excluded() {
			s.table(p)
			s.reading.Quotes = append(s.reading.Quotes[:from:from], ordered(plainRows(s.reading.Quotes[from:]), &s.reading.Warnings)...)
		}
		s.explainTable(p, len(s.reading.Quotes)-from)
	}
}

// doubt takes away from a plan what cannot be believed without knowing the page.
func (s *sceptic) doubt(p *plan) {
	if !p.prices {
		return
	}
	if why := strangeTerms(*p); why != "" {
		s.warn("a table of prices (%s) under %q speaks of %q; it was left out", headersOf(*p), p.heading, why)
		p.prices, p.doubt = false, fmt.Sprintf("it speaks of %q: its prices may not hold for everybody, always, or in US dollars", why)
		return
	}
	if why := otherTimes(*p); why != "" {
		s.warn("a table of prices (%s) under %q speaks of %q; it was left out", headersOf(*p), p.heading, why)
		p.prices, p.doubt = false, fmt.Sprintf("it speaks of %q: it may hold no prices of today", why)
		return
	}
	if p.guessed && !namesLikeIDs(*p) {
		p.prices, p.doubt = false, "no column of it surely names models"
		return
	}
	switch {
	case p.scale.said:
	case p.modality == unsaid && speaksOfOtherUnits(*p):
		p.scale = scale{}
	case p.under.said:
		p.scale = p.under
	default:
		p.scale = s.page
	}
	denied := deniedWords(*p)
	for i := range p.columns {
		c := &p.columns[i]
		switch {
		case c.role != meterPrice && c.role != labelPrice:
		case anyOf(wordsOf(c.header), denied...):
			s.warn("the column %q under %q is one of two prices of which nobody knows who pays which; it was left out", oneLine(c.header), p.heading)
			c.role = unread
		case !knownWords(c.header, s.tiers):
			s.warn("the column %q under %q is not understood word by word; it was left out", oneLine(c.header), p.heading)
			c.role = unread
		case !c.scale.said && !p.scale.said && !saysUnits(*p, i):
			s.warn("nothing says what the amounts in the column %q under %q buy; it was left out", oneLine(c.header), p.heading)
			c.role = unread
		}
	}
	if !p.scale.said {
		p.scale = scale{tokens: true} // what is left says it itself
	}
}

// headerWords may stand in the header of prices beside the words of meters.
var headerWords = []string{"us", "dollar", "dollars", "m", "mm", "k", "1m", "1k", "thousand", "tok", "toks", "mtokens", "uncached", "miss", "misses", "short", "long", "standard", "default", "api", "with", "h", "hr", "5m", "1h", "usage"}

// knownWords tells whether every word of a header is known to be part of how
// pages head the prices of tokens.
func knownWords(header string, tiers vocabulary) bool {
	rest, _, ok := cutDates(strings.ReplaceAll(header, "\n", " "))
	if !ok {
		return false
	}
	rest = withoutMark(withoutUnit(thresholdPhrase.ReplaceAllString(rest, " ")))
	for _, w := range wordsOf(rest) {
		if _, tier := tiers.within(w); !tier && !slices.Contains(meterWords, w) && !slices.Contains(headerWords, w) && strings.Trim(w, digits) != "" {
			return false
		}
	}
	return true
}

// pageScale is what a page says of all its prices: the unit that it states, if
// it states one only.
func pageScale(doc document) scale {
	var found scale
	for _, b := range doc.blocks {
		if b.kind == grid || b.kind == data {
			continue
		}
		said := oneLine(b.text.words())
		switch per := scaleIn(said); {
		case !per.said:
		case statesUnits(said) > 1:
			return scale{}
		case !per.tokens || found.said && per.shift != found.shift:
			return scale{}
		default:
			found = per
		}
	}
	return found
}

// dearest is more than anybody asks for a million tokens, in US dollars: what is
// dearer was read with the wrong unit.
var dearest = decimal.NewFromInt(5_000)

// ordered leaves the prices out of a table that no price list would hold: one
// such row, and it is not understood which column is which.
func ordered(quotes []domain.Quote, warnings *[]string) []domain.Quote {
	type line struct {
		key  domain.QuoteKey
		kind string
	}
	prices := map[line]map[domain.Meter]decimal.Decimal{}
	for _, q := range quotes {
		key := line{key: q.QuoteKey}
		key.key.Meter = ""
		meter := q.Meter
		for _, kind := range []string{"_audio", "_image", "_video"} {
			if base, ok := strings.CutSuffix(string(meter), kind); ok {
				meter, key.kind = domain.Meter(base), kind
			}
		}
		if prices[key] == nil {
			prices[key] = map[domain.Meter]decimal.Decimal{}
		}
		prices[key][meter] = q.Amount
		if q.Amount.GreaterThan(dearest) {
			*warnings = append(*warnings, fmt.Sprintf("%s: %s USD for a million tokens is no price; its table was left out", q.Name, q.Amount))
			return nil
		}
	}
	for key, of := range prices {
		for _, pair := range [][2]domain.Meter{
			{domain.MeterInput, domain.MeterOutput}, {domain.MeterCacheRead, domain.MeterInput}, {domain.MeterInput, domain.MeterCacheWrite}, {domain.MeterCacheWrite, domain.MeterCacheWrite1h},
		} {
			low, one := of[pair[0]]
			high, two := of[pair[1]]
			if one && two && low.GreaterThan(high) {
				*warnings = append(*warnings, fmt.Sprintf("%s: %s is dearer than %s, as in no price list; its table was left out", key.key.Name, pair[0], pair[1]))
				return nil
			}
		}
	}
	return quotes
}
