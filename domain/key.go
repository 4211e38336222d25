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

// APIKey is a key as it is kept: its secret only as a hash.
type APIKey struct {
	ID         int64
	Name       string
	Prefix     string // the first characters, to tell keys apart
	Hash       [32]byte
	Scope      Scope
	CreatedAt  time.Time
	LastUsedAt time.Time // zero: never
	RevokedAt  time.Time // zero: valid
}
