package providers_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"ratecard/adapters/providers"
	"ratecard/domain"
)

const simpleForm = `{"url":"https://acme.example/prices",
 "selectors":{"table":"table.prices","modelNameColumn":1,"inputCostColumn":3,"outputCostColumn":4},
 "fallbackSelectors":[{"table":"#old","modelNameColumn":0,"inputCostColumn":2,"outputCostColumn":1}]}`

// TestSimpleFormBecomesSources: each set of selectors is a source of its own,
// in the order in which they are tried.
func TestSimpleFormBecomesSources(t *testing.T) {
	got, err := providers.ParseScraping([]byte(simpleForm))
	if err != nil {
		t.Fatal(err)
	}
	source := func(name, table string, model, input, output int) domain.Source {
		return domain.Source{Name: name, URL: "https://acme.example/prices", Readers: []domain.ReaderConfig{{
			Reader: "tables", Selector: table, Columns: map[string]int{"model": model, "input": input, "output": output},
		}}}
	}
	want := domain.Scraping{Sources: []domain.Source{source("page", "table.prices", 1, 3, 4), source("fallback-1", "#old", 0, 2, 1)}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := providers.ParseScraping(text); err != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("what it became is read as %+v, %v", again, err)
	}
}

func TestFaultsInTheSimpleForm(t *testing.T) {
	for _, c := range []struct{ old, new, path, says string }{
		{`"url":"https:`, `"url":"ftp:`, "url", "http or https"},
		{`https://acme`, `https://me:geheim@acme`, "url", "credentials"},
		{`"table.prices"`, `"table["`, "selectors.table", "CSS selector"},
		{`"table.prices"`, `" "`, "selectors.table", "CSS selector"},
		{`"inputCostColumn":3`, `"inputCostColumn":1`, "selectors.inputCostColumn", "another column"},
		{`"inputCostColumn":3,`, ``, "selectors.inputCostColumn", "missing: expected a column's index"},
		{`"inputCostColumn":3`, `"inputCostColumn":-1`, "selectors.inputCostColumn", "from 0 to 99"},
		{`"inputCostColumn":3`, `"inputCostColumn":"3"`, "selectors.inputCostColumn", "string came"},
		{`"modelNameColumn":1`, `"modelColumn":1`, "selectors.modelColumn", "unknown field"},
		{`[{"table":"#old","modelNameColumn":0,"inputCostColumn":2,"outputCostColumn":1}]`, `[]`, "fallbackSelectors", "at least one"},
		{`"#old"`, `"]"`, "fallbackSelectors[0].table", "CSS selector"},
		{`"url"`, `"timeout":1,"url"`, "timeout", "unknown field"},
	} {
		text := strings.Replace(simpleForm, c.old, c.new, 1)
		if text == simpleForm {
			t.Fatalf("%s: the fault is not there", c.path)
		}
		if _, err := providers.ParseScraping([]byte(text)); !says(err, c.path, c.says) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: got %v", c.path, err)
		}
	}
}

// TestPublishedScrapingSchema: the schema takes both forms by itself.
func TestPublishedScrapingSchema(t *testing.T) {
	text, err := providers.ScrapingSchema()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("urn:test", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("urn:test")
	if err != nil {
		t.Fatal(err)
	}
	for instance, valid := range map[string]bool{
		simpleForm: true,
		`{"sources":[{"name":"a","url":"https://a.example","readers":[{"reader":"tables"}]}]}`:                       true,
		`{"sources":[{"name":"a","url":"https://a.example","readers":[{"reader":"tables","columns":{"model":0}}]}]}`: false,
		`{"sources":[]}`:              false,
		`{"url":"https://a.example"}`: false,
	} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(instance))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(value); (err == nil) != valid {
			t.Errorf("%s: %v", instance, err)
		}
	}
}
