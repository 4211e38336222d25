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
		if stderr.Len() > 0 {
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
