package api_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/adapters/api"
	"ratecard/adapters/memory"
	"ratecard/adapters/postgres"
	"ratecard/app"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/gen/oas"
	"ratecard/ports"
)

// counted tells how often what is behind the kept answers was asked.
type counted struct {
	*memory.Catalogue
	asked atomic.Int64
	gone  func() // has the store closed
}

func (c *counted) Models(ctx context.Context, q ports.ModelQuery) (ports.ModelPage, error) {
	c.asked.Add(1)
	return c.Catalogue.Models(ctx, q)
}

func (c *counted) Model(ctx context.Context, p domain.ProviderID, ref string, at domain.AsOf) ([]ports.ModelView, error) {
	c.asked.Add(1)
	return c.Catalogue.Model(ctx, p, ref, at)
}

// countedMarket tells the same of what rankings ask.
type countedMarket struct {
	ports.Market
	of *counted
}

func (c countedMarket) Offers(ctx context.Context, q ports.OfferQuery) (ports.Offers, error) {
	c.of.asked.Add(1)
	return c.Market.Offers(ctx, q)
}

// inMemory is stored with the catalogue held in memory, as the program has it.
func inMemory(t testing.TB) (*world, *counted) {
	t.Helper()
	w, store := stored(t)
	return w, w.hold(t, store)
}

// hold puts the catalogue in memory before the store.
func (w *world) hold(t testing.TB, store *postgres.Store) *counted {
	t.Helper()
	stock := postgres.NewCatalogue(store)
	held, err := memory.NewCatalogue(t.Context(), stock, stock, func() time.Time { return w.now })
	if err != nil {
		t.Fatal(err)
	}
	c := &counted{Catalogue: held, gone: store.Close}
	w.config.Catalogue, w.config.Editions = c, c
	w.config.Comparer = app.NewComparer(countedMarket{memory.Market{Market: stock, Catalogue: held}, c})
	w.config.Ledger = memory.Ledger{Ledger: postgres.NewLedger(store), Catalogue: held}
	if w.server, err = api.New(w.config); err != nil {
		t.Fatal(err)
	}
	return c
}

func (w *world) with(path string, headers ...string) *httptest.ResponseRecorder {
	x := exchange{path: path, header: map[string]string{}}
	for i := 0; i < len(headers); i += 2 {
		x.header[headers[i]] = headers[i+1]
	}
	return w.do(x)
}

// TestAnswersAreEncodedOnce as long as nothing changes: the same bytes and the
// same ETag come back, and who has them is told so, without anybody being asked.
func TestAnswersAreEncodedOnce(t *testing.T) {
	w, c := inMemory(t)
	believe(t, w, noon.Add(-time.Hour), "3", "a", "b", "c", "d", "e", "f")
	for _, path := range []string{"/api/models", "/api/models?limit=2&sort=-inputCost", "/api/models/a", "/api/models?q=b", "/api/compare?usage=input:3,output:1&limit=2", "/api/compare?usage=output:1,input:3&limit=2"} {
		first := w.ask(path)
		asked := c.asked.Load()
		w.now = w.now.Add(time.Minute) // nothing in an answer moves with the clock
		tag := first.Header().Get("ETag")
		for _, again := range []*httptest.ResponseRecorder{w.ask(path), w.with(path, "Accept-Encoding", "identity")} {
			if again.Body.String() != first.Body.String() || again.Header().Get("ETag") != tag || first.Code != 200 {
				t.Errorf("%s: %d %q and then %d %q:\n%s\n%s", path, first.Code, tag, again.Code, again.Header().Get("ETag"), first.Body, again.Body)
			}
		}
		if strings.HasPrefix(tag, "W/") || len(tag) < 10 {
			t.Errorf("%s: the ETag %s is not strong", path, tag)
		}
		for _, known := range []string{tag, `"other", ` + tag, "W/" + tag} {
			if answer := w.with(path, "If-None-Match", known); answer.Code != 304 || answer.Body.Len() != 0 {
				t.Errorf("%s with If-None-Match %s: %d", path, known, answer.Code)
			}
		}
		packed := strings.TrimSuffix(tag, `"`) + `-gz"` // which the caller does not take
		if answer := w.with(path, "If-None-Match", packed); answer.Code != 200 {
			t.Errorf("%s with the ETag of what is not taken: %d", path, answer.Code)
		}
		if answer := w.with(path, "If-None-Match", `"other"`); answer.Code != 200 {
			t.Errorf("%s with another ETag: %d", path, answer.Code)
		}
		if n := c.asked.Load() - asked; n != 0 {
			t.Errorf("%s: the catalogue was asked %d times for what was answered before", path, n)
		}
	}
	if a, b := w.ask("/api/models?q=a").Header().Get("ETag"), w.ask("/api/models?q=b").Header().Get("ETag"); a == b {
		t.Errorf("two questions have one ETag %s", a)
	}
}

