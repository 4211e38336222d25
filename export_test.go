package main

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// TestExportsOfWhatASyncFound: every format has what the providers' pages state, and
// the prices that costs are computed by; a price that changes is in the next export.
func TestExportsOfWhatASyncFound(t *testing.T) {
	r := newRunning(t, time.Minute)
	r.done(t, r.startSync(t, "anthropic"))
	for _, format := range domain.ExportFormats() {
		if text := r.exported(t, string(format)); !strings.Contains(text, haiku) {
			t.Errorf("%s has no %s: %s", format, haiku, text)
		}
	}
	input := func() (perToken, cost decimal.Decimal) {
		var all map[string]struct {
			Input json.Number `json:"input_cost_per_token"`
		}
		if err := json.Unmarshal([]byte(r.exported(t, "litellm.json")), &all); err != nil {
			t.Fatal(err)
		}
		var priced oas.Costs
		r.ask(t, http.MethodPost, "/api/costs", `{"lines":[{"model":"`+haiku+`","usage":{"input":12345}}]}`, &priced)
		return decimal.RequireFromString(all[haiku].Input.String()), decimal.RequireFromString(priced.Total.Value)
	}
	perToken, cost := input()
	if !perToken.Mul(decimal.NewFromInt(12345)).Equal(cost) {
		t.Errorf("12345 tokens at %s are not %s", perToken, cost)
	}
	r.pass(time.Hour)
	if err := r.site.Reprice("anthropic", haiku, decimal.RequireFromString("1.5")); err != nil {
		t.Fatal(err)
	}
	r.done(t, r.startSync(t, "anthropic"))
	if dearer, now := input(); dearer.Equal(perToken) || !dearer.Mul(decimal.NewFromInt(12345)).Equal(now) {
		t.Errorf("after the change a token costs %s, before %s; 12345 are %s", dearer, perToken, now)
	}
	rows, err := csv.NewReader(strings.NewReader(r.exported(t, "prices.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		if row[7] != string(domain.LayerList) || row[17] == "" {
			t.Errorf("%v stands on nothing", row)
		}
	}
}

func (r *running) exported(t testing.TB, format string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/export/"+format, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("anybody", adminKey)
	answer := r.send(t, req)
	if answer.status != http.StatusOK {
		t.Fatalf("status %d: %s", answer.status, answer.text)
	}
	return answer.text
}

// TestExportCommand writes what the server's hash is of, to a file or to standard output.
func TestExportCommand(t *testing.T) {
	p := newPrompt(t)
	if status, _, stderr := p.ratecard("import", p.file(listOfJune)); status != 0 {
		t.Fatal(stderr)
	}
	if status, _, stderr := p.ratecard("rates", "set", "large-1", "output", "15", "--reason", "r"); status != 0 {
		t.Fatal(stderr)
	}
	if status, _, stderr := p.ratecard("rates", "set", "large-1", "input", "2.50", "--reason", "r"); status != 0 {
		t.Fatal(stderr)
	}
	for _, format := range domain.ExportFormats() {
		out := filepath.Join(t.TempDir(), "out")
		if status, stdout, stderr := p.ratecard("export", string(format), "-o", out); status != 0 || stdout != "" {
			t.Fatalf("%s: status %d, %s%s", format, status, stdout, stderr)
		}
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		status, stdout, _ := p.ratecard("export", string(format))
		if status != 0 || stdout != string(text) || !strings.Contains(stdout, "large-1") {
			t.Errorf("%s on standard output: status %d, %s", format, status, stdout)
		}
		if sum := p.hash(string(format)); !strings.HasPrefix(sum, fmt.Sprintf("%x  ", sha256.Sum256(text))) {
			t.Errorf("%s: the server's hash is %s", format, sum)
		}
	}
	then := time.Now().Add(-365 * 24 * time.Hour).Format(time.DateOnly)
	if status, stdout, _ := p.ratecard("export", "litellm.json", "--at", then, "--known-at", then); status != 0 || stdout != "{}" {
		t.Errorf("a year ago: status %d, %s", status, stdout)
	}
	for name, test := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"no format":      {[]string{"export"}, 2, "usage: ratecard export FORMAT"},
		"unknown format": {[]string{"export", "excel"}, 2, "litellm.json"},
		"wrong time":     {[]string{"export", "prices.csv", "--at", "soon"}, 1, "is not a time"},
		"no such folder": {[]string{"export", "prices.csv", "-o", filepath.Join(t.TempDir(), "none", "prices.csv")}, 1, "none"},
	} {
		if status, _, stderr := p.ratecard(test.args...); status != test.status || !strings.Contains(stderr, test.says) {
			t.Errorf("%s: status %d: %s", name, status, stderr)
		}
	}
}

func (p prompt) hash(format string) string {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.url+"/export/"+format+".sha256", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.SetBasicAuth("", p.key)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}
