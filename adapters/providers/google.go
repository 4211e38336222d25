package providers

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"ratecard/domain"
)

// google is the dialect of the Gemini API's models.list, version v1beta: a key
// in a header of its own (the URL would take it too, and into every log), pages
// by a token.
var google = dialect{
	path: "/v1beta/models",
	header: func(key string) http.Header {
		h := http.Header{}
		if key != "" {
			h.Set("X-Goog-Api-Key", key)
		}
		return h
	},
	query: func(cursor string) url.Values {
		q := url.Values{"pageSize": {"1000"}}
		if cursor != "" {
			q.Set("pageToken", cursor)
		}
		return q
	},
	read: readGoogle,
}

func readGoogle(body []byte) (*page, error) {
	list := fields{}
	entries, found := []json.RawMessage(nil), false
	if decodeObject(body, &list) == nil {
		entries, found = list.list("models")
		found = found || isEmptyPage(list)
	}
	if !found {
		return nil, domain.Errorf(domain.KindUpstream, "%s: expected an object with a list \"models\" of models", whatCame(body))
	}
	p := page{next: list.text("nextPageToken")}
	p.more = p.next != ""
	return &p, p.add("models", entries, "name", googleModel)
}

// isEmptyPage: a list without entries is left out of the answer altogether.
func isEmptyPage(list fields) bool {
	for name := range list {
		if name != "nextPageToken" {
			return false
		}
	}
	return true
}

// public is the collection that everybody's models stand in; an account's own
// stand in others ("tunedModels/…").
const public = "models/"

func googleModel(name string, entry fields) (domain.Model, bool) {
	id, isPublic := strings.CutPrefix(name, public)
	if !isPublic && strings.Contains(name, "/") || id == "" {
		return domain.Model{}, false
	}
	return domain.Model{
		ModelKey:        domain.ModelKey{ID: id},
		DisplayName:     entry.text("displayName"),
		ContextWindow:   entry.count("inputTokenLimit"),
		MaxOutputTokens: entry.count("outputTokenLimit"),
		Capabilities:    googleCapabilities(entry),
	}, true
}

// methods gives our names to what can be asked of a model. Other methods are
// kept under their own names, in our spelling.
var methods = map[string]string{
	"generateContent":        "chat",
	"generateMessage":        "chat",
	"generateText":           "completion",
	"generateAnswer":         "question_answering",
	"embedContent":           "embedding",
	"embedText":              "embedding",
	"batchEmbedContents":     "embedding",
	"batchGenerateContent":   "batch",
	"asyncBatchEmbedContent": "batch",
	"bidiGenerateContent":    "live",
	"createCachedContent":    "caching",
	"createTunedModel":       "fine_tuning",
	"createTunedTextModel":   "fine_tuning",
	"countTokens":            "count_tokens",
	"countTextTokens":        "count_tokens",
	"countMessageTokens":     "count_tokens",
}

func googleCapabilities(entry fields) []domain.Capability {
	var all capabilities
	for _, method := range entry.texts("supportedGenerationMethods") {
		name := methods[method]
		if name == "" {
			name = snakeCase(method)
		}
		all.add(name, true)
	}
	if thinks := entry.flag("thinking"); thinks != nil {
		all.add("thinking", *thinks)
	}
	return all.sorted()
}

var hump = regexp.MustCompile(`([a-z0-9])([A-Z])`)

func snakeCase(name string) string {
	return strings.ToLower(hump.ReplaceAllString(name, "${1}_${2}"))
}
