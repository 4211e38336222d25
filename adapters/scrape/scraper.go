package scrape

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"ratecard/domain"
)

// MaxPage is the largest page that is read, in bytes.
const MaxPage = 20 << 20

// A Scraper reads pages with the readers that their source names. It holds
// nothing between two pages and may be used by many at once.
type Scraper struct{}

// New makes a Scraper.
func New() *Scraper { return &Scraper{} }

// Read reads the prices of a page as its source configures it; several
// readers' results are merged. The form of the page (HTML, Markdown or plain
// text, JSON) is told by its content.
//
// A figure that a page states twice with different amounts is doubtful: it is
// left out, with a warning. Errors: KindTooLarge over MaxPage; KindBroken when the
// page breaks off; KindUnread, with what was looked for and what was found, when it
// states no price;
// KindInvalid when the source's configuration cannot be (see Check).
func (*Scraper) Read(body []byte, source domain.Source) (domain.Reading, error) {
	return readWith(body, source, nil)
}

// readWith reads a page; findings, where somebody wants them, says how.
func readWith(body []byte, source domain.Source, findings *[]domain.Finding) (domain.Reading, error) {
	if len(body) > MaxPage {
		return domain.Reading{}, domain.Errorf(domain.KindTooLarge, "the page has %s; at most %s are read", megabytes(len(body)), megabytes(MaxPage))
	}
	configured, err := compile(source)
	if err != nil {
		return domain.Reading{}, err
	}
	clean, warnings, err := legible(body)
	if err != nil {
		return domain.Reading{}, err
	}
	p := page{body: clean, form: formOf(clean)}
	if err := breaksOff(p.body, p.form); err != nil {
		return domain.Reading{}, err
	}
	if findings != nil {
		p.account = &account{}
	}
	var all domain.Reading
	var looked []string
	var strategies []string
	for _, cfg := range configured {
		got, missed, err := cfg.read(&p, cfg)
		if err != nil {
			return domain.Reading{}, err
		}
		if len(got.Quotes) > 0 && !slices.Contains(strategies, cfg.name) {
			strategies = append(strategies, cfg.name)
		}
		looked = append(looked, missed)
		if findings != nil {
			*findings = append(*findings, domain.Finding{
				Reader: cfg.name, Looked: missed, Quotes: len(got.Quotes), Warnings: got.Warnings,
				Tables: p.account.tables, Places: p.account.places,
			})
			*p.account = account{}
		}
		all = merge(all, got)
	}
	all = settle(all)
	all.Quotes = heldOnce(all.Quotes)
	all.Strategy = strings.Join(strategies, "+")
	all.Warnings = append(warnings, all.Warnings...)
	if len(all.Quotes) == 0 {
		saw, how := p.sight()
		return all, domain.Errorf(domain.KindUnread, "no price per token was found, but %s: %s", how, strings.Join(looked, "; ")).Seen(saw)
	}
	return all, nil
}

// A readerFunc reads one page with one configuration. It says besides what it
// looked for and what it found, for the case that no reader finds a price.
type readerFunc func(p *page, cfg compiled) (found domain.Reading, looked string, err error)

// readers are the readers that a source may name.
var readers = []struct {
	name string
	read readerFunc
}{
	{ReaderTables, readPage},
	{ReaderSections, readSections},
	{ReaderScript, readScript},
	{ReaderJSON, readJSON},
	{ReaderText, readText},
	{ReaderIsland, readIslands},
	{ReaderAuto, readAuto},
}

// readPage reads the visible tables of a page, and its sentences.
func readPage(p *page, cfg compiled) (domain.Reading, string, error) {
	doc, err := p.document(cfg.selector)
	if err != nil {
		return domain.Reading{}, "", err
	}
	got := settle(readTables(doc, cfg, p))
	readProse(doc, cfg, &got)
	return got, lookedFor(doc, p.form, cfg), nil
}

// A page is what all readers of a source read: its bytes, and the document
// that they say, made once.
type page struct {
	body []byte
	form form

	account *account        // of what a reader makes of each table and place; nil: nobody asked
	taken   map[*table]bool // that a reader knew for a model's own, and read

	made     bool
	selector string
	doc      document
}

