package scrape

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"ratecard/domain"
)

// This file finds the place of a quote again in its page, for people who want to
// see what it rests on.

const (
	mostAround = 40  // cells of a row, or fields, that are given
	longAround = 300 // letters of each
)

var (
	lineAt    = regexp.MustCompile(`^line (\d+)(?: (/.*))?$`)
	elementAt = regexp.MustCompile(`^([a-z][a-z0-9-]*) (\d+)(?: @(\S+))?(?: (/.*))?$`)
	valueAt   = regexp.MustCompile(`^(.*\S) @(\S+) (/.*)$`)
)

// Around gives what stands around a place that a reader gave. KindInvalid where
// the place leads nowhere in that page.
func (*Scraper) Around(body []byte, place domain.Place) (domain.Surroundings, error) {
	clean, _, err := legible(body)
	if err != nil {
		return domain.Surroundings{}, err
	}
	var found domain.Surroundings
	switch path := place.Path; {
	case lineAt.MatchString(path):
		m := lineAt.FindStringSubmatch(path)
		n, _ := strconv.Atoi(m[1]) // the pattern lets digits through alone
		found, err = aroundLine(string(clean), n, place.Cell)
	case strings.HasPrefix(path, "/"):
		found, err = aroundValue(string(clean), path, place.Cell)
	default:
		found, err = aroundElement(clean, place)
	}
	if err != nil {
		return domain.Surroundings{}, domain.Wrap(domain.KindInvalid, err, "the place %q is not in this page", place.Path)
	}
	return found, nil
}

// aroundElement finds a place of an HTML page: a cell, an attribute's value, the
// data of a script.
func aroundElement(body []byte, place domain.Place) (domain.Surroundings, error) {
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(body))
	if err != nil {
		return domain.Surroundings{}, err
	}
	if m := elementAt.FindStringSubmatch(place.Path); m != nil {
		n, _ := strconv.Atoi(m[2])
		element := doc.Find(m[1]).Eq(n - 1)
		if element.Length() == 0 {
			return domain.Surroundings{}, fmt.Errorf("there is no %s number %d", m[1], n)
		}
		text := element.Text()
		if m[3] != "" {
			text = element.AttrOr(m[3], "")
		}
		return aroundValue(text, m[4], place.Cell)
	}
	if m := valueAt.FindStringSubmatch(place.Path); m != nil {
		return aroundValue(doc.Find(m[1]).AttrOr(m[2], ""), m[3], place.Cell)
	}
	element := doc.Find(place.Path)
	if element.Length() != 1 {
		return domain.Surroundings{}, fmt.Errorf("%d elements stand there", element.Length())
	}
	return aroundCell(element, place.Cell), nil
}

// aroundCell gives the row and the captions of a cell, or what stands before and
// after an element that is none.
func aroundCell(element *goquery.Selection, said string) domain.Surroundings {
	words := func(s *goquery.Selection) string { return oneSpaced(s.Text()) }
	shownText := element.Clone()
	shownText.Find("del, s, strike").Remove()
	found := domain.Surroundings{Found: holds(shownText.Text(), said) || holds(element.Text(), said)}
	row := element.Closest("tr")
	if row.Length() == 0 {
		found.Row = []string{words(element)}
		found.Before, found.After = words(element.Prev()), words(element.Next())
		return found
	}
	found.Row = row.Children().Map(func(_ int, s *goquery.Selection) string { return words(s) })
	head := row.Closest("table").Find("tr").First()
	if !head.IsSelection(row) {
		found.Header = head.Children().Map(func(_ int, s *goquery.Selection) string { return words(s) })
	}
	return bounded(found)
}

// aroundLine gives the cells and captions of a line of a table, or the lines
// before and after another.
func aroundLine(page string, n int, said string) (domain.Surroundings, error) {
	lines := strings.Split(page, "\n")
	if n < 1 || n > len(lines) {
		return domain.Surroundings{}, fmt.Errorf("the page has %d lines", len(lines))
	}
	line := lines[n-1]
	last := min(len(lines), n+strings.Count(said, "\n"))
	found := domain.Surroundings{Found: holds(strings.Join(lines[n-1:last], "\n"), said)}
	if cells := lineCells(line); len(cells) > 1 {
		found.Row = cells
		for i := n - 2; i >= 1 && len(lineCells(lines[i])) > 1; i-- {
			if strings.Trim(lines[i], "|-: \t\r") == "" && len(lineCells(lines[i-1])) > 1 {
				found.Header = lineCells(lines[i-1])
				break
			}
		}
		return bounded(found), nil
	}
	found.Row = []string{oneSpaced(line)}
	for i := n - 2; i >= 0 && found.Before == ""; i-- {
		found.Before = oneSpaced(lines[i])
	}
	for i := last; i < len(lines) && found.After == ""; i++ {
		found.After = oneSpaced(lines[i])
	}
	return bounded(found), nil
}

