package demosite

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// Anthropic's page sizes: by default, and the most that may be asked for.
const (
	defaultPageSize = 20
	maxPageSize     = 1000
)

// listAnthropic is GET /v1/models.
func (s *Site) listAnthropic(w http.ResponseWriter, r *http.Request) {
	key := r.Header.Get("X-Api-Key")
	limit, limitErr := limit(r.FormValue("limit"))
	switch {
	case key == "":
		refuse(w, http.StatusUnauthorized, "authentication_error", "x-api-key header is required")
		return
	case !s.opens(key):
		refuse(w, http.StatusUnauthorized, "authentication_error", "invalid x-api-key")
		return
	case r.Header.Get("Anthropic-Version") == "":
		refuse(w, http.StatusBadRequest, "invalid_request_error", "anthropic-version: header is required")
		return
	case limitErr != nil:
		refuse(w, http.StatusBadRequest, "invalid_request_error", limitErr.Error())
		return
	}
	entries := s.today().anthropic.entries()
	if after := r.FormValue("after_id"); after != "" {
		i := slices.IndexFunc(entries, func(e entry) bool { return e.ID == after })
		if i < 0 {
			refuse(w, http.StatusBadRequest, "invalid_request_error", "after_id: no such model")
			return
		}
		entries = entries[i+1:]
	}
	shown := entries[:min(limit, s.pageSize, len(entries))]
	answer := list{Data: shown, HasMore: len(shown) < len(entries)}
	if len(shown) > 0 {
		answer.FirstID, answer.LastID = &shown[0].ID, &shown[len(shown)-1].ID
	}
	reply(w, http.StatusOK, answer)
}

func limit(text string) (int, error) {
	if text == "" {
		return defaultPageSize, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxPageSize {
		return 0, fmt.Errorf("limit: must be between 1 and %d", maxPageSize)
	}
	return n, nil
}

type list struct {
	Data    []entry `json:"data"`
	HasMore bool    `json:"has_more"`
	FirstID *string `json:"first_id"`
	LastID  *string `json:"last_id"`
}

type entry struct {
	Type           string         `json:"type"`
	ID             string         `json:"id"`
	DisplayName    string         `json:"display_name"`
	CreatedAt      string         `json:"created_at"`
	MaxInputTokens int64          `json:"max_input_tokens,omitempty"`
	MaxTokens      int64          `json:"max_tokens,omitempty"`
	Capabilities   map[string]any `json:"capabilities,omitempty"`
}

// entries are the models of the day's list.
func (c catalogue) entries() []entry {
	all := []entry{}
	for _, m := range c.models {
		if m.id == "" {
			continue
		}
		e := entry{
			Type: "model", ID: m.id, DisplayName: m.name, CreatedAt: "1970-01-01T00:00:00Z",
			MaxInputTokens: m.context, MaxTokens: m.output, Capabilities: capabilities(m.abilities),
		}
		if m.created != "" {
			e.CreatedAt = m.created + "T00:00:00Z"
		}
		all = append(all, e)
	}
	return all
}

// capabilities are the abilities as the list nests them.
func capabilities(abilities []ability) map[string]any {
	if len(abilities) == 0 {
		return nil
	}
	all := map[string]any{}
	for _, a := range abilities {
		value := map[string]any{"supported": a.supported}
		if a.name == "thinking" {
			value["types"] = map[string]any{
				"enabled":  map[string]any{"supported": a.supported},
				"adaptive": map[string]any{"supported": false},
			}
		}
		all[a.name] = value
	}
	return all
}

// refuse answers with an error in Anthropic's shape.
func refuse(w http.ResponseWriter, status int, kind, message string) {
	reply(w, status, map[string]any{
		"type":       "error",
		"error":      map[string]any{"type": kind, "message": message},
		"request_id": "req_demo",
	})
}
