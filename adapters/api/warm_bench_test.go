package api_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"ratecard/adapters/api"
)

// nothing is a ResponseWriter that keeps nothing.
type nothing struct {
	header http.Header
	status int
}

func (n *nothing) Header() http.Header         { return n.header }
func (n *nothing) WriteHeader(status int)      { n.status = status }
func (n *nothing) Write(b []byte) (int, error) { return len(b), nil }

// BenchmarkWarm is what our own code adds to a request that was answered before,
// its line in the log included.
func BenchmarkWarm(b *testing.B) {
	w, _ := inMemory(b)
	log, err := os.CreateTemp(b.TempDir(), "log")
	if err != nil {
		b.Fatal(err)
	}
	w.config.Log = slog.New(slog.NewTextHandler(log, nil))
	w.config.AnonymousReads, w.config.KeyLimit = false, 1_000_000_000
	believe(b, w, noon.Add(-time.Hour), "3", "a", "b", "c", "d")
	if w.server, err = api.New(w.config); err != nil {
		b.Fatal(err)
	}
	key := w.admin
	for name, tag := range map[string]string{"whole": "", "not modified": w.do(exchange{path: "/api/models?limit=50", key: key}).Header().Get("ETag")} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, "/api/models?limit=50", nil)
			r.Header.Set("Authorization", "Bearer "+key)
			if tag != "" {
				r.Header.Set("If-None-Match", tag)
			}
			b.ReportAllocs()
			for b.Loop() {
				w.server.ServeHTTP(&nothing{header: http.Header{}}, r)
			}
		})
	}
}
