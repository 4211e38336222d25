package demosite

import (
	_ "embed"
	"slices"
	"strings"
	"text/template"
)

var (
	//go:embed google.md.tmpl
	googleMarkdownText string
	//go:embed google.html.tmpl
	googleHTMLText string

	googleMarkdown = template.Must(template.New("markdown").Parse(googleMarkdownText))
	googleHTML     = htmlPage(googleHTMLText)
)

// googleSection is what the templates print of a section.
type googleSection struct {
	Title string
	IDs   []string
	Tabs  []googleTab
}

type googleTab struct {
	Name string
	Rows []googleRow
}

// googleRow is a row of a table: what is paid for, in the free tier and in the
// paid one. A cell has its lines.
type googleRow struct {
	Label string
	Free  string
	Paid  []string
}

func googleSheet(d day) any {
	var all []googleSection
	for _, s := range d.google.sections {
		if len(s.tabs) == 0 {
			continue
		}
		printed := googleSection{Title: s.title}
		for _, m := range s.models {
			if !m.unnamed {
				printed.IDs = append(printed.IDs, m.name)
			}
		}
		for _, t := range s.tabs {
			printed.Tabs = append(printed.Tabs, googleTab{t.name, s.rows(t)})
		}
		all = append(all, printed)
	}
	return all
}

// googleWebSheet is what the page for people prints: the same, but for a digit
// that is lost on a day.
func googleWebSheet(d day) any {
	if d.troubles[googleID] == misprint {
		d.google = d.google.misprinted()
	}
	return googleSheet(d)
}

// misprinted is the catalogue with the second digit of one price gone: of the
// first output price with tens of dollars.
func (c googleCatalogue) misprinted() googleCatalogue {
	c.sections = slices.Clone(c.sections)
	for i := range c.sections {
		s := &c.sections[i]
		if len(s.tabs) == 0 || len(s.tabs[0].out) == 0 || len(s.tabs[0].out[0].amount) < len("10.00") {
			continue
		}
		s.tabs = slices.Clone(s.tabs)
		s.tabs[0].out = slices.Clone(s.tabs[0].out)
		price := &s.tabs[0].out[0].amount
		*price = (*price)[:1] + (*price)[2:]
		break
	}
	return c
}

func (s section) rows(t tab) []googleRow {
	free := "Not available"
	if s.free && (t.name == "Standard" || t.name == "") {
		free = "Free of charge"
	}
	rows := []googleRow{{"Input price", free, lines(t.in)}}
	if t.out != nil {
		label := "Output price"
		if s.models[0].thinks {
			label += " (including thinking tokens)"
		}
		rows = append(rows, googleRow{label, free, lines(t.out)})
	}
	if t.caching != nil {
		rows = append(rows, googleRow{"Context caching price", "Not available", lines(t.caching)})
	}
	return append(rows, googleRow{"Grounding with Google Search", "Not available", []string{"1,500 RPD (free), then $14 / 1,000 search queries"}})
}

// lines are a cell's lines as printed.
func lines(cells []cell) []string {
	var all []string
	for _, c := range cells {
		between := " "
		if strings.HasPrefix(c.remark, "prompts") {
			between = ", "
		}
		all = append(all, strings.TrimSpace("$"+c.amount+between+c.remark))
	}
	return all
}
