package scrape_test

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// A pane is one tier of a generated page: rows of amounts per model, as text,
// empty where there is none.
type pane struct {
	tier string
	rows [][]string // name, input, cached, [writes,] output; long ones follow in the same order
}

// A priceSite is a generated page: what it prices, and how it is written.
type priceSite struct {
	panes   []pane
	meters  []domain.Meter
	heads   []string
	long    bool // two-row headers
	astro   bool
	headed  bool // the data has headings
	grouped bool // the rows stand in groups, whose label is a column
	shown   int  // every so many rows are shown
	strings bool // amounts in the data are texts
}

func drawSite(t *rapid.T) priceSite {
	s := priceSite{
		meters: []domain.Meter{"input", "cache_read", "output"}, heads: []string{"Input", "Cached input", "Output"},
		long: rapid.Bool().Draw(t, "long"), astro: rapid.Bool().Draw(t, "astro"), headed: rapid.Bool().Draw(t, "headed"),
		shown: rapid.IntRange(1, 3).Draw(t, "shown"), strings: rapid.Bool().Draw(t, "texts"),
	}
	s.grouped = s.headed && rapid.Bool().Draw(t, "grouped")
	if rapid.Bool().Draw(t, "writes") {
		s.meters = []domain.Meter{"input", "cache_read", "cache_write", "output"}
		s.heads = []string{"Input", "Cached input", "Cache writes", "Output"}
	}
	if s.headed { // without headings an order that nobody knows could not be told
		order := rapid.Permutation([]int{0, 1, 2, 3}[:len(s.heads)]).Draw(t, "order")
		meters, heads := s.meters, s.heads
		s.meters, s.heads = nil, nil
		for _, i := range order {
			s.meters, s.heads = append(s.meters, meters[i]), append(s.heads, heads[i])
		}
	}
	names := rapid.SliceOfNDistinct(rapid.StringMatching(`(ada|bix|cor)-[1-9](\.[1-9])?(-mini|-pro)?`), 1, 7, rapid.ID).Draw(t, "names")
	for _, tier := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"standard", "batch", "flex", "priority"}), 1, 4, rapid.ID).Draw(t, "tiers") {
		p := pane{tier: tier}
		for _, name := range names {
			in := rapid.IntRange(10, 500).Draw(t, "input")
			row := []string{name}
			for _, factor := range []int{1, 2}[:1+btoi(s.long)] {
				for _, m := range s.meters {
					amount := map[domain.Meter]int{"input": 1000 * in, "cache_read": 100 * in, "cache_write": 1250 * in, "output": 6000 * in}[m] * factor
					text := strings.TrimRight(strings.TrimRight(fmt.Sprintf("%d.%06d", amount/1_000_000, amount%1_000_000), "0"), ".")
					if (m == "cache_read" || m == "cache_write") && rapid.IntRange(0, 3).Draw(t, "none") == 0 {
						text = ""
					}
					row = append(row, text)
				}
			}
			p.rows = append(p.rows, row)
		}
		s.panes = append(s.panes, p)
	}
	return s
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// want is what a reader of the page must find.
func (s priceSite) want() map[string]string {
	out := map[string]string{}
	for _, p := range s.panes {
		for i, row := range p.rows {
			for j, text := range row[1:] {
				isLong := j >= len(s.meters)
				if text == "" || isLong && i%s.shown != 0 {
					continue
				}
				out[fmt.Sprintf("%s %s %s %d", row[0], p.tier, s.meters[j%len(s.meters)], 272_000*btoi(isLong))] = text
			}
		}
	}
	return out
}

// value writes a value as plain JSON or as Astro does.
func (s priceSite) value(v any) any {
	if !s.astro {
		return v
	}
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = s.value(v[i])
		}
		return []any{1, out}
	case map[string]any:
		return []any{0, s.fields(v)}
	default:
		return []any{0, v}
	}
}

func (s priceSite) fields(v map[string]any) map[string]any {
	out := map[string]any{}
	for k, held := range v {
		out[k] = s.value(held)
	}
	return out
}

func (s priceSite) props(p pane) map[string]any {
	var rows []any
	for i, row := range p.rows {
		name := row[0]
		if s.long && i == 0 {
			name += " (<272K context length)"
		}
		line := []any{name}
		for _, text := range row[1 : 1+len(s.meters)] {
			switch {
			case text == "":
				line = append(line, []any{nil, "", "-"}[i%3])
			case s.strings:
				line = append(line, "$"+text)
			default:
				line = append(line, json.Number(text))
			}
		}
		rows = append(rows, any(line))
	}
	props := map[string]any{"collapsed": true}
	if s.headed {
		heads := []any{"Model"}
		if s.grouped {
			heads = []any{"Category", "Model"}
		}
		for _, h := range s.heads {
			heads = append(heads, h)
		}
		props["headings"] = heads
	}
	if s.grouped {
		half := len(rows) / 2
		props["groups"] = []any{map[string]any{"model": "Small", "rows": rows[:half]}, map[string]any{"model": "Large", "rows": rows[half:]}}
	} else {
		props["rows"] = rows
	}
	return props
}

