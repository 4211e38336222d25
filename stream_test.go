package main

import (
	"bufio"
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"ratecard/gen/oas"
)

// TestAStreamTellsASyncAsItHappens: every event of syncs comes in order while they
// run, each as it is listed; and a caller that comes back misses nothing.
func TestAStreamTellsASyncAsItHappens(t *testing.T) {
	r := newRunning(t, time.Minute)
	first := r.stream(t, "0")
	r.done(t, r.startSync(t, "anthropic"))
	var page oas.EventPage
	r.ask(t, http.MethodGet, "/api/events?limit=500", "", &page)
	if len(page.Items) < 10 {
		t.Fatalf("a sync told of %d events", len(page.Items))
	}
	half := len(page.Items) / 2
	first.comes(t, page.Items[:half])
	first.end()
	second := r.stream(t, strconv.FormatInt(page.Items[half-1].ID, 10))
	second.comes(t, page.Items[half:])

	// What leaves the catalogue as it is comes at once as well: the end of a sync.
	r.pass(time.Hour)
	began := time.Now()
	r.done(t, r.startSync(t, "anthropic"))
	var more oas.EventPage
	r.ask(t, http.MethodGet, "/api/events?after="+strconv.FormatInt(page.NextCursor, 10), "", &more)
	if len(more.Items) == 0 || more.Items[len(more.Items)-1].Kind != "sync.finished" {
		t.Fatalf("the second sync told of %+v", more.Items)
	}
	second.comes(t, more.Items)
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it was told after %s", took)
	}
}

// streaming is a stream that is read.
type streaming struct {
	in  *bufio.Scanner
	end context.CancelFunc
}

// stream opens a stream, after an event.
func (r *running) stream(t testing.TB, last string) *streaming {
	t.Helper()
	ctx, end := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(end)
	req := r.request(t, http.MethodGet, "/api/events/stream", "").WithContext(ctx)
	req.Header.Set("Authorization", "Bearer "+adminKey)
	req.Header.Set("Last-Event-ID", last)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("status %d", answer.StatusCode)
	}
	in := bufio.NewScanner(answer.Body)
	in.Buffer(nil, 1<<20)
	return &streaming{in, end}
}

// comes reads these events, and no others.
func (s *streaming) comes(t testing.TB, events []oas.Event) {
	t.Helper()
	for _, e := range events {
		id, data := "", ""
		for data == "" {
			if !s.in.Scan() {
				t.Fatalf("it ended before event %d: %v", e.ID, s.in.Err())
			}
			if text, is := strings.CutPrefix(s.in.Text(), "id: "); is {
				id = text
			}
			data, _ = strings.CutPrefix(s.in.Text(), "data: ")
			if data == s.in.Text() {
				data = ""
			}
		}
		want, err := e.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if id != strconv.FormatInt(e.ID, 10) || data != string(want) {
			t.Fatalf("event %s: %s\nwant %d: %s", id, data, e.ID, want)
		}
	}
}
