package providers_test

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"ratecard/adapters/providers"
	"ratecard/domain"
)

func TestBuiltIn(t *testing.T) {
	all, err := providers.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, p := range all {
		ids = append(ids, string(p.ID))
		if p.API == nil || p.API.KeyEnv == "" || len(p.Scraping.Sources) == 0 {
			t.Errorf("%+v", p)
		}
	}
	if !slices.Equal(ids, []string{"openai", "anthropic", "google", "xai"}) {
		t.Errorf("built in: %v", ids)
	}
}

const whole = `{
  "id": "acme",
  "name": "Acme",
  "enabled": false,
  "api": {"dialect": "anthropic", "baseUrl": "https://api.acme.example", "keyEnv": "ACME_KEY"},
  "scraping": {"sources": [{
    "name": "page", "url": "https://acme.example/prices?lang=en", "rendering": "static",
    "readers": [{
      "reader": "tables", "selector": "main table, .prices", "headers": {"cache_read": ["Hits"]},
      "tiers": {"batch": ["Bulk"]}, "divisor": 0.001, "strip": ["\\(.*\\)"], "skip": ["Old"]
    }]
  }]},
  "modelPages": [{"name": "models", "url": "https://about.example/models"}]
}`

func TestParseFileReadsEveryField(t *testing.T) {
	p, err := providers.ParseFile([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var want, got any
	if err := json.Unmarshal([]byte(strings.Replace(whole, "0.001", `"0.001"`, 1)), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(written, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if _, err := providers.ParseFile(written); err != nil {
		t.Errorf("what was written is not read: %v", err)
	}
}

func TestProvidersAreEnabledUnlessSaidOtherwise(t *testing.T) {
	p, err := providers.ParseFile([]byte("\ufeff" + `{"id":"a","name":"A","api":{"dialect":"anthropic","baseUrl":"http://localhost:8080"}}`))
	if err != nil || !p.Enabled {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestFaultsInFiles: each fault with its place and what is allowed there.
func TestFaultsInFiles(t *testing.T) {
	for name, c := range map[string]struct{ old, new, path, says string }{
		"unknown field":            {`"enabled"`, `"enbled"`, "enbled", "unknown field: expected one of api, enabled, id, modelPages, name, scraping"},
		"unknown field, deep":      {`"selector"`, `"selektor"`, "scraping.sources[0].readers[0].selektor", "unknown field: expected one of columns, divisor, headers, reader, "},
		"wrong case":               {`"baseUrl"`, `"baseURL"`, "api.baseUrl", "missing: expected an http or https address"},
		"missing field":            {`"name": "Acme",`, ``, "name", "missing: expected the provider's name"},
		"wrong type":               {`false`, `"no"`, "enabled", "string came: expected true, or false"},
		"wrong type, deep":         {`["Hits"]`, `"Hits"`, "scraping.sources[0].readers[0].headers.cache_read", "string came: expected a list of at least one text"},
		"an id with blanks":        {`"acme"`, `"Acme Corp"`, "id", "expected a short name"},
		"unknown dialect":          {`"anthropic"`, `"esperanto"`, "api.dialect", `"esperanto" is not supported: expected one of anthropic`},
		"a key for its variable":   {`ACME_KEY`, `sk-acme-geheim`, "api.keyEnv", "not the key itself"},
		"another scheme":           {`https://acme`, `ftp://acme`, "scraping.sources[0].url", `the scheme "ftp": expected http or https`},
		"no scheme":                {`https://acme.example/`, `acme.example/`, "scraping.sources[0].url", "expected http:// or https:// and a host"},
		"models' address":          {`https://about`, `about`, "modelPages[0].url", "expected http:// or https:// and a host"},
		"a name for two":           {`"name": "models"`, `"name": "page"`, "modelPages[0].name", "a name of its own"},
		"no host":                  {`https://api.acme.example`, `https://`, "api.baseUrl", "and a host"},
		"credentials in a URL":     {`https://api`, `https://me:geheim@api`, "api.baseUrl", "without user and password"},
		"a query in the base":      {`acme.example"`, `acme.example/?key=geheim"`, "api.baseUrl", "without a query"},
		"unknown rendering":        {`"static"`, `"magic"`, "scraping.sources[0].rendering", `expected one of "static" "browser"`},
		"no source":                {`[{`, `[], "x": [{`, "scraping.sources", "expected a list of at least one source"},
		"no reader":                {`"readers": [{`, `"readers": [], "x": [{`, "scraping.sources[0].readers", "expected a list of at least one reader"},
		"a reader without a name":  {`"reader": "tables", `, ``, "scraping.sources[0].readers[0].reader", `missing: expected a reader's name`},
		"a bad selector":           {`main table`, `main[`, "scraping.sources[0].readers[0].selector", "expected a CSS selector"},
		"a bad regular expression": {`\\(.*\\)`, `(`, "scraping.sources[0].readers[0].strip[0]", "expected a regular expression"},
		"a divisor of 0":           {`0.001`, `0`, "scraping.sources[0].readers[0].divisor", "a number above 0"},
		"a negative divisor":       {`0.001`, `"-1"`, "scraping.sources[0].readers[0].divisor", "a number above 0"},
		"an absurd divisor":        {`0.001`, `1e100000`, "scraping.sources[0].readers[0].divisor", "at most 12 digits"},
		"an unknown meter":         {`cache_read`, `cashread`, "scraping.sources[0].readers[0].headers.cashread", "unknown meter: expected one of input, output, cache_read"},
		"an unknown tier":          {`"batch"`, `"bulk"`, "scraping.sources[0].readers[0].tiers.bulk", "unknown tier: expected one of standard, batch"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(whole, c.old, c.new, 1)
			if text == whole {
				t.Fatal("the fault is not in the file")
			}
			_, err := providers.ParseFile([]byte(text))
			if !says(err, c.path, c.says) {
				t.Errorf("got %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "geheim") {
				t.Errorf("a secret is in it: %v", err)
			}
		})
	}
}

// says reports whether an error is KindInvalid and has a field's fault.
func says(err error, path, text string) bool {
	var fault *domain.Error
	return errors.As(err, &fault) && fault.Kind == domain.KindInvalid && slices.ContainsFunc(fault.Fields, func(f domain.FieldError) bool {
		return f.Path == path && strings.Contains(f.Message, text)
	})
}

func TestSourcesHaveNamesOfTheirOwn(t *testing.T) {
	source := `{"name":"page","url":"https://a.example","readers":[{"reader":"tables"}]}`
	_, err := providers.ParseScraping([]byte(`{"sources":[` + source + `,` + source + `]}`))
	if !says(err, "sources[1].name", `"page" is taken by sources[0]`) {
		t.Errorf("got %v", err)
	}
}

func TestParseScraping(t *testing.T) {
	s, err := providers.ParseScraping([]byte(`{"sources":[{"name":"page","url":"https://a.example","readers":[{"reader":"tables"}]}]}`))
	if err != nil || len(s.Sources) != 1 || s.Sources[0].Readers[0].Reader != "tables" {
		t.Errorf("%+v, %v", s, err)
	}
	_, err = providers.ParseScraping([]byte(`{"sources":[{"name":"page","ulr":"https://a.example","readers":[]}]}`))
	for path, text := range map[string]string{
		"sources[0].ulr":     "unknown field: expected one of name, readers, rendering, url",
		"sources[0].url":     "missing",
		"sources[0].readers": "at least one",
	} {
		if !says(err, path, text) {
			t.Errorf("nothing of %s in %v", path, err)
		}
	}
}

func TestFilesThatAreNoJSON(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "an empty body came instead of JSON",
		"id: acme":                     "not JSON: invalid character 'i' looking for beginning of value at byte 1 of 8 (line 1, column 1)",
		"{\n  \"id\": \"a\",\n  \"na":  "the JSON breaks off at byte 20 of 20 (line 3, column 5)",
		"{\"id\": \"a\",}":             "at byte 12 of 12 (line 1, column 12)",
		"{\"id\": \"a\"} {}":           "after top-level value at byte 13 of 14",
		"<provider id=\"acme\"/>":      "an HTML or XML page came",
		"{\"id\": \"a\" // a comment}": "at byte 12 of 24",
	} {
		_, fileErr := providers.ParseFile([]byte(text))
		_, scrapingErr := providers.ParseScraping([]byte(text))
		for _, err := range []error{fileErr, scrapingErr} {
			if domain.KindOf(err) != domain.KindInvalid || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: got %v", text, err)
			}
		}
	}
}

func TestLoadDir(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	acme := `{"id":"acme","name":"Acme","api":{"dialect":"anthropic","baseUrl":"https://a.example"}}`
	all, err := providers.LoadDir(fstest.MapFS{
		"zz.json":        file(`{"id":"anthropic","name":"Ours","enabled":false,"api":{"dialect":"anthropic","baseUrl":"https://proxy.example"}}`),
		"acme.json":      file(acme),
		"README.md":      file("not a provider"),
		"deep/more.json": file("nor this"),
	})
	builtin, _ := providers.BuiltIn()
	if err != nil || len(all) != len(builtin)+1 {
		t.Fatalf("%+v, %v", all, err)
	}
	for i, p := range builtin {
		if ours := p.ID == "anthropic"; all[i].ID != p.ID || ours == (all[i].Name == p.Name) || ours == (all[i].Scraping.Sources != nil) {
			t.Errorf("%+v", all[i])
		}
	}
	if last := all[len(builtin)]; last.ID != "acme" {
		t.Errorf("%+v", last)
	}
	if none, err := providers.LoadDir(fstest.MapFS{}); err != nil || !reflect.DeepEqual(none, builtin) {
		t.Errorf("an empty folder: %+v, %v", none, err)
	}
	for name, c := range map[string]struct {
		folder fstest.MapFS
		says   string
	}{
		"a fault":      {fstest.MapFS{"a.json": file(acme), "b.json": file(`{"id":"b"}`)}, "b.json: invalid provider file; name: missing"},
		"no JSON":      {fstest.MapFS{"b.json": file(`{"id":`)}, "b.json: provider file: the JSON breaks off at byte 6"},
		"the same id":  {fstest.MapFS{"a.json": file(acme), "b.json": file(acme)}, `a.json and b.json both describe "acme"`},
		"far too long": {fstest.MapFS{"a.json": file(strings.Repeat(" ", 2<<20))}, "a.json: a provider file of 2097152 bytes"},
	} {
		if _, err := providers.LoadDir(c.folder); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := providers.LoadDir(os.DirFS(t.TempDir() + "/missing")); domain.KindOf(err) != domain.KindInvalid {
		t.Errorf("a missing folder: %v", err)
	}
}

// TestSchemaNamesWhatTheProgramReads holds the published schema to the values:
// a field of one that the other does not know would be refused, or lost.
func TestSchemaNamesWhatTheProgramReads(t *testing.T) {
	text, err := os.ReadFile("provider.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	type part struct {
		Properties map[string]any `json:"properties"`
	}
	var schema struct {
		part
		Defs map[string]part `json:"$defs"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		part  part
		value reflect.Type
	}{
		"provider": {schema.part, reflect.TypeFor[domain.Provider]()},
		"api":      {schema.Defs["api"], reflect.TypeFor[domain.ListAPI]()},
		"scraping": {schema.Defs["scraping"], reflect.TypeFor[domain.Scraping]()},
		"source":   {schema.Defs["source"], reflect.TypeFor[domain.Source]()},
		"reader":   {schema.Defs["reader"], reflect.TypeFor[domain.ReaderConfig]()},
	} {
		delete(c.part.Properties, "$schema")
		for i := range c.value.NumField() {
			field, _, _ := strings.Cut(c.value.Field(i).Tag.Get("json"), ",")
			if field == "-" {
				continue
			}
			if _, known := c.part.Properties[field]; !known {
				t.Errorf("%s: the schema does not know %s", name, field)
			}
			delete(c.part.Properties, field)
		}
		for field := range c.part.Properties {
			t.Errorf("%s: nothing reads %s", name, field)
		}
	}
}
