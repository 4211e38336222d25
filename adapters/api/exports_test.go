package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// sell has models cost that much, in and out, from an instant on.
func sell(t testing.TB, w *world, known time.Time, price string, ids ...string) {
	t.Helper()
	_, err := w.config.Ledger.Update(t.Context(), "acme", func(state ledger.State) (ledger.Change, error) {
		c := ledger.Change{KnownAt: known}
		for _, id := range ids {
			m := model("acme", id).Model
			c.Models = append(c.Models, m)
			for _, meter := range []domain.Meter{domain.MeterInput, domain.MeterOutput} {
				r := rate(domain.TierStandard, meter, 0, price).Rate
				r.Model, r.ID, r.Known, r.Evidence, r.Source, r.Quote = m.ModelKey, 0, domain.Span{}, 0, "", domain.QuoteKey{}
				r.Effective = domain.Span{From: known}
				c.Open = append(c.Open, r)
			}
			for _, old := range state.Rates {
				if old.Model == m.ModelKey && old.Effective.Open() {
					c.Supersede = append(c.Supersede, old)
					old.Effective.To = known
					c.Open = append(c.Open, old)
				}
			}
		}
		return c, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func exportPath(format domain.ExportFormat) string { return "/export/" + string(format) }

// TestExportsAreAnswered with what is believed, under a strong ETag that stays while
// nothing changes, with their hash beside them.
func TestExportsAreAnswered(t *testing.T) {
	w, c := inMemory(t)
	sell(t, w, noon.Add(-48*time.Hour), "2.50", "a", "b")
	for _, format := range domain.ExportFormats() {
		at := exportPath(format)
		first := w.ask(at)
		tag, body := first.Header().Get("ETag"), first.Body.String()
		if first.Code != http.StatusOK || strings.HasPrefix(tag, "W/") || len(tag) < 10 || first.Header().Get("Ratecard-Stale-Since") != "" {
			t.Fatalf("%s: %d %q %s", at, first.Code, tag, body)
		}
		kind := "application/json; charset=utf-8"
		if format == domain.ExportCSV {
			kind = "text/csv"
		}
		if got := first.Header().Get("Content-Type"); got != kind || format != domain.ExportCSV && !json.Valid(first.Body.Bytes()) {
			t.Errorf("%s is %s: %s", at, got, body)
		}
		if !strings.Contains(body, "2.5") && !strings.Contains(body, "0.0000025") {
			t.Errorf("%s: the price is not there: %s", at, body)
		}
		asked := c.asked.Load()
		w.now = w.now.Add(time.Minute)
		if again := w.ask(at); again.Body.String() != body || again.Header().Get("ETag") != tag || c.asked.Load() != asked {
			t.Errorf("%s was made again, or is another: %s", at, again.Body)
		}
		if have := w.with(at, "If-None-Match", tag); have.Code != http.StatusNotModified || have.Body.Len() != 0 {
			t.Errorf("%s: whoever has it is answered %d", at, have.Code)
		}
		if head := w.do(exchange{method: http.MethodHead, path: at}); head.Code != http.StatusOK || head.Header().Get("ETag") != tag {
			t.Errorf("%s: HEAD is answered %d %v", at, head.Code, head.Header())
		}
		sum := w.ask(at + ".sha256")
		if want := fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(body)), path.Base(string(format))); sum.Body.String() != want || !strings.HasPrefix(sum.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("%s.sha256: %q, want %q", at, sum.Body, want)
		}
	}
	before := map[domain.ExportFormat]string{}
	for _, format := range domain.ExportFormats() {
		before[format] = w.ask(exportPath(format)).Header().Get("ETag")
	}
	sell(t, w, w.now, "3", "a")
	for _, format := range domain.ExportFormats() {
		after := w.with(exportPath(format), "If-None-Match", before[format])
		if after.Code != http.StatusOK || after.Header().Get("ETag") == before[format] || !strings.Contains(after.Body.String(), "3") {
			t.Errorf("%s after a change: %d %s", format, after.Code, after.Body)
		}
	}
}

// TestExportsOfAnInstant: in force at one, as believed at another.
func TestExportsOfAnInstant(t *testing.T) {
	w, _ := inMemory(t)
	first, second := noon.Add(-96*time.Hour), noon.Add(-48*time.Hour)
	sell(t, w, first, "3", "a")
	sell(t, w, second, "2", "a", "b")
	ask := func(query string) []string {
		rows, err := csv.NewReader(w.ask("/export/prices.csv?" + query).Body).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, row := range rows[1:] {
			if row[4] == "input" {
				told = append(told, row[1]+" "+row[8])
			}
		}
		return told
	}
	stamp := func(t time.Time) string { return url.QueryEscape(t.Format(time.RFC3339)) }
	for query, want := range map[string]string{
		"at=" + stamp(noon):                               "[a 2 b 2]",
		"at=" + stamp(first.Add(time.Hour)):               "[a 3]",
		"knownAt=" + stamp(first.Add(time.Hour)):          "[a 3]",
		"at=" + stamp(noon) + "&knownAt=" + stamp(second): "[a 2 b 2]",
		"at=2026-02-01":                                   "[]",
	} {
		if got := fmt.Sprint(ask(query)); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	history := func(query string) string {
		var told struct {
			Prices []struct {
				ID    string      `json:"id"`
				Input json.Number `json:"input"`
				From  string      `json:"from_date"`
				To    *string     `json:"to_date"`
			} `json:"prices"`
		}
		answer := w.ask("/export/llm-prices/historical-v1.json" + query)
		if err := json.Unmarshal(answer.Body.Bytes(), &told); err != nil {
			t.Fatalf("%v: %s", err, answer.Body)
		}
		var all []string
		for _, p := range told.Prices {
			to := "now"
			if p.To != nil {
				to = *p.To
			}
			all = append(all, fmt.Sprint(p.ID, " ", p.Input, " ", p.From, " ", to))
		}
		return strings.Join(all, ", ")
	}
	for query, want := range map[string]string{
		"":                                   "a 2 2026-02-27 now, a 3 2026-02-25 2026-02-27, b 2 2026-02-27 now",
		"?at=" + stamp(first.Add(time.Hour)): "a 3 2026-02-25 now",
		"?knownAt=" + stamp(first.Add(time.Hour)): "a 3 2026-02-25 now",
	} {
		if got := history(query); got != want {
			t.Errorf("historical%s: %s, want %s", query, got, want)
		}
	}
	same := "/export/litellm.json?at=" + stamp(noon) + "&knownAt=" + stamp(second)
	tag := w.ask(same).Header().Get("ETag")
	sell(t, w, noon, "9", "a")
	if answer := w.with(same, "If-None-Match", tag); answer.Code != http.StatusNotModified {
		t.Errorf("what was believed then is another now: %d %s", answer.Code, answer.Body)
	}
}

// TestExportsSayWhatIsWrong of what they are asked.
func TestExportsSayWhatIsWrong(t *testing.T) {
	w := newWorld(t)
	for _, format := range domain.ExportFormats() {
		for query, field := range map[string]string{
			"at=yesterday": "at", "at=": "at", "at=2026-02-30": "at", "knownAt=2999-01-01": "knownAt", "provider=acme": "provider", "at=2026-01-01&at=2026-01-02": "at",
		} {
			for _, end := range []string{"", ".sha256"} {
				p := problemOf(t, w.get(exportPath(format)+end+"?"+query))
				if p.Status != http.StatusBadRequest || len(p.Errors) != 1 || p.Errors[0].Path != field || p.Errors[0].Message == "" {
					t.Errorf("%s%s?%s: %+v", format, end, query, p)
				}
			}
		}
	}
	for _, unknown := range []string{"/export/", "/export/excel.xlsx", "/export/litellm.json/", "/export/litellm.json.sha512", "/export/models.dev"} {
		if p := problemOf(t, w.get(unknown)); p.Status != http.StatusNotFound {
			t.Errorf("%s: %+v", unknown, p)
		}
	}
	if p := problemOf(t, w.do(exchange{method: http.MethodPost, path: "/export/prices.csv", key: w.reader})); p.Status != http.StatusMethodNotAllowed {
		t.Errorf("POST: %+v", p)
	}
}

// TestExportsTakeAKeyAsAPassword, and ask for one.
func TestExportsTakeAKeyAsAPassword(t *testing.T) {
	w := newWorld(t)
	for _, format := range domain.ExportFormats() {
		nobody := w.do(exchange{path: exportPath(format)})
		if nobody.Code != http.StatusUnauthorized || !strings.HasPrefix(nobody.Header().Get("WWW-Authenticate"), "Basic ") {
			t.Errorf("%s without a key: %d %v", format, nobody.Code, nobody.Header())
		}
		r, err := http.NewRequest(http.MethodGet, "http://x"+exportPath(format), nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("litellm", w.reader)
		if answer := w.do(exchange{path: exportPath(format), header: map[string]string{"Authorization": r.Header.Get("Authorization")}}); answer.Code != http.StatusOK {
			t.Errorf("%s with a key as the password: %d %s", format, answer.Code, answer.Body)
		}
	}
}

// TestExportsOfAnEmptyCatalogue are files too.
func TestExportsOfAnEmptyCatalogue(t *testing.T) {
	w, _ := inMemory(t)
	for _, format := range domain.ExportFormats() {
		if answer := w.ask(exportPath(format)); answer.Code != http.StatusOK || answer.Body.Len() == 0 {
			t.Errorf("%s: %d %s", format, answer.Code, answer.Body)
		}
	}
}

// TestAnExportIsMadeOnce for all who ask for it at the same time.
func TestAnExportIsMadeOnce(t *testing.T) {
	w, c := inMemory(t)
	sell(t, w, noon.Add(-time.Hour), "3", "a", "b")
	asked := c.asked.Load()
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if answer := w.ask("/export/litellm.json"); answer.Code != http.StatusOK {
				t.Errorf("%d %s", answer.Code, answer.Body)
			}
		})
	}
	all.Wait()
	if n := c.asked.Load() - asked; n != 1 {
		t.Errorf("it was made %d times", n)
	}
}

