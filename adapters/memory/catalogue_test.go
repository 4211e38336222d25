package memory_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/memory"
	"ratecard/adapters/postgres"
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

// held is a copy of a store's catalogue with a clock of its own. Its store can
// be taken away; what the copy should know itself is then not to be had.
type held struct {
	*memory.Catalogue
	ledger memory.Ledger
	store  *postgres.Catalogue
	clock  atomic.Int64
	away   atomic.Bool
	asked  atomic.Int64 // how often the store was asked for models
}

var errAway = domain.Errorf(domain.KindUnavailable, "the store is away")

type watched struct {
	*postgres.Catalogue
	of *held
}

func (w watched) Models(ctx context.Context, q ports.ModelQuery) (ports.ModelPage, error) {
	w.of.asked.Add(1)
	return w.Catalogue.Models(ctx, q)
}

func (w watched) Model(ctx context.Context, p domain.ProviderID, ref string, at domain.AsOf) ([]ports.ModelView, error) {
	w.of.asked.Add(1)
	return w.Catalogue.Model(ctx, p, ref, at)
}

func (w watched) Changes(ctx context.Context) (ports.Changes, error) {
	if w.of.away.Load() {
		return ports.Changes{}, errAway
	}
	return w.Catalogue.Changes(ctx)
}

func hold(t fataler, store *postgres.Store, at time.Time) *held {
	t.Helper()
	h := &held{store: postgres.NewCatalogue(store)}
	h.clock.Store(at.UnixMicro())
	var err error
	h.Catalogue, err = memory.NewCatalogue(context.Background(), watched{h.store, h}, watched{h.store, h}, h.now)
	if err != nil {
		t.Fatal(err)
	}
	h.ledger = memory.Ledger{Ledger: postgres.NewLedger(store), Catalogue: h.Catalogue}
	return h
}

func (h *held) now() time.Time { return time.UnixMicro(h.clock.Load()).UTC() }

func TestCatalogue(t *testing.T) {
	store := open(t)
	var all []*held
	porttest.Present(t, func(tb testing.TB) porttest.Books {
		h := hold(tb, store, noon)
		all = append(all, h)
		return porttest.Books{Ledger: h.ledger, Catalogue: h.Catalogue, Pages: postgres.NewPages(store)}
	})
	for _, h := range all {
		if n := h.asked.Load(); n > 0 {
			t.Errorf("the store was asked %d times for what is held", n)
		}
	}
}

// A change is one of the kinds that readers see: models that come, change and
// go, and prices that begin and end now, later and earlier.
func someChange(r *rand.Rand, state ledger.State, p domain.ProviderID, at time.Time) ledger.Change {
	c := ledger.Change{KnownAt: at}
	for i := range 1 + r.IntN(3) {
		m := domain.Model{ModelKey: domain.ModelKey{Provider: p, ID: fmt.Sprintf("m%d", (i+r.IntN(6))%9)}, Source: "api", DisplayName: fmt.Sprint("Name ", r.IntN(9))}
		m.Usability = []domain.Usability{domain.UsabilityAvailable, domain.UsabilityPreview, domain.UsabilityDeprecated}[r.IntN(3)]
		if r.IntN(2) == 0 {
			window := r.Int64N(5)
			m.ContextWindow = &window
		}
		if len(c.Models) > 0 && c.Models[len(c.Models)-1].ID == m.ID {
			continue
		}
		again := false
		for _, other := range c.Models {
			again = again || other.ID == m.ID
		}
		if again {
			continue
		}
		c.Models = append(c.Models, m)
		for _, meter := range []domain.Meter{domain.MeterInput, domain.MeterOutput} {
			if r.IntN(2) == 0 {
				continue
			}
			key := domain.RateKey{Model: m.ModelKey, Layer: domain.LayerList, Tier: domain.TierStandard, Meter: meter, Region: domain.RegionGlobal}
			for _, old := range state.Rates {
				if old.RateKey == key {
					c.Supersede = append(c.Supersede, old)
				}
			}
			from := at.Add(time.Duration(r.IntN(40)-10) * time.Hour)
			for range 1 + r.IntN(2) {
				to := from.Add(time.Duration(1+r.IntN(30)) * time.Hour)
				c.Open = append(c.Open, domain.Rate{
					RateKey: key, Price: domain.Price{Amount: decimal.New(r.Int64N(900), -2), Unit: meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted},
					Effective: domain.Span{From: from, To: to}, Basis: domain.BasisStated,
				})
				from = to
			}
			if r.IntN(2) == 0 {
				c.Open[len(c.Open)-1].Effective.To = time.Time{}
			}
		}
	}
	return c
}

