package main

import (
	"encoding/xml"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// TestTheFeedTellsWhatASyncFound: a price that a page states anew is the newest
// entry, for a feed reader that has a key as a password.
func TestTheFeedTellsWhatASyncFound(t *testing.T) {
	r := newRunning(t, time.Minute)
	r.done(t, r.startSync(t, "anthropic"))
	var made struct{ Secret string }
	r.ask(t, http.MethodPost, "/api/admin/keys", `{"name":"feed reader","scope":"read"}`, &made)
	key := made.Secret
	before := r.feed(t, key, "?limit=500")
	if len(before) == 0 {
		t.Fatal("the first sync told of nothing")
	}
	r.pass(time.Hour)
	if err := r.site.Reprice("anthropic", haiku, decimal.RequireFromString("1.5")); err != nil {
		t.Fatal(err)
	}
	r.done(t, r.startSync(t, "anthropic"))
	after := r.feed(t, key, "?limit=500&provider=anthropic")
	newest := after[0]
	if newest.ID == before[0].ID || !strings.Contains(newest.Title, "goes from $") || newest.Category.Term != string(domain.EventRateChanged) {
		t.Errorf("the newest is %+v", newest)
	}
	if other := r.feed(t, key, "?provider=openai"); len(other) != 0 {
		t.Errorf("of another provider %+v", other)
	}
}

type fed struct {
	ID       string `xml:"id"`
	Title    string `xml:"title"`
	Category struct {
		Term string `xml:"term,attr"`
	} `xml:"category"`
}

func (r *running) feed(t testing.TB, key, query string) []fed {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/feeds/price-changes.atom"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("anybody", key)
	var of struct {
		Entries []fed `xml:"entry"`
	}
	answer := r.send(t, req)
	if err := xml.Unmarshal([]byte(answer.text), &of); err != nil || answer.status != http.StatusOK {
		t.Fatalf("status %d, %v: %s", answer.status, err, answer.text)
	}
	return of.Entries
}
