package scrape

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/classify"
)

// This file reads what pages about models, rather than prices, say of them: the
// overview of those on sale, the list of those that end.

// fact is what a column of such a table tells.
type fact int

const (
	factNone fact = iota
	factID
	factName
	factAlias
	factContext
	factOutput
	factState
	factEnd
)

// The captions of columns, whole: what names a cloud that resells is none of
// them, and what has words besides may mean something else.
var facts = []struct {
	fact    fact
	caption *regexp.Regexp
}{
	{factID, regexp.MustCompile(`^(?:[a-z]+ )?(?:api )?(?:model )?(?:id|code|string)s?$|^(?:[a-z]+ )?api(?: model)?(?: name)?s?$|^model name for (?:the )?api$`)},
	{factAlias, regexp.MustCompile(`^(?:[a-z]+ )?(?:api )?(?:model )?alias(?:es)?$`)},
	{factName, regexp.MustCompile(`^(?:models?(?: name)?|model / system|model or system|feature|name|deprecated model|retired model)$`)},
	{factContext, regexp.MustCompile(`^(?:(?:max(?:imum)? )?context(?: window| length| size)?|(?:max(?:imum)? )?input tokens?(?: limit)?)$`)},
	{factOutput, regexp.MustCompile(`^(?:max(?:imum)? output(?: tokens)?|output tokens?(?: limit)?)$`)},
	{factState, regexp.MustCompile(`^(?:current |lifecycle )?(?:state|status|lifecycle|stage)$`)},
	{factEnd, regexp.MustCompile(`^(?:tentative |planned |expected )?(?:retirement|shut ?down|sunset|end of life|eol|discontinuation)(?: date)?$|^retires(?: on)?$`)},
}

// clouds are the words of captions that name where else a model is sold.
var clouds = regexp.MustCompile(`\b(?:aws|bedrock|gcp|vertex|google cloud|azure|foundry|oci|snowflake|databricks)\b`)

func factOf(c *cell) fact {
	caption := strings.ToLower(strings.Join(strings.Fields(c.text.words()), " "))
	caption = strings.Trim(caption, ":* ")
	if clouds.MatchString(caption) {
		return factNone
	}
	for _, f := range facts {
		if f.caption.MatchString(caption) {
			return f.fact
		}
	}
	return factNone
}

// Models reads what a page says of models: from its tables that give a model's
// id, one model a row or one a column. KindBroken where the page breaks off;
// KindUnread, with what was looked for, where there is none.
func (*Scraper) Models(body []byte) ([]domain.ModelFacts, error) {
	if len(body) > MaxPage {
		return nil, domain.Errorf(domain.KindTooLarge, "the page has %s; at most %s are read", megabytes(len(body)), megabytes(MaxPage))
	}
	clean, _, err := legible(body)
	if err != nil {
		return nil, err
	}
	p := page{body: clean, form: formOf(clean)}
	if err := breaksOff(p.body, p.form); err != nil {
		return nil, err
	}
	doc, err := p.document("")
	if err != nil {
		return nil, err
	}
	all, tables := modelFacts{byID: map[string]domain.ModelFacts{}, disputed: map[string]bool{}}, 0
	for _, b := range doc.blocks {
		if b.kind == grid && len(b.table.rows) > 1 {
			tables++
			all.table(b.table)
		}
	}
	if len(all.byID) == 0 {
		saw, how := p.sight()
		return nil, domain.Errorf(domain.KindUnread, "the page (%s) names no model by its id, but %s: looked for tables with a column or a row of ids, found %d tables without", p.form, how, tables).Seen(saw)
	}
	return all.sorted(), nil
}

type modelFacts struct {
	byID     map[string]domain.ModelFacts
	disputed map[string]bool // ids of which two ends are stated
}

// table reads one table, whichever way it lies.
func (all *modelFacts) table(t *table) {
	rows := t.rows
	columns := factsOf(rows[0])
	if !slices.Contains(columns, factID) {
		if across := turnedRows(rows); slices.Contains(factsOf(across[0]), factID) {
			rows, columns = across, factsOf(across[0])
		}
	}
	if !slices.Contains(columns, factID) && !namesAreIDs(rows, columns) {
		return
	}
	for _, row := range rows[1:] {
		all.row(row, columns)
	}
}

func factsOf(head []*cell) []fact {
	found := make([]fact, len(head))
	for i, c := range head {
		if i == 0 || c != head[i-1] {
			found[i] = factOf(c)
		}
	}
	return found
}

// turnedRows gives a table the other way round. A table whose rows differ in
// length has none: it comes back as it is.
func turnedRows(rows [][]*cell) [][]*cell {
	out := make([][]*cell, len(rows[0]))
	if len(out) == 0 || len(out) > maxColumns || len(rows) > maxColumns {
		return rows
	}
	for _, row := range rows {
		if len(row) != len(out) {
			return rows
		}
		for i, c := range row {
			out[i] = append(out[i], c)
		}
	}
	return out
}

// namesAreIDs takes the column of names for that of ids, where it holds nothing
// else and the table says how models stand or end. It changes columns.
func namesAreIDs(rows [][]*cell, columns []fact) bool {
	at := slices.Index(columns, factName)
	if at < 0 || !slices.Contains(columns, factEnd) && !slices.Contains(columns, factState) {
		return false
	}
	for _, row := range rows[1:] {
		if at < len(row) && len(idsIn(row[at])) == 0 && row[at].text.words() != "" {
			return false
		}
	}
	columns[at] = factID
	return true
}

