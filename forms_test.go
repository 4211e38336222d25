package main

import (
	"fmt"
	"slices"
	"testing"

	"ratecard/adapters/providers"
	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// formsOfOneList are ways in which a page may write the same four prices.
var formsOfOneList = map[string]string{
	"a Markdown table": "# Pricing\n\n| Model | Input | Output |\n|---|---|---|\n| ada-5 | $2 / MTok | $10 / MTok |\n| ada-5-mini | $0.25 / MTok | $1 / MTok |\n",
	"an HTML table": "<html><body><table><tr><th>Model</th><th>Input</th><th>Output</th></tr>" +
		"<tr><td>ada-5</td><td>$2 / MTok</td><td>$10 / MTok</td></tr><tr><td>ada-5-mini</td><td>$0.25 / MTok</td><td>$1 / MTok</td></tr></table></body></html>",
	"models across": "|  | ada-5 | ada-5-mini |\n|---|---|---|\n| Input | $2 / MTok | $0.25 / MTok |\n| Output | $10 / MTok | $1 / MTok |\n",
	"cards": "<html><body><h3>ada-5</h3><p>For the hard questions</p><div>Input</div><div>$2 / MTok</div><div>Output</div><div>$10 / MTok</div>" +
		"<h3>ada-5-mini</h3><div>Input</div><div>$0.25 / MTok</div><div>Output</div><div>$1 / MTok</div></body></html>",
	"lines":  "Prices per million tokens\n\nada-5\nInput\n$2\nOutput\n$10\n\nada-5-mini\nInput\n$0.25\nOutput\n$1\n",
	"a list": "- **ada-5**: input $2, output $10 per million tokens\n- **ada-5-mini**: input $0.25, output $1 per million tokens\n",
}

// TestDefaultsReadAnyForm: a provider's page may come in another form tomorrow.
func TestDefaultsReadAnyForm(t *testing.T) {
	builtIn, err := providers.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"ada-5 input 2", "ada-5 output 10", "ada-5-mini input 0.25", "ada-5-mini output 1"}
	for _, p := range builtIn {
		for _, source := range p.Scraping.Sources {
			if slices.ContainsFunc(source.Readers, func(r domain.ReaderConfig) bool { return r.Reader == scrape.ReaderJSON }) {
				continue // an API
			}
			for form, body := range formsOfOneList {
				t.Run(fmt.Sprint(p.ID, "/", source.Name, "/", form), func(t *testing.T) {
					reading, err := scrape.New().Read([]byte(body), source)
					if err != nil {
						t.Fatal(err)
					}
					var got []string
					for _, q := range reading.Quotes {
						got = append(got, fmt.Sprint(q.Name, " ", q.Meter, " ", q.Amount))
					}
					if slices.Sort(got); !slices.Equal(got, want) {
						t.Errorf("read %v, want %v", got, want)
					}
				})
			}
		}
	}
}
