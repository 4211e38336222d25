package scrape_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// islandSource reads what OpenAI's provider file reads: a page's data and its
// visible tables, merged.
func islandSource() domain.Source {
	tiers := map[string][]string{"priority": {"fast mode"}}
	return domain.Source{Name: "page", URL: "https://prices.example/page", Readers: []domain.ReaderConfig{
		{Reader: scrape.ReaderIsland, Tiers: tiers, Rows: [][]string{
			{"Model", "Input", "Cached input", "Output"},
			{"Model", "Input", "Cached input", "Cache writes", "Output"},
		}},
		{Reader: scrape.ReaderTables, Tiers: tiers},
	}}
}

// TestCorpusOpenAI reads every recorded page of that provider exactly.
func TestCorpusOpenAI(t *testing.T) {
	dir := corpus(t)
	var all score
	pages := 0
	for _, tr := range truths(t, dir) {
		if tr.Provider != "openai" {
			continue
		}
		pages++
		body, err := os.ReadFile(filepath.Join(dir, "pages", tr.Page))
		if err != nil {
			t.Fatal(err)
		}
		got, err := scrape.New().Read(body, islandSource())
		if err != nil && len(tr.Rates) > 0 {
			t.Errorf("%s: %v", tr.Page, err)
		}
		s := compare(t, tr, got, true)
		all.truth, all.right, all.missing, all.wrong, all.invented = all.truth+s.truth, all.right+s.right, all.missing+s.missing, all.wrong+s.wrong, all.invented+s.invented
	}
	if pages == 0 {
		t.Skip("the corpus holds no page of that provider with its truth")
	}
	t.Logf("%d pages: %d of %d rates right, %d missing, %d wrong, %d invented", pages, all.right, all.truth, all.missing, all.wrong, all.invented)
}

// TestCorpusIslands reads the pages of the other providers with these readers:
// nothing that they find may be wrong.
func TestCorpusIslands(t *testing.T) {
	dir := corpus(t)
	for _, tr := range truths(t, dir) {
		body, err := os.ReadFile(filepath.Join(dir, "pages", tr.Page))
		if err != nil {
			t.Fatal(err)
		}
		got, err := scrape.New().Read(body, domain.Source{Name: "page", URL: "https://prices.example/page", Readers: islandSource().Readers[:1]})
		if err != nil && domain.KindOf(err) != domain.KindUnread {
			t.Errorf("%s: %v", tr.Page, err)
		}
		if s := compare(t, tr, got, false); s.wrong+s.invented > 0 {
			t.Errorf("%s: %d wrong, %d invented", tr.Page, s.wrong, s.invented)
		}
	}
}

// islandPage makes a page of about that many bytes with n rows of data, of
// which it shows one in ten, in four tabs.
func islandPage(size, rows int) []byte {
	var b strings.Builder
	b.WriteString("<!doctype html><html><body><main><h1>Prices</h1><p>Prices per 1M tokens.</p>")
	for i, tier := range []string{"standard", "batch", "flex", "priority"} {
		fmt.Fprintf(&b, `<div data-value="%s"><data-island props="{&quot;tier&quot;:[0,&quot;%s&quot;],&quot;rows&quot;:[1,[`, tier, tier)
		for j := range rows / 4 {
			if j > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `[1,[[0,&quot;ada-%d (&lt;272K context length)&quot;],[0,%d],[0,0.%d],[0,%d]]]`, j, i+3, j%9+1, i+20)
		}
		b.WriteString(`]]}"><table><thead><tr><th></th><th colspan="3">Short context</th><th colspan="3">Long context</th></tr><tr><th>Model</th><th>Input</th><th>Cached input</th><th>Output</th><th>Input</th><th>Cached input</th><th>Output</th></tr></thead><tbody>`)
		for j := 0; j < rows/4; j += 10 {
			fmt.Fprintf(&b, `<tr class="border-b text-sm"><td class="p-2">ada-%d</td><td>$%d.00</td><td>$0.%d</td><td>$%d.00</td><td>$%d.00</td><td>$1.%d</td><td>$%d.50</td></tr>`, j, i+3, j%9+1, i+20, 2*(i+3), j%9+1, i+30)
		}
		b.WriteString(`</tbody></table></data-island></div>`)
	}
	for i := 0; b.Len() < size*2/3; i++ {
		fmt.Fprintf(&b, `<div class="flex items-start gap-2 text-sm"><svg viewBox="0 0 20 20" class="inline"><path d="M13.6 9.4a.5.5 0 0 1 .6.2l1 2.5a4 4 0 0 1-7.3 3.1"></path></svg><p class="mb-2">Paragraph %d tells of <a href="/docs/%d">something</a> that costs nothing.</p></div>`, i, i)
	}
	for b.Len() < size {
		b.WriteString("<script>self.data.push([1,\"" + strings.Repeat("x", 4000) + "\"])</script>")
	}
	return []byte(b.String() + "</main></body></html>")
}

// BenchmarkReadIslands reads pages with data, the second with ten times the
// rows in ten times the bytes.
func BenchmarkReadIslands(b *testing.B) {
	for _, scale := range []int{1, 10} {
		page := islandPage(584_000*scale, 200*scale)
		b.Run(fmt.Sprintf("%dKB", len(page)/1000), func(b *testing.B) { benchmarkSource(b, page, islandSource()) })
	}
}

// BenchmarkReadCorpusOpenAI reads the recorded HTML pages, where they are.
func BenchmarkReadCorpusOpenAI(b *testing.B) {
	dir := corpus(b)
	for _, tr := range truths(b, dir) {
		if tr.Provider != "openai" {
			continue
		}
		page, err := os.ReadFile(filepath.Join(dir, "pages", tr.Page))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("%s-%dKB", strings.TrimPrefix(filepath.Ext(tr.Page), "."), len(page)/1000), func(b *testing.B) { benchmarkSource(b, page, islandSource()) })
	}
}

func benchmarkSource(b *testing.B, page []byte, source domain.Source) {
	b.Helper()
	b.ReportAllocs()
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		if _, err := scrape.New().Read(page, source); err != nil {
			b.Fatal(err)
		}
	}
}
