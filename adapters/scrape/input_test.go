package scrape_test

import (
	"bytes"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

const onePrice = "| Model | Input | Output |\n|---|---|---|\n| Ada 1 | $1 | $2 |\n"

// TestBadInput: each kind of unreadable page says what is wrong with it.
func TestBadInput(t *testing.T) {
	for _, c := range []struct {
		name string
		body []byte
		kind domain.Kind
		says []string
	}{
		{"nothing", nil, domain.KindUnread, []string{"the page is empty (0 bytes)", "price page was expected"}},
		{"white space", []byte(" \n\t\r\n "), domain.KindUnread, []string{"the page is empty"}},
		{"NULs", make([]byte, 4096), domain.KindUnread, []string{"4096 of the page's 4096 bytes are NUL", "text was expected"}},
		{"not UTF-8", bytes.Repeat([]byte("\x80\x81prices"), 100), domain.KindUnread, []string{"not UTF-8", "200 invalid bytes", "offset 0"}},
		{"UTF-16", []byte("\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00"), domain.KindUnread, []string{"UTF-16", "UTF-8 text was expected"}},
		{"60 MB", bytes.Repeat([]byte("x"), 60<<20), domain.KindTooLarge, []string{"60.0 MB", "20.0 MB"}},
		{"JSON", []byte(`{"models": []}`), domain.KindUnread, []string{"JSON, which it does not read"}},
		{"a page of a script", []byte("<!doctype html><html><body><div id=app></div><script src=x.js></script></body></html>"), domain.KindUnread, []string{"found no table", "built by scripts"}},
		{"plain words", []byte("nothing to see here"), domain.KindUnread, []string{`reader "tables"`, "input, output", "found no table"}},
		{"other tables", []byte("| Plan | Seats |\n|---|---|\n| Team | 5 |\n"), domain.KindUnread, []string{"1 tables with the headers [Plan | Seats]"}},
		{"no figures", []byte("| Model | Input | Output |\n|---|---|---|\n| Ada 1 | - | - |\n"), domain.KindUnread, []string{"[Model | Input | Output]"}},
		{"a flood of open tags", []byte("<html><body>" + strings.Repeat("<b>", 2000) + strings.Repeat("<p>x", 2000)), domain.KindUnread, []string{"formatting elements", "too much memory"}},
		{"few open tags and many blocks", []byte("<html><body>" + strings.Repeat("<b><i><u>", 80) + strings.Repeat("<p>x", 2500)), domain.KindUnread, []string{"10732 bytes", "24 times as many", "not parsed"}},
		{"end tags in the wrong place", []byte("<html><body>" + strings.Repeat("<a><b><i><p></a></b>", 3000)), domain.KindUnread, []string{"24 times as many"}},
		{"words between the cells of a table", []byte("<html><table>" + strings.Repeat("word<tr>", 5000) + "</html>"), domain.KindUnread, []string{"text beside the cells"}},
		{"hardly any text", []byte("<html><body>" + strings.Repeat("<!>0", 50_000)), domain.KindUnread, []string{"nearly no text"}},
		{"too deep", []byte("<html><body>" + strings.Repeat("<div>", 100_000)), domain.KindUnread, []string{"not HTML that can be read"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := scrape.New().Read(c.body, tablesSource())
			if err == nil || domain.KindOf(err) != c.kind {
				t.Fatalf("error %v, want kind %s", err, c.kind)
			}
			for _, s := range c.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("error %q does not say %q", err, s)
				}
			}
		})
	}
}

// TestMended: a little dirt does not hide the prices of a page, and is told.
func TestMended(t *testing.T) {
	for name, body := range map[string]string{
		"a byte order mark":  "\xef\xbb\xbf" + onePrice,
		"carriage returns":   strings.ReplaceAll(onePrice, "\n", "\r\n"),
		"one bad byte":       onePrice + strings.Repeat("text ", 50) + "\xff",
		"one NUL":            onePrice + strings.Repeat("text ", 50) + "\x00",
		"an unclosed fence":  "```\ncode without an end\n\n" + onePrice,
		"a quote":            "> " + strings.ReplaceAll(strings.TrimSpace(onePrice), "\n", "\n> "),
		"a list":             "- prices:\n\n  " + strings.ReplaceAll(onePrice, "\n", "\n  "),
		"HTML in Markdown":   "# Prices\n\n<table>\n<tr><th>Model</th><th>Input</th><th>Output</th></tr>\n\n<tr><td>Ada 1</td><td>$1</td><td>$2</td></tr>\n</table>\n",
		"an empty head":      "| | | |\n|---|---|---|\n| **Model** | **Input** | **Output** |\n| Ada 1 | $1 | $2 |\n",
		"a fragment of HTML": "<table><tr><td>Model<td>Input<td>Output<tr><td>Ada 1<td>$1<td>$2</table>",
		"an unescaped <=":    "<html><body><p>prompts <= 200k tokens</p><table><tr><th>Model<th>Input<th>Output<tr><td>Ada 1<td>$1<td>$2</table>",
		"a layout table":     "<html><body><table><tr><td><table><tr><th>Model<th>Input<th>Output<tr><td>Ada 1<td>$1<td>$2</table></td></tr></table>",
	} {
		got, err := scrape.New().Read([]byte(body), tablesSource())
		if err != nil || len(got.Quotes) != 2 || got.Quotes[0].Name != "Ada 1" {
			t.Errorf("%s: read %v, %v", name, got.Quotes, err)
		}
		if strings.HasPrefix(name, "one ") && len(got.Warnings) != 1 {
			t.Errorf("%s: warnings %q, want one", name, got.Warnings)
		}
	}
}

