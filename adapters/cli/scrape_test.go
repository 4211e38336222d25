package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ratecard/adapters/cli"
	"ratecard/adapters/providers"
	"ratecard/adapters/scrape"
	"ratecard/domain"
	"ratecard/ports"
)

// oneSite serves one page at one address.
type oneSite struct {
	url  string
	body string
}

func (s oneSite) Fetch(_ context.Context, req ports.FetchRequest) (ports.Fetched, error) {
	if req.URL != s.url {
		return ports.Fetched{}, domain.Errorf(domain.KindUnavailable, "%s cannot be reached", req.URL)
	}
	return ports.Fetched{URL: req.URL, Status: 200, Body: []byte(s.body)}, nil
}

func command(t testing.TB, fetcher ports.Fetcher) cli.Scrape {
	t.Helper()
	known, err := providers.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	return cli.Scrape{
		Reader: scrape.New(), Fetcher: func(string) ports.Fetcher { return fetcher }, ParseScraping: providers.ParseScraping,
		Provider: func(id string) (domain.Provider, bool) {
			for _, p := range known {
				if string(p.ID) == id {
					return p, true
				}
			}
			return domain.Provider{}, false
		},
	}
}

func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const page = `# Prices

| Model | Input | Output |
| --- | --- | --- |
| Claude Opus 4.1 ([deprecated](/x)) | $15.00 / MTok | $75 / MTok |
| Claude Sonnet 5 through August 31, 2026 | $2 / MTok | $10 / MTok |

Batch work has a 50% discount. A search costs $10 per 1,000 searches.
`

func TestScrapeJSON(t *testing.T) {
	want := `{"provider":"nobody","strategy":"auto","rates":[` +
		`{"model":"Claude Opus 4.1","tier":"standard","meter":"input","above":0,"amount":"15","from":null,"until":null},` +
		`{"model":"Claude Opus 4.1","tier":"standard","meter":"output","above":0,"amount":"75","from":null,"until":null},` +
		`{"model":"Claude Sonnet 5","tier":"standard","meter":"input","above":0,"amount":"2","from":null,"until":"2026-08-31"},` +
		`{"model":"Claude Sonnet 5","tier":"standard","meter":"output","above":0,"amount":"10","from":null,"until":"2026-08-31"}],` +
		`"modifiers":[{"what":"batch","factor":"0.5","text":"Batch work has a 50% discount."}],` +
		`"other":[{"model":null,"what":"Prices","unit":"1,000 searches","amount":"10","kind":"charge"}],"warnings":[]}`
	file := write(t, "page", page)
	config := write(t, "config.json", `{"sources":[{"name":"a","url":"https://a.example/","readers":[{"reader":"tables"}]}]}`)
	site := oneSite{"https://a.example/", page}
	for name, args := range map[string][]string{
		"a file":              {"nobody", "--file", file, "--format", "json"},
		"flags first":         {"--file", file, "nobody"},
		"an address":          {"nobody", "--url", "https://a.example/"},
		"a configured source": {"nobody", "--config", config},
		"a file, configured":  {"nobody", "--config", config, "--file", file},
	} {
		var stdout, stderr bytes.Buffer
		if status := command(t, site).Run(t.Context(), args, &stdout, &stderr); status != 0 {
			t.Errorf("%s: status %d: %s", name, status, stderr.String())
			continue
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, stdout.Bytes()); err != nil {
			t.Fatalf("%s: %v in %s", name, err, stdout.String())
		}
		want := want
		if strings.Contains(name, "configured") {
			want = strings.Replace(want, `"auto"`, `"tables"`, 1)
		}
		if compact.String() != want {
			t.Errorf("%s: printed\n%s\nwant\n%s", name, compact.String(), want)
		}
		if explained := strings.Contains(name, "configured"); explained != (stderr.Len() > 0) {
			t.Errorf("%s: standard error says %q", name, stderr.String())
		}
	}
}

