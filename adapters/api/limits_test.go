package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"ratecard/adapters/memory"
	"ratecard/app"
	"ratecard/domain"
)

// limited is a world in which keys and addresses are limited.
func limited(t *testing.T, perKey, perAddress int64) *world {
	return newWorld(t, func(w *world) {
		w.config.KeyLimit, w.config.AnonymousLimit, w.config.AnonymousReads = perKey, perAddress, perAddress > 0
		w.config.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	})
}

// allowed asks until it is refused, and gives how often it was not.
func (w *world) allowed(t *testing.T, ask func() *httptest.ResponseRecorder) int {
	t.Helper()
	for n := range 1000 {
		answer := ask()
		if answer.Code != http.StatusTooManyRequests {
			continue
		}
		p := problemOf(t, answer)
		h := answer.Header()
		if p.Kind != "rate_limited" || h.Get("Retry-After") == "" || h.Get("Retry-After") != h.Get("RateLimit-Reset") || h.Get("RateLimit-Remaining") != "0" {
			t.Errorf("refused with %v: %s", h, answer.Body)
		}
		return n
	}
	t.Fatal("was never refused")
	return 0
}

// TestLimits: so many requests a minute with one key, whatever is asked and however
// it is answered, and as many again in the next.
func TestLimits(t *testing.T) {
	w := limited(t, 90, 0)
	w.now = noon.Add(12500 * time.Millisecond)
	paths := []string{"/api/models", "/api/models/none", "/api/admin/keys", "/api/nowhere", "/api/models?limit=0"}
	for i := range 90 {
		answer := w.get(paths[i%len(paths)])
		h := answer.Header()
		if answer.Code == http.StatusTooManyRequests || h.Get("RateLimit-Limit") != "90" || h.Get("RateLimit-Reset") != "48" ||
			h.Get("RateLimit-Remaining") != strconv.Itoa(89-i) || h.Get("Retry-After") != "" {
			t.Fatalf("request %d: %d, %v", i, answer.Code, h)
		}
	}
	if n := w.allowed(t, func() *httptest.ResponseRecorder { return w.get("/api/models") }); n != 0 {
		t.Errorf("%d more than the limit", n)
	}
	if answer := w.do(exchange{path: "/api/models", key: w.admin}); answer.Code != 200 || answer.Header().Get("RateLimit-Remaining") != "89" {
		t.Errorf("another key: %d, %v", answer.Code, answer.Header())
	}
	for _, open := range []string{"/healthz", "/readyz", "/docs/", "/openapi.yaml"} {
		if answer := w.get(open); answer.Code != 200 || answer.Header().Get("RateLimit-Limit") != "" {
			t.Errorf("%s: %d, %v", open, answer.Code, answer.Header())
		}
	}
	w.now = noon.Add(time.Minute - time.Microsecond)
	if answer := w.get("/api/models"); answer.Code != 429 || answer.Header().Get("Retry-After") != "1" {
		t.Errorf("just before the minute ends: %d, %v", answer.Code, answer.Header())
	}
	w.now = noon.Add(time.Minute)
	if n := w.allowed(t, func() *httptest.ResponseRecorder { return w.get("/api/models") }); n != 90 {
		t.Errorf("%d in the next minute", n)
	}
}

// TestLimitOfAKey: a key may have its own, and its successor has the same.
func TestLimitOfAKey(t *testing.T) {
	w := limited(t, 50, 0)
	ctx := context.Background()
	key, secret, err := app.CreateKey(ctx, w.config.Keys, strings.NewReader(strings.Repeat("o", 32)),
		app.NewKey{Name: "own", Scope: domain.ScopeRead, Limit: 3, At: noon})
	if err != nil {
		t.Fatal(err)
	}
	ask := func() *httptest.ResponseRecorder { return w.do(exchange{path: "/api/models", key: secret}) }
	if answer := ask(); answer.Header().Get("RateLimit-Limit") != "3" {
		t.Errorf("headers %v", answer.Header())
	}
	if n := w.allowed(t, ask); n != 2 {
		t.Errorf("%d more of 3", n)
	}
	if n := w.allowed(t, func() *httptest.ResponseRecorder { return w.get("/api/models") }); n != 50 {
		t.Errorf("%d with a key that has none of its own", n)
	}
	for _, limit := range []int64{-1, domain.LargestLimit + 1} {
		_, _, err := app.CreateKey(ctx, w.config.Keys, strings.NewReader(strings.Repeat("p", 32)), app.NewKey{Name: "x", Scope: domain.ScopeRead, Limit: limit, At: noon})
		_, _, _, again := app.RotateKey(ctx, w.config.Keys, strings.NewReader(strings.Repeat("q", 32)), app.KeyRotation{ID: key.ID, Limit: limit, At: noon})
		if domain.KindOf(err) != domain.KindInvalid || domain.KindOf(again) != domain.KindInvalid {
			t.Errorf("a limit of %d: %v, %v", limit, err, again)
		}
	}
}

// TestLimitWithoutAKey: per address, of IPv6 per subscriber, seen through proxies
// that are trusted.
func TestLimitWithoutAKey(t *testing.T) {
	for name, c := range map[string]struct {
		address, forwarded   string
		address2, forwarded2 string
		shared               bool
	}{
		"another port":            {"192.0.2.1:1", "", "192.0.2.1:2", "", true},
		"another address":         {"192.0.2.1:1", "", "192.0.2.2:1", "", false},
		"an invented header":      {"192.0.2.1:1", "198.51.100.1", "192.0.2.1:1", "198.51.100.2", true},
		"through a proxy":         {"10.0.0.7:1", "198.51.100.1", "10.0.0.7:1", "198.51.100.2", false},
		"the same IPv6 network":   {"[2001:db8:1:2::1]:1", "", "[2001:db8:1:2::2]:1", "", true},
		"of no address to be had": {"@", "", "pipe", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			w := limited(t, 1000, 7)
			asked := func(address, forwarded string) int {
				return w.allowed(t, func() *httptest.ResponseRecorder {
					r := httptest.NewRequest(http.MethodGet, "/api/models", nil)
					r.RemoteAddr = address
					if forwarded != "" {
						r.Header.Set("X-Forwarded-For", forwarded)
					}
					answer := httptest.NewRecorder()
					w.server.ServeHTTP(answer, r)
					return answer
				})
			}
			want := 7
			if n := asked(c.address, c.forwarded); n != want {
				t.Errorf("%d of 7", n)
			}
			if c.shared {
				want = 0
			}
			if n := asked(c.address2, c.forwarded2); n != want {
				t.Errorf("then %d, want %d", n, want)
			}
			if answer := w.get("/api/models"); answer.Code != 200 {
				t.Errorf("with a key: %d", answer.Code)
			}
		})
	}
}

func TestNoLimit(t *testing.T) {
	w := newWorld(t, func(w *world) { w.config.Leases = memory.Leases{} })
	if answer := w.get("/api/models"); answer.Code != 200 || answer.Header().Get("RateLimit-Limit") != "" {
		t.Errorf("%d, %v", answer.Code, answer.Header())
	}
}
