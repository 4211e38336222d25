package cached_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/adapters/cached"
	"ratecard/adapters/memory"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// TestEveryKeyIsThere, under the names that are promised, and goes with its time.
func TestEveryKeyIsThere(t *testing.T) {
	w := newWorld(open(t), memory.NewCache())
	seen := &recorded{Cache: w.cache, lives: map[string]time.Duration{}}
	w.cache = seen
	warm := w.replica(t)
	if _, err := warm.ledger.Update(t.Context(), "acme", func(ledger.State) (ledger.Change, error) {
		return ledger.Change{KnownAt: noon, Models: []domain.Model{{ModelKey: domain.ModelKey{Provider: "acme", ID: "one"}, Source: "api", Usability: domain.UsabilityAvailable}}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	config := w.config()
	config.Lifetimes = cached.Lifetimes{Models: 3 * time.Hour, Prices: 2 * time.Hour, Fallback: 24 * time.Hour}
	copies := cached.NewStandings(w.store, config)
	if _, err := copies.Standing(t.Context(), ports.StandingQuery{At: noon, Stale: noon}); err != nil {
		t.Fatal(err)
	}
	copies.TendOnce(t.Context())
	want := map[string]time.Duration{
		"model:acme:list": 2 * time.Hour, "model:acme:one:details": 3 * time.Hour, "pricing:acme:one": 2 * time.Hour, "pricing:acme:fallback": 24 * time.Hour,
	}
	if !maps.Equal(seen.lives, want) {
		t.Errorf("kept are %v, want %v", seen.lives, want)
	}
	clear(seen.lives)
	copies.TendOnce(t.Context())
	if len(seen.lives) > 0 {
		t.Errorf("what is there is kept again: %v", seen.lives)
	}
	w.cache.Keep(t.Context(), []ports.Copy{{Key: "model:acme:list", Value: []byte("lost"), For: time.Hour}})
	clear(seen.lives)
	copies.TendOnce(t.Context())
	if !maps.Equal(seen.lives, want) {
		t.Errorf("after a loss kept are %v, want %v", seen.lives, want)
	}
}

// recorded is a cache of which is noted what is kept, and what was asked for.
type recorded struct {
	ports.Cache
	lives map[string]time.Duration
	asked []string
	lost  string // a key that has nothing
}

func (r *recorded) without(key string) *recorded { r.lost = key; return r }

func (r *recorded) Collect(ctx context.Context, keys []string) [][]byte {
	r.asked = append(r.asked, keys...)
	values := r.Cache.Collect(ctx, keys)
	for i, key := range keys {
		if key == r.lost {
			values[i] = nil
		}
	}
	return values
}

func (r *recorded) Keep(ctx context.Context, copies []ports.Copy) {
	for _, one := range copies {
		r.lives[one.Key] = one.For
	}
	r.Cache.Keep(ctx, copies)
}

// TestOnlyWhatHasChangedIsTaken: a replica that hears late of one new price, which
// another has read by then, takes that one.
func TestOnlyWhatHasChangedIsTaken(t *testing.T) {
	w := newWorld(open(t), memory.NewCache())
	seen := &recorded{Cache: w.cache, lives: map[string]time.Duration{}}
	warm := w.replica(t)
	if _, err := warm.ledger.Update(t.Context(), "acme", func(ledger.State) (ledger.Change, error) { return catalogueOf(50), nil }); err != nil {
		t.Fatal(err)
	}
	warm.copies.TendOnce(t.Context())
	w.cache = seen
	late := w.replica(t)
	if want := []string{"pricing:acme:fallback"}; !slices.Equal(seen.asked, want) {
		t.Errorf("to be filled it takes %v, want %v", seen.asked, want)
	}
	w.cache = seen.without("pricing:acme:fallback")
	w.replica(t)
	if len(seen.asked) != 2+100 {
		t.Errorf("to be filled without that it takes %d copies, want two of each of 50 models", len(seen.asked))
	}
	w.clock.Store(noon.Add(time.Minute).UnixMicro())
	if _, err := warm.ledger.Update(t.Context(), "acme", func(s ledger.State) (ledger.Change, error) {
		old := s.Rates[7]
		c := ledger.Change{KnownAt: w.now(), Supersede: []domain.Rate{old}, Open: []domain.Rate{old}}
		c.Open[0].Amount = old.Amount.Add(decimal.NewFromInt(1))
		return c, nil
	}); err != nil {
		t.Fatal(err)
	}
	warm.copies.TendOnce(t.Context())
	seen.asked = nil
	before := w.asked.Load()
	if err := late.Reach(t.Context(), w.current(t)); err != nil {
		t.Fatal(err)
	}
	if len(seen.asked) != 2 || w.asked.Load() != before {
		t.Errorf("for one new price it takes %v, and asks the store %d times", seen.asked, w.asked.Load()-before)
	}
	if got, want := w.answers(t, late), w.answers(t, w.store); got != want {
		t.Errorf("it answers\n%s\nstored\n%s", got, want)
	}
}
