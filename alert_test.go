package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ratecard/adapters/alert"
	"ratecard/adapters/postgres"
	"ratecard/domain"
)

// TestAlertsReachPeople: a site that keeps its page from us is told of once to
// whoever is to be told, and whoever could not be told is told later.
func TestAlertsReachPeople(t *testing.T) {
	var got []string
	var away atomic.Bool
	chat := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if away.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, _ := io.ReadAll(r.Body)
		got = append(got, string(body))
	}))
	defer chat.Close()
	s, b := newTwoPageShop(t)
	other := shopPage
	s.other.Store(&other)
	messenger, err := alert.New([]string{"generic+" + chat.URL + "/room?template=json"})
	if err != nil {
		t.Fatal(err)
	}
	alerts := newAlert(config{publicURL: "https://prices.example/", messenger: messenger}, b.world, b.store)
	tell := func(what string, want int, fails bool) {
		t.Helper()
		got = nil
		sent, err := alerts.Run(t.Context())
		if sent != want || len(got) != want || (err != nil) != fails {
			t.Fatalf("%s: %d sent, %v; the chat got %q", what, sent, err, got)
		}
	}

	b.run(t)
	tell("what was before anybody was to be told", 0, false)
	s.turn.Store(&turnAway{status: http.StatusForbidden})
	b.pass(time.Hour)
	b.run(t)
	away.Store(true)
	tell("the chat is away", 0, true)
	away.Store(false)
	tell("the chat is back", 1, false)
	if !strings.Contains(got[0], "kept from us") || !strings.Contains(got[0], "https://prices.example/api/events?after=") {
		t.Errorf("the chat was told %q", got[0])
	}
	tell("nothing came up since", 0, false)

	events, err := postgres.NewCatalogue(b.store).Events(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	sent := slices.IndexFunc(events, func(e domain.Event) bool { return e.Kind == domain.EventAlertSent })
	if sent < 0 || strings.Contains(fmt.Sprintf("%s", events[sent].Payload), strings.TrimPrefix(chat.URL, "http://")) {
		t.Errorf("no event tells of it without its address: %+v", events)
	}

	for range 2 { // it was the first time in a row before
		b.pass(time.Hour)
		b.run(t)
	}
	tell("again and again", 1, false)
	if !strings.Contains(got[0], "1 critical") || !strings.Contains(got[0], "3 times in a row") {
		t.Errorf("the chat was told %q", got[0])
	}
}