// take notes that a reader read a table, and leaves it to no other.
func (p *page) take(t *table) {
	if p.taken == nil {
		p.taken = map[*table]bool{}
	}
	p.taken[t] = true
}

func (p *page) document(selector string) (document, error) {
	if p.made && p.selector == selector {
		return p.doc, nil
	}
	doc, err := documentOf(p.body, p.form, selector)
	p.doc, p.selector, p.made = together(doc), selector, err == nil
	return p.doc, err
}

// legible checks that the bytes are text, and mends what little is not.
func legible(body []byte) (clean []byte, warnings []string, err error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return nil, nil, domain.Errorf(domain.KindUnread, "the page is empty (%d bytes); a price page was expected", len(body)).Seen(domain.SawNoText)
	case bytes.HasPrefix(body, []byte("\xff\xfe")) || bytes.HasPrefix(body, []byte("\xfe\xff")):
		return nil, nil, domain.Errorf(domain.KindUnread, "the page is UTF-16; UTF-8 text was expected").Seen(domain.SawNoText)
	}
	if zeros := bytes.Count(body, []byte{0}); zeros > 0 {
		if zeros > len(body)/100 {
			return nil, nil, domain.Errorf(domain.KindUnread, "%d of the page's %d bytes are NUL; text was expected", zeros, len(body)).Seen(domain.SawNoText)
		}
		body = bytes.ReplaceAll(body, []byte{0}, nil)
		warnings = append(warnings, fmt.Sprintf("%d NUL bytes were left out", zeros))
	}
	if utf8.Valid(body) {
		return body, warnings, nil
	}
	bad, at := 0, -1
	for i := 0; i < len(body); {
		r, n := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
			if at < 0 {
				at = i
			}
		}
		i += n
	}
	if bad > max(1, len(body)/100) {
		return nil, nil, domain.Errorf(domain.KindUnread, "the page is not UTF-8 text: %d invalid bytes, the first at offset %d", bad, at).Seen(domain.SawNoText)
	}
	return bytes.ToValidUTF8(body, []byte("\uFFFD")), append(warnings, fmt.Sprintf("%d bytes are not UTF-8, the first at offset %d", bad, at)), nil
}

type form string

const (
	formHTML     form = "HTML"
	formMarkdown form = "Markdown or plain text"
	formJSON     form = "JSON"
)

// formOf tells the form of a page by its content.
func formOf(body []byte) form {
	start := bytes.TrimSpace(body)
	lower := bytes.ToLower(start[:min(len(start), 1024)])
	for _, p := range []string{"<!doctype html", "<html", "<head", "<body", "<?xml"} {
		if bytes.HasPrefix(lower, []byte(p)) {
			return formHTML
		}
	}
	if (start[0] == '{' || start[0] == '[') && json.Valid(start) {
		return formJSON
	}
	if bytes.HasPrefix(start, []byte("<!--")) {
		if end := bytes.Index(start, []byte("-->")); end >= 0 && len(bytes.TrimSpace(start[end+3:])) > 0 {
			return formOf(start[end+3:])
		}
	}
	// A fragment of HTML begins with one of its elements; MDX begins with its
	// own components, or has Markdown's headings and tables further on.
	if lower[0] == '<' && len(lower) > 1 && lower[1] >= 'a' && lower[1] <= 'z' && start[1] == lower[1] && !markdownLines(start) {
		return formHTML
	}
	return formMarkdown
}

// markdownLines tells whether a text has lines that only Markdown has.
func markdownLines(body []byte) bool {
	for line := range bytes.Lines(body) {
		line = bytes.TrimSpace(line)
		if bytes.HasPrefix(line, []byte("# ")) || bytes.HasPrefix(line, []byte("## ")) ||
			bytes.HasPrefix(line, []byte("|")) && bytes.Contains(line, []byte("---")) {
			return true
		}
	}
	return false
}

func documentOf(body []byte, f form, selector string) (document, error) {
	switch f {
	case formHTML:
		return fromHTML(body, selector)
	case formMarkdown:
		return fromMarkdown(body)
	default:
		return document{}, nil
	}
}