// row reads one model, or several of which the row says the same.
func (all *modelFacts) row(row []*cell, columns []fact) {
	var ids []string
	var said domain.ModelFacts
	for i, c := range row {
		if i >= len(columns) || c.short {
			continue
		}
		switch text := strings.TrimSpace(c.text.words()); columns[i] {
		case factNone:
		case factID:
			found := idsIn(c)
			if cut := strings.IndexAny(text, "("); cut > 0 && len(found) > 1 {
				own := idsOf(text[:cut])
				said.Aliases = append(said.Aliases, found[min(len(own), len(found)):]...)
				found = own
			}
			ids = append(ids, found...)
		case factName:
			said.DisplayName = oneLine(text)
		case factAlias:
			said.Aliases = append(said.Aliases, idsIn(c)...)
		case factContext:
			said.ContextWindow = tokensIn(text)
		case factOutput:
			said.MaxOutputTokens = tokensIn(text)
		case factState:
			if state := strings.ToLower(text); classify.Usability(domain.Model{}, []string{state}) != domain.UsabilityAvailable {
				said.Remarks = append(said.Remarks, state)
			}
		case factEnd:
			said.RetiresAt = endIn(text)
		}
	}
	if len(ids) != 1 { // what is said of several is no name of one, nor another id of it
		said.Aliases, said.DisplayName = nil, ""
	}
	for _, id := range ids {
		said.ID = id
		all.add(said)
	}
}

// add joins what is said of a model in several places. Two ends are none.
func (all *modelFacts) add(said domain.ModelFacts) {
	said.Aliases = slices.DeleteFunc(slices.Clone(said.Aliases), func(alias string) bool { return alias == said.ID })
	before := all.byID[said.ID]
	if before.RetiresAt != nil && said.RetiresAt != nil && !before.RetiresAt.Equal(*said.RetiresAt) {
		all.disputed[said.ID] = true
	}
	all.byID[said.ID] = before.Join(said)
}

func (all *modelFacts) sorted() []domain.ModelFacts {
	out := make([]domain.ModelFacts, 0, len(all.byID))
	for _, id := range slices.Sorted(maps.Keys(all.byID)) {
		m := all.byID[id]
		if all.disputed[id] {
			m.RetiresAt = nil
		}
		out = append(out, m)
	}
	return out
}

// idsIn are the ids that a cell gives: what it marks as code, else its words.
func idsIn(c *cell) []string {
	var ids []string
	for _, r := range c.text {
		if r.kind == code {
			ids = append(ids, idsOf(r.text)...)
		}
	}
	if len(ids) > 0 {
		return ids
	}
	return idsOf(c.text.words())
}

// idsOf are the words of a text that are ids. A text that says something else as
// well gives none.
func idsOf(s string) []string {
	var ids []string
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return isSpace(r) || strings.ContainsRune("(),;", r) }) {
		switch {
		case isShortID(word):
			ids = append(ids, word)
		case slices.Contains([]string{"and", "or", "/", "&", "–", "—", "-", "alias", "alias:"}, word):
		default:
			return nil
		}
	}
	return ids
}

// isShortID is isID for where nothing but ids is expected: "o1" is one there.
func isShortID(s string) bool {
	return isID(s) || len(s) <= 120 && idShape.MatchString(s) && strings.ContainsAny(s, digits) && s[0] >= 'a' && s[0] <= 'z' && !strings.Contains(s, "//")
}

// tokenCount finds "200k tokens", "1M", "1,048,576", "200K".
var tokenCount = regexp.MustCompile(`(?i)^~?(\d[\d,.]*)\s?([km])?\b(?:\s?tokens?)?(.*)$`)

// tokensIn is a number of tokens. A cell that states several, such as one more
// in beta, states none that holds for everybody.
func tokensIn(s string) *int64 {
	m := tokenCount.FindStringSubmatch(oneLine(s))
	if m == nil || strings.ContainsAny(m[3], digits) {
		return nil
	}
	n, err := decimal.NewFromString(strings.ReplaceAll(m[1], ",", ""))
	if err != nil {
		return nil
	}
	n = n.Mul(decimal.NewFromInt(map[string]int64{"": 1, "k": 1000, "m": 1_000_000}[strings.ToLower(m[2])]))
	if !n.IsInteger() || n.LessThan(decimal.NewFromInt(256)) || n.GreaterThan(decimal.NewFromInt(1_000_000_000)) {
		return nil
	}
	tokens := n.IntPart()
	return &tokens
}

var (
	endDay  = regexp.MustCompile(`(?i)^` + dayPattern + `$`)
	notEnds = regexp.MustCompile(`(?i)\b(?:not|no|earliest|at least|after|or later|tbd)\b`)
)

// endIn is the day on which a model ends, from its first instant on. That it
// ends not sooner than a day says no end.
func endIn(s string) *time.Time {
	s = strings.TrimRight(oneLine(s), " .*")
	m := endDay.FindStringSubmatch(s)
	if m == nil || notEnds.MatchString(s) {
		return nil
	}
	d, ok := dayOf(m[1:])
	if !ok {
		return nil
	}
	at := d.Start()
	return &at
}
