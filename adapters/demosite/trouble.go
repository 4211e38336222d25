package demosite

import (
	_ "embed"
	"io"
	"net/http"
	"strings"

	"ratecard/domain"
)

// trouble is what goes wrong at a provider on a day.
type trouble int

const (
	fine      trouble = iota
	refused           // its API takes no key: somebody has revoked them all
	busy              // its API turns the first request of the day away, and says when to come back
	broken            // its pages come without their figures
	shell             // its pages are empty until a browser runs their scripts
	challenge         // its pages are behind a riddle for browsers
	misprint          // its page for people has lost a digit
)

// wait is what a busy API asks for, in seconds: short, so that a demonstration
// of it is.
const wait = "1"

var (
	//go:embed shell.html
	shellPage string
	//go:embed challenge.html
	challengePage string
)

// troubled serves what a provider serves on the day, or its trouble.
func (s *Site) troubled(provider domain.ProviderID, serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		isAPI := strings.HasPrefix(r.URL.Path, "/"+string(provider)+"/api/")
		trouble := s.today().troubles[provider]
		switch {
		case isAPI && trouble == refused:
			refuseKey(w, provider)
		case isAPI && trouble == busy && !s.served.Swap(true):
			w.Header().Set("Retry-After", wait)
			reply(w, http.StatusTooManyRequests, map[string]any{
				"error": map[string]any{"code": http.StatusTooManyRequests, "message": "Too many requests.", "status": "RESOURCE_EXHAUSTED"},
			})
		case !isAPI && trouble == shell:
			page(w, http.StatusOK, shellPage)
		case !isAPI && trouble == challenge:
			w.Header().Set("Cf-Mitigated", "challenge")
			page(w, http.StatusForbidden, challengePage)
		default:
			serve(w, r)
		}
	}
}

func page(w http.ResponseWriter, status int, html string) {
	w.Header().Set("Content-Type", htmlType)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, html) // what fails here is the client's connection
}

// refuseKey says in each provider's own way that a key is none.
func refuseKey(w http.ResponseWriter, provider domain.ProviderID) {
	switch provider {
	case anthropicID:
		refuse(w, http.StatusUnauthorized, "authentication_error", "invalid x-api-key")
	case googleID:
		refuseGoogle(w, http.StatusBadRequest, "INVALID_ARGUMENT", "The API key is not valid.", "API_KEY_INVALID")
	case xAIID:
		reply(w, http.StatusBadRequest, map[string]any{"code": "invalid-argument", "error": "The API key is incorrect."})
	default:
		reply(w, http.StatusUnauthorized, map[string]any{"error": map[string]any{
			"message": "The API key is incorrect.", "type": "invalid_request_error", "param": nil, "code": "invalid_api_key",
		}})
	}
}
