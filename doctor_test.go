package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// checkedUp is what `ratecard doctor --format json` prints.
type checkedUp struct {
	Status    string             `json:"status"`
	Providers []json.RawMessage  `json:"providers"`
	Keys      map[string]keyHeld `json:"keys"`
	Sources   []askedSource      `json:"sources"`
	Faults    []string           `json:"faults"`
}

type keyHeld struct {
	Held bool `json:"held"`
}

type askedSource struct {
	Reader  string `json:"reader"`
	Seen    string `json:"seen"`
	Error   string `json:"error"`
	Rates   int    `json:"rates"`
	Same    int    `json:"same"`
	New     int    `json:"new"`
	Changed int    `json:"changed"`
}

func TestDoctor(t *testing.T) {
	r := newRunning(t, benchTimeout)
	p := prompt{t, r.url, adminKey}
	checkup := func(want int, args ...string) (c checkedUp) {
		t.Helper()
		status, stdout, stderr := p.ratecard(append([]string{"doctor", "--format", "json"}, args...)...)
		if status != want || json.Unmarshal([]byte(stdout), &c) != nil {
			t.Fatalf("doctor %v: status %d, %s%s", args, status, stdout, stderr)
		}
		return c
	}
	if c := checkup(1, "--provider", "anthropic"); len(c.Faults) != 1 || !strings.Contains(c.Faults[0], "never synced") {
		t.Errorf("before the first sync: %q", c.Faults)
	}
	r.done(t, r.startSync(t))
	if c := checkup(0); len(c.Providers) < 4 || c.Status != "ok" || c.Sources != nil || !c.Keys["anthropic"].Held {
		t.Errorf("%+v", c)
	}

	// As the sources are now: each is asked once, and nothing is written.
	written := []int{r.count(t, "pages"), r.count(t, "events"), r.count(t, "rates"), r.count(t, "runs")}
	asked := len(r.site.Requests())
	c := checkup(0, "--live", "--provider", "anthropic")
	if len(c.Sources) != 2 {
		t.Fatalf("%+v", c)
	}
	pages := map[string]int{}
	for _, req := range r.site.Requests()[asked:] {
		if !strings.HasSuffix(req.Path, "robots.txt") {
			pages[req.Path]++
		}
	}
	if len(pages) != 2 {
		t.Errorf("asked for %v", pages)
	}
	for path, n := range pages {
		if n != 1 {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
	for i, table := range []string{"pages", "events", "rates", "runs"} {
		if n := r.count(t, table); n != written[i] {
			t.Errorf("%d %s were written", n-written[i], table)
		}
	}
	for _, s := range c.Sources {
		if s.Reader != "tables" || s.Rates == 0 || s.Same == 0 || s.New+s.Changed > 0 || s.Error != "" {
			t.Errorf("%+v", s)
		}
	}

	// A price that moved since is told, and no fault.
	same := c.Sources[0].Same
	if err := r.site.Reprice("anthropic", "claude-haiku-4-5-20251001", decimal.RequireFromString("1.5")); err != nil {
		t.Fatal(err)
	}
	if s := checkup(0, "--live", "--provider", "anthropic").Sources[0]; s.Changed == 0 || s.Changed+s.Same != same {
		t.Errorf("%+v", s)
	}

	// What is met instead of prices is named, and how the last sync went is no news.
	if err := r.site.Misbehave("anthropic", "challenge"); err != nil {
		t.Fatal(err)
	}
	c = checkup(1, "--live", "--provider", "anthropic")
	if s := c.Sources[0]; s.Seen != "challenge" || s.Rates != 0 || s.Error == "" || len(c.Faults) != len(c.Sources) {
		t.Errorf("%+v", c)
	}
	status, stdout, _ := p.ratecard("doctor", "--live", "--provider", "anthropic")
	if status != 1 || !strings.Contains(stdout, "challenge") || !strings.Contains(stdout, "to look at:") {
		t.Errorf("status %d\n%s", status, stdout)
	}
}

func TestDoctorIsRefused(t *testing.T) {
	r := newRunning(t, time.Minute)
	for name, test := range map[string]struct {
		key    string
		args   []string
		status int
		says   string
	}{
		"unknown provider": {adminKey, []string{"--provider", "nobody"}, 1, `no provider "nobody" is described`},
		"an argument":      {adminKey, []string{"anthropic"}, 2, "usage: ratecard doctor"},
		"unknown format":   {adminKey, []string{"--format", "xml"}, 2, "json and table are known"},
		"an unknown key":   {"rc_nobody", nil, 1, "the key is taken from RATECARD_KEY"},
	} {
		status, _, stderr := prompt{t, r.url, test.key}.ratecard(append([]string{"doctor"}, test.args...)...)
		if status != test.status || !strings.Contains(stderr, test.says) {
			t.Errorf("%s: status %d: %s", name, status, stderr)
		}
	}
	status, _, stderr := prompt{t, "http://127.0.0.1:9", adminKey}.ratecard("doctor")
	if status != 1 || !strings.Contains(stderr, "no server answers") {
		t.Errorf("without a server: status %d: %s", status, stderr)
	}
}
