package scrape_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// autoReads gives what auto reads of a page, a line per rate.
func autoReads(t *testing.T, page string) (lines []string, warnings []string) {
	t.Helper()
	got, err := scrape.New().Read([]byte(page), sourceOf(scrape.ReaderAuto))
	if (err != nil) != (len(got.Quotes) == 0) || err != nil && domain.KindOf(err) != domain.KindUnread {
		t.Fatalf("read %d prices, error %v", len(got.Quotes), err)
	}
	for _, q := range got.Quotes {
		if !q.Proposed() || got.Strategy != scrape.ReaderAuto || q.Place.Path == "" || q.Place.Cell == "" {
			t.Errorf("%+v does not say who read it, or where", q)
		}
		line := fmt.Sprint(q.Name, " ", q.Meter, " ", q.Amount)
		if q.Tier != domain.TierStandard {
			line += " " + string(q.Tier)
		}
		if q.Above > 0 {
			line += fmt.Sprint(" above ", q.Above)
		}
		if !q.From.IsZero() || !q.Until.IsZero() {
			line += fmt.Sprint(" from ", q.From, " until ", q.Until)
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines, got.Warnings
}

// An unknown page is one that nobody has described, with what a person reads
// there; nothing, where he would have to guess.
type unknownPage struct {
	name, page string
	reads      []string
}

func md(lines ...string) string { return strings.Join(lines, "\n") + "\n" }

var unknownPages = []unknownPage{
	{"units in the headers", md("# Pricing", "", "| AI Model | Current Speed (Tokens per Second) | Input Token Price (Per Million Tokens) | Output Token Price (Per Million Tokens) |", "|---|---|---|---|",
		"| Rhea 4 Scout (17Bx16E) 128k | 594 | $0.11 (9.09M / $1)* | $0.34 (2.94M / $1)* |", "| Pallas 32B | 400 | $0.29 (3.44M / $1)* | $0.59 (1.69M / $1)* |"),
		[]string{"Pallas 32B input 0.29", "Pallas 32B output 0.59", "Rhea 4 Scout 128k input 0.11", "Rhea 4 Scout 128k output 0.34"}},
	{"units in the headers, in short", "<html><body><table><tr><th>Model<th>Input ($/M tokens)<th>Cached input ($/M tokens)<th>Output ($/M tokens)<tr><td>vega-2-large<td>2.00<td>0.20<td>6.00<tr><td>vega-2-small<td>0.10<td>-<td>0.30</table>",
		[]string{"vega-2-large cache_read 0.2", "vega-2-large input 2", "vega-2-large output 6", "vega-2-small input 0.1", "vega-2-small output 0.3"}},
	{"a unit in the caption", "<html><body><table><caption>Prices in USD per 1M tokens</caption><thead><tr><th>Model</th><th>Prompt</th><th>Completion</th></tr></thead><tbody><tr><td>vega-2</td><td>$1.10</td><td>$4.40</td></tr></tbody></table>",
		[]string{"vega-2 input 1.1", "vega-2 output 4.4"}},
	{"a unit in the paragraph before", md("## Models", "", "All prices are per million tokens.", "", "| Model | Input | Output |", "|---|---|---|", "| vega-2 | $1.10 | $4.40 |"),
		[]string{"vega-2 input 1.1", "vega-2 output 4.4"}},
	{"a unit once for several tables", md("# Pricing", "", "Prices per 1M tokens.", "", "Standard", "", "| Model | Input | Output |", "|---|---|---|", "| vega-2 | $1.10 | $4.40 |", "", "Batch", "", "| Model | Input | Output |", "|---|---|---|", "| vega-2 | $0.55 | $2.20 |"),
		[]string{"vega-2 input 0.55 batch", "vega-2 input 1.1", "vega-2 output 2.2 batch", "vega-2 output 4.4"}},
	{"units in the cells", md("| Model | Input | Output |", "|---|---|---|", "| Command Z | $2.50 / 1M tokens | $10.00 / 1M tokens |", "| Command Z7B | $0.0375 / 1M tokens | $0.15 / 1M tokens |"),
		[]string{"Command Z input 2.5", "Command Z output 10", "Command Z7B input 0.0375", "Command Z7B output 0.15"}},
	{"per 1K tokens", md("| Model | Input price per 1K tokens | Output price per 1K tokens |", "|---|---|---|", "| nimbus-pro-1 | $0.0008 | $0.0032 |"),
		[]string{"nimbus-pro-1 input 0.8", "nimbus-pro-1 output 3.2"}},
	{"per 1,000 input tokens", md("| Model | Price per 1,000 input tokens | Price per 1,000 output tokens |", "|---|---|---|", "| Nimbus Pro 1 | $0.0008 | $0.0032 |"),
		[]string{"Nimbus Pro 1 input 0.8", "Nimbus Pro 1 output 3.2"}},
	{"per 1M input tokens", md("| Model | $ per 1M input tokens | $ per 1M output tokens |", "|---|---|---|", "| Nimbus Pro 1 | $0.80 | $3.20 |"),
		[]string{"Nimbus Pro 1 input 0.8", "Nimbus Pro 1 output 3.2"}},
	{"a column of units, hit and miss", "<html><body><table><thead><tr><th>Model</th><th>Unit</th><th>Input Price<br>(Cache Hit)</th><th>Input Price<br>(Cache Miss)</th><th>Output Price</th><th>Context Window</th></tr></thead><tbody>" +
		"<tr><td>luna-k2-0905-preview</td><td>1M tokens</td><td>$0.15</td><td>$0.60</td><td>$2.50</td><td>262,144 tokens</td></tr><tr><td>luna-v1-8k</td><td>1K tokens</td><td>$0.0001</td><td>$0.0002</td><td>$0.002</td><td>8,192 tokens</td></tr></tbody></table>",
		[]string{"luna-k2-0905-preview cache_read 0.15", "luna-k2-0905-preview input 0.6", "luna-k2-0905-preview output 2.5", "luna-v1-8k cache_read 0.1", "luna-v1-8k input 0.2", "luna-v1-8k output 2"}},
	{"models as columns", "<html><body><h3>Pricing Details</h3><table><tr><td colspan=2>MODEL</td><td>abyss-chat</td><td>abyss-reasoner</td></tr>" +
		"<tr><td colspan=2>CONTEXT LENGTH</td><td colspan=2>128K</td></tr><tr><td colspan=2>MODEL VERSION</td><td>Abyss-V3.2 (plain)</td><td>Abyss-V3.2 (thinking)</td></tr>" +
		"<tr><td rowspan=3>PRICING</td><td>1M INPUT TOKENS (CACHE HIT)</td><td colspan=2>$0.028</td></tr><tr><td>1M INPUT TOKENS (CACHE MISS)</td><td colspan=2>$0.28</td></tr><tr><td>1M OUTPUT TOKENS</td><td>$0.42</td><td>$0.43</td></tr></table>",
		[]string{"abyss-chat cache_read 0.028", "abyss-chat input 0.28", "abyss-chat output 0.42", "abyss-reasoner cache_read 0.028", "abyss-reasoner input 0.28", "abyss-reasoner output 0.43"}},
	{"units in the headers, footnotes everywhere", md("| MODEL(1) | CONTEXT LENGTH | MAX OUTPUT TOKENS(3) | 1M TOKENS INPUT PRICE (CACHE HIT)(4) | 1M TOKENS INPUT PRICE (CACHE MISS) | 1M TOKENS OUTPUT PRICE |", "|---|---|---|---|---|---|",
		"| abyss-chat | 64K | 8K | $0.07(5) | $0.27 | $1.10 |"),
		[]string{"abyss-chat cache_read 0.07", "abyss-chat input 0.27", "abyss-chat output 1.1"}},
	{"two rows of headers", "<html><body><table><thead><tr><th rowspan=2>Model</th><th colspan=2>Standard (per 1M tokens)</th><th colspan=2>Batch (per 1M tokens)</th></tr><tr><th>Input</th><th>Output</th><th>Input</th><th>Output</th></tr></thead>" +
		"<tbody><tr><td>vega-2</td><td>$1.10</td><td>$4.40</td><td>$0.55</td><td>$2.20</td></tr></tbody></table>",
		[]string{"vega-2 input 0.55 batch", "vega-2 input 1.1", "vega-2 output 2.2 batch", "vega-2 output 4.4"}},
	{"batch columns", md("Prices per 1M tokens:", "", "| Model | Input | Output | Batch input | Batch output |", "|---|---|---|---|---|", "| vega-2 | $1.10 | $4.40 | $0.55 | $2.20 |"),
		[]string{"vega-2 input 0.55 batch", "vega-2 input 1.1", "vega-2 output 2.2 batch", "vega-2 output 4.4"}},
	{"cliffs in the headers", md("| Model | Input (≤ 128K tokens), per 1M tokens | Input (> 128K tokens), per 1M tokens | Output, per 1M tokens |", "|---|---|---|---|", "| vega-2 | $1.10 | $2.20 | $4.40 |"),
		[]string{"vega-2 input 1.1", "vega-2 input 2.2 above 128000", "vega-2 output 4.4"}},
	{"bands of length", md("| Model | Prompt length | Input ($/1M tokens) | Output ($/1M tokens) |", "|---|---|---|---|", "| vega-2 | 0<tokens≤32K | $1.10 | $4.40 |", "| vega-2 | 32K<tokens≤128K | $2.20 | $8.80 |"),
		[]string{"vega-2 input 1.1", "vega-2 input 2.2 above 32000", "vega-2 output 4.4", "vega-2 output 8.8 above 32000"}},
	{"sections of models", md("# Models", "", "Prices are in USD per 1M tokens.", "", "## Vega 2", "", "`vega-2-large`", "", "| | Price |", "|---|---|", "| Input | $1.10 |", "| Output | $4.40 |", "", "## Vega 2 Small", "", "`vega-2-small`", "", "| | Price |", "|---|---|", "| Input | $0.10 |", "| Output | $0.40 |"),
		[]string{"vega-2-large input 1.1", "vega-2-large output 4.4", "vega-2-small input 0.1", "vega-2-small output 0.4"}},
	{"dated rows", md("| Model | Input ($/1M tokens) | Output ($/1M tokens) |", "|---|---|---|", "| Vega 2 through August 31, 2026 | $1 | $4 |", "| Vega 2 starting September 1, 2026 | $2 | $8 |"),
		[]string{"Vega 2 input 1 from  until 2026-08-31", "Vega 2 input 2 from 2026-09-01 until ", "Vega 2 output 4 from  until 2026-08-31", "Vega 2 output 8 from 2026-09-01 until "}},
	{"a column that is not understood beside others that are", md("| Model | Input ($/1M tokens) | EU input ($/1M tokens) | Output ($/1M tokens) | Turbo output ($/1M tokens) |", "|---|---|---|---|---|", "| vega-2 | $1 | $2 | $4 | $8 |"), nil},
	{"a word beside the meter's", md("| Model | Input ($/1M tokens) | Output ($/1M tokens) | Turbo output ($/1M tokens) |", "|---|---|---|---|", "| vega-2 | $1 | $4 | $8 |"),
		[]string{"vega-2 input 1", "vega-2 output 4"}},
	{"images beside tokens", md("| Model | Input (per 1M tokens) | Output (per 1M tokens) | Image (per image) |", "|---|---|---|---|", "| vega-2 | $1 | $4 | $0.04 |"),
		[]string{"vega-2 input 1", "vega-2 output 4"}},

	{name: "nothing says what an amount buys", page: md("| Model | Input | Output |", "|---|---|---|", "| vega-2 | $1.10 | $4.40 |")},
	{name: "two units on one page", page: md("Chat prices per 1M tokens.", "", "# Chat", "", "| Model | Input | Output |", "|---|---|---|", "| vega-2 | $1.10 | $4.40 |", "", "# Legacy", "", "Prices per 1K tokens.", "", "text", "", "# More", "", "| Model | Input | Output |", "|---|---|---|", "| vega-1 | $1.10 | $4.40 |"),
		reads: []string{"vega-2 input 1.1", "vega-2 output 4.4"}},
	{name: "yuan", page: md("Prices per 1M tokens.", "", "| Model | Input | Output |", "|---|---|---|", "| vega-2 | ¥4 | ¥16 |")},
	{name: "full-width yuan", page: md("| Model | Unit | Input | Output |", "|---|---|---|---|", "| luna-v1 | 1M tokens | ￥4.00 | ￥16.00 |")},
	{name: "bare numbers in yuan", page: md("Prices in RMB per 1M tokens ($ prices elsewhere).", "", "| Model | Input ($) | Output ($) |", "|---|---|---|", "| vega-2 | 4 | 16 |")},
	{name: "bare numbers in no currency", page: md("Prices per 1M tokens.", "", "| Model | Input | Output |", "|---|---|---|", "| vega-2 | 4 | 16 |")},
	{name: "per image alone", page: md("| Model | Input (per image) | Output (per image) |", "|---|---|---|", "| pix-2 | $0.02 | $0.04 |")},
	{name: "per character", page: md("| Model | Input (per 1M characters) | Output (per 1M characters) |", "|---|---|---|", "| tts-2 | $15 | $30 |")},
	{name: "per minute", page: md("Prices per minute of audio.", "", "| Model | Input | Output |", "|---|---|---|", "| vox-2 | $0.02 | $0.04 |")},
	{name: "peak and off-peak", page: md("| Model | Input ($/1M tokens) | Output ($/1M tokens) |", "|---|---|---|", "| abyss-chat (UTC 00:30-16:30) | $0.27 | $1.10 |", "| abyss-chat (UTC 16:30-00:30) | $0.135 | $0.55 |")},
	{name: "peak and off-peak columns", page: md("| Model | Peak input ($/1M tokens) | Off-peak input ($/1M tokens) |", "|---|---|---|", "| abyss-chat | $0.27 | $0.135 |")},
	{name: "models as columns, peak and off-peak", page: md("| MODEL | abyss-chat-1 | abyss-reasoner-1 |", "|---|---|---|", "| Standard price (UTC 00:30-16:30): 1M tokens input | $0.27 | $0.55 |", "| Discount price (UTC 16:30-00:30): 1M tokens input | $0.135 | $0.135 |")},
	{name: "a region", page: md("## Europe (Frankfurt)", "", "| Model | Input ($/1M tokens) | Output ($/1M tokens) |", "|---|---|---|", "| vega-2 | $1.10 | $4.40 |")},
	{name: "provisioned", page: md("## Provisioned throughput", "", "| Model | Input ($/1M tokens) | Output ($/1M tokens) |", "|---|---|---|", "| vega-2 | $1.10 | $4.40 |")},
	{name: "fine-tuned models", page: md("## Fine-tuning", "", "| Model | Input ($/1M tokens) | Output ($/1M tokens) | Training |", "|---|---|---|---|", "| vega-2 | $1.10 | $4.40 | $25 |")},
	{name: "columns exchanged", page: md("| Model | Input ($/1M tokens) | Output ($/1M tokens) |", "|---|---|---|", "| vega-2 | $4.40 | $1.10 |")},
	{name: "a cached price above the plain one", page: md("| Model | Input ($/1M tokens) | Cached input ($/1M tokens) | Output ($/1M tokens) |", "|---|---|---|---|", "| vega-2 | $1 | $2 | $4 |")},
	{name: "the wrong unit", page: md("| Model | Input ($/1K tokens) | Output ($/1K tokens) |", "|---|---|---|", "| vega-2 | $10 | $30 |")},
	{name: "one price for both", page: md("| Model | Price (per 1M tokens) |", "|---|---|", "| Rhea 8B | $0.18 |")},
	{name: "sizes instead of models", page: md("| Size | Input ($/1M tokens) | Output ($/1M tokens) |", "|---|---|---|", "| up to 4B | $0.10 | $0.10 |", "| 4B and larger | $0.20 | $0.20 |")},
	{name: "ranges", page: md("| Model | Input ($/1M tokens) | Output ($/1M tokens) |", "|---|---|---|", "| vega-2 | $0.10 - $0.20 | $0.40 |"), reads: []string{"vega-2 output 0.4"}},
	{name: "fast mode, whatever that is here", page: md("## Fast mode pricing", "", "| Model | Input ($/1M tokens) | Output ($/1M tokens) |", "|---|---|---|", "| vega-2 | $6 | $30 |")},
	{name: "bands of length whose ends are open", page: md("| Model | Prompt length | Input ($/1M tokens) | Output ($/1M tokens) |", "|---|---|---|---|", "| vega-2 | 0-32K | $1.10 | $4.40 |", "| vega-2 | 32K-128K | $2.20 | $8.80 |")},
	{name: "an example", page: md("| Example | Input ($/1M tokens) | Output ($/1M tokens) | Total |", "|---|---|---|---|", "| vega-2 | $1.10 | $4.40 | $5.50 |")},
	{name: "no model", page: md("| Plan | Input ($/1M tokens) | Output ($/1M tokens) |", "|---|---|---|", "| Pay as you go | $1.10 | $4.40 |")},
	{name: "struck out by a class", page: `<html><body><table><tr><th>Model<th>Input ($/1M tokens)<th>Output ($/1M tokens)<tr><td>vega-2<td><span class="line-through">$2</span> $1<td><span class="line-through">$8</span> $4</table>`},
}

// TestAutoReadsUnknownPages: right or silent, without any configuration.
func TestAutoReadsUnknownPages(t *testing.T) {
	for _, c := range unknownPages {
		t.Run(c.name, func(t *testing.T) {
			got, warnings := autoReads(t, c.page)
			if !slices.Equal(got, c.reads) {
				t.Errorf("read\n  %s\nwant\n  %s\nwarnings %q", strings.Join(got, "\n  "), strings.Join(c.reads, "\n  "), warnings)
			}
		})
	}
}

func fuzzAuto(f *testing.F, opening string) {
	for _, c := range unknownPages {
		f.Add([]byte(c.page))
	}
	pages, _ := filepath.Glob("testdata/unknown/*.[hm]*")
	for _, p := range pages {
		body, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	fuzzBelief(f, scrape.ReaderAuto, opening)
}

func FuzzReadAuto(f *testing.F)     { fuzzAuto(f, "") }
func FuzzReadAutoHTML(f *testing.F) { fuzzAuto(f, "<!doctype html>") }