// announce stores that a price changes later.
func announce(t *testing.T, w *world, known, from time.Time, price, id string) {
	t.Helper()
	_, err := w.config.Ledger.Update(t.Context(), "acme", func(state ledger.State) (ledger.Change, error) {
		c := ledger.Change{KnownAt: known}
		for _, old := range state.Rates {
			if old.Model.ID == id {
				c.Supersede = append(c.Supersede, old)
				old.Effective.To = from
				next := old
				next.Effective, next.Amount = domain.Span{From: from}, decimal.RequireFromString(price)
				c.Open = append(c.Open, old, next)
			}
		}
		return c, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNoAnswerOutlivesAChange: neither one that is written, nor one that was
// announced and comes while nobody writes anything.
func TestNoAnswerOutlivesAChange(t *testing.T) {
	w, _ := inMemory(t)
	believe(t, w, noon.Add(-time.Hour), "3", "a")
	price := func() (string, string) {
		answer := w.ask("/api/models")
		return decode[oas.ModelPage](t, answer).Items[0].Pricing[0].InputCostPerMillion.Value, answer.Header().Get("ETag")
	}
	before, old := price()
	announce(t, w, noon, noon.Add(time.Hour), "5", "a")
	if now, tag := price(); now != before || tag == old {
		t.Errorf("after a change that is to come: %s under %s, before %s under %s", now, tag, before, old)
	}
	_, scheduled := price()
	w.now = noon.Add(time.Hour - time.Microsecond)
	if now, tag := price(); now != "3" || tag != scheduled {
		t.Errorf("just before it comes: %s, %s", now, tag)
	}
	w.now = noon.Add(time.Hour)
	if now, tag := price(); now != "5" || tag == scheduled {
		t.Errorf("when it comes: %s, %s", now, tag)
	}
	if answer := w.with("/api/models", "If-None-Match", scheduled); answer.Code != 200 {
		t.Errorf("who has what was answered before is told %d", answer.Code)
	}
}

// TestPacked: gzip for whoever takes it, under an ETag of its own.
func TestPacked(t *testing.T) {
	w, _ := inMemory(t)
	believe(t, w, noon.Add(-time.Hour), "3", "a", "b", "c", "d")
	plain := w.ask("/api/models")
	for _, accepted := range []string{"gzip", "br, gzip;q=0.8", "*"} {
		packed := w.with("/api/models", "Accept-Encoding", accepted)
		z, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatalf("%s: %v", accepted, err)
		}
		text, err := io.ReadAll(z)
		if err != nil || string(text) != plain.Body.String() {
			t.Errorf("%s: unpacked it is something else: %v %s", accepted, err, text)
		}
		if h := packed.Header(); h.Get("ETag") == plain.Header().Get("ETag") || h.Get("Content-Encoding") != "gzip" || h.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %v", accepted, h)
		}
		if answer := w.with("/api/models", "Accept-Encoding", accepted, "If-None-Match", packed.Header().Get("ETag")); answer.Code != 304 || answer.Header().Get("ETag") != packed.Header().Get("ETag") {
			t.Errorf("%s: with its own ETag %d, under %s", accepted, answer.Code, answer.Header().Get("ETag"))
		}
	}
	for _, refused := range []string{"", "identity", "gzip;q=0", "br"} {
		if answer := w.with("/api/models", "Accept-Encoding", refused); answer.Header().Get("Content-Encoding") != "" || answer.Body.String() != plain.Body.String() {
			t.Errorf("%q: %v", refused, answer.Header())
		}
	}
}

// TestOtherAnswersHaveTheirHash: those of an instant, of a model's prices, of
// what is no catalogue; errors have none.
func TestOtherAnswersHaveTheirHash(t *testing.T) {
	w, _ := inMemory(t)
	believe(t, w, noon.Add(-time.Hour), "3", "a")
	at := url.QueryEscape(noon.Format(time.RFC3339))
	for _, path := range []string{"/api/models?at=" + at + "&knownAt=" + at, "/api/compare?usage=input:1&at=" + at, "/api/models/a/pricing-history", "/api/sync/status"} {
		answer := w.ask(path)
		tag := answer.Header().Get("ETag")
		if answer.Code != 200 || tag == "" {
			t.Errorf("%s: %d, ETag %q", path, answer.Code, tag)
			continue
		}
		if again := w.with(path, "If-None-Match", tag); again.Code != 304 {
			t.Errorf("%s: asked again %d", path, again.Code)
		}
	}
	for _, path := range []string{"/api/models/none", "/api/models?limit=501", "/healthz"} {
		if answer := w.with(path, "If-None-Match", "*"); answer.Header().Get("ETag") != "" || answer.Code == 304 {
			t.Errorf("%s: %d, ETag %q", path, answer.Code, answer.Header().Get("ETag"))
		}
	}
}

// TestAWarmReadNeedsNothing: with a key and within its limit, what was asked before
// is answered while there is no database at all, and so nothing of it is encoded.
func TestAWarmReadNeedsNothing(t *testing.T) {
	w, c := inMemory(t)
	w.config.AnonymousReads, w.config.KeyLimit = false, 100
	believe(t, w, noon.Add(-time.Hour), "3", "a", "b", "c", "d", "e", "f")
	var err error
	if w.server, err = api.New(w.config); err != nil {
		t.Fatal(err)
	}
	const path = "/api/models?limit=50"
	warm := func(headers ...string) *httptest.ResponseRecorder {
		return w.with(path, append([]string{"Authorization", "Bearer " + w.admin}, headers...)...)
	}
	first := warm()
	asked := c.asked.Load()
	c.gone()
	for _, headers := range [][]string{nil, {"Accept-Encoding", "gzip"}, {"If-None-Match", first.Header().Get("ETag")}} {
		if answer := warm(headers...); answer.Code/100 > 3 || answer.Header().Get("RateLimit-Limit") != "100" {
			t.Errorf("%v: %d %v", headers, answer.Code, answer.Header())
		}
	}
	if n := c.asked.Load() - asked; n != 0 {
		t.Errorf("the catalogue was asked %d times", n)
	}
	if answer := w.with(path); answer.Code != 401 {
		t.Errorf("without a key %d", answer.Code)
	}
	// Encoding any of it takes far more than sending it.
	if n := testing.AllocsPerRun(50, func() { warm() }); n > 120 {
		t.Errorf("a warm read takes %.0f allocations", n)
	}
}

// TestThatTheStoreIsAwayIsToldAtOnce to those who ask for what it alone knows: its
// sign of life is waited for, and no try is made that would take longer. Who may
// not ask is told that; once it answers, so is everything.
func TestThatTheStoreIsAwayIsToldAtOnce(t *testing.T) {
	w, c := inMemory(t)
	believe(t, w, noon.Add(-time.Hour), "3", "a")
	nothing, silent := errors.New("silent"), true
	w.config.AnonymousReads = true
	w.config.Ready = func(ctx context.Context) error {
		if !silent {
			return nil
		}
		if _, bounded := ctx.Deadline(); !bounded {
			t.Error("it is waited for without an end")
		}
		return nothing
	}
	var err error
	if w.server, err = api.New(w.config); err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer end()
	if err := c.Reach(ended, 1<<40); err == nil || c.Away().IsZero() {
		t.Fatalf("the store is not away: %v", err)
	}
	alone := []exchange{
		{path: "/api/events"}, {path: "/api/evidence/1"}, {path: "/api/models/a/pricing-history"},
		{path: "/api/admin/keys", key: w.admin}, {path: "/api/admin/settings", key: w.admin}, w.posting("/api/admin/sync", "{}"),
	}
	for _, x := range alone {
		answer := w.do(x)
		if p := problemOf(t, answer); p.Status != http.StatusServiceUnavailable || p.Kind != "unavailable" || answer.Header().Get("Retry-After") != "5" {
			t.Errorf("%s: %v %s", x.path, answer.Header(), answer.Body)
		}
	}
	for path, status := range map[string]int{"/api/models": 200, "/api/models/a/pricing": 200, "/api/sync/status": 200, "/api/admin/keys": 401, "/readyz": 200} {
		if answer := w.do(exchange{path: path}); answer.Code != status {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
	silent = false
	for _, x := range alone {
		if answer := w.do(x); answer.Code >= 500 {
			t.Errorf("%s, when it answers again: %d %s", x.path, answer.Code, answer.Body)
		}
	}
}
