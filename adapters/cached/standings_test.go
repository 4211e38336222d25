package cached_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"ratecard/adapters/cached"
	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/memory"
	"ratecard/adapters/postgres"
	"ratecard/adapters/valkey"
	"ratecard/adapters/valkey/valkeytest"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
	"ratecard/ports/porttest"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func open(t testing.TB) *postgres.Store {
	t.Helper()
	store, err := postgres.Open(t.Context(), postgres.Config{DSN: pgtest.DSN(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	if err := postgres.Migrate(t.Context(), store, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return store
}

// A world is a store, which can be taken away, with a cache before it.
type world struct {
	store   *postgres.Catalogue
	book    ports.Ledger
	cache   ports.Cache
	clock   atomic.Int64
	away    atomic.Bool
	asked   atomic.Int64 // how often the store was asked for all of a provider
	version string
}

func newWorld(store *postgres.Store, cache ports.Cache) *world {
	w := &world{store: postgres.NewCatalogue(store), book: postgres.NewLedger(store), cache: cache, version: "v1"}
	w.clock.Store(noon.UnixMicro())
	return w
}

func (w *world) now() time.Time { return time.UnixMicro(w.clock.Load()).UTC() }

func (w *world) config() cached.Config {
	return cached.Config{
		Cache: w.cache, Version: w.version, Database: "db", Now: w.now,
		Lifetimes: cached.Lifetimes{Models: time.Hour, Prices: time.Hour, Fallback: time.Hour},
	}
}

var errAway = domain.Errorf(domain.KindUnavailable, "the store is away")

// watched is the store as a replica sees it.
type watched struct {
	*postgres.Catalogue
	of *world
}

func (s watched) Changes(ctx context.Context) (ports.Changes, error) {
	if s.of.away.Load() {
		return ports.Changes{}, errAway
	}
	return s.Catalogue.Changes(ctx)
}

func (s watched) Standing(ctx context.Context, q ports.StandingQuery) (ports.Standing, error) {
	if s.of.away.Load() {
		return ports.Standing{}, errAway
	}
	s.of.asked.Add(1)
	return s.Catalogue.Standing(ctx, q)
}

// A replica has a catalogue in memory over the copies that all share.
type replica struct {
	*memory.Catalogue
	copies *cached.Standings
	ledger memory.Ledger
}

func (w *world) replica(t fataler) replica {
	t.Helper()
	copies := cached.NewStandings(watched{w.store, w}, w.config())
	catalogue, err := memory.NewCatalogue(context.Background(), w.store, copies, w.now)
	if err != nil {
		t.Fatal(err)
	}
	return replica{catalogue, copies, memory.Ledger{Ledger: w.book, Catalogue: catalogue}}
}

// revived is a replica that starts while the store is away; false where it cannot.
func (w *world) revived(providers ...domain.ProviderID) (replica, bool) {
	copies := cached.NewStandings(watched{w.store, w}, w.config())
	standing, since, is := copies.Fallback(context.Background(), providers)
	if !is {
		return replica{}, false
	}
	return replica{Catalogue: memory.Revive(w.store, copies, standing, since, w.now), copies: copies}, true
}

type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func (w *world) answers(t fataler, c ports.Catalogue) string {
	t.Helper()
	page, err := c.Models(context.Background(), ports.ModelQuery{AsOf: domain.AsOf{At: w.now()}, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(any(page))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func shared(t testing.TB) ports.Cache {
	t.Helper()
	client, err := valkey.Open(valkeytest.Start(t).URL, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return valkey.NewCache(client)
}

// TestCatalogueOverCopies: a catalogue that was filled from what others copied
// keeps what is promised of one.
func TestCatalogueOverCopies(t *testing.T) {
	store := open(t)
	for name, cache := range map[string]ports.Cache{"in this process": memory.NewCache(), "in Valkey": shared(t)} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(store, cache)
			porttest.Present(t, func(tb testing.TB) porttest.Books {
				one := w.replica(tb)
				return porttest.Books{Ledger: one.ledger, Catalogue: cold{w, one, tb}, Pages: postgres.NewPages(store)}
			})
		})
	}
}

// cold answers each question by a replica that has just been filled from copies.
type cold struct {
	*world
	warm replica
	t    testing.TB
}

// A machine that is busy may keep Valkey from answering in time: then it is left alone
// for a second, and the store is asked.
func (c cold) fill() ports.Catalogue {
	for range 3 {
		c.warm.copies.TendOnce(context.Background())
		before := c.asked.Load()
		if filled := c.replica(c.t); c.asked.Load() == before {
			return filled
		}
		<-time.After(1100 * time.Millisecond)
	}
	c.t.Error("the store was asked for what was copied")
	return c.replica(c.t)
}

func (c cold) Models(ctx context.Context, q ports.ModelQuery) (ports.ModelPage, error) {
	return c.fill().Models(ctx, q)
}

func (c cold) Model(ctx context.Context, p domain.ProviderID, ref string, at domain.AsOf) ([]ports.ModelView, error) {
	return c.fill().Model(ctx, p, ref, at)
}

func (c cold) History(ctx context.Context, m domain.ModelKey, q ports.HistoryQuery) ([]domain.RateView, error) {
	return c.store.History(ctx, m, q)
}

func (c cold) Evidence(ctx context.Context, id int64) (domain.Evidence, error) {
	return c.store.Evidence(ctx, id)
}

func (c cold) Events(ctx context.Context, after int64, limit int) ([]domain.Event, error) {
	return c.store.Events(ctx, after, limit)
}

// TestStartWhileTheStoreIsAway: what was copied is answered, told to be old, and
// boundaries that were known come; when the store is back, what it says.
func TestStartWhileTheStoreIsAway(t *testing.T) {
	w := newWorld(open(t), shared(t))
	warm := w.replica(t)
	r := rand.New(rand.NewPCG(1, 2))
	for _, p := range []domain.ProviderID{"acme", "zenith", "gone"} {
		if _, err := warm.ledger.Update(t.Context(), p, func(s ledger.State) (ledger.Change, error) { return someChange(r, s, p, noon), nil }); err != nil {
			t.Fatal(err)
		}
	}
	warm.copies.TendOnce(t.Context())
	w.away.Store(true)
	w.clock.Store(noon.Add(time.Minute).UnixMicro())

	if _, is := w.revived("nobody"); is {
		t.Error("of nobody something is answered")
	}
	lone, is := w.revived("acme", "nobody")
	if !is {
		t.Fatal("nothing was copied")
	}
	e, known := lone.Edition(w.now())
	if !known || !e.Away.Equal(noon) || e.Until.IsZero() {
		t.Errorf("the edition is %+v", e)
	}
	for range 100 { // across boundaries
		if got, want := w.answers(t, lone), w.answers(t, w.store); got != want {
			t.Fatalf("at %s from copies\n%s\nstored\n%s", w.now(), got, want)
		}
		w.clock.Add(time.Minute.Microseconds())
	}
	w.away.Store(false)
	if _, err := w.book.Update(t.Context(), "acme", func(s ledger.State) (ledger.Change, error) { return someChange(r, s, "acme", w.now()), nil }); err != nil {
		t.Fatal(err)
	}
	if err := lone.Reach(t.Context(), w.current(t)); err != nil {
		t.Fatal(err)
	}
	if e, _ := lone.Edition(w.now()); !e.Away.IsZero() {
		t.Error("the store is back, and answers are told to be old")
	}
	if got, want := w.answers(t, lone), w.answers(t, w.store); got != want {
		t.Errorf("after the store's return\n%s\nstored\n%s", got, want)
	}
}

func (w *world) current(t *testing.T) int64 {
	t.Helper()
	changes, err := w.store.Changes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return changes.Version
}

// TestOtherCopiesAreLeftAside: those of another version of the program, and of
// another database that counts its versions alike.
func TestOtherCopiesAreLeftAside(t *testing.T) {
	cache := memory.NewCache()
	one, other := newWorld(open(t), cache), newWorld(open(t), cache)
	for i, w := range []*world{one, other} {
		r := rand.New(rand.NewPCG(uint64(i), 3))
		warm := w.replica(t)
		if _, err := warm.ledger.Update(t.Context(), "acme", func(s ledger.State) (ledger.Change, error) { return someChange(r, s, "acme", noon), nil }); err != nil {
			t.Fatal(err)
		}
		warm.copies.TendOnce(t.Context())
	}
	for i, w := range []*world{one, other} {
		before := w.asked.Load()
		if got, want := w.answers(t, w.replica(t)), w.answers(t, w.store); got != want {
			t.Errorf("database %d is answered\n%s\nwant\n%s", i, got, want)
		}
		if from := w.asked.Load() == before; from != (w == other) {
			t.Errorf("database %d: answered from copies: %v", i, from)
		}
	}
	newer := &world{store: other.store, book: other.book, cache: cache, version: "v2"}
	newer.clock.Store(noon.UnixMicro())
	before := newer.asked.Load()
	newer.replica(t)
	if newer.asked.Load() == before {
		t.Error("what another version of the program copied is read")
	}
}

// TestNoAnswerOfTheStore is an error, as it is without copies.
func TestNoAnswerOfTheStore(t *testing.T) {
	w := &world{cache: memory.NewCache()}
	w.away.Store(true)
	copies := cached.NewStandings(watched{of: w}, w.config())
	if _, err := copies.Standing(t.Context(), ports.StandingQuery{At: noon, Stale: noon}); !errors.Is(err, errAway) {
		t.Errorf("it gives %v", err)
	}
	if _, err := copies.Changes(t.Context()); !errors.Is(err, errAway) {
		t.Errorf("it gives %v", err)
	}
}
