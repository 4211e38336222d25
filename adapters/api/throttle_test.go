package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

// from tries a key from an address, perhaps through proxies.
func (w *world) from(address, forwarded, key string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/api/nowhere", nil)
	r.RemoteAddr = address
	r.Header.Set("X-API-Key", key)
	if forwarded != "" {
		r.Header.Set("X-Forwarded-For", forwarded)
	}
	answer := httptest.NewRecorder()
	w.server.ServeHTTP(answer, r)
	return answer
}

const guesses = 20 // of an address in a minute

func (w *world) guess(t *testing.T, address, forwarded string) {
	t.Helper()
	for i := range guesses {
		if answer := w.from(address, forwarded, fmt.Sprintf("rc_guess-%d", i)); answer.Code != http.StatusUnauthorized {
			t.Fatalf("guess %d: %d %s", i, answer.Code, answer.Body)
		}
	}
}

// TestGuessingIsLimited: after twenty keys that are none an address has to wait,
// even with the key that a person chose; keys that we made go on working there,
// and everything goes on working elsewhere.
func TestGuessingIsLimited(t *testing.T) {
	w := newWorld(t)
	const guesser = "192.0.2.1:4000"
	w.guess(t, guesser, "")
	for name, key := range map[string]string{"another guess": "rc_another", "the administrator's": w.admin} {
		answer := w.from("192.0.2.1:9999", "", key)
		if answer.Code != http.StatusTooManyRequests || answer.Header().Get("Retry-After") != "60" {
			t.Errorf("%s: %d, Retry-After %q", name, answer.Code, answer.Header().Get("Retry-After"))
		}
		if p := problemOf(t, answer); p.Kind != "rate_limited" {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if answer := w.from(guesser, "", w.reader); answer.Code != http.StatusNotFound {
		t.Errorf("a key of ours, from there: %d", answer.Code)
	}
	if answer := w.from("192.0.2.2:4000", "", w.admin); answer.Code != http.StatusNotFound {
		t.Errorf("the administrator's, from elsewhere: %d", answer.Code)
	}
	w.now = w.now.Add(59 * time.Second)
	if answer := w.from(guesser, "", w.admin); answer.Code != http.StatusTooManyRequests || answer.Header().Get("Retry-After") != "1" {
		t.Errorf("a second before the end: %d, Retry-After %q", answer.Code, answer.Header().Get("Retry-After"))
	}
	w.now = w.now.Add(time.Second)
	if answer := w.from(guesser, "", w.admin); answer.Code != http.StatusNotFound {
		t.Errorf("after the end: %d", answer.Code)
	}
}

// TestGuessesFarApartAreNotLimited.
func TestGuessesFarApartAreNotLimited(t *testing.T) {
	w := newWorld(t)
	for range 3 * guesses {
		if answer := w.from("192.0.2.1:4000", "", "rc_guess"); answer.Code != http.StatusUnauthorized {
			t.Fatalf("status %d", answer.Code)
		}
		w.now = w.now.Add(4 * time.Second)
	}
}

// TestWhoGuesses: an address is the connection's, unless that is a proxy that is
// trusted; of IPv6 it is what one subscriber has.
func TestWhoGuesses(t *testing.T) {
	for name, c := range map[string]struct {
		address, forwarded   string // who guesses
		address2, forwarded2 string // who asks then
		limited              bool
	}{
		"another port":                  {"192.0.2.1:1", "", "192.0.2.1:2", "", true},
		"another address":               {"192.0.2.1:1", "", "192.0.2.2:1", "", false},
		"a header nobody vouches for":   {"192.0.2.1:1", "198.51.100.1", "192.0.2.1:1", "198.51.100.2", true},
		"through a proxy":               {"10.0.0.7:1", "198.51.100.1", "10.0.0.7:1", "198.51.100.2", false},
		"through a proxy, the same":     {"10.0.0.7:1", "198.51.100.1", "10.0.0.8:1", "198.51.100.1", true},
		"through two proxies":           {"10.0.0.7:1", "198.51.100.1, 10.0.0.9", "10.0.0.7:1", "198.51.100.1", true},
		"an invented beginning":         {"10.0.0.7:1", "203.0.113.1, 198.51.100.1", "10.0.0.7:1", "203.0.113.2, 198.51.100.1", true},
		"a proxy that sends nonsense":   {"10.0.0.7:1", "nonsense", "10.0.0.7:1", "other nonsense", true},
		"IPv4 as IPv6":                  {"[::ffff:192.0.2.1]:1", "", "192.0.2.1:1", "", true},
		"the same IPv6 network":         {"[2001:db8:1:2::1]:1", "", "[2001:db8:1:2::2]:1", "", true},
		"another IPv6 network":          {"[2001:db8:1:2::1]:1", "", "[2001:db8:1:3::1]:1", "", false},
		"no address that could be read": {"@", "", "pipe", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(w *world) { w.config.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
			w.guess(t, c.address, c.forwarded)
			want := http.StatusUnauthorized
			if c.limited {
				want = http.StatusTooManyRequests
			}
			if answer := w.from(c.address2, c.forwarded2, "rc_guess"); answer.Code != want {
				t.Errorf("status %d, want %d", answer.Code, want)
			}
		})
	}
}
