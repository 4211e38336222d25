package domain

import "time"

// Scope is what an API key may do.
type Scope string

// The scopes; admin includes read.
const (
	ScopeRead  Scope = "read"
	ScopeAdmin Scope = "admin"
)

// Allows reports whether a key of this scope may do what needs the other.
func (s Scope) Allows(needed Scope) bool { return s == ScopeAdmin || s == needed }

// LargestLimit is the most requests a minute that a limit may be.
const LargestLimit = 1_000_000_000

// APIKey is a key as it is kept: its secret only as a hash.
type APIKey struct {
	ID         int64
	Name       string
	Prefix     string // the first characters, to tell keys apart
	Hash       [32]byte
	Scope      Scope
	CreatedAt  time.Time
	LastUsedAt time.Time // zero: never
	ExpiresAt  time.Time // from then on it is valid no longer; zero: until it is revoked
	RevokedAt  time.Time // zero: it was not
	Replaces   int64     // the id of the key that it was rotated from; 0: none

	RequestsPerMinute int64 // that may be made with it; 0: as many as the server lets everybody
}

// Valid reports whether the key opens anything at an instant.
func (k APIKey) Valid(at time.Time) bool {
	return k.RevokedAt.IsZero() && (k.ExpiresAt.IsZero() || at.Before(k.ExpiresAt))
}

// KeyPayload tells of a key that was made or revoked; never its secret.
type KeyPayload struct {
	KeyID           int64  `json:"keyId"`
	Name            string `json:"name"`
	Prefix          string `json:"prefix"`
	Scope           Scope  `json:"scope"`
	ExpiresAt       string `json:"expiresAt,omitempty"` // RFC 3339
	Replaces        int64  `json:"replaces,omitempty"`  // the id of the key that it was rotated from
	PerMinute       int64  `json:"requestsPerMinute,omitempty"`
	ReplacedExpires string `json:"replacedExpires,omitempty"` // RFC 3339: until when that one stays valid
	By              string `json:"by,omitempty"`              // who did it: a key, by its name
}
