package demosite

import (
	"net/http"
	"slices"
	"sync"
)

// Request is one request that the site got.
type Request struct {
	Method    string
	Path      string // without the query
	UserAgent string
	Auth      bool // it carried a key, right or wrong
}

// kept is how many requests the site remembers.
const kept = 10_000

type log struct {
	sync.Mutex
	requests []Request
}

// Requests gives the requests that came, oldest first; of very many the last.
func (s *Site) Requests() []Request {
	s.log.Lock()
	defer s.log.Unlock()
	return slices.Clone(s.log.requests)
}

func (s *Site) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.log.Lock()
		if len(s.log.requests) == kept {
			s.log.requests = slices.Delete(s.log.requests, 0, kept/2)
		}
		s.log.requests = append(s.log.requests, Request{
			Method:    r.Method,
			Path:      r.URL.Path,
			UserAgent: r.UserAgent(),
			Auth:      r.Header.Get("X-Api-Key")+r.Header.Get("Authorization")+r.Header.Get("X-Goog-Api-Key") != "",
		})
		s.log.Unlock()
		next.ServeHTTP(w, r)
	})
}
