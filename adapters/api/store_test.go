package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"ratecard/adapters/api"
	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/memory"
	"ratecard/adapters/postgres"
	"ratecard/app"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/gen/oas"
)

// The tests of this file ask the handler over a real PostgreSQL.

// stored puts a migrated store behind the handler.
func stored(t testing.TB) (*world, *postgres.Store) {
	t.Helper()
	store, err := postgres.Open(t.Context(), postgres.Config{DSN: pgtest.DSN(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	if err := postgres.Migrate(t.Context(), store, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return newWorld(t, func(w *world) {
		catalogue := postgres.NewCatalogue(store)
		w.config.Catalogue, w.config.Manual, w.config.Comparer = catalogue, catalogue, app.NewComparer(catalogue)
		w.config.Held, w.config.Timelines = postgres.NewHeld(store), catalogue
		w.config.Ledger, w.config.Matching = postgres.NewLedger(store), postgres.NewLedger(store)
		ring, err := memory.NewKeyring(t.Context(), postgres.NewKeys(store))
		if err != nil {
			t.Fatal(err)
		}
		w.config.Adjustments = postgres.NewLedger(store)
		w.config.Keys, w.config.Audit = ring, postgres.NewAudit(store)
		w.config.Runs = postgres.NewRuns(store)
		w.config.Ready = store.Ping
		w.config.AnonymousReads = true
		w.config.Log = slog.New(slog.DiscardHandler)
	}), store
}

// storedLocked is stored without anonymous reads, with the log kept and the
// store's own events and audit.
func storedLocked(t testing.TB) (*world, *postgres.Store) {
	t.Helper()
	w, store := stored(t)
	w.config.AnonymousReads = false
	w.config.Events = postgres.NewEventLog(store)
	w.config.Log = slog.New(slog.NewTextHandler(&w.log, nil))
	var err error
	if w.server, err = api.New(w.config); err != nil {
		t.Fatal(err)
	}
	return w, store
}

func (w *world) ask(path string) *httptest.ResponseRecorder { return w.do(exchange{path: path}) }

// write stores a change of one provider.
func write(ctx context.Context, store *postgres.Store, provider domain.ProviderID, change ledger.Change) error {
	decide := func(ledger.State) (ledger.Change, error) { return change, nil }
	_, err := postgres.NewLedger(store).Update(ctx, provider, decide)
	return err
}

// A price of a model, printed on a page.
type printed struct {
	model     string
	tier      domain.Tier
	meter     domain.Meter
	threshold int64
	amount    string
	from      time.Time
}

// rateAndStatement are what a run stores of a printed price.
func (p printed) rateAndStatement(provider domain.ProviderID, page int64) (domain.Rate, domain.Statement) {
	quote := domain.QuoteKey{Name: p.model, Tier: p.tier, Meter: p.meter, Region: domain.RegionGlobal, MinPromptTokens: p.threshold}
	amount := decimal.RequireFromString(p.amount)
	rate := domain.Rate{
		RateKey: domain.RateKey{
			Model: domain.ModelKey{Provider: provider, ID: p.model}, Layer: domain.LayerList,
			Tier: p.tier, Meter: p.meter, Region: domain.RegionGlobal, MinPromptTokens: p.threshold,
		},
		Price:     domain.Price{Amount: amount, Unit: p.meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted},
		Effective: domain.Span{From: p.from}, Basis: domain.BasisObserved, NotAfter: p.from, Source: "page", Quote: quote,
	}
	statement := domain.Statement{
		Provider: provider, Source: "page", PageID: page, ConfigVersion: 3, Stated: domain.Span{From: p.from},
		Quote: domain.Quote{QuoteKey: quote, Amount: amount, Place: domain.Place{
			Reader: "tables", Path: "table > tr:nth-child(2)", Row: p.model, Header: string(p.meter), Cell: "$" + p.amount + " / MTok",
		}},
	}
	return rate, statement
}

func storedModel(provider domain.ProviderID, id string) domain.Model {
	return domain.Model{
		ModelKey: domain.ModelKey{Provider: provider, ID: id}, DisplayName: "The " + id, Source: "api",
		Usability: domain.UsabilityAvailable, Classification: []domain.Class{domain.ClassChat},
	}
}

func TestOnePriceFromTheStore(t *testing.T) {
	w, store := stored(t)
	body := []byte("<script>alert(1)</script><table><tr><td>$3 / MTok</table>\xff")
	sum := sha256.Sum256(body)
	began, cut := day(2026, 1, 10), day(2026, 2, 10)
	pageID, err := postgres.NewPages(store).Put(t.Context(), domain.Page{
		Provider: "acme", Source: "page", URL: "https://acme.example/pricing", FetchedAt: began,
		SHA256: hex.EncodeToString(sum[:]), ContentType: "text/html", Body: body,
	})
	if err != nil {
		t.Fatal(err)
	}
	dear, dearSaid := printed{"large-1", domain.TierStandard, domain.MeterInput, 0, "3.00", began}.rateAndStatement("acme", pageID)
	out, outSaid := printed{"large-1", domain.TierStandard, domain.MeterOutput, 0, "15", began}.rateAndStatement("acme", pageID)
	m := storedModel("acme", "large-1")
	m.Aliases = []string{"large-latest"}
	err = write(t.Context(), store, "acme", ledger.Change{
		KnownAt: began, Models: []domain.Model{m},
		Open:           []domain.Rate{dear, out},
		StatementsOpen: []domain.Statement{dearSaid, outSaid},
		Reads:          []domain.SourceRead{{Source: "page", At: began, Good: true, PageID: pageID, ConfigVersion: 3, Quotes: 2}},
		Events:         []domain.Event{{At: began, Kind: domain.EventModelFound, Provider: "acme", Model: "large-1", Payload: domain.ModelPayload{DisplayName: "Large", Usability: "available", Changed: []string{"displayName"}}}},
	})
	if err != nil {
		t.Fatal(err)
	}

	t.Run("list and one", func(t *testing.T) {
		page := decode[oas.ModelPage](t, w.ask("/api/models"))
		one := decode[oas.Model](t, w.ask("/api/models/large-latest"))
		if page.Total != 1 || len(page.Items) != 1 || page.Items[0].ID != one.ID || one.PricingStatus != "priced" || one.Pricing[0].OutputCostPerMillion.Value != "15" {
			t.Errorf("%+v\n%+v", page, one)
		}
	})
	t.Run("before and after a cut", func(t *testing.T) {
		halved, halvedSaid := printed{"large-1", domain.TierStandard, domain.MeterInput, 0, "1.5", cut}.rateAndStatement("acme", pageID)
		ledgers := postgres.NewLedger(store)
		if _, err := ledgers.Update(t.Context(), "acme", func(s ledger.State) (ledger.Change, error) {
			change := ledger.Change{KnownAt: cut, Open: []domain.Rate{halved}, StatementsOpen: []domain.Statement{halvedSaid}}
			for _, r := range s.Rates {
				if r.Meter == domain.MeterInput {
					ended := r
					ended.ID, ended.Effective.To = 0, cut
					change.Supersede = append(change.Supersede, r)
					change.Open = append(change.Open, ended)
				}
			}
			for _, said := range s.Statements {
				if said.Quote.Meter == domain.MeterInput {
					change.StatementsEnd = append(change.StatementsEnd, said.ID)
				}
			}
			return change, nil
		}); err != nil {
			t.Fatal(err)
		}
		for query, want := range map[string]string{
			"":                                  "1.5 15",
			"?at=2026-02-09":                    "3 15",
			"?at=2026-02-10":                    "1.5 15",
			"?at=2026-02-20&knownAt=2026-02-01": "3 15",
			"?at=2026-01-09":                    "",
		} {
			var amounts []string
			for _, r := range decode[oas.Pricing](t, w.ask("/api/models/large-1/pricing"+query)).Rates {
				amounts = append(amounts, r.Amount)
			}
			if got := strings.Join(amounts, " "); got != want {
				t.Errorf("pricing%s: %q, expected %q", query, got, want)
			}
		}
		for query, want := range map[string]int{
			"":                                  3,
			"?from=2026-02-10&to=2026-02-10":    1,
			"?from=2026-01-10&to=2026-01-10":    2,
			"?from=2026-02-11":                  0,
			"?from=2026-02-11&overlapping=true": 2,
			"?to=2026-02-09":                    2,
		} {
			history := decode[oas.PricingHistory](t, w.ask("/api/models/large-1/pricing-history"+query))
			if len(history.Items) != want {
				t.Errorf("history%s: %d rates, expected %d", query, len(history.Items), want)
			}
		}
	})
	t.Run("evidence", func(t *testing.T) {
		rates := decode[oas.Pricing](t, w.ask("/api/models/large-1/pricing?at=2026-02-01&knownAt=2026-02-01")).Rates
		id, rests := rates[0].EvidenceID.Get()
		if !rests {
			t.Fatalf("rests on nothing: %+v", rates[0])
		}
		e := decode[oas.Evidence](t, w.ask(fmt.Sprintf("/api/evidence/%d", id)))
		if e.Amount != "3" || e.Place.Cell != "$3.00 / MTok" || e.Place.Header != "input" || e.ConfigVersion != 3 ||
			e.Page.Value.URL != "https://acme.example/pricing" || e.Page.Value.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%+v", e)
		}
		if e.Around.Null != !strings.Contains(string(body), e.Place.Cell) {
			t.Errorf("around it: %+v", e.Around)
		}
		page := w.ask(fmt.Sprintf("/api/evidence/%d/page", id))
		if page.Body.String() != string(body) || page.Header().Get("Content-Type") != "text/plain; charset=utf-8" ||
			page.Header().Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(page.Header().Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%v %q", page.Header(), page.Body)
		}
	})
	t.Run("events", func(t *testing.T) {
		answer := w.ask("/api/events")
		page := decode[oas.EventPage](t, answer)
		if len(page.Items) == 0 || page.Items[0].Kind != "model.found" || !strings.HasPrefix(string(page.Items[0].Payload), `{"displayName":"Large"`) {
			t.Fatalf("%+v", page)
		}
		for range 20 {
			if again := w.do(exchange{path: "/api/events", header: map[string]string{"If-None-Match": answer.Header().Get("ETag")}}); again.Code != http.StatusNotModified {
				t.Fatalf("asked again: status %d\n%s\nafter\n%s", again.Code, again.Body, answer.Body)
			}
		}
		rest := decode[oas.EventPage](t, w.ask(fmt.Sprintf("/api/events?after=%d", page.NextCursor)))
		if len(rest.Items) != 0 || rest.NextCursor != page.NextCursor {
			t.Errorf("%+v", rest)
		}
	})
	t.Run("ready", func(t *testing.T) {
		if answer := w.ask("/readyz"); answer.Code != http.StatusOK {
			t.Errorf("status %d: %s", answer.Code, answer.Body)
		}
		store.Close()
		if p := problemOf(t, w.ask("/readyz")); p.Kind != "unavailable" {
			t.Errorf("%+v", p)
		}
	})
}

func TestKeysInTheStore(t *testing.T) {
	w, _ := stored(t)
	created := decode[oas.CreatedKey](t, w.do(exchange{method: "POST", path: "/api/admin/keys", key: w.admin, body: `{"name":"it's \"quoted\"; --","scope":"admin"}`}))
	list := decode[oas.KeyList](t, w.do(exchange{path: "/api/admin/keys", key: created.Secret}))
	if list.Total != 1 || list.Items[0].Name != `it's "quoted"; --` || list.Items[0].Prefix != created.Key.Prefix {
		t.Errorf("%+v", list)
	}
	w.serveOut(t)
	if used := decode[oas.KeyList](t, w.do(exchange{path: "/api/admin/keys", key: w.admin})).Items[0].LastUsedAt; !used.Value.Equal(noon) {
		t.Errorf("last used %v", used)
	}
	revoked := decode[oas.Key](t, w.do(exchange{method: "DELETE", path: fmt.Sprintf("/api/admin/keys/%d", created.Key.ID), key: w.admin}))
	if revoked.RevokedAt.Null {
		t.Errorf("%+v", revoked)
	}
	if answer := w.do(exchange{path: "/api/models", key: created.Secret}); answer.Code != http.StatusUnauthorized {
		t.Errorf("the revoked key: status %d", answer.Code)
	}
}

func TestRunsInTheStore(t *testing.T) {
	w, store := stored(t)
	records := postgres.NewRuns(store)
	run := domain.Run{ID: uuid.NewString(), SyncID: uuid.NewString(), Provider: "acme", Trigger: domain.TriggerManual}
	if err := records.Begin(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	asAdmin := func(path string) *httptest.ResponseRecorder { return w.do(exchange{path: path, key: w.admin}) }
	if waits := decode[oas.Run](t, asAdmin("/api/admin/runs/"+run.ID)); !waits.StartedAt.Null || !waits.EndedAt.Null || !waits.Outcome.Null {
		t.Errorf("while it waits %+v", waits)
	}
	run.Started = noon.Add(-time.Minute)
	if err := records.Begin(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	if status := decode[oas.SyncStatus](t, asAdmin("/api/sync/status")); status.Status != "running" {
		t.Errorf("while it runs %+v", status)
	}
	run.Ended, run.Outcome = noon, domain.OutcomePartial
	run.Counts = domain.Counts{ModelsDiscovered: 12, ModelsAdded: 2, ModelsUpdated: 1, PricingUpdated: 4}
	run.Steps = []domain.Step{
		{Name: domain.StepDiscovery, Outcome: domain.StepFailed, Started: run.Started, Ended: run.Ended, Error: "the key was refused"},
		{Name: domain.StepPricing, Outcome: domain.StepDone, Started: run.Started, Ended: run.Ended, Detail: "read 48 prices"},
	}
	run.Reads = []domain.SourceRead{{Source: "page", At: noon, Good: true, Strategy: "tables", ConfigVersion: 1, Quotes: 48}}
	if _, err := records.Finish(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	sync := decode[oas.Sync](t, asAdmin("/api/admin/syncs/"+run.SyncID))
	if !sync.Done || len(sync.Runs) != 1 || sync.Runs[0].Outcome.Value != "partial" || len(sync.Runs[0].Steps) != 2 || len(sync.Runs[0].Reads) != 1 {
		t.Errorf("%+v", sync)
	}
	status := decode[oas.SyncStatus](t, asAdmin("/api/sync/status"))
	result := status.LastResult.Value
	if !status.LastSync.Null || result.Success || result.ModelsUpdated != 3 || result.PricingUpdated != 4 || !result.Timestamp.Equal(noon) {
		t.Errorf("%+v", status)
	}
	if len(result.Errors) != 1 || result.Errors[0] != (oas.SyncError{Provider: "acme", Stage: "discovery", Error: "the key was refused"}) {
		t.Errorf("errors %+v", result.Errors)
	}
	if len(status.Providers) != 3 || status.Providers[0].Name != "Acme" || status.Providers[0].LastAttempt.Null || !status.Providers[1].LastAttempt.Null {
		t.Errorf("%+v", status.Providers)
	}
}
