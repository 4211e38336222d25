package scrape

import (
	"regexp"
	"slices"
	"strings"

	"ratecard/domain"
)

// A setting is what stands around a table and bears on its prices.
type setting struct {
	heading  string   // the nearest one
	before   []string // paragraphs since the heading or table before, in order
	tier     domain.Tier
	modality modality
	skipped  bool  // the configuration leaves this section out
	regional bool  // the section is about prices of a region
	scale    scale // the unit of figures that print none
	under    scale // what was said last of it in the section, before other tables as well
}

// A scale is what a figure without a unit is the price of.
type scale struct {
	shift  int32 // a power of ten to reach a million tokens
	tokens bool
	said   bool
	unit   string // as printed, where it is not one of tokens
}

// A placed table is a table in its setting.
type placed struct {
	*table
	setting
}

// settings goes through a document and gives each table its setting.
func settings(doc document, voc vocabulary, skip []string) []placed {
	w := walker{voc: voc, skip: skip, linewise: doc.linewise}
	for _, b := range doc.blocks {
		switch b.kind {
		case heading:
			w.heading(b)
		case paragraph, item:
			w.text(b)
		case grid:
			w.table(b.table)
		case data: // has readers of its own
		}
	}
	return w.out
}

// A walker remembers what was passed on the way to a table.
type walker struct {
	voc      vocabulary
	skip     []string
	linewise bool
	out      []placed
	chain    []passed
	label    string // a bare paragraph that works as a heading ("Batch")
	before   []string
	skipping int // the level of the heading whose section is left out
	under    scale
	said     int // the level of the heading under which it was said
}

// passed is a heading above what comes.
type passed struct {
	level int
	text  string
}

func (w *walker) heading(b block) {
	title := strings.ReplaceAll(b.text.words(), "\n", " ")
	if dataHeading(title) { // it introduces the table that a label before it stands for
		if _, ok := w.voc.exactly(title); w.label == "" && (ok || untiered(title)) {
			w.label = title
		}
		return
	}
	for len(w.chain) > 0 && w.chain[len(w.chain)-1].level >= b.level {
		w.chain = w.chain[:len(w.chain)-1]
	}
	w.chain = append(w.chain, passed{b.level, title})
	if b.level <= w.said {
		w.under, w.said = scale{}, 0
	}
	w.unit(title)
	w.label, w.before = "", nil
	if w.skipping == 0 || b.level <= w.skipping {
		w.skipping = 0
		if slices.Contains(w.skip, normal(title)) {
			w.skipping = b.level
		}
	}
}

func (w *walker) text(b block) {
	s := b.text.words()
	if namesSwitch(s, w.voc) {
		return
	}
	if b.kind == paragraph && bare(s, w.voc) {
		w.label, w.before = s, nil
		return
	}
	if w.linewise && titleLine(s) {
		w.label, w.before = "", nil
	}
	if b.kind == paragraph && titled(s) { // what was a heading before a converter made it a line
		w.label = ""
	}
	w.before = append(w.before, s)
	w.unit(s)
}

// unit heeds what a text says that prices are for.
func (w *walker) unit(s string) {
	if len(s) > 300 { // a long text tells of many prices
		return
	}
	if per := scaleIn(s); per.said {
		w.under, w.said = per, 0
		if n := len(w.chain); n > 0 {
			w.said = w.chain[n-1].level
		}
	}
}

// namesSwitch tells whether a text is the name of a switch beside a table, not what
// the table shows: "Batch API price".
func namesSwitch(s string, voc vocabulary) bool {
	words := wordsOf(s)
	if len(words) < 2 || len(words) > 4 || words[len(words)-1] != "price" {
		return false
	}
	tier, ok := voc.exactly(s)
	return ok && tier != domain.TierStandard
}

// dataHeading tells whether a heading only says that a table follows: "Batch
// pricing data".
func dataHeading(s string) bool {
	words := wordsOf(s)
	return len(words) > 1 && words[len(words)-1] == "data" && anyOf(words, "pricing", "price", "prices", "table")
}

// titled tells whether a paragraph looks like a title: a few words that end as
// no sentence does and tell no price.
func titled(s string) bool {
	words := wordsOf(s)
	return len(words) > 1 && len(words) <= 6 && !strings.ContainsAny(s[len(s)-1:], ".:;!?,") && !strings.ContainsAny(s, "$\n") && !scaleIn(s).said && anyOf(words, "models", "model", "tools", "finetuning", "tuning")
}

// titleLine tells whether a line of a copied text may be the heading of what comes.
func titleLine(s string) bool {
	return s != "" && len(s) <= 60 && !strings.ContainsAny(s[len(s)-1:], ".:;!?,") && !strings.Contains(s, "$") && !scaleIn(s).said
}

func (w *walker) table(t *table) {
	set := setting{before: w.before, skipped: w.skipping > 0 || untiered(w.label) || slices.ContainsFunc(t.panes, untiered) || untiered(t.caption)}
	titles := make([]string, 0, len(w.chain)+1)
	for _, h := range w.chain {
		titles = append(titles, h.text)
	}
	if len(titles) > 0 {
		set.heading = titles[len(titles)-1]
	}
	set.skipped = set.skipped || untiered(set.heading)
	set.regional = regional(set.heading)
	set.tier = tierAround(t, w.label, titles, w.before, w.voc)
	set.modality = modalityAround(t, w.label, set.heading)
	set.scale, set.under = scaleAround(t, titles, w.before), w.under
	w.out = append(w.out, placed{t, set})
	if !t.data { // its text introduces the visible table that follows as well
		w.label, w.before = "", nil
	}
}

