package scrape

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"ratecard/domain"
)

const dayPattern = `(?:(?:(jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?)` +
	`|(?:(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?(jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?,?\s+(\d{4}))` +
	`|(\d{4}-\d{2}-\d{2}))`

// datePhrase finds "through August 31, 2026", "starting September 1, 2026",
// "from 2026-09-01", "until 31 Aug 2026".
var datePhrase = regexp.MustCompile(`(?i)[,;–—-]?\s*\b(?:(?:pric(?:e|es|ing)|rates?|valid|in effect|effective|introductory|promotional|available|applies|applicable)\s+)*` +
	`(through|thru|until|till|ending|ends|expires(?: on)?|before|` +
	`starting(?: on| from)?|from|beginning(?: on)?|as of|effective(?: as of| from)?|since|after|on and after)\s+` + dayPattern)

// A period is from when until when a page says that a price holds.
type period struct{ from, until domain.Date }

// cutDates takes the statements of a period out of a text. ok is false when a
// text states a day that cannot be placed (without a year), or states two
// different ones: then nobody knows when the price holds.
func cutDates(s string) (rest string, p period, ok bool) {
	if len(s) < 10 || !strings.ContainsAny(s, digits) || !saysWhen(s) { // "from May 1"
		return strings.TrimSpace(s), p, true
	}
	ok = true
	rest = datePhrase.ReplaceAllStringFunc(s, func(phrase string) string {
		m := datePhrase.FindStringSubmatch(phrase)
		d, understood := dayOf(m[2:])
		if !understood {
			ok = false
			return " "
		}
		side := &p.from
		switch word := strings.ToLower(m[1]); {
		case word == "before":
			side, d = &p.until, domain.DateOf(d.Start().AddDate(0, 0, -1))
		case word == "after":
			d = domain.DateOf(d.End())
		case strings.HasPrefix(word, "t"), word == "until", strings.HasPrefix(word, "e") && !strings.HasPrefix(word, "effective"):
			side = &p.until
		}
		if !side.IsZero() && *side != d {
			ok = false
		}
		*side = d
		return " "
	})
	if ok && !p.from.IsZero() && !p.until.IsZero() && p.until.Start().Before(p.from.Start()) {
		ok = false
	}
	return strings.TrimSpace(rest), p, ok
}

// saysWhen tells whether a text has a word that datePhrase needs: most names
// have none, and looking for words is cheaper than for the pattern.
func saysWhen(s string) bool {
	s = strings.ToLower(s)
	for _, word := range []string{"from", "start", "thr", "til", "end", "expires", "before", "begin", "as of", "effective", "since", "after"} {
		if strings.Contains(s, word) {
			return true
		}
	}
	return false
}

// dayOf reads the groups of dayPattern.
func dayOf(m []string) (domain.Date, bool) {
	month, day, year := m[0], m[1], m[2]
	if m[3] != "" {
		day, month, year = m[3], m[4], m[5]
	}
	if m[6] != "" {
		d, err := domain.ParseDate(m[6])
		return d, err == nil
	}
	if year == "" {
		return domain.Date{}, false
	}
	t, err := time.Parse("Jan 2 2006", strings.ToUpper(month[:1])+strings.ToLower(month[1:3])+" "+strconv.Itoa(atoi(day))+" "+year)
	return domain.DateOf(t), err == nil
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s) // the pattern lets digits through alone
	return n
}

// union joins what several places say of a period.
func (p period) union(o period) (period, bool) {
	if p.from.IsZero() {
		p.from = o.from
	}
	if p.until.IsZero() {
		p.until = o.until
	}
	same := (o.from.IsZero() || o.from == p.from) && (o.until.IsZero() || o.until == p.until)
	return p, same
}