// TestExportsWhileTheStoreIsAway: what is believed now is answered on, with since when
// it may be otherwise; the past is not.
func TestExportsWhileTheStoreIsAway(t *testing.T) {
	w, c := inMemory(t)
	sell(t, w, noon.Add(-time.Hour), "3", "a")
	c.gone()
	if err := c.Reach(t.Context(), 1<<40); err == nil {
		t.Fatal("the store is still there")
	}
	for _, format := range domain.ExportFormats() {
		answer := w.ask(exportPath(format))
		if format.TellsThePast() {
			if p := problemOf(t, answer); p.Status != http.StatusServiceUnavailable {
				t.Errorf("%s: %+v", format, p)
			}
			continue
		}
		if answer.Code != http.StatusOK || answer.Header().Get("Ratecard-Stale-Since") == "" || !strings.Contains(answer.Body.String(), "3") {
			t.Errorf("%s: %d %v %s", format, answer.Code, answer.Header(), answer.Body)
		}
	}
	if p := problemOf(t, w.ask("/export/litellm.json?at=2026-01-01")); p.Status != http.StatusServiceUnavailable {
		t.Errorf("of an instant that has passed: %+v", p)
	}
}

// A slow catalogue counts who reads it at once, and lets go of all when it is told to.
type slowCatalogue struct {
	*catalogue
	in   chan struct{} // takes one of each that reads
	free chan struct{}
}

