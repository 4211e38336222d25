package api_test

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-faster/jx"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"ratecard/adapters/api"
	"ratecard/adapters/export"
	"ratecard/adapters/memory"
	"ratecard/app"
	"ratecard/domain"
	"ratecard/domain/trend"
	"ratecard/gen/oas"
	"ratecard/ports"
)

// The stores of this file stand behind the handler where only the handler is
// looked at; what the store answers is tested against PostgreSQL.

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// catalogue answers from a slice, and remembers what it was asked.
type catalogue struct {
	models   []ports.ModelView
	rates    []domain.RateView
	evidence map[int64]domain.Evidence
	events   []domain.Event
	fail     error

	timelines []trend.Timeline

	asked   ports.ModelQuery
	history ports.HistoryQuery
	moved   ports.TimelineQuery
}

func (c *catalogue) Timelines(_ context.Context, q ports.TimelineQuery) ([]trend.Timeline, error) {
	c.moved = q
	return c.timelines, c.fail
}

// Tariffs gives the models with these ids, with all of their rates.
func (c *catalogue) Tariffs(_ context.Context, q ports.TariffQuery) (ports.Tariffs, error) {
	answer := ports.Tariffs{Version: 41}
	for _, m := range c.models {
		if slices.Contains(q.Refs, m.ID) {
			answer.Models = append(answer.Models, ports.ModelTariff{ModelKey: m.ModelKey, Since: noon.AddDate(0, 0, -10), Rates: m.Rates})
		}
	}
	return answer, c.fail
}

func (c *catalogue) Models(_ context.Context, q ports.ModelQuery) (ports.ModelPage, error) {
	c.asked = q
	if c.fail != nil {
		return ports.ModelPage{}, c.fail
	}
	page := ports.ModelPage{Total: len(c.models)}
	for _, m := range c.models {
		if q.After != nil && compareKeys(m.ModelKey, *q.After) <= 0 {
			continue
		}
		if len(page.Models) == q.Limit {
			page.More = true
			break
		}
		page.Models = append(page.Models, m)
	}
	return page, nil
}

// Offers gives all of the models.
func (c *catalogue) Offers(_ context.Context, q ports.OfferQuery) (ports.Offers, error) {
	answer := ports.Offers{Version: 41}
	for i := range c.models {
		answer.Models = append(answer.Models, &c.models[i])
		answer.Priced = append(answer.Priced, ports.OfferOf(&c.models[i], q.Tier, q.Region))
	}
	return answer, c.fail
}

func compareKeys(a, b domain.ModelKey) int {
	return cmp.Or(strings.Compare(a.ID, b.ID), cmp.Compare(a.Provider, b.Provider))
}

func (c *catalogue) Model(_ context.Context, provider domain.ProviderID, ref string, _ domain.AsOf) ([]ports.ModelView, error) {
	var found []ports.ModelView
	for _, m := range c.models {
		if (m.ID == ref || slices.Contains(m.Aliases, ref)) && (provider == "" || provider == m.Provider) {
			found = append(found, m)
		}
	}
	return found, c.fail
}

func (c *catalogue) History(_ context.Context, _ domain.ModelKey, q ports.HistoryQuery) ([]domain.RateView, error) {
	c.history = q
	return c.rates, c.fail
}

func (c *catalogue) Evidence(_ context.Context, id int64) (domain.Evidence, error) {
	if e, ok := c.evidence[id]; ok {
		return e, nil
	}
	return domain.Evidence{}, domain.Errorf(domain.KindNotFound, "there is no evidence %d", id)
}

func (c *catalogue) Last(context.Context) (int64, error) {
	if len(c.events) == 0 {
		return 0, c.fail
	}
	return c.events[len(c.events)-1].ID, c.fail
}

func (c *catalogue) PriceChanges(_ context.Context, q ports.PriceChangeQuery) ([]domain.Event, error) {
	var out []domain.Event
	for _, e := range slices.Backward(c.events) {
		if strings.HasPrefix(string(e.Kind), "rate.") && len(out) < q.Limit && (q.Models == nil || slices.Contains(q.Models, e.Model)) &&
			(q.Providers == nil || slices.Contains(q.Providers, e.Provider)) {
			out = append(out, e)
		}
	}
	return out, c.fail
}