func TestScrapeTable(t *testing.T) {
	var stdout, stderr bytes.Buffer
	status := command(t, nil).Run(t.Context(), []string{"nobody", "--file", write(t, "page", page), "--format", "table"}, &stdout, &stderr)
	want := `MODEL            TIER      ABOVE  INPUT  OUTPUT  FROM  UNTIL
Claude Opus 4.1  standard  -      15     75      -     -
Claude Sonnet 5  standard  -      2      10      -     2026-08-31

4 rates in USD per 1M tokens
`
	if status != 0 || stdout.String() != want {
		t.Errorf("status %d, printed\n%s\nwant\n%s\n%s", status, stdout.String(), want, stderr.String())
	}
}

// TestScrapeWithoutRates: the same JSON with empty rates, why on standard
// error, status 3.
func TestScrapeWithoutRates(t *testing.T) {
	var stdout, stderr bytes.Buffer
	status := command(t, nil).Run(t.Context(), []string{"anthropic", "--file", write(t, "page", "# Nothing here\n")}, &stdout, &stderr)
	var out struct {
		Provider string            `json:"provider"`
		Rates    []json.RawMessage `json:"rates"`
	}
	if err := json.Unmarshal(stdout.Bytes(), &out); err != nil || out.Rates == nil || len(out.Rates) != 0 || out.Provider != "anthropic" {
		t.Errorf("printed %s (%v), want JSON with no rates", stdout.String(), err)
	}
	if status != 3 || !strings.Contains(stderr.String(), "no price per token was found") {
		t.Errorf("status %d, want 3; standard error %q", status, stderr.String())
	}
}

func TestScrapeRefusals(t *testing.T) {
	good := write(t, "page", page)
	large := write(t, "large", strings.Repeat("x", 60<<20))
	for name, c := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"no provider":        {nil, 2, "a PROVIDER is missing"},
		"two providers":      {[]string{"a", "b"}, 2, `more than one provider: "a" and "b"`},
		"two pages":          {[]string{"a", "--file", good, "--url", "https://x.example"}, 2, "exclude each other"},
		"an unknown format":  {[]string{"a", "--file", good, "--format", "xml"}, 2, `"xml"; expected json or table`},
		"an unknown flag":    {[]string{"a", "--fiel", good}, 2, "-fiel"},
		"no such file":       {[]string{"a", "--file", "/nowhere/page"}, 1, "/nowhere/page"},
		"60 MB":              {[]string{"a", "--file", large}, 1, "60.0 MB; at most 20.0 MB"},
		"nothing to read":    {[]string{"nobody"}, 1, `no provider file describes "nobody"`},
		"a dead address":     {[]string{"a", "--url", "https://dead.example/"}, 1, "cannot be reached"},
		"a bad config":       {[]string{"a", "--file", good, "--config", write(t, "c", `{"sources":`)}, 1, "c: "},
		"an unusable reader": {[]string{"a", "--file", good, "--config", write(t, "c", `{"sources":[{"name":"a","url":"https://a.example/","readers":[{"reader":"tables","selector":"a["}]}]}`)}, 1, "readers[0].selector"},
	} {
		var stdout, stderr bytes.Buffer
		status := command(t, oneSite{}).Run(t.Context(), c.args, &stdout, &stderr)
		if status != c.status || !strings.Contains(stderr.String(), c.says) || stdout.Len() > 0 {
			t.Errorf("%s: status %d, standard error %q, standard output %q; want status %d and %q", name, status, stderr.String(), stdout.String(), c.status, c.says)
		}
	}
}

