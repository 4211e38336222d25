package demosite

import (
	_ "embed"
	"encoding/json"
	"strings"
	"text/template"

	"github.com/shopspring/decimal"
)

var (
	//go:embed openai.md.tmpl
	openAIMarkdownText string
	//go:embed openai.html.tmpl
	openAIHTMLText string

	openAIMarkdown = template.Must(template.New("markdown").Parse(openAIMarkdownText))
	openAIHTML     = htmlPage(openAIHTMLText)
)

// openAIPage is what the templates print.
type openAIPage struct {
	Panes  []pane
	Writes bool
	Spoken spokenTable
}

// pane is a tier's tab: its table as it is seen, and the data behind it.
type pane struct {
	Label, Value string
	Hidden       bool
	Shown        []shownRow
	Props        string   // the data as the page's islands have them
	Rows         []string // the same, each row as a literal of a script
	Columns      int      // of a half of the table
}

type shownRow struct {
	Name        string
	Short, Long []string
}

type spokenTable struct {
	Groups []spokenGroup
	Props  string
}

type spokenGroup struct {
	Name string
	Rows [][]string
}

func openAISheet(d day) any {
	c := d.openAI
	isBroken := d.troubles[openAIID] == broken
	p := openAIPage{Writes: c.writes}
	tiers := []struct {
		label string
		price func(openAIModel) (short, long tokens)
	}{
		{"Standard", func(m openAIModel) (short, long tokens) { return m.standard, m.long }},
		{"Batch", func(m openAIModel) (short, long tokens) {
			short, long = m.standard.half(), m.long.half()
			if !m.halves { // the older ones have no cache in a batch
				short.cached = ""
			}
			return short, long
		}},
		{"Flex", func(m openAIModel) (short, long tokens) {
			if !m.halves {
				return tokens{}, tokens{}
			}
			return m.standard.half(), m.long.half()
		}},
		{"Priority", func(m openAIModel) (short, long tokens) { return m.priority, tokens{} }},
	}
	for i, tier := range tiers {
		if tier.label == "Priority" && !c.priority {
			continue
		}
		p.Panes = append(p.Panes, c.pane(tier.label, i > 0, isBroken, tier.price))
	}
	p.Spoken = spokenSheet(isBroken)
	return p
}

// pane prints a tier. A broken page has the names and not the figures.
func (c openAICatalogue) pane(label string, hidden, isBroken bool, price func(openAIModel) (short, long tokens)) pane {
	p := pane{Label: label, Value: strings.ToLower(label), Hidden: hidden, Columns: 3}
	if c.writes {
		p.Columns = 4
	}
	var rows []any
	for _, m := range c.models {
		short, long := price(m)
		if short == (tokens{}) {
			continue
		}
		if isBroken {
			short, long = tokens{}, tokens{}
		}
		if m.long != (tokens{}) { // the others are in the data behind the table, for whoever presses a button
			p.Shown = append(p.Shown, shownRow{m.id, short.cells(c.writes), long.cells(c.writes)})
		}
		name := m.id
		if m.short {
			name += " (<272K context length)"
		}
		row := append([]any{name}, short.values(c.writes && short.write != "")...)
		rows = append(rows, row)
		p.Rows = append(p.Rows, literal(row))
	}
	p.Props = literal(island(map[string]any{"tier": p.Value, "latestSectionLabel": nil, "rows": rows}, false))
	return p
}

func spokenSheet(isBroken bool) spokenTable {
	var t spokenTable
	var groups, hidden []any
	for _, m := range spoken {
		group := spokenGroup{Name: m.id}
		var rows []any
		for _, r := range m.rows {
			price := tokens{in: r.in, cached: r.cached, out: r.out}
			if isBroken {
				price = tokens{}
			}
			group.Rows = append(group.Rows, append([]string{r.modality}, price.cells(false)...))
			rows = append(rows, append([]any{r.modality}, price.values(false)...))
		}
		groups = append(groups, map[string]any{"model": m.id, "rows": rows})
		if m.hidden {
			hidden = append(hidden, m.id)
			continue
		}
		t.Groups = append(t.Groups, group)
	}
	headings := []any{"Model", "Modality", "Input", "Cached input", "Output / cost"}
	t.Props = literal(island(map[string]any{"headings": headings, "hiddenModels": hidden, "groups": groups}, false))
	return t
}

// half is what batch and flex cost.
func (t tokens) half() tokens {
	by := func(amount string) string {
		if amount == "" {
			return ""
		}
		return decimal.RequireFromString(amount).Div(decimal.NewFromInt(2)).String()
	}
	return tokens{by(t.in), by(t.cached), by(t.write), by(t.out)}
}

// cells are the figures as the table has them.
func (t tokens) cells(writes bool) []string {
	amounts := []string{t.in, t.cached}
	if writes {
		amounts = append(amounts, t.write)
	}
	cells := make([]string, 0, 4)
	for _, amount := range append(amounts, t.out) {
		if amount == "" {
			cells = append(cells, "-")
			continue
		}
		cells = append(cells, "$"+cents(decimal.RequireFromString(amount)))
	}
	return cells
}

// values are the figures as the data have them: bare numbers, and a hyphen or
// nothing for none.
func (t tokens) values(writes bool) []any {
	number := func(amount string, none any) any {
		if amount == "" {
			return none
		}
		return json.Number(amount)
	}
	values := []any{number(t.in, nil), number(t.cached, nil)}
	if writes {
		values = append(values, number(t.write, "-"))
	}
	return append(values, number(t.out, "-"))
}

// island writes a value as the page's islands keep theirs: each with a number
// before it that says whether it is a list.
func island(value any, tagged bool) any {
	switch v := value.(type) {
	case map[string]any:
		inner := map[string]any{}
		for name, one := range v {
			inner[name] = island(one, true)
		}
		value = inner
	case []any:
		inner := make([]any, len(v))
		for i, one := range v {
			inner[i] = island(one, true)
		}
		return []any{1, inner}
	}
	if !tagged {
		return value
	}
	return []any{0, value}
}

// literal writes a value as a script would.
func literal(value any) string {
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		panic(err) // the values are ours
	}
	return strings.TrimSpace(text.String())
}
