package fetch

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestRobots: what a robots.txt says to us, by RFC 9309.
func TestRobots(t *testing.T) {
	for name, c := range map[string]struct {
		file    string
		allowed []string
		refused []string
		delay   time.Duration
	}{
		"nothing":         {"", []string{"/", "/a"}, nil, 0},
		"everything":      {"User-agent: *\nDisallow: /", nil, []string{"/", "/a?b=c"}, 0},
		"an empty rule":   {"User-agent: *\nDisallow:", []string{"/"}, nil, 0},
		"a path":          {"user-agent: *\ndisallow: /docs", []string{"/", "/Docs"}, []string{"/docs", "/docs/x", "/docsearch"}, 0},
		"the longest":     {"User-agent: *\nDisallow: /docs\nAllow: /docs/pricing", []string{"/docs/pricing.md"}, []string{"/docs/other"}, 0},
		"as long":         {"User-agent: *\nDisallow: /docs\nAllow: /docs", []string{"/docs"}, nil, 0},
		"ours, not all's": {"User-agent: *\nDisallow: /\n\nUser-Agent: RateCard/2.0\nDisallow: /private", []string{"/docs"}, []string{"/private"}, 0},
		"ours twice":      {"User-agent: ratecard\nDisallow: /a\nUser-agent: other\nDisallow: /\nUser-agent: ratecard\nDisallow: /b", []string{"/c"}, []string{"/a", "/b"}, 0},
		"a shared group":  {"User-agent: other\nUser-agent: ratecard\nDisallow: /a", []string{"/b"}, []string{"/a"}, 0},
		"a longer name":   {"User-agent: ratecardbot\nDisallow: /", []string{"/a"}, nil, 0},
		"wildcards":       {"User-agent: *\nDisallow: /*.md$\nDisallow: /x*y", []string{"/a.md?z", "/a.html", "/a/x1y"}, []string{"/a.md", "/x1y/z"}, 0},
		"only the end":    {"User-agent: *\nDisallow: /$", []string{"/a"}, []string{"/"}, 0},
		"escapes":         {"User-agent: *\nDisallow: /%70rices\nDisallow: /caf\u00e9", []string{"/cafe"}, []string{"/prices", "/caf%C3%A9"}, 0},
		"a query":         {"User-agent: *\nDisallow: /p?lang=", []string{"/p"}, []string{"/p?lang=de"}, 0},
		"remarks, a mark": {"\ufeff# hello\r\nUser-agent: * # all\r\nDisallow: /a # not this", []string{"/b"}, []string{"/a"}, 0},
		"rules of nobody": {"Disallow: /\nUser-agent: *\nDisallow: /a\nCrawl-delay: soon", []string{"/b"}, []string{"/a"}, 0},
		"no robots.txt":   {"<!doctype html><p>Disallow: / is what you say", []string{"/"}, nil, 0},
		"a delay":         {"User-agent: *\nCrawl-delay: 2.5\nDisallow: /a", []string{"/b"}, []string{"/a"}, 2500 * time.Millisecond},
		"a delay of ages": {"User-agent: *\nCrawl-delay: 99999999999999", []string{"/"}, nil, longestCrawlWait},
		"a delay below 0": {"User-agent: *\nCrawl-delay: -3", []string{"/"}, nil, 0},
	} {
		rules := parseRobots([]byte(c.file), productToken("ratecard/1.2 (+https://ratecard.example)"))
		ask := func(path string) bool {
			u, err := url.Parse("https://prices.example" + path)
			if err != nil {
				t.Fatal(err)
			}
			return rules.allows(u)
		}
		for _, path := range c.allowed {
			if !ask(path) {
				t.Errorf("%s: %s is not allowed", name, path)
			}
		}
		for _, path := range c.refused {
			if ask(path) {
				t.Errorf("%s: %s is allowed", name, path)
			}
		}
		if rules.delay != c.delay {
			t.Errorf("%s: a delay of %s, want %s", name, rules.delay, c.delay)
		}
	}
}

// FuzzRobots: no robots.txt makes reading it fail or take long, and a path that
// it forbids alone stays forbidden whatever comes behind for others.
func FuzzRobots(f *testing.F) {
	f.Add([]byte("User-agent: *\nDisallow: /*a*b*c$\nAllow: /"), "/aXbXc")
	f.Add([]byte("Crawl-delay: 1e9\n\xff\x00%"), "/%zz%41")
	f.Fuzz(func(t *testing.T, file []byte, path string) {
		rules := parseRobots(file, "ratecard")
		rules.allows(&url.URL{Path: path})
		if rules.delay < 0 || rules.delay > longestCrawlWait {
			t.Errorf("a delay of %s", rules.delay)
		}
		ours := append([]byte("User-agent: ratecard\nDisallow: /\nUser-agent: nobody\n"), file...)
		if !strings.Contains(strings.ToLower(string(file)), "ratecard") && !strings.Contains(strings.ToLower(string(file)), "allow") && parseRobots(ours, "ratecard").allows(&url.URL{Path: "/x"}) {
			t.Error("what was forbidden is allowed")
		}
	})
}
