package app

import (
	"context"
	"testing"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// sites answers as it is told, by address, and counts.
type sites struct {
	answers map[string]error
	asked   map[string]int
}

func (s *sites) Fetch(_ context.Context, req ports.FetchRequest) (ports.Fetched, error) {
	s.asked[req.URL+req.Rendering]++
	if err := s.answers[req.URL]; err != nil {
		return ports.Fetched{}, err
	}
	return ports.Fetched{URL: req.URL, Body: []byte(req.URL + req.Rendering)}, nil
}

// TestVisit: each page is asked for once, whatever became of it; a host that does
// not serve us is not asked for another one.
func TestVisit(t *testing.T) {
	away := domain.Errorf(domain.KindBlocked, "no")
	away.RetryAfter = time.Hour
	served := &sites{asked: map[string]int{}, answers: map[string]error{
		"https://gone.example/a": domain.Errorf(domain.KindUpstream, "404"), "https://shy.example/a": away,
	}}
	v := newVisit(served)
	for range 3 {
		for address, kind := range map[string]domain.Kind{
			"https://acme.example/a": "", "https://gone.example/a": domain.KindUpstream, "https://shy.example/a": domain.KindBlocked,
		} {
			page, err := v.Fetch(t.Context(), ports.FetchRequest{URL: address})
			if kind == "" && (err != nil || string(page.Body) != address) || kind != "" && domain.KindOf(err) != kind {
				t.Errorf("%s: %q, %v", address, page.Body, err)
			}
		}
	}
	for _, address := range []string{"https://SHY.example/b", "https://gone.example/b", "https://shy.example:8443/a"} {
		_, err := v.Fetch(t.Context(), ports.FetchRequest{URL: address})
		if refused := domain.KindOf(err) == domain.KindBlocked && err != nil; refused != (address == "https://SHY.example/b") {
			t.Errorf("%s: %v", address, err)
		}
	}
	if wait, refused := v.refusedBy("https://shy.example/c"); !refused || wait != time.Hour {
		t.Errorf("it wants to be left alone for %s, %t", wait, refused)
	}
	shown, err := v.Fetch(t.Context(), ports.FetchRequest{URL: "https://acme.example/a", Rendering: "browser"})
	if err != nil || string(shown.Body) != "https://acme.example/abrowser" {
		t.Errorf("as a browser shows it: %q, %v", shown.Body, err)
	}
	called, off := context.WithCancel(t.Context())
	off()
	for range 2 { // what one had no time for is no answer
		if _, err := v.Fetch(called, ports.FetchRequest{URL: "https://late.example/"}); err != nil {
			t.Error(err)
		}
	}
	for address, n := range served.asked {
		if want := map[bool]int{true: 2, false: 1}[address == "https://late.example/"]; n != want {
			t.Errorf("%s was asked for %d times, want %d", address, n, want)
		}
	}
	if served.asked["https://SHY.example/b"] != 0 {
		t.Error("a host that does not serve us was asked again")
	}
}
