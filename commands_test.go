package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ratecard/gen/oas"
)

// prompt runs commands against a server of its own.
type prompt struct {
	t   *testing.T
	url string
	key string
}

func newPrompt(t *testing.T) prompt {
	t.Helper()
	b := &bench{world: world{now: time.Now}}
	b.open(t)
	server := httptest.NewServer(b.asker(t).server)
	t.Cleanup(server.Close)
	return prompt{t, server.URL, siteKey}
}

// ratecard runs one command line.
func (p prompt) ratecard(args ...string) (status int, stdout, stderr string) {
	p.t.Helper()
	env := map[string]string{"RATECARD_URL": p.url, "RATECARD_KEY": p.key}
	var out, errs strings.Builder
	status = run(p.t.Context(), args, func(name string) (string, bool) { v, ok := env[name]; return v, ok }, &out, &errs)
	return status, out.String(), errs.String()
}

func (p prompt) file(text string) string {
	p.t.Helper()
	path := filepath.Join(p.t.TempDir(), "lists.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return path
}

const listOfJune = `{"provider":"acme","at":"2026-06-01","models":[{"id":"large-1","rates":[{"meter":"input","amount":"3"}]}]}`

func TestImportCommand(t *testing.T) {
	p := newPrompt(t)
	july := strings.NewReplacer("-06-", "-07-", `"3"`, `"2"`).Replace(listOfJune)
	for name, text := range map[string]string{
		"a list alone":  listOfJune,
		"lists":         `{"lists": [` + listOfJune + `,` + july + `]}`,
		"a line a list": listOfJune + "\n" + july + "\n",
	} {
		status, stdout, stderr := p.ratecard("import", p.file(text), "--format", "json")
		var answer oas.Imported
		if status != 0 || json.Unmarshal([]byte(stdout), &answer) != nil || len(answer.Lists) != strings.Count(text, "acme") {
			t.Errorf("%s: status %d, %s %s", name, status, stdout, stderr)
		}
	}
	status, stdout, stderr := p.ratecard("import", p.file(listOfJune))
	if status != 0 || !strings.Contains(stdout, "acme") || !strings.Contains(stderr, "0 rows written") {
		t.Errorf("again: status %d\n%s%s", status, stdout, stderr)
	}
	if _, history, _ := p.ratecard("history", "large-1"); !strings.Contains(history, "imported") || strings.Count(history, "\n") != 3 {
		t.Errorf("on record:\n%s", history)
	}

	// More than one request takes: what went before a fault is stored, and the
	// fault is named by its place in the file.
	var long strings.Builder
	for i, amount := range []string{"1", "2", "-1"} {
		list := strings.NewReplacer("-01", fmt.Sprintf("-%02d", i+2), `"3"`, `"`+amount+`"`).Replace(listOfJune)
		long.WriteString(strings.Replace(list, `[`, `[`+strings.Repeat(" ", 3<<20), 1))
	}
	status, _, stderr = p.ratecard("import", p.file(long.String()))
	if status != 1 || !strings.Contains(stderr, "the first 2 lists are imported") || !strings.Contains(stderr, "lists[2].models[0].rates[0].amount") {
		t.Errorf("status %d: %s", status, stderr)
	}

	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"no file":   {[]string{"import", filepath.Join(t.TempDir(), "none.json")}, "none.json"},
		"empty":     {[]string{"import", p.file(" \n")}, "no price list"},
		"no JSON":   {[]string{"import", p.file(listOfJune + "\nat: 1")}, "not JSON from byte"},
		"odd field": {[]string{"import", p.file(`{"provider":"acme","when":"2026-06-01","models":[]}`)}, "lists[0].when"},
		"nothing":   {[]string{"import", p.file(`{"lists":[]}`)}, "no price list"},
	} {
		if status, _, stderr := p.ratecard(test.args...); status != 1 || !strings.Contains(stderr, test.says) {
			t.Errorf("%s: status %d: %s", name, status, stderr)
		}
	}
	if status, _, stderr := p.ratecard("import"); status != 2 || !strings.Contains(stderr, "usage: ratecard import FILE") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

func TestRatesCommand(t *testing.T) {
	p := newPrompt(t)
	if status, _, stderr := p.ratecard("import", p.file(listOfJune)); status != 0 {
		t.Fatal(stderr)
	}
	status, stdout, stderr := p.ratecard("rates", "set", "large-1", "input", "1.50", "--reason", "frame contract", "--format", "json")
	var rate oas.ManualRate
	if status != 0 || json.Unmarshal([]byte(stdout), &rate) != nil || rate.Amount != "1.5" || rate.State != "in_force" {
		t.Fatalf("status %d, %s%s", status, stdout, stderr)
	}
	if status, stdout, _ := p.ratecard("rates"); status != 0 || !strings.Contains(stdout, "frame contract") || !strings.Contains(stdout, "large-1") {
		t.Errorf("status %d\n%s", status, stdout)
	}
	if status, stdout, stderr := p.ratecard("rates", "end", fmt.Sprint(rate.ID), "--reason", "over"); status != 0 || !strings.Contains(stdout, "ends at") {
		t.Errorf("status %d, %s%s", status, stdout, stderr)
	}
	for name, test := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"no reason":     {[]string{"rates", "set", "large-1", "input", "1"}, 1, "reason"},
		"unknown model": {[]string{"rates", "set", "nothing-1", "input", "1", "--reason", "r"}, 1, "nothing-1"},
		"no number":     {[]string{"rates", "end", "first", "--reason", "r"}, 2, "no rate's number"},
		"unknown rate":  {[]string{"rates", "end", "4711", "--reason", "r"}, 1, "4711"},
		"unknown verb":  {[]string{"rates", "drop"}, 2, "usage: ratecard rates"},
	} {
		if status, _, stderr := p.ratecard(test.args...); status != test.status || !strings.Contains(stderr, test.says) {
			t.Errorf("%s: status %d: %s", name, status, stderr)
		}
	}
}

