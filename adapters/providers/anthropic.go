package providers

import (
	"encoding/json"
	"net/http"
	"net/url"

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
	list := fields{}
	entries, found := []json.RawMessage(nil), false
	if decodeObject(body, &list) == nil {
		entries, found = list.list("data")
	}
	if !found {
		return nil, domain.Errorf(domain.KindUpstream, "%s: expected an object with a list \"data\" of models", whatCame(body))
	}
	p := page{more: list.yes("has_more"), next: list.text("last_id")}
	return &p, p.add("data", entries, "id", anthropicModel)
}

// anthropicModel reads one entry.
func anthropicModel(id string, entry fields) (domain.Model, bool) {
	return domain.Model{
		ModelKey:        domain.ModelKey{ID: id},
		DisplayName:     entry.text("display_name"),
		Created:         entry.instant("created_at"),
		Capabilities:    anthropicCapabilities(entry.object("capabilities")),
		ContextWindow:   entry.count("max_input_tokens"),
		MaxOutputTokens: entry.count("max_tokens"),
	}, true
}

// anthropicCapabilities reads {"name": {"supported": true, …}, …}. What is not
// stated is left out: it is neither supported nor unsupported.
func anthropicCapabilities(stated fields) []domain.Capability {
	var all capabilities
	for _, name := range stated.names() {
		if supported := stated.object(name).flag("supported"); supported != nil {
			all.add(name, *supported)
		}
	}
	return all.sorted()
}