// lineCells are the cells of a line of a Markdown table, none of another line.
func lineCells(line string) []string {
	line = strings.TrimSpace(line)
	if !strings.Contains(line, "|") {
		return nil
	}
	var cells []string
	for _, c := range strings.Split(strings.Trim(strings.ReplaceAll(line, `\|`, "\x00"), "|"), "|") {
		cells = append(cells, oneSpaced(strings.ReplaceAll(c, "\x00", "|")))
	}
	return cells
}

// aroundValue follows a pointer into JSON and gives the fields beside the value.
// Where the text is no JSON, such as the pieces that a framework pushes, it gives
// the text around the first place that says the same.
func aroundValue(text, pointer, said string) (domain.Surroundings, error) {
	if pointer != "" {
		if value, beside, err := follow(text, pointer); err == nil {
			return bounded(domain.Surroundings{Found: holds(value, said) || holds(said, value), Row: beside}), nil
		}
	}
	plain := strings.ReplaceAll(text, `\`, "")
	_, value, _ := strings.Cut(said, ":")
	for _, s := range []string{said, strings.TrimSpace(value)} {
		if i := strings.Index(plain, s); s != "" && i >= 0 {
			return bounded(domain.Surroundings{
				Found: true, Row: []string{s},
				Before: strings.ToValidUTF8(plain[max(0, i-longAround/2):i], ""),
				After:  strings.ToValidUTF8(plain[i+len(s):min(len(plain), i+len(s)+longAround/2)], ""),
			}), nil
		}
	}
	if plain == "" {
		return domain.Surroundings{}, errors.New("no data stands there")
	}
	return domain.Surroundings{}, errors.New("the data there does not say it")
}

// follow gives the value at a JSON pointer (RFC 6901), and the plain values
// beside it as "key: value", or the values of its list.
func follow(text, pointer string) (value string, beside []string, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var at, within any
	if err := d.Decode(&at); err != nil {
		return "", nil, err
	}
	for _, step := range strings.Split(pointer, "/")[1:] {
		within = at
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		switch held := at.(type) {
		case map[string]any:
			at = held[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(held) {
				return "", nil, errors.New("the pointer leads nowhere")
			}
			at = held[i]
		default:
			return "", nil, errors.New("the pointer leads nowhere")
		}
	}
	switch held := within.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(held)) {
			if s, ok := scalar(held[key]); ok {
				beside = append(beside, key+": "+s)
			}
		}
	case []any:
		for _, v := range held {
			s, _ := scalar(v)
			beside = append(beside, s)
		}
	}
	value, ok := scalar(at)
	if !ok {
		return "", nil, errors.New("the pointer leads to no plain value")
	}
	return value, beside, nil
}

func scalar(v any) (string, bool) {
	switch held := v.(type) {
	case string:
		return held, true
	case json.Number:
		return held.String(), true
	case bool:
		return strconv.FormatBool(held), true
	}
	return "", false
}

var (
	marks = strings.NewReplacer("\\", "", "*", "", "^", "", "`", "", "~", "")
	tags  = regexp.MustCompile(`<[a-zA-Z/][^<>]*>`)
)

// holds tells whether a text says what was read, whatever marks lie between.
func holds(text, said string) bool {
	bare := func(s string) string {
		return strings.Join(strings.FieldsFunc(html.UnescapeString(tags.ReplaceAllString(marks.Replace(s), "")), isSpace), "")
	}
	return said != "" && strings.Contains(bare(text), bare(said))
}

// oneSpaced is a text on one line.
func oneSpaced(s string) string { return strings.Join(strings.FieldsFunc(s, isSpace), " ") }

// bounded keeps what is given within bounds, whatever the page holds.
func bounded(s domain.Surroundings) domain.Surroundings {
	cut := func(s string) string {
		if len(s) > longAround {
			return strings.ToValidUTF8(s[:longAround], "") + "…"
		}
		return s
	}
	for _, list := range []*[]string{&s.Header, &s.Row} {
		*list = (*list)[:min(len(*list), mostAround)]
		for i := range *list {
			(*list)[i] = cut((*list)[i])
		}
	}
	s.Before, s.After = cut(s.Before), cut(s.After)
	return s
}