// TestAdjustCommand enters, shows and ends a discount, whose sign is none of a flag's.
func TestAdjustCommand(t *testing.T) {
	p := newPrompt(t)
	if status, _, stderr := p.ratecard("import", p.file(listOfJune)); status != 0 {
		t.Fatal(stderr)
	}
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"adjust", "set", "acme", "-12.5", "--reason", "frame contract"}, 0, "-12.5 %"},
		{[]string{"adjust"}, 0, "frame contract"},
		{[]string{"adjust", "end", "1", "--reason", "over"}, 0, "past"},
		{[]string{"adjust", "end", "one"}, 2, ""},
		{[]string{"adjust", "set", "acme"}, 2, ""},
		{[]string{"adjust", "set", "acme", "-5"}, 1, ""},
		{[]string{"audit"}, 0, "adjustment.entered"},
	} {
		status, stdout, stderr := p.ratecard(c.args...)
		if status != c.status || !strings.Contains(stdout, c.says) {
			t.Errorf("%v: %d, %s%s", c.args, status, stdout, stderr)
		}
	}
}

// TestHealthCommand is a health check: it succeeds where a server answers, and only there.
func TestHealthCommand(t *testing.T) {
	p := newPrompt(t)
	if status, stdout, stderr := p.ratecard("health"); status != 0 || !strings.HasPrefix(stdout, "ok, version ") {
		t.Errorf("status %d, %s%s", status, stdout, stderr)
	}
	if status, stdout, _ := p.ratecard("health", "--format", "json"); status != 0 || !strings.Contains(stdout, `"status":"ok"`) {
		t.Errorf("status %d, %s", status, stdout)
	}
	if status, _, stderr := p.ratecard("health", "now"); status != 2 || !strings.Contains(stderr, "usage: ratecard health") {
		t.Errorf("status %d, %s", status, stderr)
	}
	nobody := func(name string) (string, bool) {
		if name == "RATECARD_URL" {
			return "http://127.0.0.1:1", true
		}
		return "", false
	}
	var stdout, stderr bytes.Buffer
	if status := run(t.Context(), []string{"health"}, nobody, &stdout, &stderr); status != 1 || !strings.Contains(stderr.String(), "no server answers") {
		t.Errorf("status %d, %s", status, stderr.String())
	}
}
