package api_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ratecard/gen/oas"
)

// sorted walks over every page of an order, two models at a time.
func sorted(t *testing.T, w *world, query string, between func()) (ids []string, last int) {
	t.Helper()
	for path := "/api/models?limit=2&" + query; path != ""; {
		answer := w.ask(path)
		if answer.Code != 200 {
			return ids, answer.Code
		}
		page := decode[oas.ModelPage](t, answer)
		for _, m := range page.Items {
			ids = append(ids, m.ID)
		}
		if path = ""; !page.NextCursor.Null {
			path = "/api/models?limit=2&cursor=" + page.NextCursor.Value
			between()
		}
	}
	return ids, 200
}

// TestOrders: every order and its reverse over several pages, now and of an
// instant, and what becomes of a walk while the catalogue changes.
func TestOrders(t *testing.T) {
	w, _ := stored(t)
	first := noon.Add(-48 * time.Hour)
	believe(t, w, first, "3", "b", "a")
	believe(t, w, first.Add(time.Hour), "12", "d", "e")
	believe(t, w, first.Add(2*time.Hour), "0.5", "c")
	nothing := func() {}
	at := "&at=" + url.QueryEscape(noon.Format(time.RFC3339))
	for sort, want := range map[string]string{
		"id": "a b c d e", "-id": "e d c b a", "inputCost": "c a b d e", "-inputCost": "e d b a c",
		"name": "a b c d e", "-name": "e d c b a", "updatedAt": "a b d e c", "-updatedAt": "c e d b a",
		"outputCost": "a b c d e", "-outputCost": "e d c b a", "contextWindow": "a b c d e", "-contextWindow": "e d c b a",
	} {
		for _, when := range []string{"", at} {
			if got, _ := sorted(t, w, "sort="+sort+when, nothing); strings.Join(got, " ") != want {
				t.Errorf("by %s%s: %v, want %s", sort, when, got, want)
			}
		}
	}

	step := 0
	change := func() {
		step++
		w.now = noon.Add(time.Duration(step) * time.Minute)
		believe(t, w, w.now, "7", "f")
	}
	if got, code := sorted(t, w, "sort=inputCost", change); code != 410 || len(got) != 2 {
		t.Errorf("a walk by price over a catalogue that changed: %v, then %d", got, code)
	}
	if got, code := sorted(t, w, "sort=-id", change); code != 200 || !slices.Equal(got, []string{"f", "e", "d", "c", "b", "a"}) {
		t.Errorf("a walk by id over a catalogue that changed: %v, then %d", got, code)
	}
	if got, code := sorted(t, w, "sort=-inputCost"+at, change); code != 200 || len(got) != 5 {
		t.Errorf("a walk over the past: %v, then %d", got, code)
	}

	cursor := decode[oas.ModelPage](t, w.ask("/api/models?limit=1&sort=name")).NextCursor.Value
	if answer := w.ask("/api/models?limit=1&sort=name&cursor=" + cursor); answer.Code != 200 {
		t.Errorf("the order said again: %s", answer.Body)
	}
	answer := w.ask("/api/models?limit=1&sort=-name&cursor=" + cursor)
	if p := problemOf(t, answer); answer.Code != 400 || len(p.Errors) != 1 || p.Errors[0].Path != "sort" {
		t.Errorf("another order than the cursor's: %d %s", answer.Code, answer.Body)
	}
}
