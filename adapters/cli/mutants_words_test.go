package cli_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// This file makes pages that use other words, signs and marks for the same: each
// change has a form for the cells of any table, and one for what only HTML has.

// A wordTurn says otherwise what a table says. rows are its cells, the header
// first; none of them may be taken away.
type wordTurn struct {
	name string
	turn func(rows [][]string, rnd *rand.Rand)
}

// synonyms are headers that say the same, by the words of the header in lower
// case.
var synonyms = map[string][]string{
	"model":              {"Model name", "Name", "Models"},
	"input":              {"Prompt tokens", "Input price", "Prompt", "Input tokens"},
	"output":             {"Completion tokens", "Output price", "Completion", "Output tokens"},
	"cached input":       {"Cached prompt tokens", "Cached input price", "Cache read", "Cached input tokens"},
	"base input tokens":  {"Input tokens", "Input price", "Prompt tokens"},
	"output tokens":      {"Completion tokens", "Output price"},
	"cache hits":         {"Cache reads", "Cached input"},
	"cache writes":       {"Cache write price", "Cache creation"},
	"batch input":        {"Batch input price", "Batch prompt tokens"},
	"batch output":       {"Batch output price", "Batch completion tokens"},
	"input price":        {"Input", "Prompt tokens"},
	"output price":       {"Output", "Completion tokens"},
	"text input price":   {"Text input", "Text prompt price"},
	"audio input price":  {"Audio input"},
	"text output price":  {"Text output", "Text completion price"},
	"5m cache writes":    {"5-minute cache writes", "Cache writes (5m)"},
	"1h cache writes":    {"1-hour cache writes", "Cache writes (1h)"},
	"text input":         {"Text prompt", "Input text"},
	"cached text input":  {"Cached input (text)"},
	"audio input":        {"Input (audio)"},
	"input cost":         {"Input price"},
	"output cost":        {"Output price"},
	"prompt token price": {"Input price"},
}

var (
	plainDollars = regexp.MustCompile(`^\$(\d[\d,]*(?:\.\d+)?)(\s*/\s*(?:MTok|1M tokens))?$`)
	smallDollars = regexp.MustCompile(`\$0\.(\d)`)
	anyDollars   = regexp.MustCompile(`\$(\d[\d,]*(?:\.\d+)?)`)
)

var wordTurns = []wordTurn{
	{"headers in other words", func(rows [][]string, rnd *rand.Rand) {
		for i, h := range rows[0] {
			if others := synonyms[strings.ToLower(strings.TrimSpace(h))]; len(others) > 0 {
				rows[0][i] = others[rnd.IntN(len(others))]
			}
		}
	}},
	{"currency in the header", func(rows [][]string, _ *rand.Rand) {
		for i := range rows[0] {
			unit, pays := "", 0
			for _, row := range rows[1:] {
				m := plainDollars.FindStringSubmatch(strings.TrimSpace(row[i]))
				if m == nil {
					pays = -len(rows)
				} else {
					pays++
					unit += m[2]
				}
			}
			if pays < 1 || strings.TrimSpace(rows[0][i]) == "" || unit != "" && strings.Count(unit, "/") != pays {
				continue
			}
			if unit != "" {
				rows[0][i] += " (USD / 1M tokens)"
			} else {
				rows[0][i] += " (USD)"
			}
			for _, row := range rows[1:] {
				row[i] = plainDollars.FindStringSubmatch(strings.TrimSpace(row[i]))[1]
			}
		}
	}},
	{"no leading zeros", inCells(func(s string) string { return smallDollars.ReplaceAllString(s, "$$.$1") })},
	{"two decimals and more", inCells(func(s string) string {
		return anyDollars.ReplaceAllStringFunc(s, func(money string) string {
			if !strings.Contains(money, ".") {
				return money + ".00"
			}
			return money + "0"
		})
	})},
	{"US$", inCells(func(s string) string { return anyDollars.ReplaceAllString(s, "US$$$1") })},
	{"USD before", inCells(func(s string) string { return anyDollars.ReplaceAllString(s, "USD $1") })},
	{"USD behind", inCells(func(s string) string { return anyDollars.ReplaceAllString(s, "$1 USD") })},
	{"a space after the sign", inCells(func(s string) string { return anyDollars.ReplaceAllString(s, "$$ $1") })},
	{"per instead of a slash", inCells(func(s string) string {
		return strings.NewReplacer(" / MTok", " per million tokens", " / 1M tokens", " per 1M tokens").Replace(s)
	})},
	{"capitals in headers", func(rows [][]string, _ *rand.Rand) {
		for i := range rows[0] {
			if !strings.ContainsAny(rows[0][i], "0123456789") { // it may name a model
				rows[0][i] = strings.ToUpper(rows[0][i])
			}
		}
	}},
}

