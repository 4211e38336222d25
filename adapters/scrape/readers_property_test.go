package scrape_test

import (
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// A soldModel is one generated model with what its page is to state.
type soldModel struct {
	name  string
	cliff int
	rates map[string]string // meter, with a "+" above the cliff → amount
}

func genAmount(t *rapid.T, label string) string {
	return fmt.Sprintf("%d.%02d", rapid.IntRange(1, 20).Draw(t, label), rapid.IntRange(0, 99).Draw(t, label+" cents"))
}

func genSold(t *rapid.T, meters []string) []soldModel {
	names := rapid.SliceOfNDistinct(rapid.StringMatching(`(nova|orca|lynx)-[1-9](\.[1-9])?-(mini|large|eye)`), 1, 6, rapid.ID).Draw(t, "names")
	out := make([]soldModel, 0, len(names))
	for _, name := range names {
		m := soldModel{name: name, rates: map[string]string{}}
		if rapid.Bool().Draw(t, "has a cliff") {
			m.cliff = rapid.SampledFrom([]int{128_000, 200_000}).Draw(t, "cliff")
		}
		for _, meter := range meters {
			if !rapid.Bool().Draw(t, meter) && meter != "input" {
				continue
			}
			m.rates[meter] = genAmount(t, meter)
			if m.cliff > 0 && meter != "input_audio" {
				m.rates[meter+"+"] = genAmount(t, meter+" above")
			}
		}
		out = append(out, m)
	}
	return out
}

// wantedOf is what must be read of generated models, as had gives it.
func wantedOf(models []soldModel, tiers ...domain.Tier) []string {
	var out []string
	for _, m := range models {
		for meter, amount := range m.rates {
			above := 0
			meter, over := strings.CutSuffix(meter, "+")
			if over {
				above = m.cliff
			}
			plain := strings.TrimSuffix(strings.TrimRight(amount, "0"), ".")
			for _, tier := range tiers {
				out = append(out, fmt.Sprint(m.name, "|", tier, "|", meter, "|", above, "|", "", "|", "", "|", plain))
			}
		}
	}
	slices.Sort(out)
	return out
}

// sectionCells are the cells of one model's meters.
func (m soldModel) sectionCells() map[string]string {
	out := map[string]string{}
	for meter, label := range map[string]string{"input": "Input price", "output": "Output price (including thinking tokens)", "cache_read": "Context caching price"} {
		amount, stated := m.rates[meter]
		switch above := m.rates[meter+"+"]; {
		case !stated:
			out[label] = "Not available"
		case above != "":
			out[label] = fmt.Sprintf("$%s, prompts <= %dk tokens\n$%s, prompts > %dk", amount, m.cliff/1000, above, m.cliff/1000)
		case meter == "input" && m.rates["input_audio"] != "":
			out[label] = "$" + amount + " (text)\n$" + m.rates["input_audio"] + " (audio)"
		default:
			out[label] = "$" + amount
		}
	}
	return out
}

// TestProperty06_Sections: whatever the tiers and the order of rows and columns,
// each model's section is read exactly, from Markdown and from HTML.
func TestProperty06_Sections(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		models := genSold(t, []string{"input", "output", "cache_read", "input_audio"})
		for _, m := range models {
			if m.cliff > 0 { // such cells state no modality
				delete(m.rates, "input_audio")
			}
		}
		tiers := rapid.SampledFrom([][]domain.Tier{{domain.TierStandard}, {domain.TierStandard, domain.TierBatch}, {domain.TierBatch, domain.TierFlex, domain.TierPriority}}).Draw(t, "tiers")
		ways := rapid.Permutation([]string{"label", "free", "paid"}).Draw(t, "columns")
		heads := map[string]string{"label": "", "free": "Free Tier", "paid": "Paid Tier, per 1M tokens in USD"}
		var md, web strings.Builder
		md.WriteString("# Prices\n\n")
		web.WriteString("<!doctype html><html><body><h1>Prices</h1>")
		for _, m := range models {
			fmt.Fprintf(&md, "## Model %s\n\n*`%s`*\n\nA fine model.\n\n", m.name, m.name)
			fmt.Fprintf(&web, "<h2>Model %s</h2><em><code>%s</code></em><p>A fine model.</p>", m.name, m.name)
			cells := m.sectionCells()
			labels := rapid.Permutation([]string{"Input price", "Output price (including thinking tokens)", "Context caching price", "Grounding"}).Draw(t, "rows")
			for _, tier := range tiers {
				fmt.Fprintf(&md, "### %s\n\n|%s|\n|---|---|---|\n", tier, strings.Join([]string{heads[ways[0]], heads[ways[1]], heads[ways[2]]}, "|"))
				fmt.Fprintf(&web, "<section><h3>%s</h3><table><tr><th>%s</th><th>%s</th><th>%s</th></tr>", tier, heads[ways[0]], heads[ways[1]], heads[ways[2]])
				for _, label := range labels {
					say := map[string]string{"label": label, "free": "Free of charge", "paid": cells[label]}
					if label == "Grounding" {
						say["paid"] = "1,500 RPD (free), then $35 / 1,000 requests"
					}
					md.WriteString("|")
					web.WriteString("<tr>")
					for _, w := range ways {
						md.WriteString(strings.ReplaceAll(say[w], "\n", " ") + "|")
						web.WriteString("<td>" + strings.ReplaceAll(html.EscapeString(say[w]), "\n", "<br>") + "</td>")
					}
					md.WriteString("\n")
					web.WriteString("</tr>")
				}
				md.WriteString("\n")
				web.WriteString("</table></section>")
			}
		}
		for _, page := range []string{md.String(), web.String()} {
			got, err := scrape.New().Read([]byte(page), sourceOf(scrape.ReaderSections))
			if err != nil {
				t.Fatalf("%v\n%s", err, page)
			}
			if want := wantedOf(models, tiers...); !slices.Equal(had(got), want) {
				t.Fatalf("read\n%s\nwant\n%s\nfrom\n%s\nwarnings %q", strings.Join(had(got), "\n"), strings.Join(want, "\n"), page, got.Warnings)
			}
		}
	})
}

