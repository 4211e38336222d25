package ports

import (
	"context"
	"time"
)

// Leases shares limits out among replicas: so many tokens in each window, for
// whoever a bucket is of. A replica takes them in blocks and need not ask for each.
type Leases interface {
	// Lease takes tokens for this replica. All that replicas hold of one bucket in
	// one window is never more than its limit; nothing is granted where nothing is
	// left, which is no error. What a replica says that it holds counts, whatever
	// is remembered of it: so what was forgotten comes back, and an answer that
	// was lost costs nothing. An error means that nobody can tell now.
	Lease(ctx context.Context, q LeaseQuery) (Lease, error)
}

// LeaseQuery asks for tokens.
type LeaseQuery struct {
	Bucket string
	Window time.Time     // when it begins
	Length time.Duration // of the window
	Limit  int64         // tokens of the bucket in this window
	Held   int64         // of them this replica has taken before, spent or not
	Want   int64         // at most so many more; at least 1
}

// Lease is what was taken.
type Lease struct {
	Granted  int64
	Left     int64 // in the bucket, for whoever comes next
	Replicas int   // that have taken of it in this window, this one included
}
