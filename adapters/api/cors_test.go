package api_test

import (
	"net/http/httptest"
	"strings"
	"testing"
)

const page = "https://dash.example"

func (w *world) preflight(path, origin string) *httptest.ResponseRecorder {
	return w.do(exchange{method: "OPTIONS", path: path, header: map[string]string{
		"Origin": origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization",
	}})
}

func TestOtherOriginsMayAskWhereTheyAreNamed(t *testing.T) {
	w := newWorld(t, func(w *world) { w.config.CORSOrigins = []string{"https://a.example", page}; w.config.KeyLimit = 100 })
	for _, path := range []string{"/api/models", "/api/admin/keys", "/healthz", "/openapi.yaml"} {
		answer := w.preflight(path, page)
		h := answer.Header()
		if answer.Code != 204 || h.Get("Access-Control-Allow-Origin") != page || !strings.Contains(h.Get("Access-Control-Allow-Headers"), "Authorization") ||
			!strings.Contains(h.Get("Access-Control-Allow-Methods"), "PUT") || h.Get("Vary") != "Origin" || h.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %d %v", path, answer.Code, h)
		}
	}
	for status, x := range map[int]exchange{
		200: {path: "/api/models", key: w.reader}, 304: {path: "/api/models", key: w.reader, header: map[string]string{"If-None-Match": "*"}},
		401: {path: "/api/models"}, 404: {path: "/api/models/none", key: w.reader},
	} {
		if x.header == nil {
			x.header = map[string]string{}
		}
		x.header["Origin"] = page
		answer := w.do(x)
		h := answer.Header()
		if answer.Code != status || h.Get("Access-Control-Allow-Origin") != page || !strings.Contains(h.Get("Access-Control-Expose-Headers"), "RateLimit-Remaining") ||
			!strings.Contains(strings.Join(h["Vary"], ","), "Origin") {
			t.Errorf("%d: %d %v", status, answer.Code, h)
		}
	}
	for _, other := range []string{"https://evil.example", "http://dash.example", page + ":444", "null", page + ".evil.example"} {
		if answer := w.preflight("/api/models", other); answer.Code/100 == 2 || answer.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %v", other, answer.Code, answer.Header())
		}
		answer := w.do(exchange{path: "/api/models", key: w.reader, header: map[string]string{"Origin": other}})
		if answer.Code != 200 || answer.Header().Get("Access-Control-Allow-Origin") != "" || answer.Header().Get("Vary") == "" {
			t.Errorf("%s: %d %v", other, answer.Code, answer.Header())
		}
	}
	if answer := w.preflight("/riverui/", page); answer.Code/100 == 2 || answer.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("the console: %d %v", answer.Code, answer.Header())
	}
}

// TestTheDescriptionIsSentOnce to whoever has it.
func TestTheDescriptionIsSentOnce(t *testing.T) {
	w := newWorld(t)
	whole, packed := w.with("/openapi.yaml"), w.with("/openapi.yaml", "Accept-Encoding", "gzip")
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() > whole.Body.Len()/3 {
		t.Errorf("%d bytes in %d: %v", whole.Body.Len(), packed.Body.Len(), packed.Header())
	}
	if answer := w.with("/openapi.yaml", "If-None-Match", whole.Header().Get("ETag")); answer.Code != 304 || answer.Body.Len() != 0 {
		t.Errorf("asked again: %d", answer.Code)
	}
}

func TestAnyOriginMayAsk(t *testing.T) {
	w := newWorld(t, func(w *world) { w.config.CORSOrigins = []string{"*"} })
	if answer := w.preflight("/api/models", page); answer.Code != 204 || answer.Header().Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
}

// TestNoOtherOriginMayAsk unless one is named.
func TestNoOtherOriginMayAsk(t *testing.T) {
	w := newWorld(t)
	if answer := w.preflight("/api/models", page); answer.Code/100 == 2 || answer.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
	answer := w.do(exchange{path: "/api/models", key: w.reader, header: map[string]string{"Origin": page}})
	if answer.Code != 200 || answer.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
}