func (c *catalogue) Events(_ context.Context, after int64, limit int) ([]domain.Event, error) {
	var out []domain.Event
	for _, e := range c.events {
		if e.ID > after && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, c.fail
}

func (c *catalogue) Tell(_ context.Context, event domain.Event) error {
	event.ID = int64(len(c.events) + 1)
	c.events = append(c.events, event)
	return c.fail
}

// nothingSaid is what administrators said of providers where they said nothing.
type nothingSaid struct{ ports.Providers }

func (nothingSaid) Entries(context.Context) ([]domain.ProviderEntry, error) { return nil, nil }

// providersOf are providers of which only their files say anything.
func providersOf(own ...domain.Provider) *app.Providers {
	return app.NewProviders(app.ProvidersConfig{Own: own, Kept: nothingSaid{}})
}

// keyring keeps keys in memory.
type keyring struct {
	mu   sync.Mutex
	keys []domain.APIKey
	uses []time.Time
}

func (k *keyring) Create(_ context.Context, key domain.APIKey) (domain.APIKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key.ID = int64(len(k.keys) + 1)
	k.keys = append(k.keys, key)
	return key, nil
}

func (k *keyring) Rotate(ctx context.Context, heir domain.APIKey, until time.Time) (made, old domain.APIKey, err error) {
	k.mu.Lock()
	for i := range k.keys {
		if k.keys[i].ID == heir.Replaces {
			k.keys[i].ExpiresAt = until
			old = k.keys[i]
		}
	}
	k.mu.Unlock()
	if old.ID == 0 {
		return made, old, domain.Errorf(domain.KindNotFound, "there is no key %d", heir.Replaces)
	}
	heir.Name, heir.Scope = old.Name, old.Scope
	made, err = k.Create(ctx, heir)
	return made, old, err
}

func (k *keyring) List(context.Context) ([]domain.APIKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := slices.Clone(k.keys)
	slices.Reverse(out)
	return out, nil
}

func (k *keyring) Revoke(_ context.Context, id int64, at time.Time) (domain.APIKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range k.keys {
		if k.keys[i].ID == id {
			if k.keys[i].RevokedAt.IsZero() {
				k.keys[i].RevokedAt = at
			}
			return k.keys[i], nil
		}
	}
	return domain.APIKey{}, domain.Errorf(domain.KindNotFound, "there is no key %d", id)
}

func (k *keyring) Used(_ context.Context, _ int64, at time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.uses = append(k.uses, at)
	return nil
}

// runs answers from slices.
type runs struct {
	runs      []domain.Run
	standings []domain.SyncStatus
}

func (r *runs) Begin(context.Context, domain.Run) error { return nil }
func (r *runs) Finish(context.Context, domain.Run) (*domain.Event, error) {
	return nil, nil
}

func (r *runs) Run(_ context.Context, id string) (domain.Run, error) {
	for _, run := range r.runs {
		if run.ID == id {
			return run, nil
		}
	}
	return domain.Run{}, domain.Errorf(domain.KindNotFound, "there is no run %s", id)
}

func (r *runs) Sync(_ context.Context, syncID string) ([]domain.Run, error) {
	var out []domain.Run
	for _, run := range r.runs {
		if run.SyncID == syncID {
			out = append(out, run)
		}
	}
	return out, nil
}

func (r *runs) Status(context.Context) ([]domain.SyncStatus, error) { return r.standings, nil }

// scheduler holds settings in memory.
type scheduler struct{ settings domain.Settings }

func (s *scheduler) Current(context.Context) (domain.Settings, error) { return s.settings, nil }

func (s *scheduler) Change(_ context.Context, settings domain.Settings, _ string, _ time.Time) error {
	s.settings = settings
	return nil
}

// queue remembers what was asked of it; busy providers have a run of an
// earlier sync.
type queue struct {
	asked []domain.ProviderID
	busy  map[domain.ProviderID]ports.QueuedRun
}

func (q *queue) Enqueue(_ context.Context, syncID string, _ domain.Trigger, providers []domain.ProviderID) ([]ports.QueuedRun, error) {
	q.asked = providers
	var out []ports.QueuedRun
	for _, p := range providers {
		run, ok := q.busy[p]
		if !ok {
			run = ports.QueuedRun{Provider: p, RunID: uuid.NewString(), SyncID: syncID}
		}
		out = append(out, run)
	}
	return out, nil
}

// A world is a handler with everything behind it.
type world struct {
	catalogue *catalogue
	keys      *keyring
	runs      *runs
	queue     *queue
	config    api.Config
	now       time.Time
	log       strings.Builder

	admin, reader string // secrets
	server        *api.Server
}

// newWorld has an administrator's key outside the store, a key that reads, two
// enabled providers and one that is not. tune may change anything before the
// handler is built.
func newWorld(t testing.TB, tune ...func(*world)) *world {
	t.Helper()
	w := &world{
		catalogue: &catalogue{evidence: map[int64]domain.Evidence{}},
		keys:      &keyring{}, runs: &runs{}, queue: &queue{busy: map[domain.ProviderID]ports.QueuedRun{}},
		now:   noon,
		admin: "rc_the-administrators-own-key-of-this-test",
	}
	_, secret, err := app.CreateKey(context.Background(), w.keys, strings.NewReader(strings.Repeat("r", 32)),
		app.NewKey{Name: "reader", Scope: domain.ScopeRead, At: noon})
	if err != nil {
		t.Fatal(err)
	}
	w.reader = secret
	ring, err := memory.NewKeyring(t.Context(), w.keys)
	if err != nil {
		t.Fatal(err)
	}
	described := providersOf(
		domain.Provider{ID: "acme", Name: "Acme", Enabled: true},
		domain.Provider{ID: "zenith", Name: "Zenith", Enabled: true},
		domain.Provider{ID: "asleep", Name: "Asleep"},
	)
	w.config = api.Config{
		Biller: app.NewBiller(w.catalogue, described), Comparer: app.NewComparer(w.catalogue),
		Exporter:  export.Writer{},
		Catalogue: w.catalogue, Runs: w.runs, Keys: ring, Queue: w.queue, Events: w.catalogue, Timelines: w.catalogue, Scheduler: &scheduler{}, Locator: locator{}, Leases: memory.Leases{}, Streams: 10,
		Providers:    described,
		AdminKeyHash: app.HashSecret(w.admin),
		Version:      "1.2.3",
		Spec:         spec(t),
		Now:          func() time.Time { return w.now },
		Log:          slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Ready:        func(context.Context) error { return nil },
	}
	for _, f := range tune {
		f(w)
	}
	w.server, err = api.New(w.config)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func spec(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("../../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// An exchange is a request to the handler and what is to come of it.
type exchange struct {
	method, path string
	key          string
	header       map[string]string
	body         string
}

func (w *world) do(x exchange) *httptest.ResponseRecorder {
	var body io.Reader
	if x.body != "" {
		body = strings.NewReader(x.body)
	}
	r := httptest.NewRequest(cmp.Or(x.method, http.MethodGet), x.path, body)
	if x.key != "" {
		r.Header.Set("Authorization", "Bearer "+x.key)
	}
	if x.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range x.header {
		r.Header.Set(name, value)
		if value == "" {
			r.Header.Del(name)
		}
	}
	answer := httptest.NewRecorder()
	w.server.ServeHTTP(answer, r)
	return answer
}

func (w *world) get(path string) *httptest.ResponseRecorder {
	return w.do(exchange{path: path, key: w.reader})
}

// problemOf reads an error answer, which must have the one shape.
func problemOf(t testing.TB, answer *httptest.ResponseRecorder) oas.Problem {
	t.Helper()
	if got := answer.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("status %d with content type %q: %s", answer.Code, got, answer.Body)
	}
	var p oas.Problem
	if err := p.Decode(jx.DecodeBytes(answer.Body.Bytes())); err != nil {
		t.Fatalf("%v: %s", err, answer.Body)
	}
	if p.Status != answer.Code {
		t.Errorf("the problem says status %d, the answer has %d", p.Status, answer.Code)
	}
	if id, _ := p.RequestID.Get(); id == "" || id != answer.Header().Get("X-Request-Id") {
		t.Errorf("requestId %q, header X-Request-Id %q", id, answer.Header().Get("X-Request-Id"))
	}
	return p
}

// decode reads an answer of status 2xx.
func decode[T any, P interface {
	*T
	Decode(*jx.Decoder) error
}](t testing.TB, answer *httptest.ResponseRecorder) T {
	t.Helper()
	if answer.Code/100 != 2 {
		t.Fatalf("status %d: %s", answer.Code, answer.Body)
	}
	var v T
	if err := P(&v).Decode(jx.DecodeBytes(answer.Body.Bytes())); err != nil {
		t.Fatalf("%v: %s", err, answer.Body)
	}
	return v
}

func model(provider, id string, rates ...domain.RateView) ports.ModelView {
	key := domain.ModelKey{Provider: domain.ProviderID(provider), ID: id}
	for i := range rates {
		rates[i].Model = key
	}
	return ports.ModelView{
		ModelVersion: domain.ModelVersion{
			Model: domain.Model{
				ModelKey: key, Source: "api", Usability: domain.UsabilityAvailable,
				Classification: []domain.Class{domain.ClassChat},
			},
			DiscoveredAt: noon.AddDate(0, -1, 0),
			Seen:         domain.Span{From: noon.AddDate(0, 0, -1)},
		},
		Rates: rates,
	}
}

func rate(tier domain.Tier, meter domain.Meter, from int64, cost string) domain.RateView {
	return domain.RateView{Rate: domain.Rate{
		RateKey:   domain.RateKey{Layer: domain.LayerList, Tier: tier, Meter: meter, Region: domain.RegionGlobal, MinPromptTokens: from},
		Price:     domain.Price{Amount: decimal.RequireFromString(cost), Unit: meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted},
		Effective: domain.Span{From: noon.AddDate(0, 0, -10)}, Known: domain.Span{From: noon.AddDate(0, 0, -10)},
		Basis: domain.BasisObserved, Source: "page", Evidence: 7,
	}}
}

// locator finds a cell where the page holds it.
type locator struct{}

func (locator) Around(body []byte, place domain.Place) (domain.Surroundings, error) {
	if !strings.Contains(string(body), place.Cell) {
		return domain.Surroundings{}, domain.Errorf(domain.KindInvalid, "it is not there")
	}
	return domain.Surroundings{Found: true, Row: []string{place.Row, place.Cell}}, nil
}
