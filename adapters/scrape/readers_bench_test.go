package scrape_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// longSections makes a page with a section for each of so many models.
func longSections(models int) []byte {
	var b strings.Builder
	b.WriteString("<!doctype html><html><body><main><h1>Prices</h1>")
	for i := range models {
		fmt.Fprintf(&b, `<div class="group"><h2>Nova %d.%d Large</h2><em><code translate="no">nova-%d.%d-large</code></em></div><p>A fine model, with <a href="/docs/%d">documents</a>.</p>`, i/10, i%10, i/10, i%10, i)
		for _, tier := range []string{"Standard", "Batch"} {
			fmt.Fprintf(&b, `<section><h3>%s</h3><table class="prices"><thead><tr><th></th><th>Free Tier</th><th>Paid Tier, per 1M tokens in USD</th></tr></thead><tbody>`, tier)
			fmt.Fprintf(&b, `<tr><td>Input price</td><td>Free of charge</td><td>$%d.50, prompts &lt;= 200k tokens<br>$%d.75, prompts &gt; 200k tokens</td></tr>`, i%9, i%9)
			fmt.Fprintf(&b, `<tr><td>Output price (including thinking tokens)</td><td>Free of charge</td><td>$%d.00 (text)<br>$%d.00 (audio)</td></tr>`, i%9+1, i%9+20)
			b.WriteString(`<tr><td>Context caching price</td><td>Not available</td><td>$0.05 (text / image / video)<br>$0.10 (audio)<br>$1.00 / 1,000,000 tokens per hour (storage price)</td></tr>`)
			b.WriteString(`<tr><td>Grounding<sup>*</sup></td><td>Not available</td><td>1,500 RPD (free), then $35 / 1,000 grounded prompts</td></tr></tbody></table></section>`)
		}
		for j := range 20 { // the scaffolding that documentation sites put around their text
			fmt.Fprintf(&b, `<div class="flex items-start gap-2 text-sm" data-ds-scope="note-%d"><p class="mb-2">Paragraph %d tells of <a href="/docs/%d">something</a> that costs nothing.</p></div>`, j, j, j)
		}
	}
	return []byte(b.String() + "</main></body></html>")
}

// longData makes a page that carries so many models in a script and again in
// pushed pieces.
func longData(b *testing.B, models int) []byte {
	b.Helper()
	var list []map[string]any
	for i := range models {
		list = append(list, map[string]any{
			"name": fmt.Sprintf("orca-%d.%d", i/10, i%10), "promptTextTokenPrice": "12500", "promptTextTokenPriceLongContext": "25000", "cachedPromptTokenPrice": "2000",
			"completionTextTokenPrice": "25000", "longContextThreshold": "200000", "rpm": "480", "inputModalities": []string{"TEXT", "IMAGE"}, "aliases": []string{"a", "b"},
		})
	}
	body, err := json.Marshal(map[string]any{"regions": []map[string]any{{"models": list}, {"models": list}}})
	if err != nil {
		b.Fatal(err)
	}
	pushed, err := json.Marshal("1:" + string(body) + "\n")
	if err != nil {
		b.Fatal(err)
	}
	var page strings.Builder
	fmt.Fprintf(&page, "<!doctype html><html><body><script>globalThis.data=%s;</script>", body)
	for i := range 40 * models {
		fmt.Fprintf(&page, `<div class="flex items-center gap-2"><span class="text-sm">Paragraph %d</span></div>`, i)
	}
	fmt.Fprintf(&page, "<script>self.frames.push([1,%s])</script></body></html>", pushed)
	return []byte(page.String())
}

func BenchmarkReadSections(b *testing.B) {
	for _, models := range []int{38, 380} {
		page := longSections(models)
		b.Run(fmt.Sprintf("%dKB", len(page)/1000), func(b *testing.B) { benchmarkSource(b, page, sourceOf(scrape.ReaderSections)) })
	}
}

func BenchmarkReadScript(b *testing.B) {
	for _, models := range []int{75, 750} {
		page := longData(b, models)
		b.Run(fmt.Sprintf("%dKB", len(page)/1000), func(b *testing.B) { benchmarkSource(b, page, sourceOf(scrape.ReaderScript)) })
	}
}

// BenchmarkReadRecorded reads the recorded pages of sections and of scripts,
// where they are.
func BenchmarkReadRecorded(b *testing.B) {
	dir := corpus(b)
	sources := map[string]domain.Source{"google": sourceOf(scrape.ReaderSections), "xai": sourceOf(scrape.ReaderScript)}
	xai := sources["xai"]
	xai.Readers = append(xai.Readers, domain.ReaderConfig{Reader: scrape.ReaderTables}, domain.ReaderConfig{Reader: scrape.ReaderText})
	sources["xai"] = xai
	for _, tr := range truths(b, dir) {
		source, ours := sources[tr.Provider]
		if !ours || len(tr.Rates) == 0 {
			continue
		}
		page, err := os.ReadFile(filepath.Join(dir, "pages", tr.Page))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("%s-%dKB", tr.Provider, len(page)/1000), func(b *testing.B) { benchmarkSource(b, page, source) })
	}
}
