package ports

import (
	"context"
	"time"
)

// Cache keeps copies for a while, for this process or for every replica. It may
// lose each of them at any time, and what it gives may be older than what was last
// kept: whoever asks judges by what he finds. It never fails and is never waited
// for long: what cannot be had in time is missing, what cannot be kept is not.
type Cache interface {
	// Get gives the value of a key that is asked for again and again; nil where
	// there is none.
	Get(ctx context.Context, key string) []byte
	// Collect gives the values of many keys that are asked for once, in their
	// order; nil for those that are missing.
	Collect(ctx context.Context, keys []string) [][]byte
	// Keep puts copies in the place of those that were there; some of them may come
	// to be there and others not.
	Keep(ctx context.Context, copies []Copy)
}

// A Copy is a value that is kept in a Cache. Its bytes are not changed any more.
type Copy struct {
	Key   string
	Value []byte
	For   time.Duration // at most; a millisecond or more
}