// bare tells whether a paragraph is no sentence but a label: a tier, or what
// the tokens below it stand for.
func bare(s string, voc vocabulary) bool {
	if len(s) > 60 {
		return false
	}
	if _, ok := voc.exactly(s); ok || untiered(s) {
		return true
	}
	_, ok := tokensOf(s)
	return ok
}

// tokensOf reads "Audio tokens".
func tokensOf(s string) (modality, bool) {
	w := wordsOf(s)
	if len(w) != 2 || w[1] != "tokens" {
		return unsaid, false
	}
	m := modalityOf(w)
	return m, m != unsaid
}

// tierAround looks for the tier where a person sees it: on the table's
// caption, the tab it lies in, the label before it, the headings above it from
// the nearest on, at last in the sentence that opens the paragraph before it.
func tierAround(t *table, label string, titles, before []string, voc vocabulary) domain.Tier {
	if tier, ok := voc.within(t.caption); ok {
		return tier
	}
	for _, p := range slices.Backward(t.panes) {
		if tier, ok := voc.exactly(p); ok {
			return tier
		}
	}
	if tier, ok := voc.exactly(label); ok {
		return tier
	}
	for _, h := range slices.Backward(titles) {
		if tier, ok := voc.within(h); ok {
			return tier
		}
	}
	for _, p := range slices.Backward(before) {
		words := wordsOf(p)
		if tier, ok := voc.within(strings.Join(words[:min(len(words), 4)], " ")); ok {
			return tier
		}
	}
	return domain.TierStandard
}

func modalityAround(t *table, label, heading string) modality {
	for _, s := range append([]string{label, heading}, t.panes...) {
		if m, ok := tokensOf(s); ok {
			return m
		}
	}
	return unsaid
}

var (
	pricesPer = regexp.MustCompile(`(?i)\b(?:price[sd]?|pricing|costs?|rates?|billed|charged|usd|\$)\b[^.\n]{0,40}?((?:/|\bper\b)\s*[A-Za-z0-9][^.\n]*)`)
	barePer   = regexp.MustCompile(`(?i)^\(?\s*(?:per|/)\s+`)
	otherPer  = regexp.MustCompile(`(?i)^(?:/|per)\s*((?:\d[\d,]*\s*)?(?:[km]\s*|million\s+|thousand\s+)?(?:word|document|pixel|message|second|minute|hour|day|month|image|video|request|call|search|query|page|character|char|gb|session|song|generation|seat|user)s?)\b`)
)

// scaleIn reads a statement such as "Prices per 1M tokens".
func scaleIn(s string) scale {
	if !strings.Contains(s, "/") && !strings.Contains(s, "per") && !strings.Contains(s, "Per") && !strings.Contains(s, "PER") {
		return scale{} // spares the patterns most texts of a page
	}
	m := pricesPer.FindStringSubmatch(s)
	var per string
	switch {
	case m != nil:
		per = m[1]
	case barePer.MatchString(s) && len(s) < 60:
		per = s
	default:
		return scale{}
	}
	if unit := otherPer.FindStringSubmatch(per); unit != nil {
		return scale{said: true, unit: unit[1]}
	}
	if at := unitPhrase.FindStringSubmatchIndex(per); at != nil && at[0] <= 1 {
		return scaleOf(at)
	}
	return scale{}
}

// unitIn reads the cell of a column of units: "1M tokens", "per 1K tokens".
func unitIn(s string) scale {
	s = strings.TrimSpace(s)
	if per, rest, two := strings.Cut(s, " "); two && strings.EqualFold(per, "per") {
		s = strings.TrimSpace(rest)
	}
	if unit := otherPer.FindStringSubmatch("per " + s); unit != nil {
		return scale{said: true, unit: unit[1]}
	}
	for _, text := range []string{s, "/ " + s} {
		if at := unitPhrase.FindStringSubmatchIndex(text); at != nil && strings.TrimSpace(text[:at[0]]+text[at[1]:]) == "" {
			return scaleOf(at)
		}
	}
	return scale{}
}

// scaleOf reads the groups of unitPhrase.
func scaleOf(at []int) scale {
	out := scale{tokens: true, said: true}
	switch {
	case at[4] >= 0, at[10] >= 0:
		out.shift = 3
	case at[12] >= 0:
		out.shift = 6
	}
	return out
}

func scaleAround(t *table, titles, before []string) scale {
	if s := scaleIn(t.caption); s.said {
		return s
	}
	for _, p := range slices.Backward(before) {
		if len(p) > 300 { // a long text tells of many prices
			continue
		}
		if s := scaleIn(p); s.said {
			return s
		}
	}
	if len(titles) > 0 {
		if s := scaleIn(titles[len(titles)-1]); s.said {
			return s
		}
	}
	return scale{tokens: true}
}

// regional tells whether a text speaks of prices that hold in one region.
func regional(s string) bool {
	return anyOf(wordsOf(s), "regional", "region", "residency", "geography")
}

// cliff finds the threshold that the sentence before a table sets for the
// whole of it: "requests that exceed 200K input tokens are charged at …".
func (s setting) cliff() (threshold, bool) {
	for _, p := range slices.Backward(s.before) {
		sentences := sentencesOf(p)
		if len(sentences) == 0 || !strings.HasSuffix(strings.TrimSpace(p), ":") {
			continue
		}
		last := sentences[len(sentences)-1]
		words := wordsOf(last)
		if anyOf(words, denial...) || anyOf(words, "including", "regardless", "across", "full", "any", "both") || !anyOf(words, "requests", "request", "prompts", "prompt", "inputs") {
			return threshold{}, false
		}
		t, ok := thresholdIn(last)
		return t, ok && t.above > 0
	}
	return threshold{}, false
}
