package memory_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/memory"
	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/ports"
	"ratecard/ports/porttest"
)

func TestKeyring(t *testing.T) {
	store, err := postgres.Open(t.Context(), postgres.Config{DSN: pgtest.DSN(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	if err := postgres.Migrate(t.Context(), store, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	porttest.Keys(t, func(tb testing.TB) ports.Keys {
		ring, err := memory.NewKeyring(context.Background(), postgres.NewKeys(store))
		if err != nil {
			tb.Fatal(err)
		}
		return ring
	})
}

// elsewhere is a store that others change.
type elsewhere struct {
	ports.Keys
	mu   sync.Mutex
	keys []domain.APIKey
	fail error
}

func (e *elsewhere) List(context.Context) ([]domain.APIKey, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]domain.APIKey(nil), e.keys...), e.fail
}

func (e *elsewhere) set(fail error, keys ...domain.APIKey) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.keys, e.fail = keys, fail
}

// TestLostNotificationIsMadeUpFor within half a minute; while the store is away
// the keys stay as they were, and a notification is heeded at once.
func TestLostNotificationIsMadeUpFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := domain.APIKey{ID: 1, Hash: [32]byte{1}, Scope: domain.ScopeRead}
		store := &elsewhere{keys: []domain.APIKey{key}}
		ring, err := memory.NewKeyring(t.Context(), store)
		if err != nil {
			t.Fatal(err)
		}
		ctx, end := context.WithCancel(t.Context())
		defer end()
		woken := make(chan struct{}, 1)
		var log strings.Builder
		go ring.Follow(ctx, woken, slog.New(slog.NewTextHandler(&log, nil)))
		known := func() bool {
			synctest.Wait()
			return ring.Find(key.Hash, time.Now()) != nil
		}

		revoked := key
		revoked.RevokedAt = time.Now()
		store.set(nil, revoked)
		<-time.After(28 * time.Second)
		if !known() {
			t.Error("it was read again before its time; then this test shows nothing")
		}
		<-time.After(2 * time.Second)
		if known() {
			t.Error("half a minute after it was revoked the key is still found")
		}

		store.set(nil, key)
		woken <- struct{}{}
		if !known() {
			t.Error("a notification was not heeded")
		}
		store.set(errors.New("the store is away"))
		<-time.After(5 * time.Minute)
		if !known() {
			t.Error("while the store is away the key is not found")
		}
		if !strings.Contains(log.String(), "stay as they were") {
			t.Errorf("the log does not tell: %s", log.String())
		}
	})
}
