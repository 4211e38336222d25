package usage

import (
	"encoding/json"
	"fmt"
	"strings"

	"ratecard/domain"
)

// counts reads the counts of one object, remembers which were read, and
// gathers what is wrong with them.
type counts struct {
	root   map[string]any
	above  map[string]any // the answer that the object stands in, nil for none
	prefix string         // its name there
	seen   map[string]bool
	faults []domain.FieldError

	otherTier Word
}

func (c *counts) wrong(path, message string) {
	c.faults = append(c.faults, domain.FieldError{Path: join(c.prefix, path), Message: message})
}

func join(path, name string) string {
	switch {
	case path == "":
		return name
	case name == "" || strings.HasPrefix(name, "["):
		return path + name
	}
	return path + "." + name
}

func (c *counts) hasAny(names ...string) bool {
	for _, name := range names {
		if _, has := c.root[name]; has {
			return true
		}
	}
	return false
}

// value looks up a field by its path, whose names are joined by dots.
func (c *counts) value(path string) any {
	var at any = c.root
	for name := range strings.SplitSeq(path, ".") {
		fields, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = fields[name]
	}
	return at
}

// count reads a field and notes that it was; absent and null are 0.
func (c *counts) count(path string) int64 {
	c.seen[path] = true
	return c.number(path, c.value(path))
}

func (c *counts) number(path string, value any) int64 {
	if value == nil {
		return 0
	}
	number, isNumber := value.(json.Number)
	if !isNumber {
		c.wrong(path, "is no number; expected a count")
		return 0
	}
	n, err := number.Int64()
	if err != nil || n < 0 || n > domain.MostUsage {
		c.wrong(path, fmt.Sprintf("%.40s is no count; expected a whole number from 0 to %d", number, int64(domain.MostUsage)))
		return 0
	}
	return n
}

// part reads a count that is contained in another.
func (c *counts) part(path string, whole int64, of string) int64 {
	n := c.count(path)
	if n > whole {
		c.wrong(path, fmt.Sprintf("%d is more than the %d of %s, which contains it", n, whole, of))
		return 0
	}
	return n
}

func (c *counts) text(path string) string {
	s, isText := c.value(path).(string)
	if !isText && c.value(path) != nil {
		c.wrong(path, "is no text")
	}
	return s
}

// told are counts that say again what others say, or no count of anything
// that is sold.
var told = map[string]bool{
	"total_tokens": true, "totalTokenCount": true, "text_tokens": true,
	"accepted_prediction_tokens": true, "rejected_prediction_tokens": true, // of the output tokens, and sold as such
	"cost_in_usd_ticks": true, "index": true,
}

// rest gives the counts that nobody read, by their path.
func (c *counts) rest() map[string]int64 {
	unknown := map[string]int64{}
	var walk func(path string, value any)
	walk = func(path string, value any) {
		if c.seen[path] {
			return
		}
		switch v := value.(type) {
		case map[string]any:
			for name, inner := range v {
				if !told[name] && !strings.HasSuffix(name, "_time") {
					walk(join(path, name), inner)
				}
			}
		case []any:
			for i, inner := range v {
				walk(join(path, fmt.Sprintf("[%d]", i)), inner)
			}
		case json.Number:
			// A duration is no count, nor is what is below 0.
			if s := v.String(); s != "0" && !strings.ContainsAny(s, "-.eE") {
				unknown[path] = c.number(path, v)
			}
		}
	}
	walk("", c.root)
	return unknown
}
