package providers

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"

	"ratecard/domain"
)

// anthropic is the dialect of Anthropic's Models API, version 2023-06-01: a key
// of its own header, pages by the last id.
var anthropic = dialect{
	path: "/v1/models",
	header: func(key string) http.Header {
		h := http.Header{"Anthropic-Version": {"2023-06-01"}}
		if key != "" {
			h.Set("X-Api-Key", key)
		}
		return h
	},
	query: func(cursor string) url.Values {
		q := url.Values{"limit": {"1000"}}
		if cursor != "" {
			q.Set("after_id", cursor)
		}
		return q
	},
	read: readAnthropic,
}

func readAnthropic(body []byte) (*page, error) {
	list, entries := fields{}, []json.RawMessage(nil)
	if decodeObject(body, &list) != nil || json.Unmarshal(list["data"], &entries) != nil || entries == nil {
		return nil, domain.Errorf(domain.KindUpstream, "%s: expected an object with a list \"data\" of models", whatCame(body))
	}
	p := page{more: list.yes("has_more"), next: list.text("last_id")}
	for i, raw := range entries {
		m, ok := anthropicModel(raw)
		if !ok {
			return nil, domain.Errorf(domain.KindUpstream, "data[%d]: expected an object with an \"id\" that is a text", i)
		}
		p.models = append(p.models, m)
	}
	return &p, nil
}

// anthropicModel reads one entry. Only the id is promised; what else is missing
// or not as documented is absent, and the raw entry still has it.
func anthropicModel(raw json.RawMessage) (domain.Model, bool) {
	entry := fields{}
	if json.Unmarshal(raw, &entry) != nil {
		return domain.Model{}, false
	}
	id := entry.text("id")
	if id == "" {
		return domain.Model{}, false
	}
	return domain.Model{
		ModelKey:        domain.ModelKey{ID: id},
		DisplayName:     entry.text("display_name"),
		Created:         entry.instant("created_at"),
		Source:          sourceAPI,
		Capabilities:    anthropicCapabilities(entry["capabilities"]),
		ContextWindow:   entry.count("max_input_tokens"),
		MaxOutputTokens: entry.count("max_tokens"),
		Raw:             raw,
	}, true
}

// sourceAPI is domain.Model's Source of what a list API told us.
const sourceAPI = "api"

// ours gives the names that all providers share to what Anthropic calls
// otherwise. Its other names are kept as they are.
var ours = map[string]string{
	"image_input": "vision",
	"thinking":    "reasoning",
	"tool_use":    "tools",
}

// anthropicCapabilities reads {"name": {"supported": true, …}, …}. What is not
// stated is left out: it is neither supported nor unsupported.
func anthropicCapabilities(raw json.RawMessage) []domain.Capability {
	stated := fields{}
	if json.Unmarshal(raw, &stated) != nil {
		return nil
	}
	var all []domain.Capability
	for name, value := range stated {
		var says struct {
			Supported *bool `json:"supported"`
		}
		if json.Unmarshal(value, &says) == nil && says.Supported != nil {
			all = append(all, domain.Capability{Type: cmp.Or(ours[name], name), Supported: *says.Supported})
		}
	}
	slices.SortFunc(all, func(a, b domain.Capability) int { return cmp.Compare(a.Type, b.Type) })
	return slices.CompactFunc(all, func(a, b domain.Capability) bool { return a.Type == b.Type })
}

// fields is a JSON object, read one field at a time so that one odd field does
// not cost the others.
type fields map[string]json.RawMessage

func (f fields) text(name string) string {
	var s string
	if json.Unmarshal(f[name], &s) != nil {
		return ""
	}
	return s
}

func (f fields) yes(name string) bool {
	var b bool
	return json.Unmarshal(f[name], &b) == nil && b
}

// count reads a number of tokens; absent, null, 0 and what is no whole number
// are not said.
func (f fields) count(name string) *int64 {
	var n int64
	if json.Unmarshal(f[name], &n) != nil || n <= 0 {
		return nil
	}
	return &n
}

// instant reads an RFC 3339 time. The epoch stands for "not known".
func (f fields) instant(name string) *time.Time {
	t, err := time.Parse(time.RFC3339, f.text(name))
	if err != nil || t.Unix() == 0 {
		return nil
	}
	t = domain.Instant(t)
	return &t
}
