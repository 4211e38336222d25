package providers

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"ratecard/domain"
)

// fields is a JSON object, read one field at a time so that one odd field does
// not cost the others.
type fields map[string]json.RawMessage

// object reads an object that lies in a field; nil for anything else.
func (f fields) object(name string) fields {
	var inner fields
	if json.Unmarshal(f[name], &inner) != nil {
		return nil
	}
	return inner
}

func (f fields) text(name string) string {
	var s string
	if json.Unmarshal(f[name], &s) != nil {
		return ""
	}
	return s
}

// texts reads a list of texts. What is no text in it is left out.
func (f fields) texts(name string) []string {
	var raw []json.RawMessage
	if json.Unmarshal(f[name], &raw) != nil {
		return nil
	}
	var all []string
	for _, one := range raw {
		var s string
		if json.Unmarshal(one, &s) == nil && s != "" {
			all = append(all, s)
		}
	}
	return all
}

func (f fields) yes(name string) bool {
	said := f.flag(name)
	return said != nil && *said
}

// flag reads true or false; nil where neither is said.
func (f fields) flag(name string) *bool {
	var said *bool
	if json.Unmarshal(f[name], &said) != nil {
		return nil
	}
	return said
}

// count reads a number of tokens, from the first of the names under which one
// is said. Absent, null, 0 and what is no whole number are not said.
func (f fields) count(names ...string) *int64 {
	for _, name := range names {
		var n int64
		if json.Unmarshal(f[name], &n) == nil && n > 0 {
			return &n
		}
	}
	return nil
}

// instant reads an RFC 3339 time. The epoch stands for "not known".
func (f fields) instant(name string) *time.Time {
	t, err := time.Parse(time.RFC3339, f.text(name))
	if err != nil {
		return nil
	}
	return known(t)
}

// seconds reads a Unix time. What lies in no year that can be written is not
// said.
func (f fields) seconds(name string) *time.Time {
	var n int64
	if json.Unmarshal(f[name], &n) != nil {
		return nil
	}
	return known(time.Unix(n, 0))
}

func known(t time.Time) *time.Time {
	if t = domain.Instant(t); t.Unix() <= 0 || t.Year() > 9999 {
		return nil
	}
	return &t
}

// ours gives the names that all providers share to what one of them calls
// otherwise. Other names are kept as they are.
var ours = map[string]string{
	"completion_chat":   "chat",
	"embeddings":        "embedding",
	"function_calling":  "tools",
	"image_input":       "vision",
	"structured_output": "structured_outputs",
	"thinking":          "reasoning",
	"tool_use":          "tools",
}

// capabilities collects what is said of a model under our names: nothing
// twice, sorted. What is said first holds.
type capabilities []domain.Capability

func (c *capabilities) add(name string, supported bool) {
	if shared, renamed := ours[name]; renamed {
		name = shared
	}
	has := func(have domain.Capability) bool { return have.Type == name }
	if !slices.ContainsFunc(*c, has) {
		*c = append(*c, domain.Capability{Type: name, Supported: supported})
	}
}

func (c capabilities) sorted() []domain.Capability {
	slices.SortFunc(c, func(a, b domain.Capability) int { return cmp.Compare(a.Type, b.Type) })
	return c
}

// names are an object's names in their order, so that what is said first does
// not change from one reading to the next.
func (f fields) names() []string {
	all := make([]string, 0, len(f))
	for name := range f {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// list reads the entries that an object has under one of the names. Nil and
// false where there is none.
func (f fields) list(names ...string) ([]json.RawMessage, bool) {
	for _, name := range names {
		var entries []json.RawMessage
		if json.Unmarshal(f[name], &entries) == nil && entries != nil {
			return entries, true
		}
	}
	return nil, false
}

// bareList reads entries that are all of a body.
func bareList(body []byte) ([]json.RawMessage, bool) {
	trimmed := bytes.TrimSpace(withoutMark(body))
	var entries []json.RawMessage
	return entries, len(trimmed) > 0 && trimmed[0] == '[' && json.Unmarshal(trimmed, &entries) == nil
}