// fieldOf is how the generated data calls a meter.
var fieldOf = map[string]string{
	"input": "promptTextTokenPrice", "input+": "promptTextTokenPriceLongContext", "output": "completionTextTokenPrice", "output+": "completionTokenPriceLongContext",
	"cache_read": "cachedPromptTokenPrice", "cache_read+": "cachedPromptTokenPriceLongContext", "input_image": "promptImageTokenPrice",
}

// data is a list of models as a page's script holds it, amounts in 1/10000 USD.
func data(models []soldModel) []map[string]any {
	out := make([]map[string]any, 0, len(models))
	for _, m := range models {
		o := map[string]any{"name": m.name, "version": "1.0", "rpm": "480", "aliases": []string{m.name + "-latest"}, "searchPrice": 2500, "longContextThreshold": fmt.Sprint(m.cliff)}
		for meter, field := range fieldOf {
			o[field] = 0
			if amount, ok := m.rates[meter]; ok {
				o[field] = strings.TrimLeft(strings.ReplaceAll(amount, ".", "")+"00", "0")
			}
		}
		out = append(out, o)
	}
	return out
}

// TestProperty06_Data: the same list once per region, in a script, pushed piece
// by piece or as plain JSON, yields each model's rates once and exactly.
func TestProperty06_Data(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		models := genSold(t, []string{"input", "output", "cache_read", "input_image"})
		for _, m := range models {
			delete(m.rates, "input_image+")
		}
		list := data(models)
		body, err := json.Marshal(map[string]any{"clusters": []map[string]any{{"name": "us", "models": list}, {"name": "eu", "models": list}}})
		if err != nil {
			t.Fatal(err)
		}
		pieces := []rune("0:[\"$\",\"div\",null,{}]\n1:[\"$\",\"$L2\",null," + string(body) + "]\n")
		var pushed strings.Builder
		pushed.WriteString("<!doctype html><html><body>")
		for len(pieces) > 0 {
			n := rapid.IntRange(1, len(pieces)).Draw(t, "piece")
			text, err := json.Marshal(string(pieces[:n]))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&pushed, "<script>self.frames.push([1,%s])</script>", text)
			pieces = pieces[n:]
		}
		for reader, page := range map[string]string{
			scrape.ReaderScript: "<!doctype html><html><body><script>globalThis.data=" + string(body) + ";</script></body></html>",
			"pushed":            pushed.String(),
			scrape.ReaderJSON:   string(body),
		} {
			if reader == "pushed" {
				reader = scrape.ReaderScript
			}
			got, err := scrape.New().Read([]byte(page), sourceOf(reader))
			if err != nil {
				t.Fatalf("%v\n%s", err, page)
			}
			if want := wantedOf(models, domain.TierStandard); !slices.Equal(had(got), want) {
				t.Fatalf("read\n%s\nwant\n%s\nfrom\n%s\nwarnings %q", strings.Join(had(got), "\n"), strings.Join(want, "\n"), page, got.Warnings)
			}
			for _, m := range models {
				if got.Aliases[m.name] == nil || got.Aliases[m.name][0] != m.name+"-latest" {
					t.Fatalf("aliases %v", got.Aliases)
				}
			}
			for _, q := range got.Quotes {
				if q.Above > 0 && q.MinPromptTokens != q.Above {
					t.Fatalf("from %d tokens on begins at %d", q.Above, q.MinPromptTokens)
				}
			}
		}
	})
}

// TestProperty06_Lines: a model's prices in lines below its name, or in one
// line with it, are read exactly.
func TestProperty06_Lines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		models := genSold(t, []string{"input", "output", "cache_read"})
		labels := map[string]string{"input": "Text input", "output": "Completion", "cache_read": "Cached input"}
		for _, m := range models {
			for meter := range m.rates {
				if strings.HasSuffix(meter, "+") {
					delete(m.rates, meter)
				}
			}
		}
		var lines, inline strings.Builder
		lines.WriteString("Models\nPrice (per million tokens)\n")
		for _, m := range models {
			lines.WriteString(m.name + "\ntext\n131072\n")
			inline.WriteString(m.name + ": ")
			separator := ""
			for _, meter := range []string{"input", "cache_read", "output"} {
				amount, ok := m.rates[meter]
				if !ok {
					lines.WriteString(labels[meter] + "\n-\n")
					continue
				}
				lines.WriteString(labels[meter] + "\n$" + amount + "\n")
				inline.WriteString(separator + strings.ToLower(labels[meter]) + " $" + amount)
				separator = ", "
			}
			inline.WriteString(" per million tokens.\n")
		}
		for _, page := range []string{lines.String(), inline.String()} {
			got, err := scrape.New().Read([]byte(page), sourceOf(scrape.ReaderText))
			if err != nil {
				t.Fatalf("%v\n%s", err, page)
			}
			if want := wantedOf(models, domain.TierStandard); !slices.Equal(had(got), want) {
				t.Fatalf("read\n%s\nwant\n%s\nfrom\n%s", strings.Join(had(got), "\n"), strings.Join(want, "\n"), page)
			}
		}
	})
}
