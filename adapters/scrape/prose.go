package scrape

import (
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// readProse reads what a page states in sentences, and in tables that are no
// price lists: rules without figures ("50 % off"), and prices that are not per
// token. Neither ever becomes a rate here.
func readProse(doc document, cfg compiled, out *domain.Reading) {
	title := ""
	for _, b := range doc.blocks {
		switch b.kind {
		case heading:
			title = oneLine(b.text.words())
		case paragraph, item:
			s := b.text.words()
			for _, sentence := range sentencesOf(s) {
				addModifiers(sentence, cfg, out)
			}
			addCharges(title, s, out)
		case grid:
			tableRules(b.table, doc, cfg, out)
			for _, row := range b.table.rows {
				if len(row) > 1 {
					what := oneLine(row[0].text.words())
					for i, c := range row[1:] {
						if c != row[i] {
							addCharges(what, c.text.words(), out)
						}
					}
				}
			}
		case data: // has readers of its own
		}
	}
}

var (
	percentPhrase  = regexp.MustCompile(`(?i)(\d+(?:\.\d+)?)\s*%\s*(off|discount|reduction|lower|cheaper|less|savings?|premium|uplift|surcharge|higher|more|markup)\b`)
	multiplePhrase = regexp.MustCompile(`(?i)\b(\d+(?:\.\d+)?)\s*(?:x|×|times)\s+(?:the\s+)?(?:pricing\s+)?(multiplier|(?:base\s+)?input|base|standard)\b`)
	multipleCell   = regexp.MustCompile(`(?i)^\s*(\d+(?:\.\d+)?)\s*(?:x|×)\b`)
)

// addModifiers reads rules out of one sentence: what they apply to must stand
// in it.
func addModifiers(sentence string, cfg compiled, out *domain.Reading) {
	if !strings.ContainsAny(sentence, digits) {
		return
	}
	place := domain.Place{Reader: cfg.name, Cell: oneLine(sentence)}
	for _, m := range percentPhrase.FindAllStringSubmatch(sentence, -1) {
		percent, err := decimal.NewFromString(m[1])
		if err != nil || percent.GreaterThan(decimal.NewFromInt(100)) {
			continue
		}
		switch strings.ToLower(m[2]) {
		case "premium", "uplift", "surcharge", "higher", "more", "markup":
		default:
			percent = percent.Neg()
		}
		addModifier(subject(sentence, cfg), decimal.NewFromInt(1).Add(percent.Shift(-2)), sentence, place, out)
	}
	for _, at := range multiplePhrase.FindAllStringSubmatchIndex(sentence, -1) {
		factor, err := decimal.NewFromString(sentence[at[2]:at[3]])
		if err != nil {
			continue
		}
		what := subject(sentence, cfg)
		if strings.ToLower(sentence[at[4]:at[5]]) != "multiplier" { // "5-minute cache write tokens are 1.25 times the base input price"
			meter, ok := meterOf(strings.TrimSpace(strings.TrimRight(sentence[:at[0]], " arewisbtm")))
			if !ok {
				continue
			}
			what = string(meter)
		}
		addModifier(what, factor, sentence, place, out)
	}
}

// subject is what a sentence's rule applies to: a tier, or a region.
func subject(sentence string, cfg compiled) string {
	if tier, ok := cfg.tiers.within(sentence); ok && tier != domain.TierStandard {
		return string(tier)
	}
	words := wordsOf(sentence)
	switch {
	case anyOf(words, "us") && anyOf(words, "inference", "only", "residency", "geo"):
		return "us"
	case anyOf(words, "regional", "region", "residency"):
		return "regional"
	}
	return ""
}

func addModifier(what string, factor decimal.Decimal, said string, place domain.Place, out *domain.Reading) {
	if what == "" || len(out.Modifiers) >= maxModifiers || factor.IsNegative() || factor.GreaterThan(decimal.NewFromInt(100)) {
		return
	}
	if slices.ContainsFunc(out.Modifiers, func(m domain.Modifier) bool { return m.What == what && m.Factor.Equal(factor) }) {
		return
	}
	out.Modifiers = append(out.Modifiers, domain.Modifier{What: what, Factor: factor, Text: oneLine(said), Place: place})
}

// tableRules reads a table of multipliers: its rows name meters.
func tableRules(t *table, doc document, cfg compiled, out *domain.Reading) {
	for _, row := range t.rows {
		if !slices.ContainsFunc(row, func(c *cell) bool { return multipleCell.MatchString(c.text.words()) }) {
			continue
		}
		meter, ok := meterOf(row[0].text.words())
		if !ok {
			continue
		}
		for _, c := range row[1:] {
			m := multipleCell.FindStringSubmatch(c.text.words())
			if m == nil || strings.ContainsAny(c.text.words(), "$€£=") {
				continue
			}
			if factor, err := decimal.NewFromString(m[1]); err == nil {
				addModifier(string(meter), factor, c.text.String(), domain.Place{Reader: cfg.name, Path: doc.place(c), Row: row[0].text.String(), Cell: c.text.String()}, out)
			}
		}
	}
}

// maxCharges and the like are what a page could state that people wrote.
const (
	maxCharges   = 500
	maxModifiers = 100
)

var chargePhrase = regexp.MustCompile(`(~\s*)?\$\s?((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?:\s*USD)?\s*(?:/|\bper\b)\s*((?:\d[\d,]*\s*k?\s+)?[A-Za-z][A-Za-z-]*(?:\s*(?:/|, per|per)\s*[A-Za-z][A-Za-z-]*)?)`)

// tokenPrice finds an amount with a unit of tokens: no charge, whoever reads it.
var tokenPrice = regexp.MustCompile(`(?i)\$\s*[\d.,]+\s*(?:usd\s*)?(?:` + strings.TrimPrefix(unitPhrase.String(), "(?i)") + `)`)

// addCharges reads prices that are per something other than tokens.
func addCharges(what, s string, out *domain.Reading) {
	if !strings.Contains(s, "$") {
		return
	}
	s = tokenPrice.ReplaceAllString(s, " ")
	for _, m := range chargePhrase.FindAllStringSubmatch(s, -1) {
		if len(out.Charges) >= maxCharges {
			return
		}
		if m[1] != "" || unitPhrase.MatchString("/ "+m[3]) || anyOf(wordsOf(m[3]), "mtok", "tokens", "token", "input", "output") || what == "" {
			continue
		}
		amount, err := decimal.NewFromString(strings.ReplaceAll(m[2], ",", ""))
		if err != nil {
			continue
		}
		c := domain.Charge{What: what, Unit: strings.Join(strings.Fields(m[3]), " "), Amount: amount, Kind: domain.ChargeOther}
		if !slices.ContainsFunc(out.Charges, func(o domain.Charge) bool {
			return o.Unit == c.Unit && o.Amount.Equal(c.Amount) && (o.Model == "" || o.Model == c.What)
		}) {
			out.Charges = append(out.Charges, c)
		}
	}
}
