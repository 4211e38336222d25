package scrape

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"ratecard/domain"
)

// outline is what a page looks like to somebody who only glances at it.
type outline struct {
	titles   []string // its title and its headings
	words    int      // bytes of text that are shown
	scripts  int
	password bool // it has a field for one
}

// fewWords is less text than a page about prices has; a page that only says that
// something is wrong, or that scripts have yet to build, has no more.
const fewWords = 1500

// littleText is how many times its text a page is that is scripts for the most part.
const littleText = 20

var (
	loginTitle = regexp.MustCompile(`(?i)^\W*(?:(?:please )?(?:sign|log)[ -]?(?:in|on)\b|login\b|authentication required|verify (?:your identity|you are human))|\b(?:sign|log)[ -]?in to (?:continue|your|view|see)\b|\b(?:login|sign[ -]?in) required\b`)
	errorTitle = regexp.MustCompile(`(?i)\b(?:[45]\d\d\b.{0,20}\b(?:error|not found|forbidden|unavailable|gateway|unauthorized|gone)|internal server error|server error|service (?:temporarily )?unavailable|bad gateway|gateway time-?out|page not found|not found|access denied|application error|something went wrong|an error (?:has )?occurr?ed|temporarily (?:unavailable|down)|under maintenance|down for maintenance|scheduled maintenance|we(?:'|’|&#39;)ll be (?:right )?back|too many requests|page (?:could not|couldn(?:'|’)t) be (?:found|loaded))\b|^\W*(?:error|[45]\d\d)\W*$`)
)

// sight tells what a page without prices is instead, and how that shows.
func (p *page) sight() (domain.Sighting, string) {
	if p.form == formJSON {
		return jsonSight(p.body)
	}
	if _, err := p.document(p.selector); err != nil {
		return domain.SawNoPrices, "it could not be looked over: " + err.Error()
	}
	o := p.outline()
	tables, money, others := p.amounts()
	if title := o.about(loginTitle); o.password || title != "" && tables == 0 {
		return domain.SawLogin, "it asks to log in" + saying(title)
	}
	if title := o.about(errorTitle); title != "" && o.words < fewWords && tables == 0 {
		return domain.SawError, "it says that something is wrong" + saying(title)
	}
	switch {
	case others > 0 && money == 0:
		return domain.SawOtherMoney, fmt.Sprintf("%d amounts in another currency than US dollars, none in them", others)
	case tables > 0 && money == 0:
		return domain.SawNoFigures, fmt.Sprintf("%d tables for prices without an amount in them", tables)
	case o.scripts > 0 && (o.words < fewWords || littleText*o.words < len(p.body)):
		return domain.SawShell, fmt.Sprintf("a shell for %d scripts to build the page in", o.scripts)
	}
	return domain.SawNoPrices, "a page about something else, or in a form that the readers do not know"
}

func saying(title string) string {
	if title == "" {
		return ""
	}
	return fmt.Sprintf(" (%.80q)", title)
}

// about gives the first title that a pattern is about.
func (o outline) about(what *regexp.Regexp) string {
	if i := slices.IndexFunc(o.titles, what.MatchString); i >= 0 {
		return o.titles[i]
	}
	return ""
}

// mostTitles are enough to see what a page is about.
const mostTitles = 10

// outline looks over the page once.
func (p *page) outline() outline {
	var o outline
	for _, b := range p.doc.blocks {
		if b.kind == heading {
			o.title(b.text.words())
		}
		if b.kind != data {
			o.words += len(b.text.words())
		}
	}
	if p.form == formHTML {
		o.markup(p.body)
	}
	return o
}

func (o *outline) title(text string) {
	if text = oneLine(text); text != "" && len(o.titles) < mostTitles {
		o.titles = append(o.titles, text)
	}
}

// markup sees what a page has beside its text.
func (o *outline) markup(body []byte) {
	z := html.NewTokenizer(bytes.NewReader(body))
	z.SetMaxBuf(len(body) + 1)
	for inTitle := false; ; {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.TextToken:
			if inTitle {
				o.title(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			inTitle = token.DataAtom == atom.Title
			switch token.DataAtom {
			case atom.Script:
				o.scripts++
			case atom.Input:
				o.password = o.password || slices.ContainsFunc(token.Attr, func(a html.Attribute) bool {
					return a.Key == "type" && strings.EqualFold(a.Val, "password")
				})
			}
		case html.EndTagToken:
			inTitle = false
		case html.CommentToken, html.DoctypeToken:
		}
	}
}

var priceHead = regexp.MustCompile(`(?i)\b(?:input|output|cached?|pric(?:e|es|ing)|cost|tokens?)\b`)

// amounts counts the tables for prices, and what amounts the page states: of US
// dollars, and of other money.
func (p *page) amounts() (tables, dollars, others int) {
	count := func(t text) {
		for _, m := range moneyPattern.FindAllString(t.words(), -1) {
			if foreignAmount.MatchString(m) {
				others++
			} else {
				dollars++
			}
		}
	}
	for _, b := range p.doc.blocks {
		if b.kind != grid || len(b.table.rows) == 0 {
			count(b.text)
			continue
		}
		rows := b.table.rows
		if filled(rows) && slices.ContainsFunc(slices.Concat(rows[:min(len(rows), 2)]...), func(c *cell) bool { return priceHead.MatchString(c.text.words()) }) {
			tables++
		}
		for _, row := range rows {
			for i, c := range row {
				if i == 0 || c != row[i-1] {
					count(c.text)
				}
			}
		}
	}
	return tables, dollars, others
}

// filled tells whether a table has a row below its first that is more than one cell,
// such as says that it is being loaded.
func filled(rows [][]*cell) bool {
	return slices.ContainsFunc(rows[1:], func(row []*cell) bool { return len(row) > 1 && row[0] != row[len(row)-1] })
}

// jsonSight tells an answer that says what is wrong from one about something else.
func jsonSight(body []byte) (domain.Sighting, string) {
	var said map[string]json.RawMessage
	if json.Unmarshal(body, &said) == nil {
		for _, name := range []string{"error", "errors", "message", "detail", "code"} {
			if value, has := said[name]; has && len(said) <= 8 && !bytes.Equal(bytes.TrimSpace(value), []byte("null")) {
				return domain.SawError, fmt.Sprintf("it says that something is wrong (%q)", name)
			}
		}
	}
	return domain.SawNoPrices, "data about something else, or in a form that the readers do not know"
}
