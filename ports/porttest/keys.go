package porttest

import (
	"context"
	"crypto/sha256"
	"testing"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// Keys tests what ports.Keys promises.
func Keys(t *testing.T, open func(testing.TB) ports.Keys) {
	run(t, open, map[string]func(*testing.T, ports.Keys){
		"a key is found by its hash":         findsKey,
		"a revoked key is not found":         revokes,
		"when a key was used":                used,
		"keys are listed, the newest first":  listsKeys,
		"a second key with the same secret":  sameSecret,
		"a key that cannot be, or is not":    noKey,
		"a key's use after it was taken off": usedLate,
	})
}

// aKeyOf is a key with a secret of its own.
func aKeyOf(name string, at time.Time) domain.APIKey {
	return domain.APIKey{Name: name, Prefix: name[:2], Hash: sha256.Sum256([]byte(aProvider())), Scope: domain.ScopeAdmin, CreatedAt: at}
}

func create(t failer, k ports.Keys, key domain.APIKey) domain.APIKey {
	t.Helper()
	made, err := k.Create(context.Background(), key)
	if err != nil {
		t.Fatalf("creating a key: %v", err)
	}
	key.ID = made.ID
	same(t, "the created key", made, key)
	if made.ID == 0 {
		t.Errorf("key %q has no id", key.Name)
	}
	return made
}

func find(t failer, k ports.Keys, want domain.APIKey) {
	t.Helper()
	got, err := k.Find(context.Background(), want.Hash)
	if err != nil {
		t.Fatalf("finding key %q: %v", want.Name, err)
	}
	same(t, "the found key", got, want)
}

func findsKey(t *testing.T, k ports.Keys) {
	one, two := create(t, k, aKeyOf("one", noon)), create(t, k, aKeyOf("two", noon))
	find(t, k, one)
	find(t, k, two)
	_, err := k.Find(context.Background(), aKeyOf("three", noon).Hash)
	fails(t, "a hash of nothing", err, domain.KindNotFound)
}

func revokes(t *testing.T, k ports.Keys) {
	one := create(t, k, aKeyOf("one", noon))
	one.RevokedAt = hour(1)
	for _, at := range []time.Time{hour(1), hour(2)} {
		got, err := k.Revoke(context.Background(), one.ID, at)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the revoked key", got, one)
	}
	_, err := k.Find(context.Background(), one.Hash)
	fails(t, "a revoked key", err, domain.KindNotFound)
}

func used(t *testing.T, k ports.Keys) {
	one := create(t, k, aKeyOf("one", noon))
	for _, at := range []time.Time{hour(2), hour(3), hour(1)} {
		if err := k.Used(context.Background(), one.ID, at); err != nil {
			t.Fatal(err)
		}
	}
	one.LastUsedAt = hour(3)
	find(t, k, one)
}

func listsKeys(t *testing.T, k ports.Keys) {
	future := hour(1_000_000)
	first, second, third := create(t, k, aKeyOf("first", future)), create(t, k, aKeyOf("second", future)), create(t, k, aKeyOf("third", future.Add(time.Second)))
	third, err := k.Revoke(context.Background(), third.ID, future)
	if err != nil {
		t.Fatal(err)
	}
	list, err := k.List(context.Background())
	if err != nil || len(list) < 3 {
		t.Fatalf("got %d keys, %v", len(list), err)
	}
	same(t, "the newest", list[:3], []domain.APIKey{third, second, first})
}

func sameSecret(t *testing.T, k ports.Keys) {
	one := create(t, k, aKeyOf("one", noon))
	one.Name = "another"
	_, err := k.Create(context.Background(), one)
	fails(t, "the same hash", err, domain.KindConflict)
}

func noKey(t *testing.T, k ports.Keys) {
	odd := aKeyOf("odd", noon)
	odd.Scope = "everything"
	_, err := k.Create(context.Background(), odd)
	fails(t, "an unknown scope", err, domain.KindInvalid)
	_, err = k.Revoke(context.Background(), 1<<60, noon)
	fails(t, "revoking nothing", err, domain.KindNotFound)
}

func usedLate(t *testing.T, k ports.Keys) {
	if err := k.Used(context.Background(), 1<<60, noon); err != nil {
		t.Errorf("got %v; whoever notes a use late must not fail for it", err)
	}
}