// TestWhatIsHeldIsWhatTheStoreAnswers, over changes of several providers and
// boundaries that pass, asked in every order, with and without filters; and it
// stays so while the store is away.
func TestWhatIsHeldIsWhatTheStoreAnswers(t *testing.T) {
	store := open(t)
	at := noon
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		h := hold(t, store, at)
		tags := map[string]string{}
		for range 4 {
			at = at.Add(time.Duration(1+r.IntN(300)) * time.Minute)
			h.clock.Store(at.UnixMicro())
			if h.away.Store(false); r.IntN(3) > 0 {
				p := domain.ProviderID([]string{"acme", "zenith"}[r.IntN(2)])
				version, err := h.ledger.Update(context.Background(), p, func(s ledger.State) (ledger.Change, error) { return someChange(r, s, p, at), nil })
				if err != nil {
					t.Fatal(err)
				}
				if page, _ := h.Models(context.Background(), ports.ModelQuery{AsOf: domain.AsOf{At: at}, Limit: 1}); page.Version != version {
					t.Fatalf("version %d was written and is reported, %d is answered", version, page.Version)
				}
				at = at.Add(time.Minute)
				h.clock.Store(at.UnixMicro())
			}
			h.away.Store(r.IntN(2) == 0)
			edition, known := h.Edition(at)
			if !known {
				t.Fatal("what is held is not answered")
			}
			q := ports.ModelQuery{AsOf: domain.AsOf{At: edition.At}, Limit: 100, Descending: r.IntN(2) == 0}
			q.Sort = []ports.ModelSort{"", ports.SortID, ports.SortName, ports.SortInputCost, ports.SortOutputCost, ports.SortContextWindow, ports.SortUpdatedAt}[r.IntN(7)]
			if r.IntN(2) == 0 {
				most := decimal.New(r.Int64N(900), -2)
				q.MaxInputCost = &most
			}
			got, want := answered(t, h.Catalogue, q), answered(t, h.store, q)
			if !bytes.Equal(got, want) {
				t.Fatalf("held\n%s\nstored\n%s", got, want)
			}
			q.AsOf.At = at
			if now := answered(t, h.store, q); !bytes.Equal(got, now) {
				t.Fatalf("at %s something has changed that the edition of %s does not tell:\n%s\n%s", at, edition.At, got, now)
			}
			whole := string(answered(t, h.store, ports.ModelQuery{AsOf: domain.AsOf{At: at}, Limit: 100}))
			if before, seen := tags[edition.Tag]; seen && before != whole {
				t.Fatalf("%s names two catalogues:\n%s\n%s", edition.Tag, before, whole)
			}
			tags[edition.Tag] = whole
		}
		if n := h.asked.Load(); n > 0 {
			t.Fatalf("the store was asked %d times for what is held", n)
		}
	})
}

