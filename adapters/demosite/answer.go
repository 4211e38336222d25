package demosite

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strings"
)

// opens reports whether a key is the one that the site accepts.
func (s *Site) opens(key string) bool {
	return s.key != "" && subtle.ConstantTimeCompare([]byte(key), []byte(s.key)) == 1
}

func reply(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // what fails here is the client's connection
}

// bearer is the key of a request that carries it as OpenAI has it.
func bearer(r *http.Request) string {
	key, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return key
}
