package scrape_test

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// A priceTable is a table of prices as somebody could print it.
type priceTable struct {
	tier    domain.Tier
	cliff   int64 // the table's prices hold above it; 0: always
	columns []priceColumn
	rows    []priceRow
}

type priceColumn struct {
	header string
	meter  domain.Meter // empty: noise, or the name
	cells  []string
	name   bool
}

type priceRow struct {
	name, printed, printedHTML string
	amounts                    map[domain.Meter]decimal.Decimal
	from, until                string
}

// headers are ways in which pages head their columns.
var headers = map[domain.Meter][]string{
	domain.MeterInput:        {"Input", "Base Input Tokens", "Input tokens", "Prompt", "Input price"},
	domain.MeterOutput:       {"Output", "Output Tokens", "Output price", "Completion"},
	domain.MeterCacheRead:    {"Cached input", "Cache Hits & Refreshes", "Cache reads", "Cached input tokens"},
	domain.MeterCacheWrite:   {"5m Cache Writes", "Cache writes", "5-minute cache writes"},
	domain.MeterCacheWrite1h: {"1h Cache Writes", "1-hour cache writes"},
	domain.MeterInputAudio:   {"Audio input", "Input (audio)"},
}

func genTable(t *rapid.T) priceTable {
	table := priceTable{tier: rapid.SampledFrom(domain.Tiers()).Draw(t, "tier")}
	if rapid.Bool().Draw(t, "cliff") {
		table.cliff = rapid.SampledFrom([]int64{128_000, 200_000, 272_000, 1_000_000}).Draw(t, "above")
	}
	meters := []domain.Meter{domain.MeterInput, domain.MeterOutput}
	for _, m := range []domain.Meter{domain.MeterCacheRead, domain.MeterCacheWrite, domain.MeterCacheWrite1h, domain.MeterInputAudio} {
		if rapid.Bool().Draw(t, string(m)) {
			meters = append(meters, m)
		}
	}
	names := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom([]string{"Ada", "Grace Hopper", "mary"}).Draw(t, "family") + " " +
			rapid.SampledFrom([]string{"Grand", "Medium", "mini"}).Draw(t, "variant") + " " +
			fmt.Sprintf("%d.%d", rapid.IntRange(1, 9).Draw(t, "major"), rapid.IntRange(0, 9).Draw(t, "minor"))
	}), 1, 6, rapid.ID).Draw(t, "names")
	for _, name := range names {
		row := priceRow{name: name, printed: name, printedHTML: name, amounts: map[domain.Meter]decimal.Decimal{}}
		switch rapid.IntRange(0, 5).Draw(t, "beside the name") {
		case 0:
			row.printed += " ([deprecated](/docs/old))"
			row.printedHTML += ` (<a href="/docs/old">deprecated</a>)`
		case 1:
			row.printed += " <sup>2</sup>"
			row.printedHTML += "<sup>2</sup>"
		case 2:
			row.from = "2026-09-01"
			row.printed += " starting September 1, 2026"
			row.printedHTML += " starting September 1, 2026"
		case 3:
			row.until = "2026-08-31"
			row.printed += " [through August 31, 2026](/intro)"
			row.printedHTML += ` <a href="/intro">through August 31, 2026</a>`
		}
		for _, m := range meters {
			if rapid.IntRange(0, 9).Draw(t, "stated") > 0 {
				row.amounts[m] = decimal.New(rapid.Int64Range(1, 200_000).Draw(t, "amount"), int32(rapid.IntRange(-4, -2).Draw(t, "digits")))
			}
		}
		table.rows = append(table.rows, row)
	}
	unit := rapid.SampledFrom([]string{"", " / MTok", "/MTok", " per 1M tokens", " / 1,000,000 tokens", " per million tokens"}).Draw(t, "unit")
	for _, m := range meters {
		c := priceColumn{meter: m, header: rapid.SampledFrom(headers[m]).Draw(t, "header")}
		for _, row := range table.rows {
			a, stated := row.amounts[m]
			switch {
			case !stated:
				c.cells = append(c.cells, rapid.SampledFrom([]string{"-", "", "N/A", "—", "Not available"}).Draw(t, "none"))
			default:
				c.cells = append(c.cells, "$"+a.String()+unit)
			}
		}
		table.columns = append(table.columns, c)
	}
	for _, noise := range []priceColumn{
		{header: "Context window", cells: []string{"200K", "1M tokens"}},
		{header: "Max output", cells: []string{"64000 tokens", "8K"}},
		{header: "Comparative latency", cells: []string{"Fast", "Slow"}},
		{header: "Rate limits", cells: []string{"4M TPM", "480 RPM"}},
		{header: "Knowledge cutoff", cells: []string{"March 2025", "-"}},
	} {
		if !rapid.Bool().Draw(t, noise.header) {
			continue
		}
		c := priceColumn{header: noise.header}
		for range table.rows {
			c.cells = append(c.cells, rapid.SampledFrom(noise.cells).Draw(t, "noise"))
		}
		table.columns = append(table.columns, c)
	}
	table.columns = append(table.columns, priceColumn{name: true, header: rapid.SampledFrom([]string{"Model", "Models", "Model name"}).Draw(t, "model header")})
	table.columns = rapid.Permutation(table.columns).Draw(t, "columns")
	return table
}