func answered(t *rapid.T, c ports.Catalogue, q ports.ModelQuery) []byte {
	page, err := c.Models(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(any(page))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

type fataler interface {
	Helper()
	Fatal(args ...any)
}

// TestWhatAppliesNowIsAnsweredWhileTheStoreIsAway, as the store answers it; what
// applied at another time, or was believed then, is asked of the store alone.
func TestWhatAppliesNowIsAnsweredWhileTheStoreIsAway(t *testing.T) {
	store := open(t)
	h := hold(t, store, noon)
	r := rand.New(rand.NewPCG(5, 5))
	for n := range 3 {
		at := noon.Add(time.Duration(n) * time.Second)
		if _, err := h.ledger.Update(t.Context(), "acme", func(s ledger.State) (ledger.Change, error) { return someChange(r, s, "acme", at), nil }); err != nil {
			t.Fatal(err)
		}
	}
	stored := h.store
	ask := func(c ports.Catalogue, id string, q ports.HistoryQuery) string {
		t.Helper()
		list, err := c.History(t.Context(), domain.ModelKey{Provider: "acme", ID: id}, q)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(list, func(a, b domain.RateView) int { return cmp.Compare(a.ID, b.ID) })
		text, err := json.Marshal(any(append([]domain.RateView{}, list...)))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	h.Catalogue.Catalogue = nobody{h.store}
	priced := 0
	for at := noon.Add(time.Minute); at.Before(noon.Add(60 * time.Hour)); at = at.Add(2 * time.Hour) {
		h.clock.Store(at.UnixMicro())
		for i := range 9 {
			id := fmt.Sprintf("m%d", i)
			now := ports.HistoryQuery{Range: domain.Span{From: at, To: at.Add(time.Microsecond)}, Overlapping: true, KnownAt: at, Now: at}
			got, want := ask(h, id, now), ask(stored, id, now)
			if got != want {
				t.Fatalf("%s at %s: held\n%s\nstored\n%s", id, at, got, want)
			}
			if want != "[]" {
				priced++
			}
		}
	}
	if priced == 0 {
		t.Error("nothing had a price: this test shows nothing")
	}
	now := h.now()
	for name, q := range map[string]ports.HistoryQuery{
		"all":       {},
		"earlier":   {Range: domain.Span{From: now.Add(-time.Hour), To: now}, Overlapping: true, Now: now},
		"as it was": {Range: domain.Span{From: now, To: now.Add(time.Microsecond)}, Overlapping: true, Now: now, KnownAt: now.Add(-time.Hour)},
	} {
		if _, err := h.History(t.Context(), domain.ModelKey{Provider: "acme", ID: "m1"}, q); domain.KindOf(err) != domain.KindUnavailable {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

// nobody is a store that does not answer.
type nobody struct{ *postgres.Catalogue }

func (nobody) History(context.Context, domain.ModelKey, ports.HistoryQuery) ([]domain.RateView, error) {
	return nil, errAway
}

// TestProperty19_EveryReplicaLearnsOfAChange: the one that made it before the
// change is reported done, the others when they hear of it; what changes nothing
// leaves every answer as it is.
func TestProperty19_EveryReplicaLearnsOfAChange(t *testing.T) {
	store := open(t)
	here, there := hold(t, store, noon), hold(t, store, noon)
	ctx, end := context.WithCancel(t.Context())
	woken, deaf := postgres.Listen(ctx, store, postgres.CatalogueChanged, slog.New(slog.DiscardHandler))
	ended := make(chan struct{})
	go func() { defer close(ended); there.Follow(ctx, woken, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() { end(); <-deaf; <-ended })

	r := rand.New(rand.NewPCG(7, 7))
	at := noon
	var worst time.Duration
	for n := range 100 {
		at = at.Add(time.Minute)
		here.clock.Store(at.UnixMicro())
		there.clock.Store(at.UnixMicro())
		before, _ := there.Edition(at)
		nothing := n%3 == 0
		version, err := here.ledger.Update(context.Background(), "acme", func(s ledger.State) (ledger.Change, error) {
			if nothing {
				return ledger.Change{KnownAt: at}, nil
			}
			return someChange(r, s, "acme", at), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		done := time.Now()
		q := ports.ModelQuery{AsOf: domain.AsOf{At: at}, Limit: 100}
		if page, _ := here.Models(context.Background(), q); page.Version != version {
			t.Fatalf("version %d is reported, and %d answered by the replica that wrote it", version, page.Version)
		}
		for {
			page, err := there.Models(context.Background(), q)
			if err != nil {
				t.Fatal(err)
			}
			if page.Version == version {
				break
			}
			if time.Since(done) > 10*time.Second {
				t.Fatalf("the other replica answers version %d, 10 s after %d was written", page.Version, version)
			}
			<-time.After(time.Millisecond)
		}
		worst = max(worst, time.Since(done))
		if after, _ := there.Edition(at); nothing && after.Tag != before.Tag {
			t.Fatalf("what changed nothing made %s of %s", after.Tag, before.Tag)
		}
	}
	t.Logf("the other replica answered what was new after %s at the latest", worst)
}

// TestLostNotificationOfAChange is made up for within half a minute.
func TestLostNotificationOfAChange(t *testing.T) {
	store := open(t)
	here, there := hold(t, store, noon), hold(t, store, noon)
	version, err := here.ledger.Update(context.Background(), "acme", func(s ledger.State) (ledger.Change, error) {
		return someChange(rand.New(rand.NewPCG(1, 1)), s, "acme", noon), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	again := make(chan time.Time)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		there.FollowTicks(ctx, nil, again, slog.New(slog.DiscardHandler))
	}()
	again <- noon
	again <- noon // taken when the first look is over
	end()
	<-ended
	if e, known := there.Edition(noon); !known {
		t.Errorf("nothing is held: %+v", e)
	}
	if page, _ := there.Models(context.Background(), ports.ModelQuery{AsOf: domain.AsOf{At: noon}, Limit: 1}); page.Version != version {
		t.Errorf("version %d is answered, %d was written", page.Version, version)
	}
}

// TestWhatComesIsReadyBeforeItComes: nobody who asks just then waits for it, and
// nobody is answered it too early or too late.
func TestWhatComesIsReadyBeforeItComes(t *testing.T) {
	h := hold(t, open(t), noon)
	key := domain.RateKey{Model: domain.ModelKey{Provider: "acme", ID: "m"}, Layer: domain.LayerList, Tier: domain.TierStandard, Meter: domain.MeterInput, Region: domain.RegionGlobal}
	rate := func(cents int64, from, to time.Time) domain.Rate {
		price := domain.Price{Amount: decimal.New(cents, -2), Unit: key.Meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted}
		return domain.Rate{RateKey: key, Price: price, Effective: domain.Span{From: from, To: to}, Basis: domain.BasisStated}
	}
	comes := noon.Add(time.Hour)
	if _, err := h.ledger.Update(t.Context(), "acme", func(ledger.State) (ledger.Change, error) {
		return ledger.Change{
			KnownAt: noon, Models: []domain.Model{{ModelKey: key.Model, Source: "api", Usability: domain.UsabilityAvailable}},
			Open: []domain.Rate{rate(100, noon, comes), rate(200, comes, time.Time{})},
		}, nil
	}); err != nil {
		t.Fatal(err)
	}
	costs := func() string {
		t.Helper()
		page, err := h.Models(t.Context(), ports.ModelQuery{AsOf: domain.AsOf{At: h.now()}, Limit: 1})
		if err != nil || len(page.Models) != 1 || len(page.Models[0].Rates) != 1 {
			t.Fatalf("%+v, %v", page, err)
		}
		return page.Models[0].Rates[0].Amount.String()
	}
	h.clock.Store(comes.Add(-time.Microsecond).UnixMicro())
	h.Cross()
	if got := costs(); got != "1" || h.Prepared() {
		t.Errorf("just before it costs %s", got)
	}
	h.clock.Store(comes.UnixMicro())
	if got := costs(); got != "2" || !h.Prepared() {
		t.Errorf("just then it costs %s, which was made before: %v", got, h.Prepared())
	}
}

// TestDoubtIsLookedInto at once, and so is its end.
func TestDoubtIsLookedInto(t *testing.T) {
	h := hold(t, open(t), noon)
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		h.FollowTicks(ctx, nil, nil, slog.New(slog.DiscardHandler))
	}()
	defer func() { end(); <-ended }()
	for _, away := range []bool{true, false} {
		h.away.Store(away)
		h.Doubt()
		for began := time.Now(); h.Away().IsZero() == away; {
			if time.Since(began) > time.Minute {
				t.Fatalf("the store is away: %v; it is held to be so since %s", away, h.Away())
			}
			<-time.After(time.Millisecond)
		}
	}
}
