package api

import (
	"net/http"
	"slices"
)

// AnyOrigin among the origins stands for all of them.
const AnyOrigin = "*"

// What pages of other origins may send and read. Keys come in headers, which no
// browser adds by itself: so credentials of its own are never asked for.
var (
	crossMethods = []string{"GET, HEAD, POST, PUT, DELETE"}
	crossHeaders = []string{"Authorization, X-API-Key, Content-Type, If-None-Match, Last-Event-ID, X-Request-Id"}
	crossExposed = []string{"ETag, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, Ratecard-Stale-Since, X-Request-Id"}
	crossMaxAge  = []string{"600"} // seconds
	anybody      = []string{AnyOrigin}
)

// share answers browsers that ask for pages of other origins, where there are any
// that may. The console is for none: there the browser does add the key.
func (h *handler) share(next http.Handler) http.Handler {
	origins := h.cfg.CORSOrigins
	if len(origins) == 0 {
		return next
	}
	all := slices.Contains(origins, AnyOrigin)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if inConsole(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		header, origin := w.Header(), r.Header.Get("Origin")
		if !all {
			header["Vary"] = append(header["Vary"], "Origin")
		}
		if origin == "" || !all && !slices.Contains(origins, origin) {
			next.ServeHTTP(w, r)
			return
		}
		header["Access-Control-Allow-Origin"] = []string{origin}
		if all {
			header["Access-Control-Allow-Origin"] = anybody
		}
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			header["Access-Control-Allow-Methods"] = crossMethods
			header["Access-Control-Allow-Headers"] = crossHeaders
			header["Access-Control-Max-Age"] = crossMaxAge
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(exposing{w}, r)
	})
}

// exposing says last what may be read of an answer's head, since what encodes a
// problem says it as well, of less.
type exposing struct{ http.ResponseWriter }

func (e exposing) WriteHeader(status int) {
	e.Header()["Access-Control-Expose-Headers"] = crossExposed
	e.ResponseWriter.WriteHeader(status)
}

func (e exposing) Write(b []byte) (int, error) {
	e.Header()["Access-Control-Expose-Headers"] = crossExposed // no effect where the head was sent
	return e.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (e exposing) Unwrap() http.ResponseWriter { return e.ResponseWriter }