// heading is where a person sees the tier.
func (p priceTable) heading() string {
	return map[domain.Tier]string{
		domain.TierStandard: "Model pricing", domain.TierBatch: "Batch processing", domain.TierFlex: "Flex pricing",
		domain.TierPriority: "Priority processing", domain.TierFast: "Fast mode pricing",
	}[p.tier]
}

// lead is the sentence that sets the cliff.
func (p priceTable) lead() string {
	if p.cliff == 0 {
		return "These are the prices:"
	}
	return fmt.Sprintf("Requests that exceed %dK input tokens are charged at these rates:", p.cliff/1000)
}

func (p priceTable) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s\n\n", p.heading(), p.lead())
	for _, c := range p.columns {
		b.WriteString("| " + c.header + " ")
	}
	b.WriteString("|\n" + strings.Repeat("|---", len(p.columns)) + "|\n")
	for i, row := range p.rows {
		for _, c := range p.columns {
			if c.name {
				b.WriteString("| " + row.printed + " ")
			} else {
				b.WriteString("| " + c.cells[i] + " ")
			}
		}
		b.WriteString("|\n")
	}
	return b.String()
}

func (p priceTable) html(cell string, wrap bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<h2>%s</h2><p>%s</p><div><table class=x><thead><tr>", p.heading(), p.lead())
	for _, c := range p.columns {
		fmt.Fprintf(&b, "<th>%s</th>", html.EscapeString(c.header))
	}
	b.WriteString("</tr></thead><tbody>")
	for i, row := range p.rows {
		b.WriteString("<tr>")
		for _, c := range p.columns {
			var text string
			if c.name {
				text = row.printedHTML
			} else {
				text = html.EscapeString(c.cells[i])
			}
			if wrap {
				text = "<div>\n  <span>" + text + "</span>\n</div>"
			}
			fmt.Fprintf(&b, "<%s>%s</%s>", cell, text, cell)
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table></div>")
	return b.String()
}

// wanted is what must be read, in a form that compares.
func (p priceTable) wanted() []string {
	var out []string
	for _, row := range p.rows {
		for m, a := range row.amounts {
			out = append(out, fmt.Sprint(row.name, "|", p.tier, "|", m, "|", p.cliff, "|", row.from, "|", row.until, "|", a))
		}
	}
	slices.Sort(out)
	return out
}

func had(r domain.Reading) []string {
	var out []string
	for _, q := range r.Quotes {
		out = append(out, fmt.Sprint(q.Name, "|", q.Tier, "|", q.Meter, "|", q.Above, "|", q.From, "|", q.Until, "|", q.Amount))
	}
	slices.Sort(out)
	return out
}

// TestProperty06_PricingExtraction: whatever a table's order of columns, the
// noise beside its prices and the marks on its names, every per-token meter of
// every model is read, exactly, and nothing else; from Markdown and from HTML.
func TestProperty06_PricingExtraction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := genTable(t)
		pages := map[string]string{
			"Markdown":             "# Prices\n\nAll prices are in USD.\n\n" + table.markdown(),
			"Markdown, in an MDX":  "# Prices\n\n<Tabs>\n  <Tab title=\"All\">\n" + indent(table.markdown()) + "  </Tab>\n</Tabs>\n",
			"HTML":                 "<!doctype html><html><body><h1>Prices</h1>" + table.html("td", false) + "</body></html>",
			"HTML, wrapped":        "<html><body><h1>Prices</h1><main>" + table.html("td", true) + "</main></body></html>",
			"HTML, cells all <th>": "<html><body><h1>Prices</h1>" + table.html("th", false) + "</body></html>",
		}
		for form, page := range pages {
			got, err := scrape.New().Read([]byte(page), tablesSource())
			want := table.wanted()
			if err != nil && len(want) > 0 {
				t.Fatalf("%s: %v\n%s", form, err, page)
			}
			if !slices.Equal(had(got), want) {
				t.Fatalf("%s: read\n%s\nwant\n%s\nfrom\n%s\nwarnings %q", form, strings.Join(had(got), "\n"), strings.Join(want, "\n"), page, got.Warnings)
			}
			for _, q := range got.Quotes {
				if q.Place.Path == "" || q.Place.Cell == "" || q.Place.Header == "" || !strings.Contains(q.Place.Row, q.Name) || q.Place.Reader != scrape.ReaderTables {
					t.Fatalf("%s: no evidence for %+v", form, q)
				}
				if want := q.Above; want > 0 && q.MinPromptTokens != want+1 {
					t.Fatalf("more than %d tokens begin at %d", want, q.MinPromptTokens)
				}
			}
		}
	})
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n    ") + "\n"
}
