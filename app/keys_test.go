package app_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/ports"
)

// kept stands for the store of keys where only what reaches it is looked at.
type kept struct {
	ports.Keys
	key domain.APIKey
}

func (k *kept) Create(_ context.Context, key domain.APIKey) (domain.APIKey, error) {
	k.key = key
	key.ID = 1
	return key, nil
}

// Every key that is made can be told by its hash and its prefix alone, and the
// store never sees the secret.
func TestOnlyTheHashIsKept(t *testing.T) {
	form := regexp.MustCompile(`^rc_[A-Za-z0-9_-]{43}$`)
	rapid.Check(t, func(t *rapid.T) {
		random := rapid.SliceOfN(rapid.Byte(), 32, 64).Draw(t, "random")
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "seconds"), 1234)
		var store kept
		key, secret, err := app.CreateKey(context.Background(), &store, bytes.NewReader(random), app.NewKey{Name: "gateway", Scope: domain.ScopeRead, At: at})
		if err != nil {
			t.Fatal(err)
		}
		if !form.MatchString(secret) {
			t.Fatalf("secret %q", secret)
		}
		if store.key.Hash != sha256.Sum256([]byte(secret)) || app.HashSecret(secret) != store.key.Hash {
			t.Fatal("the hash is not the secret's")
		}
		if !strings.HasPrefix(secret, key.Prefix) || len(key.Prefix) > len(secret)/4 {
			t.Fatalf("prefix %q of %q", key.Prefix, secret)
		}
		if !key.CreatedAt.Equal(at.UTC().Truncate(time.Microsecond)) || key.ID != 1 {
			t.Fatalf("%+v", key)
		}
	})
}

func TestKeysThatCannotBe(t *testing.T) {
	for name, test := range map[string]struct {
		want app.NewKey
		path string
	}{
		"no name":            {app.NewKey{Scope: domain.ScopeRead}, "name"},
		"blank name":         {app.NewKey{Name: " \u00a0", Scope: domain.ScopeRead}, "name"},
		"name of two lines":  {app.NewKey{Name: "a\nb", Scope: domain.ScopeRead}, "name"},
		"name with a NUL":    {app.NewKey{Name: "a\x00", Scope: domain.ScopeRead}, "name"},
		"name not UTF-8":     {app.NewKey{Name: "a\xff", Scope: domain.ScopeRead}, "name"},
		"name too long":      {app.NewKey{Name: strings.Repeat("ä", 101), Scope: domain.ScopeRead}, "name"},
		"no scope":           {app.NewKey{Name: "a"}, "scope"},
		"scope nobody knows": {app.NewKey{Name: "a", Scope: "root"}, "scope"},
	} {
		t.Run(name, func(t *testing.T) {
			_, secret, err := app.CreateKey(context.Background(), &kept{}, strings.NewReader(strings.Repeat("r", 32)), test.want)
			var e *domain.Error
			if !errors.As(err, &e) || e.Kind != domain.KindInvalid || len(e.Fields) != 1 || e.Fields[0].Path != test.path || secret != "" {
				t.Errorf("got %v", err)
			}
		})
	}
	longest := app.NewKey{Name: strings.Repeat("ä", 100), Scope: domain.ScopeAdmin}
	if _, _, err := app.CreateKey(context.Background(), &kept{}, strings.NewReader(strings.Repeat("r", 32)), longest); err != nil {
		t.Errorf("a name of 100 characters: %v", err)
	}
}

func TestTooLittleRandomnessMakesNoKey(t *testing.T) {
	_, secret, err := app.CreateKey(context.Background(), &kept{}, strings.NewReader("short"), app.NewKey{Name: "a", Scope: domain.ScopeRead})
	if !errors.Is(err, io.ErrUnexpectedEOF) || secret != "" {
		t.Errorf("got %q, %v", secret, err)
	}
}
