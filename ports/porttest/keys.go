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
		"a revoked key stays revoked":         revokes,
		"a key takes another's place":         rotates,
		"a key that is over has no successor": rotatesNothing,
		"when a key was used":                 used,
		"keys are listed, the newest first":   listsKeys,
		"a second key with the same secret":   sameSecret,
		"a key that cannot be, or is not":     noKey,
		"a key's use after it was taken off":  usedLate,
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

// find gives a key as it is listed.
func find(t failer, k ports.Keys, want domain.APIKey) {
	t.Helper()
	list, err := k.List(context.Background())
	if err != nil {
		t.Fatalf("listing keys: %v", err)
	}
	for _, got := range list {
		if got.Hash == want.Hash {
			same(t, "the listed key", got, want)
			return
		}
	}
	t.Errorf("key %q is not listed", want.Name)
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
	find(t, k, one)
}

func rotates(t *testing.T, k ports.Keys) {
	one := aKeyOf("one", noon)
	one.ExpiresAt, one.RequestsPerMinute = hour(100), 600
	one = create(t, k, one)
	heir := aKeyOf("nobody", hour(1))
	heir.Scope, heir.Replaces = "", one.ID
	made, old, err := k.Rotate(context.Background(), heir, hour(25))
	if err != nil {
		t.Fatal(err)
	}
	one.ExpiresAt = hour(25)
	same(t, "the old key", old, one)
	heir.ID, heir.Name, heir.Scope, heir.ExpiresAt = made.ID, one.Name, one.Scope, hour(100)
	heir.RequestsPerMinute = one.RequestsPerMinute
	same(t, "the new key", made, heir)
	find(t, k, made)
	find(t, k, old)

	// A second rotation does not give the first key more time.
	second := aKeyOf("second", hour(2))
	second.Replaces, second.ExpiresAt, second.RequestsPerMinute = one.ID, hour(50), 900
	made, old, err = k.Rotate(context.Background(), second, hour(26))
	if err != nil || !old.ExpiresAt.Equal(hour(25)) || !made.ExpiresAt.Equal(hour(50)) || made.RequestsPerMinute != 900 {
		t.Errorf("got %+v and %+v, %v", made, old, err)
	}
}

func rotatesNothing(t *testing.T, k ports.Keys) {
	heir := func(id int64, at time.Time) domain.APIKey {
		key := aKeyOf("heir", at)
		key.Replaces = id
		return key
	}
	_, _, err := k.Rotate(context.Background(), heir(1<<60, noon), hour(1))
	fails(t, "rotating nothing", err, domain.KindNotFound)
	revoked := create(t, k, aKeyOf("revoked", noon))
	if _, err := k.Revoke(context.Background(), revoked.ID, hour(1)); err != nil {
		t.Fatal(err)
	}
	_, _, err = k.Rotate(context.Background(), heir(revoked.ID, hour(2)), hour(3))
	fails(t, "rotating a revoked key", err, domain.KindConflict)
	over := aKeyOf("over", noon)
	over.ExpiresAt = hour(1)
	over = create(t, k, over)
	_, _, err = k.Rotate(context.Background(), heir(over.ID, hour(1)), hour(3))
	fails(t, "rotating an expired key", err, domain.KindConflict)
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
	none := aKeyOf("none", noon)
	none.RequestsPerMinute = -1
	_, err = k.Create(context.Background(), none)
	fails(t, "a limit below nothing", err, domain.KindInvalid)
	_, err = k.Revoke(context.Background(), 1<<60, noon)
	fails(t, "revoking nothing", err, domain.KindNotFound)
}

func usedLate(t *testing.T, k ports.Keys) {
	if err := k.Used(context.Background(), 1<<60, noon); err != nil {
		t.Errorf("got %v; whoever notes a use late must not fail for it", err)
	}
}