// TestMemory: no page that is let through takes more than 60 times its size
// and 4 MB to read.
func TestMemory(t *testing.T) {
	repeat := func(s string, size int) string { return strings.Repeat(s, size/len(s)+1) }
	for name, body := range map[string]string{
		"spans over columns": "<html><table>" + repeat("<tr><td colspan=999>", 200_000),
		"spans over rows":    "<html><table><tr>" + repeat("<td rowspan=9999>", 1000) + repeat("<tr>", 200_000),
		"open tags":          "<html>" + repeat("<b><p>", 60_000),
		"tags with differing attributes": "<html>" + func() string {
			var b strings.Builder
			for i := range 5000 {
				b.WriteString("<font x=" + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676)) + "><p>")
			}
			return b.String()
		}(),
		"lists in lists":  repeat("1. ", 100_000) + " x",
		"quoted lists":    repeat("> - ", 100_000) + " x",
		"stray end tags":  "<html>" + repeat("a</x>", 100_000),
		"nested quotes":   repeat(">", 100_000) + " x",
		"nested lists":    repeat("- ", 100_000) + " x",
		"Markdown rows":   "|a|b|\n|-|-|\n" + repeat("|\n", 100_000),
		"many columns":    repeat("|a", 50_000) + "|\n" + repeat("|-", 50_000) + "|\n" + repeat("|\n", 50_000),
		"open brackets":   repeat("[", 100_000),
		"stars":           repeat("*a_", 100_000),
		"tiny lines":      repeat("a\n", 100_000),
		"components":      repeat("<Tab title='x'>\n", 100_000),
		"table tags":      repeat("<table\n", 100_000),
		"fences":          repeat("```a\n", 100_000),
		"custom elements": "<html>" + repeat("<x-y>", 2000),
		"nested tables":   "<html>" + repeat("<table><tr><td>", 1800) + repeat("x", 100_000),
		"figures":         "|Model|Input|\n|-|-|\n|a 1|" + repeat("$1 ", 100_000) + "|\n",
		"parentheses":     "|Model|Input|\n|-|-|\n|" + repeat("(a", 100_000) + "|$1|\n",
	} {
		t.Run(name, func(t *testing.T) {
			measureMemory(t, body, tablesSource())
		})
	}
}

// measureMemory reads a page and holds it to what a page may take.
func measureMemory(t *testing.T, body string, source domain.Source) {
	t.Helper()
	most := 60*len(body) + 4<<20
	var used int
	var err error
	// Garbage that the collector has not come to yet is no need of the reader's:
	// on a busy machine the least of a few looks counts.
	for range 5 {
		if used, err = peakOf(body, source); used <= most {
			return
		}
	}
	t.Errorf("%d bytes took %d bytes, over %d (error: %v)", len(body), used, most, err)
}

// peakOf reads a page and gives the most that the heap held more than before. What the
// program had, and a little, is its limit meanwhile: the collector comes at once for
// what is garbage, also when the race detector or other tests leave it little time.
func peakOf(body string, source domain.Source) (int, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	debug.FreeOSMemory()
	base := held()
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(mapped()) + 1<<20))
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	done, peak := make(chan struct{}), make(chan uint64)
	go func() {
		most := base
		for {
			select {
			case <-done:
				peak <- most
				return
			case <-tick.C:
				most = max(most, held())
			}
		}
	}()
	_, err := scrape.New().Read([]byte(body), source)
	close(done)
	return int(<-peak - base), err
}

// mapped is what the program has of the machine's memory just now, and has not given back.
func mapped() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}

// held is what the heap holds just now.
func held() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