// page writes the page; each pane's wrapper says its tier in another way.
func (s priceSite) page(t *rapid.T) string {
	var b strings.Builder
	b.WriteString("<!doctype html><html><body><h2>Models</h2><p>Prices per 1M tokens.</p>")
	for i, p := range s.panes {
		fmt.Fprintf(&b, `<button id="tab-%d" role="tab">%s</button>`, i, p.tier)
	}
	for i, p := range s.panes {
		props := s.props(p)
		open, tierProp := fmt.Sprintf(`<section aria-labelledby="tab-%d" hidden>`, i), false
		switch rapid.IntRange(0, 2).Draw(t, "wrapper") {
		case 0:
			open = fmt.Sprintf(`<section class="x%d" data-value="%s">`, i, p.tier)
		case 1:
			tierProp = true
		}
		if tierProp {
			props["tier"] = p.tier
		}
		var encoded []byte
		if s.astro {
			encoded, _ = json.Marshal(s.fields(props))
		} else {
			encoded, _ = json.Marshal(props)
		}
		fmt.Fprintf(&b, `%s<x-island data-props="%s"><div>%s</div></x-island></section>`, open, html.EscapeString(string(encoded)), s.table(p))
	}
	return b.String() + "</body></html>"
}

func (s priceSite) table(p pane) string {
	var b strings.Builder
	b.WriteString("<table><thead>")
	if s.long {
		fmt.Fprintf(&b, `<tr><th></th><th colspan="%d">Short context</th><th colspan="%d">Long context</th></tr>`, len(s.heads), len(s.heads))
	}
	b.WriteString("<tr><th>Model</th>")
	for range 1 + btoi(s.long) {
		for _, h := range s.heads {
			fmt.Fprintf(&b, "<th>%s</th>", h)
		}
	}
	b.WriteString("</tr></thead><tbody>")
	for i, row := range p.rows {
		if i%s.shown != 0 {
			continue
		}
		fmt.Fprintf(&b, "<tr><td>%s</td>", row[0])
		for _, text := range row[1:] {
			if text == "" {
				b.WriteString("<td>-</td>")
			} else {
				fmt.Fprintf(&b, "<td>$%s</td>", text)
			}
		}
		b.WriteString("</tr>")
	}
	return b.String() + "</tbody></table>"
}

// TestIslandsAndPanesAreReadBack: whatever a page hands to its components and
// shows in its tabs comes out, once, and nothing else.
func TestIslandsAndPanesAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSite(t)
		page := s.page(t)
		got, err := scrape.New().Read([]byte(page), islandSource())
		if err != nil {
			t.Fatalf("%v\n%s", err, page)
		}
		read := map[string]string{}
		for _, q := range got.Quotes {
			read[fmt.Sprintf("%s %s %s %d", q.Name, q.Tier, q.Meter, q.Above)] = q.Amount.String()
		}
		want := s.want()
		if !maps.Equal(read, want) {
			for k, v := range want {
				if read[k] != v {
					t.Errorf("%s is %s, read %q", k, v, read[k])
				}
			}
			for k, v := range read {
				if want[k] == "" {
					t.Errorf("invented %s as %s", k, v)
				}
			}
			t.Fatalf("warnings %q\n%s", got.Warnings, page)
		}
	})
}

// TestComponentsAreReadBack: the same rows as properties of components in MDX.
func TestComponentsAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSite(t)
		var b strings.Builder
		b.WriteString("# Prices\n\nPrices per 1M tokens.\n\n")
		want := map[string]string{}
		for _, p := range s.panes {
			fmt.Fprintf(&b, "<div data-value=\"%s\" hidden>\n  <div class=\"hidden\">%s</div>\n\n  <PriceList\n    client:load\n    note={html('see <a href=\"/x\">more</a>')}\n", p.tier, p.tier)
			if s.headed {
				fmt.Fprintf(&b, "    headings={[\"Model\", \"%s\"]}\n", strings.Join(s.heads, `", "`))
			}
			b.WriteString("    rows={[\n")
			for _, row := range p.rows {
				fmt.Fprintf(&b, "      [%q", row[0])
				for j, text := range row[1 : 1+len(s.meters)] {
					if text == "" {
						b.WriteString(", null")
						continue
					}
					want[fmt.Sprintf("%s %s %s 0", row[0], p.tier, s.meters[j])] = text
					fmt.Fprintf(&b, ", %s", text)
				}
				b.WriteString("],\n")
			}
			b.WriteString("    ]}\n  />\n</div>\n\n")
		}
		got, err := scrape.New().Read([]byte(b.String()), islandSource())
		if err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		read := map[string]string{}
		for _, q := range got.Quotes {
			read[fmt.Sprintf("%s %s %s %d", q.Name, q.Tier, q.Meter, q.Above)] = q.Amount.String()
		}
		if !maps.Equal(read, want) {
			t.Fatalf("read %v\nwant %v\n%s", slices.Sorted(maps.Keys(read)), slices.Sorted(maps.Keys(want)), b.String())
		}
	})
}
