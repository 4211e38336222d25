package api

import (
	"context"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// mostBuckets are told apart in one window. The addresses beyond share one: so an
// attacker with many costs us no more memory, and no key anything.
const mostBuckets = 20_000

// A holder is who has a limit of its own: a key, or whoever asks without one from
// an address. The zero one has none.
type holder struct {
	key     int64 // its id; ownKey: the environment's
	address netip.Prefix
	others  bool  // who asks without a key, where addresses are too many
	limit   int64 // requests in a window; 0: any number
}

const ownKey = -1

// name is the holder's bucket, for all replicas.
func (w holder) name() string {
	switch {
	case w.key == ownKey:
		return "key:own"
	case w.key != 0:
		return "key:" + strconv.FormatInt(w.key, 10)
	case w.others:
		return "others"
	}
	return "address:" + w.address.String()
}

// limits keep everybody to so many requests a minute, whichever replica is asked.
type limits struct {
	leases ports.Leases

	mu      sync.RWMutex
	window  time.Time // the one that buckets are of
	buckets map[holder]*bucket

	replicas atomic.Int64 // that shared a bucket in this window
	before   atomic.Int64 // and in the last one in which any did
}

// heardOf notes how many replicas share a bucket.
func (l *limits) heardOf(replicas int) {
	for n := l.replicas.Load(); n < int64(replicas) && !l.replicas.CompareAndSwap(n, int64(replicas)); {
		n = l.replicas.Load()
	}
}

// share is what one replica may give out of a limit where it cannot ask the others.
func (l *limits) share(limit int64) int64 {
	sharing := max(1, l.replicas.Load(), l.before.Load())
	return max(1, (limit+sharing-1)/sharing)
}

// of gives the bucket of a holder in the window of an instant.
func (l *limits) of(who holder, now time.Time) *bucket {
	window := now.Truncate(limitWindow)
	l.mu.RLock()
	b := l.buckets[who]
	same := l.window.Equal(window)
	l.mu.RUnlock()
	if b != nil && same {
		return b
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	// Who read the clock just before a window began is of that one.
	if window.After(l.window) || l.window.Sub(window) > limitWindow {
		l.window, l.buckets = window, map[holder]*bucket{}
		if n := l.replicas.Swap(0); n > 0 { // while nobody can be asked, as many as there were
			l.before.Store(n)
		}
	}
	if l.buckets[who] == nil && who.key == 0 && len(l.buckets) >= mostBuckets {
		who = holder{others: true, limit: who.limit}
	}
	if b = l.buckets[who]; b == nil {
		b = &bucket{query: ports.LeaseQuery{
			Bucket: who.name(), Window: l.window, Length: limitWindow, Limit: who.limit, Want: max(1, who.limit/blocks),
		}, limit: []string{strconv.FormatInt(who.limit, 10)}}
		l.buckets[who] = b
	}
	return b
}

// seconds are the header values of a wait, made once.
var seconds = func() (values [int(limitWindow/time.Second) + 1][]string) {
	for i := range values {
		values[i] = []string{strconv.Itoa(i)}
	}
	return values
}()

// keep spends one request of a holder's, says in headers what is left, and refuses
// what is too much.
func (l *limits) keep(ctx context.Context, header http.Header, who holder, now time.Time) error {
	if who.limit == 0 {
		return nil
	}
	b := l.of(who, now)
	left, ok := b.take(ctx, l)
	wait := min(max(0, b.query.Window.Add(limitWindow).Sub(now)), limitWindow)
	header["Ratelimit-Limit"] = b.limit
	header["Ratelimit-Remaining"] = []string{strconv.FormatInt(left, 10)}
	header["Ratelimit-Reset"] = seconds[int(math.Ceil(wait.Seconds()))]
	if ok {
		return nil
	}
	return &domain.Error{
		Kind: domain.KindRateLimited, RetryAfter: max(wait, time.Millisecond),
		Message: "more requests than the limit of " + strconv.FormatInt(who.limit, 10) + " a minute; wait until the next minute begins",
	}
}
