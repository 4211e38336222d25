package api_test

import (
	"encoding/xml"
	"flag"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"ratecard/domain"
)

var update = flag.Bool("update", false, "write what is answered now into the golden files")

// An entry of a feed, as a reader of RFC 4287 takes it.
type entry struct {
	Title   string `xml:"title"`
	ID      string `xml:"id"`
	Updated string `xml:"updated"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Content string `xml:"content"`
}

type feed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	entry
	Author  string  `xml:"author>name"`
	Entries []entry `xml:"entry"`
}

func readFeed(t testing.TB, body string) feed {
	t.Helper()
	var f feed
	if err := xml.Unmarshal([]byte(body), &f); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	for _, e := range append([]entry{f.entry}, f.Entries...) {
		if _, err := time.Parse(time.RFC3339, e.Updated); err != nil || e.Title == "" || e.ID == "" || len(e.Links) == 0 {
			t.Errorf("not an entry of Atom: %+v, %v", e, err)
		}
	}
	return f
}

func rateEvent(id int64, kind domain.EventKind, model string, p domain.RatePayload) domain.Event {
	p.Tier, p.Meter, p.Region, p.Unit, p.Layer = domain.TierStandard, domain.MeterInput, domain.RegionGlobal, "1M tokens", domain.LayerList
	return domain.Event{ID: id, At: noon.Add(time.Duration(id) * time.Minute), Kind: kind, Provider: "acme", Model: model, Payload: p}
}

func feedWorld(t testing.TB, publicURL string) *world {
	w := newWorld(t, func(w *world) { w.config.PublicURL = publicURL })
	w.catalogue.events = []domain.Event{
		rateEvent(1, domain.EventRateOpened, "large-1", domain.RatePayload{New: "3", Effective: "2026-01-01T00:00:00Z", EvidenceID: 17}),
		{ID: 2, At: noon, Kind: domain.EventModelFound, Provider: "acme", Model: "large-1"},
		rateEvent(3, domain.EventRateChanged, "large-1", domain.RatePayload{Old: "3", New: "2.5", EvidenceID: 18}),
		rateEvent(4, domain.EventRateOpened, `<script>alert("1")</script>]]>&amp;`, domain.RatePayload{New: "1"}),
		rateEvent(5, domain.EventRateOpened, "nul\x00 bell\x07 \u202egnihton\u202c a/b?c#d \xff", domain.RatePayload{New: "1"}),
		rateEvent(6, domain.EventRateEnded, strings.Repeat("long ", 2000), domain.RatePayload{Old: "1"}),
	}
	return w
}

// TestFeed is well-formed whatever a model is called.
func TestFeed(t *testing.T) {
	w := feedWorld(t, "https://prices.example/")
	answer := w.do(exchange{path: "/feeds/price-changes.atom", key: w.reader})
	if got := answer.Header().Get("Content-Type"); answer.Code != http.StatusOK || got != "application/atom+xml" {
		t.Fatalf("status %d, %s: %s", answer.Code, got, answer.Body)
	}
	const golden = "testdata/price-changes.atom"
	body := answer.Body.String()
	if *update {
		if err := os.WriteFile(golden, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if body != string(want) {
		t.Errorf("got %s\nwant %s", body, want)
	}
	f := readFeed(t, body)
	if len(f.Entries) != 5 || f.Updated != f.Entries[0].Updated || f.Links[0].Href != "https://prices.example/feeds/price-changes.atom?limit=100" {
		t.Errorf("%d entries, %+v", len(f.Entries), f.entry)
	}
	changed := f.Entries[3]
	if changed.Title != "acme large-1: standard input goes from $3 to $2.5 per 1M tokens" ||
		changed.Links[0].Href != "https://prices.example/api/models/large-1/pricing?provider=acme" || changed.Links[1].Href != "https://prices.example/api/evidence/18" {
		t.Errorf("%+v", changed)
	}
}

// TestFeedIsAskedForInPart and the same again.
func TestFeedIsAskedForInPart(t *testing.T) {
	w := feedWorld(t, "")
	const path = "/feeds/price-changes.atom?provider=acme,zenith&model=large-1&limit=1"
	answer := w.with(path, "X-API-Key", w.reader)
	f := readFeed(t, answer.Body.String())
	if len(f.Entries) != 1 || !strings.HasSuffix(f.Entries[0].Title, "to $2.5 per 1M tokens") || !strings.HasPrefix(f.Entries[0].Links[0].Href, "/api/models/") {
		t.Errorf("%+v", f.Entries)
	}
	if f.Links[0].Href != "/feeds/price-changes.atom?limit=1&model=large-1&provider=acme%2Czenith" {
		t.Errorf("itself at %q", f.Links[0].Href)
	}
	if again := w.with(path, "X-API-Key", w.reader, "If-None-Match", answer.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("asked again: status %d", again.Code)
	}
	if none := readFeed(t, w.with("/feeds/price-changes.atom?model=nothing", "X-API-Key", w.reader).Body.String()); len(none.Entries) != 0 {
		t.Errorf("%+v", none.Entries)
	}
	for _, wrong := range []string{"limit=0", "limit=501", "limit=x", "provider=", "model=a,", "kind=rate.opened"} {
		if answer := w.with("/feeds/price-changes.atom?"+wrong, "X-API-Key", w.reader); answer.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d: %s", wrong, answer.Code, answer.Body)
		}
	}
}
