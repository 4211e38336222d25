package demosite

import (
	"net/http"
	"time"

	"ratecard/domain"
)

// wait is what a busy API asks for, in seconds: short, so that a demonstration
// of it is.
const wait = "1"

// tired is for how long one wants to be left alone that is tired of us.
const tired = time.Hour

// listTroubles are those of APIs.
var listTroubles = []Trouble{
	{List: true, Name: refused, What: "Its API takes no key: somebody has revoked them all.", serve: func(w http.ResponseWriter, _ *http.Request, p misbehaving) { refuseKey(w, p.provider) }},
	{List: true, Name: busy, What: "Its API turns the first request of the day away, and says when to come back.", serve: func(w http.ResponseWriter, r *http.Request, p misbehaving) {
		if p.served.Swap(true) {
			p.well(w, r)
			return
		}
		tooMany(w, wait)
	}},
	{List: true, Name: "list-limited", What: "Its API answers 429 and asks for an hour, in seconds.", serve: func(w http.ResponseWriter, _ *http.Request, _ misbehaving) { tooMany(w, inSeconds(tired)) }},
	{List: true, Name: "list-limited-date", What: "Its API answers 429 and asks for an hour, as a date.", serve: func(w http.ResponseWriter, _ *http.Request, _ misbehaving) { tooMany(w, asDate(tired)) }},
	{List: true, Name: "list-error", What: "Its API answers 200 with an error in it.", serve: func(w http.ResponseWriter, _ *http.Request, _ misbehaving) {
		reply(w, http.StatusOK, map[string]any{"error": map[string]any{"type": "overloaded_error", "message": "Overloaded."}})
	}},
	{List: true, Name: "list-html", What: "Its API answers 200 with a page for people.", serve: func(w http.ResponseWriter, _ *http.Request, _ misbehaving) { page(w, http.StatusOK, sorryPage) }},
	{List: true, Name: "list-empty", What: "Its API lists no model.", serve: func(w http.ResponseWriter, _ *http.Request, _ misbehaving) {
		reply(w, http.StatusOK, map[string]any{"object": "list", "data": []any{}, "models": []any{}, "has_more": false})
	}},
	{List: true, Name: "list-cut", What: "Its API's answer breaks off in the middle.", serve: func(w http.ResponseWriter, r *http.Request, p misbehaving) { breakOff(w, p.body(r)) }},
}

// tooMany answers that there are too many requests, and when to come back.
func tooMany(w http.ResponseWriter, retryAfter string) {
	w.Header().Set("Retry-After", retryAfter)
	reply(w, http.StatusTooManyRequests, map[string]any{
		"error": map[string]any{"code": http.StatusTooManyRequests, "message": "Too many requests.", "status": "RESOURCE_EXHAUSTED"},
	})
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
