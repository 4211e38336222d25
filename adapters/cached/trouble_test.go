package cached_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/adapters/memory"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// someChange makes models and prices come, move and go.
func someChange(r *rand.Rand, state ledger.State, p domain.ProviderID, at time.Time) ledger.Change {
	c := ledger.Change{KnownAt: at}
	for _, i := range r.Perm(6)[:1+r.IntN(4)] {
		m := domain.Model{
			ModelKey: domain.ModelKey{Provider: p, ID: fmt.Sprintf("m:%d", i)}, Source: "api", DisplayName: fmt.Sprint("Name ", r.IntN(9)),
			Usability: []domain.Usability{domain.UsabilityAvailable, domain.UsabilityDeprecated}[r.IntN(2)],
		}
		if window := r.Int64N(3); r.IntN(2) == 0 {
			m.ContextWindow = &window
		}
		c.Models = append(c.Models, m)
		key := domain.RateKey{Model: m.ModelKey, Layer: domain.LayerList, Tier: domain.TierStandard, Meter: domain.MeterInput, Region: domain.RegionGlobal}
		for _, old := range state.Rates {
			if old.RateKey == key {
				c.Supersede = append(c.Supersede, old)
			}
		}
		price := domain.Price{Amount: decimal.New(r.Int64N(300), -2), Unit: key.Meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted}
		c.Open = append(c.Open, domain.Rate{RateKey: key, Price: price, Effective: domain.Span{From: at, To: at.Add(time.Duration(1+r.IntN(90)) * time.Minute)}, Basis: domain.BasisStated})
	}
	return c
}

// meddled is a cache in which all that can go wrong does.
type meddled struct {
	ports.Cache
	mu   sync.Mutex
	r    *rand.Rand
	kept map[string][][]byte // all that ever was under a key
}

func (m *meddled) Keep(ctx context.Context, copies []ports.Copy) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var some []ports.Copy
	for _, one := range copies {
		m.kept[one.Key] = append(m.kept[one.Key], one.Value)
		if m.r.IntN(20) > 0 { // full
			some = append(some, one)
		}
	}
	m.Cache.Keep(ctx, some)
}

// meddle has copies lost, damaged, of earlier, and under the wrong key.
func (m *meddled) meddle() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, values := range m.kept {
		value := values[m.r.IntN(len(values))]
		switch m.r.IntN(12) {
		case 0:
			value = nil
		case 1:
			value = append([]byte(nil), value...)
			value[m.r.IntN(len(value))]++
		case 2:
			for _, other := range m.kept {
				value = other[0]
			}
		case 3: // an earlier one
		default:
			continue
		}
		m.Cache.Keep(context.Background(), []ports.Copy{{Key: key, Value: value, For: time.Minute}})
	}
}

// TestNothingWrongComesFromCopies: whatever became of the copies, what is answered
// is what the store answers; while it is away, what it answered at some time since
// the last change of each provider was copied.
func TestNothingWrongComesFromCopies(t *testing.T) {
	store := open(t)
	at := noon
	helped, revived := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		cache := &meddled{Cache: memory.NewCache(), r: r, kept: map[string][][]byte{}}
		w := newWorld(store, cache)
		w.clock.Store(at.UnixMicro())
		warm := w.replica(t)
		known := []time.Time{at} // when something became known
		for range 2 {
			at = at.Add(time.Duration(1+r.IntN(60)) * time.Minute)
			w.clock.Store(at.UnixMicro())
			p := domain.ProviderID([]string{"acme", "zenith"}[r.IntN(2)])
			if _, err := warm.ledger.Update(context.Background(), p, func(s ledger.State) (ledger.Change, error) { return someChange(r, s, p, at), nil }); err != nil {
				t.Fatal(err)
			}
			known = append(known, at)
			warm.copies.TendOnce(context.Background())
			at = at.Add(time.Minute)
			w.clock.Store(at.UnixMicro())
			if r.IntN(2) == 0 {
				cache.meddle()
			}
			before := w.asked.Load()
			if got, want := w.answers(t, w.replica(t)), w.answers(t, w.store); got != want {
				t.Fatalf("from copies\n%s\nstored\n%s", got, want)
			}
			if w.asked.Load() == before {
				helped++
			}
		}
		w.away.Store(true)
		if lone, is := w.revived("acme"); is {
			revived++
			if e, known := lone.Edition(at); !known || e.Away.IsZero() {
				t.Fatalf("what is copied is answered as if the store did: %+v", e)
			}
			for _, p := range []domain.ProviderID{"acme", "zenith"} {
				got := w.amounts(t, lone, p, time.Time{})
				if !slices.ContainsFunc(known, func(then time.Time) bool { return w.amounts(t, w.store, p, then) == got }) {
					t.Fatalf("while the store is away %s is answered as it never was: %s", p, got)
				}
			}
		}
	})
	if helped == 0 || revived == 0 {
		t.Errorf("copies were of use %d times, and a start without the store worked %d times: this test shows nothing", helped, revived)
	}
}

// amounts are the prices of a provider now, as they were believed then.
func (w *world) amounts(t fataler, c ports.Catalogue, p domain.ProviderID, then time.Time) string {
	t.Helper()
	page, err := c.Models(context.Background(), ports.ModelQuery{
		AsOf: domain.AsOf{At: w.now(), KnownAt: then}, Providers: []domain.ProviderID{p}, Limit: 1000,
		Usabilities: []domain.Usability{domain.UsabilityAvailable, domain.UsabilityDeprecated},
	})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, m := range page.Models {
		fmt.Fprint(&text, m.ID, " ", m.DisplayName, " ")
		for _, r := range m.Rates {
			fmt.Fprint(&text, r.Amount, " ")
		}
	}
	return text.String()
}