// inCells changes the cells below a header.
func inCells(turn func(string) string) func([][]string, *rand.Rand) {
	return func(rows [][]string, _ *rand.Rand) {
		for _, row := range rows[1:] {
			for i := range row {
				row[i] = turn(row[i])
			}
		}
	}
}

// inHTML applies a turn of words to the tables of a page whose rows are as wide
// as their table. A cell whose text it changes loses its marks, unless that text
// stands in one node.
func (w wordTurn) inHTML(root *html.Node, rnd *rand.Rand) {
	each(root, "table", func(t *html.Node) {
		var cells [][]*html.Node
		eachRow(t, func(_ *html.Node, row []*html.Node) { cells = append(cells, row) })
		if len(cells) < 2 {
			return
		}
		was := make([][]string, len(cells))
		for i, row := range cells {
			for _, c := range row {
				was[i] = append(was[i], textOf(c))
			}
		}
		says := make([][]string, len(was))
		for i := range was {
			says[i] = slices.Clone(was[i])
		}
		w.turn(says, rnd)
		for i, row := range cells {
			for j, c := range row {
				if says[i][j] != was[i][j] {
					say(c, was[i][j], says[i][j], w, rnd)
				}
			}
		}
	})
}

// say changes what a cell says: in its one text, else, where each of several is to
// be changed alike, in each, else in all.
func say(c *html.Node, was, now string, w wordTurn, rnd *rand.Rand) {
	var texts []*html.Node
	each(c, "#text", func(n *html.Node) {
		if strings.TrimSpace(n.Data) != "" {
			texts = append(texts, n)
		}
	})
	if len(texts) == 1 {
		texts[0].Data = strings.Replace(texts[0].Data, strings.TrimSpace(was), strings.TrimSpace(now), 1)
		return
	}
	var joined strings.Builder
	parts := make([]string, len(texts))
	for i, n := range texts {
		rows := [][]string{{"Model"}, {n.Data}}
		w.turn(rows, rnd)
		parts[i] = rows[1][0]
		joined.WriteString(parts[i])
	}
	if normalSpace(joined.String()) == normalSpace(now) {
		for i, n := range texts {
			n.Data = parts[i]
		}
	}
}

func normalSpace(s string) string { return strings.Join(strings.Fields(s), "") }

// inMarkdown applies a turn of words to the tables of a page of Markdown.
func (w wordTurn) inMarkdown(lines []string, rnd *rand.Rand) []string {
	return eachPipes(lines, func(t pipes) []string {
		for _, row := range t.rows {
			for i := range row {
				row[i] = strings.ReplaceAll(strings.TrimSpace(row[i]), `\$`, "$")
			}
		}
		if len(t.rows) > 1 {
			w.turn(t.rows, rnd)
		}
		for _, row := range t.rows {
			for i := range row {
				row[i] = " " + row[i] + " "
			}
		}
		return t.lines()
	})
}

func wordsInHTML() []htmlTurn {
	out := make([]htmlTurn, 0, len(wordTurns))
	for _, w := range wordTurns {
		out = append(out, htmlTurn{w.name, w.inHTML})
	}
	return out
}

func wordsInMarkdown() []markdownTurn {
	out := make([]markdownTurn, 0, len(wordTurns))
	for _, w := range wordTurns {
		out = append(out, markdownTurn{w.name, w.inMarkdown})
	}
	return out
}
