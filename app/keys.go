package app

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

const (
	secretMark     = "rc_" // lets people and secret scanners recognise a key
	secretBytes    = 32
	secretShown    = len(secretMark) + 6 // of the key stay readable, to tell keys apart
	longestKeyName = 100
)

// NewKey asks for an API key.
type NewKey struct {
	Name    string // what it is for; 1 to 100 printable characters
	Scope   domain.Scope
	Expires time.Time // zero: when it is revoked
	Limit   int64     // requests a minute; 0: as many as the server lets everybody
	At      time.Time
}

// CreateKey makes a key, keeps its hash and gives its secret, which is kept
// nowhere: this is the only time anybody sees it. The secret's bytes come from
// random. KindInvalid names the field that cannot be.
func CreateKey(ctx context.Context, keys ports.Keys, random io.Reader, want NewKey) (domain.APIKey, string, error) {
	if err := want.check(); err != nil {
		return domain.APIKey{}, "", err
	}
	secret, err := newSecret(random)
	if err != nil {
		return domain.APIKey{}, "", err
	}
	key, err := keys.Create(ctx, domain.APIKey{
		Name:      want.Name,
		Prefix:    secret[:secretShown],
		Hash:      HashSecret(secret),
		Scope:     want.Scope,
		CreatedAt: domain.Instant(want.At),
		ExpiresAt: domain.Instant(want.Expires),

		RequestsPerMinute: want.Limit,
	})
	if err != nil {
		return domain.APIKey{}, "", err
	}
	return key, secret, nil
}

// UsualOverlap is how long a rotated key goes on being valid where nothing else
// is said: time to bring the new one to wherever the old one is used.
const UsualOverlap = 24 * time.Hour

// KeyRotation asks for a new key in the place of another.
type KeyRotation struct {
	ID      int64         // of the key to be replaced
	Overlap time.Duration // for how long that one stays valid; 0: not at all
	Expires time.Time     // of the new one; zero: as the old one was to
	Limit   int64         // of the new one, requests a minute; 0: as the old one
	At      time.Time
}

// RotateKey makes a key with the name and scope of another, and gives its secret
// as CreateKey does. Both are valid meanwhile. KindNotFound where there is no
// such key, KindConflict where it is valid no longer.
func RotateKey(ctx context.Context, keys ports.Keys, random io.Reader, want KeyRotation) (made, old domain.APIKey, secret string, err error) {
	if err := invalidKey(append(expiry(want.Expires, want.At), perMinute(want.Limit)...)); err != nil {
		return domain.APIKey{}, domain.APIKey{}, "", err
	}
	if secret, err = newSecret(random); err != nil {
		return domain.APIKey{}, domain.APIKey{}, "", err
	}
	made, old, err = keys.Rotate(ctx, domain.APIKey{
		Prefix:    secret[:secretShown],
		Hash:      HashSecret(secret),
		CreatedAt: domain.Instant(want.At),
		ExpiresAt: domain.Instant(want.Expires),
		Replaces:  want.ID,

		RequestsPerMinute: want.Limit,
	}, domain.Instant(want.At.Add(want.Overlap)))
	if err != nil {
		return domain.APIKey{}, domain.APIKey{}, "", err
	}
	return made, old, secret, nil
}

// ListKeys gives every key, newest first, revoked ones included.
func ListKeys(ctx context.Context, keys ports.Keys) ([]domain.APIKey, error) {
	return keys.List(ctx)
}

// RevokeKey ends a key for good; KindNotFound where there is none. A key that
// was revoked before keeps its first time.
func RevokeKey(ctx context.Context, keys ports.Keys, id int64, at time.Time) (domain.APIKey, error) {
	return keys.Revoke(ctx, id, domain.Instant(at))
}

// HashSecret is what is kept of a secret. Our secrets are 256 random bits, so
// one round of SHA-256 is as hard to undo as the secret is to guess.
func HashSecret(secret string) [32]byte { return sha256.Sum256([]byte(secret)) }

func newSecret(random io.Reader) (string, error) {
	b := make([]byte, secretBytes)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("reading random bytes for a key: %w", err)
	}
	return secretMark + base64.RawURLEncoding.EncodeToString(b), nil
}

func (k NewKey) check() error {
	var wrong []domain.FieldError
	if !printable(k.Name, longestKeyName) {
		wrong = append(wrong, domain.FieldError{
			Path:    "name",
			Message: fmt.Sprintf("expected 1 to %d printable characters, not only spaces", longestKeyName),
		})
	}
	if k.Scope != domain.ScopeRead && k.Scope != domain.ScopeAdmin {
		wrong = append(wrong, domain.FieldError{
			Path:    "scope",
			Message: fmt.Sprintf("%q is not one of %s, %s", k.Scope, domain.ScopeRead, domain.ScopeAdmin),
		})
	}
	wrong = append(wrong, expiry(k.Expires, k.At)...)
	return invalidKey(append(wrong, perMinute(k.Limit)...))
}

// expiry says what is wrong with when a key is to expire.
func expiry(expires, now time.Time) []domain.FieldError {
	if expires.IsZero() || expires.After(now) {
		return nil
	}
	return []domain.FieldError{{
		Path: "expiresAt", Message: fmt.Sprintf("expected an instant after now, which is %s", now.UTC().Format(time.RFC3339)),
	}}
}

// perMinute says what is wrong with a key's limit.
func perMinute(limit int64) []domain.FieldError {
	if limit >= 0 && limit <= domain.LargestLimit {
		return nil
	}
	return []domain.FieldError{{
		Path: "requestsPerMinute", Message: fmt.Sprintf("expected a whole number of requests from 1 to %d", domain.LargestLimit),
	}}
}

func invalidKey(wrong []domain.FieldError) error {
	if len(wrong) == 0 {
		return nil
	}
	return &domain.Error{Kind: domain.KindInvalid, Message: "no key can be made like that", Fields: wrong}
}
