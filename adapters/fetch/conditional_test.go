package fetch_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"ratecard/adapters/fetch"
	"ratecard/domain"
	"ratecard/ports"
)

// TestConditional: a request that knows an earlier answer may hear that it
// still stands; one that knows nothing may not.
func TestConditional(t *testing.T) {
	const tag, changed = `"v1"`, "Mon, 02 Nov 2026 10:00:00 GMT"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag || r.Header.Get("If-Modified-Since") == changed || r.URL.Path == "/odd" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write([]byte("news"))
	}))
	defer server.Close()
	f := fetch.New(fetch.Config{UserAgent: "ratecard/test", Door: loopback()})
	for _, c := range []struct {
		name string
		req  ports.FetchRequest
		same bool
		body string
	}{
		{"nothing known", ports.FetchRequest{}, false, "news"},
		{"the same tag", ports.FetchRequest{ETag: tag}, true, ""},
		{"another tag", ports.FetchRequest{ETag: `"v0"`}, false, "news"},
		{"the same time", ports.FetchRequest{LastModified: changed}, true, ""},
	} {
		c.req.URL, c.req.Page = server.URL, true
		got, err := f.Fetch(t.Context(), c.req)
		if err != nil || got.NotModified != c.same || string(got.Body) != c.body {
			t.Errorf("%s: not modified %t, body %q, %v", c.name, got.NotModified, got.Body, err)
		}
	}
	if _, err := f.Fetch(t.Context(), ports.FetchRequest{URL: server.URL + "/odd", Page: true}); domain.KindOf(err) != domain.KindUpstream {
		t.Errorf("a 304 that nobody asked for: %v", err)
	}
}
