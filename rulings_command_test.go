package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"ratecard/gen/oas"
)

func TestRulingCommands(t *testing.T) {
	p := newPrompt(t)
	if status, _, stderr := p.ratecard("import", p.file(listOfJune)); status != 0 {
		t.Fatal(stderr)
	}
	status, stdout, stderr := p.ratecard("unmatched", "--provider", "acme")
	if status != 0 || !strings.Contains(stdout, "large-1") || !strings.Contains(stdout, "far") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	status, stdout, stderr = p.ratecard("forbid", "large-1", "Largo 1", "--reason", "another model", "--format", "json")
	var ban oas.Alias
	if status != 0 || json.Unmarshal([]byte(stdout), &ban) != nil || ban.Ruling != "forbid" || ban.Name != "Largo 1" {
		t.Fatalf("status %d, %s%s", status, stdout, stderr)
	}
	if status, stdout, _ := p.ratecard("forbid"); status != 0 || !strings.Contains(stdout, "another model") {
		t.Errorf("status %d\n%s", status, stdout)
	}
	for name, test := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"against the ban": {[]string{"pin", "large-1", "Largo 1", "--reason", "r"}, 1, "release it first"},
		"not printed":     {[]string{"pin", "large-1", "Large 1", "--reason", "r"}, 1, "prints that name"},
		"no reason":       {[]string{"forbid", "large-1", "Large 1"}, 1, "reason"},
		"unknown model":   {[]string{"forbid", "nothing-1", "Large 1", "--reason", "r"}, 1, "nothing-1"},
		"no number":       {[]string{"pin", "release", "first"}, 2, "no ruling's number"},
		"too few":         {[]string{"pin", "large-1"}, 2, "usage: ratecard pin"},
		"too many":        {[]string{"unmatched", "acme"}, 2, "usage: ratecard unmatched"},
	} {
		if status, _, stderr := p.ratecard(test.args...); status != test.status || !strings.Contains(stderr, test.says) {
			t.Errorf("%s: status %d: %s", name, status, stderr)
		}
	}
	for i, want := range []int{0, 1} {
		if status, _, stderr := p.ratecard("forbid", "release", fmt.Sprint(ban.ID)); status != want {
			t.Errorf("released %d times: status %d: %s", i+1, status, stderr)
		}
	}
}
