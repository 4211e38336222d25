package api

import (
	"context"
	"sync"
	"time"

	"ratecard/ports"
)

const (
	limitWindow   = time.Minute
	blocks        = 40                     // of a limit that a replica takes at a time: what lies unspent on a few others is little
	leasePatience = 500 * time.Millisecond // with one lease
)

// A bucket is what one of those who are limited may still ask for in a window. The
// tokens come in blocks, the next of which is asked for while there are some left:
// so nobody waits for one but the first in a window, and whoever is faster than
// the lease.
type bucket struct {
	query ports.LeaseQuery // Held is what was taken before
	limit []string         // the header that tells of it

	mu     sync.Mutex
	have   int64         // tokens that are left here
	left   int64         // and elsewhere, when it was last asked
	dry    bool          // nothing more is to be had in this window
	asking chan struct{} // closed when a lease has been answered; nil: none is asked for
}

// take spends a token, and tells how many are left; false where there is none. It
// gives one to who would not wait.
func (b *bucket) take(ctx context.Context, l *limits) (int64, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.have == 0 && !b.dry {
		asking := b.ask(l)
		b.mu.Unlock()
		select {
		case <-asking:
		case <-ctx.Done():
		}
		b.mu.Lock()
		if ctx.Err() != nil {
			return b.left, true
		}
	}
	if b.have == 0 {
		return 0, false
	}
	b.have--
	if b.have < b.query.Want/2 && !b.dry {
		b.ask(l)
	}
	return b.have + b.left, true
}

// ask has the next block asked for, unless it is; b.mu is held.
func (b *bucket) ask(l *limits) <-chan struct{} {
	if b.asking == nil {
		b.asking = make(chan struct{})
		go b.lease(l, b.query, b.asking)
	}
	return b.asking
}

func (b *bucket) lease(l *limits, q ports.LeaseQuery, done chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), leasePatience)
	defer cancel()
	lease, err := l.leases.Lease(ctx, q)
	b.mu.Lock()
	defer b.mu.Unlock()
	defer close(done)
	b.asking = nil
	if err != nil {
		b.alone(l.share(q.Limit))
		return
	}
	l.heardOf(lease.Replicas)
	b.have += lease.Granted
	b.query.Held += lease.Granted
	b.left = lease.Left
	b.dry = lease.Granted == 0
}

// alone goes on with this replica's own share of the limit, until the window ends.
func (b *bucket) alone(share int64) {
	more := max(0, share-b.query.Held)
	b.have += more
	b.query.Held += more
	b.left, b.dry = 0, true
}
