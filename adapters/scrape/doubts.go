package scrape

import (
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// This file says by which words and rows a table of prices may hold other prices
// than those that everybody pays today.

// saysUnits tells whether every amount of a column states what it buys, or its
// row does, or a row above that stands for those below it.
func saysUnits(p plan, i int) bool {
	if slices.ContainsFunc(p.columns, func(c column) bool { return c.role == setsUnit }) {
		return true
	}
	var above rowState
	for _, row := range p.body {
		if unitRow(p, row, &above) || above.scale.said {
			continue
		}
		if row[i].number || unitless(row[i].text.words(), p.columns[i].dollar) {
			return false
		}
	}
	return true
}

// unitless tells whether a cell states an amount and not what it buys.
func unitless(said string, dollar bool) bool {
	figures, err := figuresIn(said, nil)
	if err == nil && len(figures) == 0 {
		figures, err = bareFigure(said, dollar, nil)
	}
	return err == nil && slices.ContainsFunc(figures, func(f figure) bool { return f.unit == "" }) ||
		err != nil && !unitPhrase.MatchString(said)
}

// deniedWords are those that a header says not to hold: beside "Output
// (non-thinking)" a column "Output (thinking)" is no plain output.
func deniedWords(p plan) []string {
	var denied []string
	for _, c := range p.columns {
		words := wordsOf(c.header)
		for i, w := range words[:max(0, len(words)-1)] {
			if anyOf([]string{w}, "non", "not", "no", "without", "excluding") {
				denied = append(denied, words[i+1])
			}
		}
	}
	return denied
}

// notNow are words of a heading above prices that held once, will hold some day,
// or are worked out for somebody.
var notNow = []string{
	"previous", "previously", "former", "formerly", "old", "past", "historical", "history", "archive", "archived", "upcoming", "future",
	"until", "till", "expires", "effective", "beginning", "ends", "offer", "offers", "launch", "sale", "deal", "deals", "limited", "special",
	"example", "examples", "calculator", "estimate", "estimates", "estimated", "estimator", "scenario", "scenarios",
	"task", "tasks", "spend", "spent", "budget", "invoice", "benchmark", "benchmarks",
}

// otherTimes is the first word by which a table may hold sums, or prices of
// another time than now.
func otherTimes(p plan) string {
	for i, c := range p.columns {
		words := wordsOf(c.header)
		if anyOf(words, "volume", "monthly", "plan", "plans", "edition", "subscription") || anyOf(words, "total", "totals", "sum", "month") && (c.dollar || pays(p.body, i)) || countsVolume(c.header) {
			return oneLine(c.header)
		}
	}
	for _, said := range []string{strangeRows(p), strangeLead(p), onlyCached(p)} {
		if said != "" {
			return said
		}
	}
	for _, text := range append([]string{p.heading, p.caption}, p.panes...) {
		for _, w := range wordsOf(text) {
			if slices.Contains(notNow, w) {
				return w
			}
		}
	}
	return ""
}

// termsOfSale make prices others than the ones that hold for everybody always.
var termsOfSale = []string{
	"peak", "offpeak", "utc", "gmt", "night", "nighttime", "discount", "discounted", "promotional", "promotion", "promo", "introductory", "trial",
	"weekend", "weekends", "holiday", "holidays", "student", "students", "academic", "education", "nonprofit", "nonprofits", "government", "startup", "startups",
	"partner", "partners", "members", "subscribers", "finetuning", "finetuned", "tuning", "tuned", "training", "dedicated", "provisioned", "reserved", "committed", "commitment", "enterprise", "hosting", "original",
	"eu", "europe", "emea", "apac", "asia", "china", "mainland", "international", "japan", "india", "east", "west", "regional", "region",
	"govcloud", "sovereign", "premises", "licence", "license",
}

// foreignMoney finds currencies that are none of US dollars.
var foreignMoney = regexp.MustCompile(`(?i)[€£¥￥₹₩元]|\b(?:EUR|GBP|CNY|RMB|JPY|INR|KRW|CHF|AUD|CAD|yuan|euros?|yen|rupees?)\b|\b(?:A|C|CA|AU|HK|NZ|S)\$`)

// lengthBand finds a range of prompt lengths that may end on either side: what
// it says of the tokens between two rows nobody knows.
var lengthBand = regexp.MustCompile(`(?i)\d\s*[km]\s*(?:tokens?)?\s*(?:-|–|—|~|to)\s*\d[\d,.]*\s*[km]\b`)

// strangeTerms is the first word around a table, or in it, by which its prices
// may hold for some, sometimes, somewhere, or in another currency.
func strangeTerms(p plan) string {
	around := append([]string{p.heading, p.caption}, p.panes...)
	for _, c := range p.columns {
		around = append(around, c.header)
	}
	for _, text := range around {
		for _, w := range wordsOf(text) {
			if slices.Contains(termsOfSale, w) {
				return w
			}
		}
	}
	for _, row := range p.body {
		for i, c := range row {
			if i > 0 && c == row[i-1] {
				continue
			}
			around = append(around, c.text.words())
		}
	}
	for _, text := range append(around, p.before...) {
		if money := foreignMoney.FindString(text); money != "" {
			return money
		}
		if band := lengthBand.FindString(text); band != "" {
			return band
		}
		if words := wordsOf(text); len(text) <= maxCell && anyOf(words, "peak", "offpeak", "utc", "gmt") {
			return oneLine(text)
		}
	}
	return ""
}

// strangeRows is the first text within a table by which rows may hold sums, or
// prices on terms that nobody knows: a volume of tokens that nobody sends in one
// prompt, a heading of other prices, or one that ends those of a tier and says not
// what follows.
func strangeRows(p plan) string {
	tiered, voc := false, newVocabulary(nil)
	tierAmong := func(c *cell) bool { _, tier := voc.exactly(c.text.words()); return tier }
	strangeCell := func(c *cell) bool {
		w := wordsOf(c.text.words())
		return anyOf(w, termsOfSale...) || anyOf(w, notNow...)
	}
	for _, row := range p.body {
		if said, alone := saidAlone(row); alone && said != "" && !statesMoney(said) {
			_, tier := voc.exactly(said)
			if tiered && !tier {
				return oneLine(said)
			}
			tiered = tier
		} else if i := slices.IndexFunc(row, tierAmong); i >= 0 && !p.pays(row) {
			return oneLine(row[i].text.words())
		}
		if i := slices.IndexFunc(row, strangeCell); i >= 0 && !p.pays(row) {
			return oneLine(row[i].text.words())
		}
		for _, c := range row {
			if said := c.text.words(); countsVolume(said) {
				return oneLine(said)
			}
		}
	}
	return ""
}

// longestPrompt is more than any model takes in one prompt.
var longestPrompt = decimal.NewFromInt(20_000_000)

// countsVolume tells whether a text sets apart numbers of tokens that are too high
// for one prompt: such prices depend on how much somebody buys.
func countsVolume(s string) bool {
	for _, m := range volumePhrase.FindAllStringSubmatch(s, -1) {
		n, err := decimal.NewFromString(strings.ReplaceAll(m[1], ",", ""))
		if err != nil {
			continue
		}
		switch strings.ToLower(m[2]) {
		case "k":
			n = n.Shift(3)
		case "m", "million":
			n = n.Shift(6)
		case "b", "billion":
			n = n.Shift(9)
		}
		if n.GreaterThan(longestPrompt) {
			return true
		}
	}
	return false
}

var volumePhrase = regexp.MustCompile(`(?i)(?:` + upperWords + `|` + lowerWords + `|\b(?:first|next|additional|after)\b)\s*(\d[\d,]*(?:\.\d+)?)\s*(k|m|million|b|billion)?\b`)

// namesLikeIDs tells whether a column that does not say that it names models
// looks as if it did: most of its cells carry a version, or are ids.
func namesLikeIDs(p plan) bool {
	like, all := 0, 0
	for _, row := range p.body {
		s := row[p.name].text.words()
		if s == "" || !p.pays(row) {
			continue
		}
		all++
		if strings.ContainsAny(s, digits) || isID(s) {
			like++
		}
	}
	return like > 0 && 2*like > all
}

// plainRows leaves out what is priced on terms that its row states: "ada-1
// (weekends)".
func plainRows(quotes []domain.Quote) []domain.Quote {
	return slices.DeleteFunc(quotes, func(q domain.Quote) bool { return anyOf(wordsOf(q.Place.Row), termsOfSale...) })
}

// strangeLead is the text before a table that says what is taken off its prices,
// or that names several units; or its last header, where rows go further than it.
func strangeLead(p plan) string {
	for _, text := range p.before {
		words := wordsOf(text)
		discounted := anyOf(words, "discount", "discounted", "off", "promotional", "introductory") &&
			anyOf(words, "shown", "include", "includes", "including", "reflect", "reflects", "listed", "below", "following", "these")
		if len(text) <= maxCell && (discounted || statesUnits(text) > 1) {
			return oneLine(text)
		}
	}
	if last := len(p.columns) - 1; p.rows[0][last].short && pays(p.body, last) {
		return "cells beyond its header"
	}
	return ""
}

// statesUnits counts the units of tokens that a text states.
func statesUnits(s string) int {
	units := map[int32]bool{}
	for _, at := range unitPhrase.FindAllStringSubmatchIndex(s, -1) {
		units[scaleOf(at).shift] = true
	}
	return len(units)
}

// onlyCached is the heading of a table that speaks of caching, where its columns do
// not.
func onlyCached(p plan) string {
	caches := func(s string) bool { return anyOf(wordsOf(s), "cache", "cached", "caching") }
	if caches(p.heading) && !slices.ContainsFunc(p.columns, func(c column) bool { return caches(c.header) }) &&
		!slices.ContainsFunc(p.body, func(row []*cell) bool { return caches(row[0].text.words()) }) {
		return p.heading
	}
	return ""
}

// otherUnits are what else prices are for, and what is sold by it.
var otherUnits = []string{
	"minute", "minutes", "second", "seconds", "hour", "hours", "character", "characters", "word", "words", "page", "pages", "image", "images",
	"speech", "audio", "voice", "video", "videos", "music", "transcription",
}

// speaksOfOtherUnits tells whether the heading of a table, or a short text before
// it, speaks of something that is not sold by the token alone: then what the page
// says elsewhere of its prices may not hold for it.
func speaksOfOtherUnits(p plan) bool {
	for _, text := range append([]string{p.heading, p.caption}, p.before...) {
		if words := wordsOf(text); len(text) <= 120 && anyOf(words, otherUnits...) && !anyOf(words, "token", "tokens") {
			return true
		}
	}
	return false
}
