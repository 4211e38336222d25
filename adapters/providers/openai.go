package providers

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"ratecard/domain"
)

// openAI is the dialect of OpenAI's list of models, which most other providers
// speak as well, each with fields of its own: a bearer key, and no pages unless
// the answer says so.
var openAI = dialect{
	path:   "/v1/models",
	header: bearer,
	query: func(cursor string) url.Values {
		if cursor == "" {
			return nil // some refuse parameters that they do not know
		}
		return url.Values{"after": {cursor}}
	},
	read: readOpenAI,
}

func bearer(key string) http.Header {
	if key == "" {
		return http.Header{}
	}
	return http.Header{"Authorization": {"Bearer " + key}}
}

func readOpenAI(body []byte) (*page, error) {
	if entries, bare := bareList(body); bare {
		p := page{}
		return &p, p.add("", entries, "id", openAIModel)
	}
	list, at := fields{}, "data"
	entries, found := []json.RawMessage(nil), false
	if decodeObject(body, &list) == nil {
		if entries, found = list.list(at); !found {
			at = "models"
			entries, found = list.list(at)
		}
	}
	if !found {
		return nil, domain.Errorf(domain.KindUpstream, "%s: expected an object with a list \"data\" of models", whatCame(body))
	}
	p := page{more: list.yes("has_more"), next: list.text("last_id")}
	return &p, p.add(at, entries, "id", openAIModel)
}

// openAIModel reads one entry, with the words that compatible providers use
// for what OpenAI itself does not say.
func openAIModel(id string, entry fields) (domain.Model, bool) {
	owner := entry.text("owned_by")
	if ofOneAccount(id, owner) {
		return domain.Model{}, false
	}
	m := domain.Model{
		ModelKey:        domain.ModelKey{ID: id},
		OwnedBy:         owner,
		Created:         entry.seconds("created"),
		ContextWindow:   entry.count("context_length", "context_window", "max_context_length", "max_model_len", "max_input_tokens"),
		MaxOutputTokens: entry.count("max_output_tokens", "max_completion_tokens", "max_output_length"),
		Capabilities:    openAICapabilities(entry),
		Aliases:         domain.Union(entry.texts("aliases"), nil),
	}
	if m.Created == nil {
		m.Created = entry.instant("created_at")
	}
	for _, name := range []string{"display_name", "name"} {
		if m.DisplayName == "" && entry.text(name) != id {
			m.DisplayName = entry.text(name)
		}
	}
	if m.MaxOutputTokens == nil {
		m.MaxOutputTokens = entry.object("top_provider").count("max_completion_tokens")
	}
	return m, true
}

// ofOneAccount reports whether nobody else has the model: it was fine-tuned by
// whoever asks, or belongs to them.
func ofOneAccount(id, owner string) bool {
	return strings.HasPrefix(id, "ft:") || strings.Contains(id, ":ft-") || // today's and yesterday's ids
		strings.HasPrefix(owner, "user-") || strings.HasPrefix(owner, "org-")
}

// modalities are the capabilities that going in and coming out in other than
// text amounts to.
var (
	goesIn   = map[string]string{"image": "vision", "audio": "audio_input", "video": "video_input", "file": "pdf_input"}
	comesOut = map[string]string{
		"image": "image_output", "audio": "audio_output", "speech": "audio_output", "video": "video_output",
		"embedding": "embedding", "embeddings": "embedding", "transcription": "transcription",
	}
)

// openAICapabilities reads an object of what is supported, modalities, and
// the parameters that are understood.
func openAICapabilities(entry fields) []domain.Capability {
	var all capabilities
	stated := entry.object("capabilities")
	for _, name := range stated.names() {
		if supported := stated.flag(name); supported != nil {
			all.add(name, *supported)
		}
	}
	for _, where := range []fields{entry, entry.object("architecture")} {
		all.addEach(where.texts("input_modalities"), goesIn)
		all.addEach(where.texts("output_modalities"), comesOut)
	}
	for _, name := range entry.texts("supported_parameters") {
		if name == "tools" || name == "reasoning" || name == "structured_outputs" {
			all.add(name, true)
		}
	}
	return all.sorted()
}

// addEach adds what the words mean; words that mean nothing to us say nothing.
func (c *capabilities) addEach(words []string, mean map[string]string) {
	for _, word := range words {
		if name := mean[strings.ToLower(word)]; name != "" {
			c.add(name, true)
		}
	}
}
