package cached_test

import (
	"testing"
	"time"

	"ratecard/adapters/cached"
	"ratecard/adapters/memory"
	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/ports"
	"ratecard/ports/porttest"
)

func TestKeys(t *testing.T) {
	s := open(t)
	keysForAStartWithoutTheStore(t, s)
	porttest.Keys(t, func(testing.TB) ports.Keys {
		return cached.NewKeys(postgres.NewKeys(s), newWorld(s, memory.NewCache()).config())
	})
}

// keysForAStartWithoutTheStore are those that may read, as they stood last, and no
// others.
func keysForAStartWithoutTheStore(t *testing.T, store *postgres.Store) {
	t.Helper()
	w := newWorld(store, memory.NewCache())
	keys := cached.NewKeys(postgres.NewKeys(store), w.config())
	if _, is := keys.Fallback(t.Context()); is {
		t.Error("before any was copied there are some")
	}
	var ids []int64
	for i, scope := range []domain.Scope{domain.ScopeRead, domain.ScopeAdmin, domain.ScopeRead} {
		made, err := keys.Create(t.Context(), domain.APIKey{Name: "k", Prefix: "rc_k", Hash: [32]byte{byte(i + 1)}, Scope: scope, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, made.ID)
	}
	if _, err := keys.Revoke(t.Context(), ids[2], noon); err != nil {
		t.Fatal(err)
	}
	ring, err := memory.NewKeyring(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	copied, is := keys.Fallback(t.Context())
	if !is {
		t.Fatal("none were copied")
	}
	revived := memory.ReviveKeyring(keys, copied)
	for hash, want := range map[byte]bool{1: true, 2: false, 3: false, 4: false} {
		if found := revived.Find([32]byte{hash}, noon) != nil; found != want {
			t.Errorf("key %d is found: %v", hash, found)
		}
	}
	if revived.Find([32]byte{1}, noon.Add(time.Hour)) != nil {
		t.Error("a key that has expired is found")
	}
	if ring.Find([32]byte{2}, noon) == nil {
		t.Error("while the store is there the administrator's key is not found")
	}
}
