package scrape_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// pagesOfForms is the same price in each form of page, and what of it there is
// for each reader that reads the form.
var pagesOfForms = map[string][]byte{
	"HTML": []byte(`<!doctype html><html><body><h2>Ada 1</h2><p><code>ada-1</code></p><table><tr><th></th><th>Paid tier, per 1M tokens in USD</th></tr><tr><td>Input price</td><td>$3</td></tr></table>
<table><tr><th>Model</th><th>Input / 1M tokens</th></tr><tr><td>Ada 1</td><td>$3</td></tr></table><p>Ada 1: input $3.00 per million tokens</p>
<script>window.x = {"models":[{"id":"ada-1","inputTokenPrice":3}]}</script>
<astro-island props='{"rows":[["Model","Input / 1M tokens"],["ada-1","$3"]]}'></astro-island></body></html>`),
	"Markdown or plain text": []byte("# Prices\n\n| Model | Input / 1M tokens |\n| --- | --- |\n| Ada 1 | $3 |\n"),
	"JSON":                   []byte(`{"models":[{"id":"ada-1","input_token_price":3}]}`),
}

// TestFitIsWhatReadersDo: a reader that is said not to fit a form finds nothing in
// a page of it; and each form has readers that do fit.
func TestFitIsWhatReadersDo(t *testing.T) {
	for form, body := range pagesOfForms {
		fitting := 0
		for _, name := range readerNames {
			source := domain.Source{Name: "page", URL: "https://a.example/prices", Readers: []domain.ReaderConfig{{Reader: name}}}
			fit := scrape.New().Fit(source, body)
			if fit.Form != form || fit.None != (len(fit.Misfits) == 1) {
				t.Fatalf("%s of %s: %+v", name, form, fit)
			}
			reading, err := scrape.New().Read(body, source)
			if fit.None && (err == nil || len(reading.Quotes) > 0) {
				t.Errorf("%q does not fit %s, and reads %+v there", name, form, reading.Quotes)
			}
			if err == nil {
				fitting++
			}
			if fit.None && (fit.Misfits[0].Path != "readers[0]" || !strings.Contains(fit.Misfits[0].Message, "the page is "+form) || !strings.Contains(fit.Misfits[0].Message, "expected one of: ")) {
				t.Errorf("%+v", fit.Misfits)
			}
		}
		if fitting == 0 {
			t.Errorf("nothing reads %s", form)
		}
	}
}

func TestFit(t *testing.T) {
	html, json := pagesOfForms["HTML"], pagesOfForms["JSON"]
	read := func(names ...string) (all []domain.ReaderConfig) {
		for _, n := range names {
			all = append(all, domain.ReaderConfig{Reader: n})
		}
		return all
	}
	for name, c := range map[string]struct {
		url       string
		rendering domain.Rendering
		readers   []domain.ReaderConfig
		body      []byte
		paths     []string
		none      bool
		says      string
	}{
		"one of two fits":                 {body: html, readers: read("json", "tables"), paths: []string{"readers[0]"}, says: `the page is HTML: the reader "json" reads JSON; expected one of: tables, sections, script, text, island, auto`},
		"none fits":                       {body: json, readers: read("tables", "text"), paths: []string{"readers[0]", "readers[1]"}, none: true, says: "expected one of: script, json"},
		"a selector in Markdown":          {body: pagesOfForms["Markdown or plain text"], readers: []domain.ReaderConfig{{Reader: "tables", Selector: "main"}}, paths: []string{"readers[0].selector"}, says: "no elements to select"},
		"content goes before the address": {url: "https://a.example/prices.json", body: html, readers: read("tables")},
		"an address is a hint":            {url: "https://a.example/prices.JSON?x=1", readers: read("tables"), paths: []string{"readers[0]"}, says: "ends in .json looks like JSON"},
		"an address that says nothing":    {readers: read("json", "tables")},
		"a browser shows HTML":            {rendering: domain.RenderBrowser, readers: read("json"), paths: []string{"readers[0]"}, none: true, says: "a browser shows HTML"},
		"what is no text":                 {body: []byte{0, 0, 0, 1}, readers: read("json")},
		"an empty page":                   {body: []byte{}, readers: read("json")},
	} {
		if c.url == "" {
			c.url = "https://a.example/prices"
		}
		fit := scrape.New().Fit(domain.Source{Name: "page", URL: c.url, Rendering: c.rendering, Readers: c.readers}, c.body)
		var paths []string
		said := ""
		for _, m := range fit.Misfits {
			paths, said = append(paths, m.Path), said+m.Message
		}
		if !slices.Equal(paths, c.paths) || fit.None != c.none || !strings.Contains(said, c.says) {
			t.Errorf("%s: %+v", name, fit)
		}
	}
	// What is certain without a page is refused with the rest of a configuration.
	var e *domain.Error
	err := scrape.Check(domain.Source{Name: "a", URL: "https://a.example", Rendering: domain.RenderBrowser, Readers: read("json")})
	if !errors.As(err, &e) || e.Fields[0].Path != "readers[0]" {
		t.Errorf("rendered JSON: %v", err)
	}
}
