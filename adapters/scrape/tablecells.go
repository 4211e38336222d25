package scrape

import (
	"regexp"
	"slices"
	"strings"

	"ratecard/domain"
)

// This file reads the figures of a table's cells.

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