// lookedFor says what a reader looked for and what the page has.
func lookedFor(doc document, f form, cfg compiled) string {
	var heads []string
	tables := 0
	for _, b := range doc.blocks {
		if b.kind != grid || len(b.table.rows) == 0 {
			continue
		}
		if tables++; len(heads) < 8 {
			var cells []string
			for i, c := range b.table.rows[0] {
				if i == 0 || c != b.table.rows[0][i-1] {
					cells = append(cells, oneLine(c.text.words()))
				}
			}
			heads = append(heads, "["+strings.Join(cells, " | ")+"]")
		}
	}
	where := ""
	if cfg.selector != "" {
		where = fmt.Sprintf(" inside %q", cfg.selector)
	}
	s := fmt.Sprintf("reader %q looked in the page (%s)%s for tables whose headers name token prices (input, output, cache …) and that name models; it found ", cfg.name, f, where)
	switch {
	case f == formJSON:
		return s + "JSON, which it does not read"
	case tables == 0:
		return s + "no table (a page built by scripts has none until it is rendered)"
	case tables > len(heads):
		return s + fmt.Sprintf("%d tables, the first with the headers %s", tables, strings.Join(heads, " "))
	default:
		return s + fmt.Sprintf("%d tables with the headers %s", tables, strings.Join(heads, " "))
	}
}

func merge(a, b domain.Reading) domain.Reading {
	if a.Quotes == nil { // of the first reader, and mostly of the only one
		a.Quotes = b.Quotes
	} else {
		a.Quotes = append(a.Quotes, b.Quotes...)
	}
	a.Modifiers = append(a.Modifiers, b.Modifiers...)
	a.Charges = append(a.Charges, b.Charges...)
	a.Remarks = append(a.Remarks, b.Remarks...)
	for name, aliases := range b.Aliases {
		if a.Aliases == nil {
			a.Aliases = map[string][]string{}
		}
		a.Aliases[name] = append(a.Aliases[name], aliases...)
	}
	a.Warnings = append(a.Warnings, b.Warnings...)
	return a
}

// settle leaves one quote per key. A key read twice with one amount is stated
// twice; with two amounts it is doubtful and left out.
func settle(in domain.Reading) domain.Reading {
	type stated struct {
		at       int
		doubtful bool
	}
	seen := make(map[domain.QuoteKey]stated, len(in.Quotes))
	doubtful := 0
	for i := range in.Quotes {
		q := &in.Quotes[i]
		s, again := seen[cliffOf(q)]
		if !again {
			seen[cliffOf(q)] = stated{at: i}
			continue
		}
		if other := in.Quotes[s.at]; !s.doubtful && !other.Amount.Equal(q.Amount) {
			s.doubtful = true
			seen[cliffOf(q)] = s
			doubtful++
			in.Warnings = append(in.Warnings, fmt.Sprintf("%s, %s, %s is stated twice, as %s (%s) and as %s (%s); it was left out",
				q.Name, q.Tier, q.Meter, other.Amount, other.Place.Path, q.Amount, q.Place.Path))
		}
	}
	if left := len(seen) - doubtful; left < len(in.Quotes) {
		kept := make([]domain.Quote, 0, left)
		for i := range in.Quotes {
			if s := seen[cliffOf(&in.Quotes[i])]; s.at == i && !s.doubtful {
				kept = append(kept, in.Quotes[i])
			}
		}
		in.Quotes = kept
	}
	in.Charges = slices.CompactFunc(in.Charges, func(a, b domain.Charge) bool {
		return a.Model == b.Model && a.What == b.What && a.Unit == b.Unit && a.Kind == b.Kind && a.Amount.Equal(b.Amount)
	})
	return in
}

// cliffOf is what a quote states an amount for, where "> 200k" and "≥ 200k" mean one
// cliff.
func cliffOf(q *domain.Quote) domain.QuoteKey {
	key := q.QuoteKey
	key.MinPromptTokens = 0
	return key
}

func megabytes(n int) string { return fmt.Sprintf("%.1f MB", float64(n)/(1<<20)) }
