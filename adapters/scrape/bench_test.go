package scrape_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ratecard/adapters/scrape"
)

// longPage makes a price page of about that many bytes: mostly the scaffolding
// that documentation sites put around their text, with n rows of prices.
func longPage(size, rows int) []byte {
	var b strings.Builder
	b.WriteString("<!doctype html><html><head><title>Prices</title></head><body><main><h1>Prices</h1><p>All prices are in USD.</p>")
	b.WriteString("<table><thead><tr><th>Model</th><th>Base Input Tokens</th><th>5m Cache Writes</th><th>1h Cache Writes</th><th>Cache Hits &amp; Refreshes</th><th>Output Tokens</th></tr></thead><tbody>")
	for i := range rows {
		fmt.Fprintf(&b, `<tr class="border-b"><td class="p-2">Ada Grand %d.%d</td><td class="p-2">$5 / MTok</td><td>$6.25 / MTok</td><td>$10 / MTok</td><td>$0.50 / MTok</td><td>$25 / MTok</td></tr>`, i/10, i%10)
	}
	b.WriteString("</tbody></table>")
	for i := 0; b.Len() < size*2/3; i++ {
		fmt.Fprintf(&b, `<div class="flex items-start gap-2 text-sm"><svg viewBox="0 0 20 20" class="inline"><path d="M13.6 9.4a.5.5 0 0 1 .6.2l1 2.5a4 4 0 0 1-7.3 3.1"></path></svg><p class="mb-2">Paragraph %d tells of <a href="/docs/%d">something</a> that costs nothing.</p></div>`, i, i)
	}
	b.WriteString("</main>")
	for b.Len() < size {
		b.WriteString("<script>self.data.push([1,\"" + strings.Repeat("x", 4000) + "\"])</script>")
	}
	return []byte(b.String() + "</body></html>")
}

func BenchmarkReadHTML(b *testing.B) {
	for _, scale := range []int{1, 10} {
		page := longPage(778_000*scale, 60*scale)
		b.Run(fmt.Sprintf("%dKB", len(page)/1000), func(b *testing.B) { benchmarkRead(b, page) })
	}
}

func BenchmarkReadMarkdown(b *testing.B) {
	var page strings.Builder
	page.WriteString("# Prices\n\n| Model | Input | Cached input | Output |\n|---|---|---|---|\n")
	for i := range 1000 {
		fmt.Fprintf(&page, "| Ada Grand %d.%d ([deprecated](/old)) | $5 / MTok | $0.50 / MTok | $25 / MTok |\n", i/10, i%10)
	}
	benchmarkRead(b, []byte(page.String()))
}

// BenchmarkReadCorpus reads the recorded HTML pages, where they are.
func BenchmarkReadCorpus(b *testing.B) {
	dir := corpus(b)
	for _, tr := range truths(b, dir) {
		if !strings.HasSuffix(tr.Page, ".html") || tr.Provider != "anthropic" {
			continue
		}
		page, err := os.ReadFile(filepath.Join(dir, "pages", tr.Page))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("%dKB", len(page)/1000), func(b *testing.B) { benchmarkRead(b, page) })
	}
}

func benchmarkRead(b *testing.B, page []byte) {
	b.Helper()
	b.ReportAllocs()
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		if _, err := scrape.New().Read(page, tablesSource()); err != nil {
			b.Fatal(err)
		}
	}
}
