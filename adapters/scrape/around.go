package scrape

import (
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
	p, err := openPage(body)
	if err != nil {
		return domain.Surroundings{}, err
	}
	return p.around(place)
}

// An openedPage is a page in which places are looked up. Each part is taken
// apart once, when a place asks for it.
type openedPage struct {
	text  string
	lines []string
	doc   *goquery.Document
	data  map[string]any // by the place of the text; nil where it is no JSON
}

func openPage(body []byte) (*openedPage, error) {
	clean, _, err := legible(body)
	if err != nil {
		return nil, err
	}
	return &openedPage{text: string(clean), data: map[string]any{}}, nil
}

func (p *openedPage) around(place domain.Place) (found domain.Surroundings, err error) {
	switch path := place.Path; {
	case lineAt.MatchString(path):
		m := lineAt.FindStringSubmatch(path)
		n, _ := strconv.Atoi(m[1]) // the pattern lets digits through alone
		found, err = p.line(n, place.Cell)
	case strings.HasPrefix(path, "/"):
		found, err = p.value("", p.text, path, place.Cell)
	default:
		found, err = p.element(place)
	}
	if err != nil {
		return domain.Surroundings{}, domain.Wrap(domain.KindInvalid, err, "the place %q is not in this page", place.Path)
	}
	return bounded(found), nil
}

// element finds a place of an HTML page: a cell, an attribute's value, the data
// of a script.
func (p *openedPage) element(place domain.Place) (domain.Surroundings, error) {
	if p.doc == nil {
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(p.text))
		if err != nil {
			return domain.Surroundings{}, err
		}
		p.doc = doc
	}
	if m := elementAt.FindStringSubmatch(place.Path); m != nil {
		n, _ := strconv.Atoi(m[2])
		element := p.doc.Find(m[1]).Eq(n - 1)
		if element.Length() == 0 {
			return domain.Surroundings{}, fmt.Errorf("there is no %s number %d", m[1], n)
		}
		text := element.Text()
		if m[3] != "" {
			text = element.AttrOr(m[3], "")
		}
		return p.value(strings.TrimSuffix(place.Path, m[4]), text, m[4], place.Cell)
	}
	if m := valueAt.FindStringSubmatch(place.Path); m != nil {
		return p.value(m[1]+" @"+m[2], p.doc.Find(m[1]).AttrOr(m[2], ""), m[3], place.Cell)
	}
	element := p.doc.Find(place.Path)
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
	return found
}

// line gives the cells and captions of a line of a table, or the lines
// before and after another.
func (p *openedPage) line(n int, said string) (domain.Surroundings, error) {
	if p.lines == nil {
		p.lines = strings.Split(p.text, "\n")
	}
	lines := p.lines
	if n < 1 || n > len(lines) {
		return domain.Surroundings{}, fmt.Errorf("the page has %d lines", len(lines))
	}
	line := lines[n-1]
	last := min(len(lines), n+strings.Count(said, "\n"))
	found := domain.Surroundings{Found: holds(strings.Join(lines[n-1:last], "\n"), said)}
	if cells := cellsOf(line); len(cells) > 1 {
		found.Row = spaced(cells)
		for i := n - 2; i >= 1 && len(cellsOf(lines[i])) > 1; i-- {
			if head := cellsOf(lines[i-1]); dashes(lines[i]) && len(head) > 1 {
				found.Header = spaced(head)
				break
			}
		}
		return found, nil
	}
	found.Row = []string{oneSpaced(line)}
	for i := n - 2; i >= 0 && found.Before == ""; i-- {
		found.Before = oneSpaced(lines[i])
	}
	for i := last; i < len(lines) && found.After == ""; i++ {
		found.After = oneSpaced(lines[i])
	}
	return found, nil
}

// value follows a pointer into JSON and gives the fields beside the value. Where
// the text is no JSON, such as the pieces that a framework pushes, it gives the
// text around the first place that says the same.
func (p *openedPage) value(from, text, pointer, said string) (domain.Surroundings, error) {
	if pointer != "" {
		decoded, known := p.data[from]
		if !known {
			decoded = decodeAny(text)
			p.data[from] = decoded
		}
		if value, beside, err := follow(decoded, pointer); err == nil {
			return domain.Surroundings{Found: states(value, said), Row: beside}, nil
		}
	}
	plain := strings.ReplaceAll(text, `\`, "")
	_, value, _ := strings.Cut(said, ":")
	for _, s := range []string{said, strings.TrimSpace(value)} {
		if i := strings.Index(plain, s); s != "" && i >= 0 {
			return domain.Surroundings{
				Found: true, Row: []string{s},
				Before: strings.ToValidUTF8(plain[max(0, i-longAround/2):i], ""),
				After:  strings.ToValidUTF8(plain[i+len(s):min(len(plain), i+len(s)+longAround/2)], ""),
			}, nil
		}
	}
	if plain == "" {
		return domain.Surroundings{}, errors.New("no data stands there")
	}
	return domain.Surroundings{}, errors.New("the data there does not say it")
}

// decodeAny gives what a JSON text holds, its numbers as they are written; nil
// for another text.
func decodeAny(text string) any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var held any
	if d.Decode(&held) != nil {
		return nil
	}
	return held
}

// follow gives the value at a JSON pointer (RFC 6901), and the plain values
// beside it as "key: value", or the values of its list.
func follow(at any, pointer string) (value string, beside []string, err error) {
	var within any
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

// states tells whether a value is the one that was read, there as it stands or
// with its key before it.
func states(value, said string) bool {
	_, after, _ := strings.Cut(said, ":")
	return holds(value, said) || value == strings.Trim(after, `" `)
}

// spaced are the cells of a line, as a person reads them.
func spaced(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = oneSpaced(strings.ReplaceAll(c, `\|`, "|"))
	}
	return out
}

// oneSpaced is a text on one line, whole.
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