func (c slowCatalogue) Models(context.Context, ports.ModelQuery) (ports.ModelPage, error) {
	c.in <- struct{}{}
	<-c.free
	return ports.ModelPage{}, nil
}

// TestExportsOfThePastTakeTurns: two at a time, and nobody waits for longer
// than a request may take.
func TestExportsOfThePastTakeTurns(t *testing.T) {
	slow := slowCatalogue{in: make(chan struct{}, 10), free: make(chan struct{})}
	w := newWorld(t, func(w *world) {
		slow.catalogue = w.catalogue
		w.config.Catalogue, w.config.AnonymousReads = slow, true
		w.config.Log = slog.New(slog.DiscardHandler)
	})
	var asking sync.WaitGroup
	for i := range 5 {
		asking.Go(func() {
			if answer := w.ask(fmt.Sprintf("/export/prices.csv?at=2026-01-0%d", i+1)); answer.Code != http.StatusOK {
				t.Errorf("status %d: %s", answer.Code, answer.Body)
			}
		})
	}
	<-slow.in
	<-slow.in
	ctx, give := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer give()
	answer := httptest.NewRecorder()
	w.server.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, http.MethodGet, "/export/prices.csv?at=2026-02-01", nil))
	if answer.Code != http.StatusGatewayTimeout {
		t.Errorf("while two are made: %d %s", answer.Code, answer.Body)
	}
	if n := len(slow.in); n > 0 {
		t.Errorf("%d more are made meanwhile", n)
	}
	close(slow.free)
	asking.Wait()
}