// TestFirstSourceThatYields: sources are tried in their order.
func TestFirstSourceThatYields(t *testing.T) {
	config := write(t, "config.json", `{"sources":[
		{"name":"gone","url":"https://gone.example/","readers":[{"reader":"tables"}]},
		{"name":"elsewhere","url":"https://a.example/","readers":[{"reader":"tables","skip":["Prices"]}]},
		{"name":"good","url":"https://a.example/","readers":[{"reader":"tables"}]}]}`)
	var stdout, stderr bytes.Buffer
	if status := command(t, oneSite{"https://a.example/", page}).Run(t.Context(), []string{"nobody", "--config", config}, &stdout, &stderr); status != 0 {
		t.Errorf("status %d: %s", status, stderr.String())
	}
	stdout.Reset()
	status := command(t, oneSite{"https://a.example/", "nothing"}).Run(t.Context(), []string{"nobody", "--config", config}, &stdout, &stderr)
	for _, s := range []string{"source gone: ", "cannot be reached", "source good: ", "no price"} {
		if status != 1 || !strings.Contains(stderr.String(), s) {
			t.Errorf("status %d, standard error %q, want 1 and %q", status, stderr.String(), s)
		}
	}
}

type failing struct{ error }

func (f failing) Fetch(context.Context, ports.FetchRequest) (ports.Fetched, error) {
	return ports.Fetched{}, f.error
}

func TestScrapeTellsWhyAFetchFailed(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if status := command(t, failing{errors.New("no network")}).Run(t.Context(), []string{"anthropic"}, &stdout, &stderr); status != 1 || !strings.Contains(stderr.String(), "no network") {
		t.Errorf("status %d, standard error %q", status, stderr.String())
	}
}

// TestScrapeExplains: with a configuration, and where it is asked for, standard
// error says how each reader read, and standard output stays what it is.
func TestScrapeExplains(t *testing.T) {
	file := write(t, "page.md", page)
	config := write(t, "config.json", `{"sources":[
		{"name":"api","url":"https://a.example/v1","readers":[{"reader":"json"}]},
		{"name":"page","url":"https://a.example/p","readers":[{"reader":"script"},{"reader":"tables"}]},
		{"name":"never","url":"https://a.example/q","readers":[{"reader":"text"}]}]}`)
	scrape := func(fetcher ports.Fetcher, args ...string) (status int, stdout, stderr string) {
		var out, errs strings.Builder
		status = command(t, fetcher).Run(t.Context(), append([]string{"nobody"}, args...), &out, &errs)
		return status, out.String(), errs.String()
	}
	says := []string{
		"api (" + file + "): ", "  sources[0].readers[0]: the page is Markdown or plain text: ", "  json: 0 prices; ",
		"page (" + file + "): read\n", "  script: 0 prices; ", "  tables: 4 prices; ",
		"    table under \"Prices\", 2 rows: 4 prices from 2 of them\n      \"Model\": model\n      \"Input\": input\n      \"Output\": output\n",
	}
	status, explained, said := scrape(nil, "--file", file, "--config", config)
	for _, s := range says {
		if !strings.Contains(said, s) {
			t.Errorf("%q is not in\n%s", s, said)
		}
	}
	if status != 0 || strings.Contains(said, "never") || !json.Valid([]byte(explained)) {
		t.Errorf("status %d\n%s\n%s", status, explained, said)
	}
	if status, stdout, said := scrape(nil, "--file", file); status != 0 || said != "" || stdout == "" {
		t.Errorf("unasked: status %d: %s", status, said)
	}
	if status, stdout, said := scrape(nil, "--file", file, "--explain", "--format", "table"); status != 0 || !strings.Contains(said, "page ("+file+"): read\n  auto: 4 prices; ") || !strings.Contains(stdout, "4 rates") {
		t.Errorf("asked: status %d\n%s\n%s", status, stdout, said)
	}
	// A page that cannot be had is told of beside those that were read.
	status, _, said = scrape(oneSite{"https://a.example/p", page}, "--config", config)
	if status != 0 || !strings.Contains(said, "api (https://a.example/v1): https://a.example/v1 cannot be reached\n") || !strings.Contains(said, "page (https://a.example/p): read\n") {
		t.Errorf("status %d\n%s", status, said)
	}
}
