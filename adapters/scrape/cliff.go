package scrape

import (
	"strings"

	"github.com/shopspring/decimal"
)

// longContext finds where the long context of a table begins, when its header
// gives it no number: at the one threshold that the names in the table state
// ("(<272K context length)"), or those in its component's data, or all names
// and data of the page, or the sentences that speak of prices.
func (r *reader) longContext(t *table) (threshold, bool) {
	own := r.ownCliffs[t]
	if own == nil {
		own = &cliffSet{}
		own.table(t)
		if t.within != nil {
			own.value(t.within.root)
		}
		r.ownCliffs[t] = own
	}
	if over, ok := own.only(); ok || own.found != nil {
		return over, ok
	}
	if r.cliffs == nil {
		r.cliffs = &cliffSet{}
		for _, b := range r.doc.blocks {
			switch b.kind { //nolint:exhaustive // sentences come last
			case grid:
				r.cliffs.table(b.table)
			case data:
				r.cliffs.value(b.data.root)
			}
		}
		if r.cliffs.found == nil {
			for _, b := range r.doc.blocks {
				if b.kind == paragraph || b.kind == item {
					r.cliffs.sentences(b.text.words())
				}
			}
		}
	}
	return r.cliffs.only()
}

// A cliffSet collects thresholds.
type cliffSet struct{ found []threshold }

// only is the one threshold that was found, if it is one. The wording of the
// dearer side holds where both are stated: they differ by a token at most.
func (c *cliffSet) only() (threshold, bool) {
	if len(c.found) == 0 {
		return threshold{}, false
	}
	for _, t := range c.found {
		if t.above != c.found[0].above {
			return threshold{}, false
		}
	}
	return c.found[0], true
}

func (c *cliffSet) add(s string) {
	if !strings.ContainsAny(s, digits) {
		return
	}
	for _, m := range thresholdPhrase.FindAllStringSubmatch(s, -1) {
		if !anyOf(wordsOf(m[0]), "context", "token", "tokens", "prompt", "prompts", "input") {
			continue
		}
		if t, ok := cliffIn(m); ok {
			c.found = append(c.found, t)
		}
	}
}

// table heeds the cells that hold no amount.
func (c *cliffSet) table(t *table) {
	for _, row := range t.rows {
		for i, cl := range row {
			if i > 0 && cl == row[i-1] {
				continue
			}
			if s := cl.text.words(); strings.ContainsAny(s, "<>≤≥+") && len(s) <= 120 && !strings.Contains(s, "$") {
				c.add(s)
			}
		}
	}
}

func (c *cliffSet) value(v value) {
	if v.kind == aText && strings.ContainsAny(v.text, "<>≤≥+") && len(v.text) <= 120 {
		c.add(v.text)
	}
	for _, item := range v.items {
		c.value(item)
	}
}

func (c *cliffSet) sentences(s string) {
	for _, sentence := range sentencesOf(s) {
		if anyOf(wordsOf(sentence), "price", "priced", "prices", "pricing", "rate", "rates", "billed", "charged", "cost", "costs") || contextWords.MatchString(sentence) {
			c.add(sentence)
		}
	}
}

// cliffIn reads the groups of thresholdPhrase as the cliff that they speak of,
// whichever side of it they name: what is not "<272K" begins at 272,000.
func cliffIn(m []string) (threshold, bool) {
	t, ok := thresholdOf(m)
	if !ok || t.above > 0 {
		return t, ok
	}
	number, scale := m[2], strings.ToLower(m[3])
	if number == "" {
		number, scale = m[5], strings.ToLower(m[6])
	}
	n, err := decimal.NewFromString(strings.ReplaceAll(number, ",", ""))
	if err != nil {
		return t, false
	}
	switch scale {
	case "k":
		n = n.Shift(3)
	case "m":
		n = n.Shift(6)
	}
	t = threshold{above: n.IntPart(), min: n.IntPart() + 1}
	switch op := strings.ToLower(m[1]); op {
	case "<", "under", "below", "fewer than", "less than", "shorter than":
		t.min = t.above
	}
	return t, true
}
