package fetch

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	robotsFor        = 24 * time.Hour // for how long a robots.txt holds (RFC 9309, 2.4)
	largestRobots    = 512 << 10      // what lies beyond is not read (2.5)
	longestRule      = 2 << 10        // of a pattern, in bytes
	longestCrawlWait = 12 * time.Hour // what is asked for beyond is taken for this: the file itself holds for a day
)

// robotsRules are what a robots.txt says to us.
type robotsRules struct {
	rules []robotsRule
	delay time.Duration // that it asks for between two requests
}

type robotsRule struct {
	pattern string
	allow   bool
}

// parseRobots gives the rules of the groups that name the product token, in any
// spelling, else those of the groups for everybody (RFC 9309, 2.2.1).
func parseRobots(body []byte, token string) robotsRules {
	var ours, everybodys robotsRules
	named := false
	var into []*robotsRules // the groups that the lines belong to
	inRules := false
	for line := range bytes.Lines(bytes.ReplaceAll(body[:min(len(body), largestRobots)], []byte("\r"), []byte("\n"))) {
		text, _, _ := strings.Cut(strings.TrimPrefix(string(line), "\ufeff"), "#")
		field, value, _ := strings.Cut(text, ":")
		value = strings.TrimSpace(value)
		switch field = strings.ToLower(strings.TrimSpace(field)); field {
		case "user-agent":
			if inRules {
				into, inRules = nil, false
			}
			switch {
			case value == "*":
				into = append(into, &everybodys)
			case strings.EqualFold(productToken(value), token):
				into, named = append(into, &ours), true
			}
		case "allow", "disallow", "crawl-delay":
			inRules = true
			for _, group := range into {
				group.add(field, value)
			}
		}
	}
	if named {
		return ours
	}
	return everybodys
}

func (r *robotsRules) add(field, value string) {
	if field == "crawl-delay" {
		if seconds, err := time.ParseDuration(value + "s"); err == nil && seconds > 0 {
			r.delay = max(r.delay, min(seconds, longestCrawlWait))
		} else if n, err := strconv.Atoi(value); err == nil && n > 0 { // too long to be a duration
			r.delay = longestCrawlWait
		}
		return
	}
	if value != "" && len(value) <= longestRule { // an empty rule says nothing
		r.rules = append(r.rules, robotsRule{normalised(value), field == "allow"})
	}
}

// allows reports whether an address may be fetched: the longest rule that matches
// decides, and of two as long the one that allows.
func (r robotsRules) allows(u *url.URL) bool {
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	path = normalised(path)
	allowed, longest := true, -1
	for _, rule := range r.rules {
		if n := len(rule.pattern); (n > longest || n == longest && rule.allow) && matches(rule.pattern, path) {
			allowed, longest = rule.allow, n
		}
	}
	return allowed
}

// matches compares from the beginning; * stands for anything, $ at the end for the
// end.
func matches(pattern, path string) bool {
	pattern, whole := strings.CutSuffix(pattern, "$")
	parts := strings.Split(pattern, "*")
	rest, begins := strings.CutPrefix(path, parts[0])
	if !begins {
		return false
	}
	for i, part := range parts[1:] {
		if whole && i == len(parts)-2 {
			return strings.HasSuffix(rest, part)
		}
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return !whole || rest == ""
}

// normalised writes the octets of a path in one way: those that need no escape
// plain, all others escaped in capitals (RFC 9309, 2.2.2).
func normalised(path string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		c, escaped := path[i], false
		if c == '%' && i+2 < len(path) {
			if n, err := strconv.ParseUint(path[i+1:i+3], 16, 8); err == nil {
				c, escaped = byte(n), true
				i += 2
			}
		}
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
		if plain || !escaped && c > ' ' && c < 0x7f {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}

// productToken is the name by which a User-Agent is known to robots.txt.
func productToken(userAgent string) string {
	end := strings.IndexFunc(userAgent, func(r rune) bool {
		return r != '_' && r != '-' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if end < 0 {
		return userAgent
	}
	return userAgent[:end]
}
