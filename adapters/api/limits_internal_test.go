package api

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ratecard/ports"
)

// common are the leases of replicas that share every limit; one of them is told by
// its number. They can be cut off.
type common struct {
	mu    sync.Mutex
	held  map[string]map[int]int64
	asked atomic.Int64
	cut   atomic.Bool
}

func (c *common) lease(replica int, q ports.LeaseQuery) (ports.Lease, error) {
	c.asked.Add(1)
	if c.cut.Load() {
		return ports.Lease{}, errors.New("cut off")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := q.Bucket + q.Window.String()
	if c.held[key] == nil {
		c.held[key] = map[int]int64{}
	}
	c.held[key][replica] = q.Held
	left := q.Limit
	for _, held := range c.held[key] {
		left -= held
	}
	granted := max(0, min(q.Want, left))
	c.held[key][replica] += granted
	return ports.Lease{Granted: granted, Left: max(0, left-granted), Replicas: len(c.held[key])}, nil
}

type replicaOf struct {
	*common
	number int
}

func (r replicaOf) Lease(_ context.Context, q ports.LeaseQuery) (ports.Lease, error) {
	return r.lease(r.number, q)
}

func replicasOf(c *common, n int) []*limits {
	c.held = map[string]map[int]int64{}
	all := make([]*limits, n)
	for i := range all {
		all[i] = &limits{leases: replicaOf{c, i}}
	}
	return all
}

var began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// passed asks a replica n times and counts what was let through.
func passed(l *limits, who holder, n int, now time.Time) (through int) {
	for range n {
		if l.keep(context.Background(), http.Header{}, who, now) == nil {
			through++
		}
	}
	return through
}

// TestReplicasKeepALimitTogether: whoever is asked how much, within a tenth, and
// far fewer leases than requests.
func TestReplicasKeepALimitTogether(t *testing.T) {
	who := holder{key: 1, limit: 12_000}
	for name, share := range map[string][3]int{
		"evenly": {1, 1, 1}, "one alone": {1, 0, 0}, "one most": {8, 1, 1}, "one hardly": {1, 20, 20},
	} {
		t.Run(name, func(t *testing.T) {
			var c common
			replicas := replicasOf(&c, 3)
			asked, through := 0, 0
			for asked < 3*int(who.limit) {
				for i, l := range replicas {
					asked += share[i]
					through += passed(l, who, share[i], began)
				}
			}
			if through > int(who.limit) || through < int(who.limit)*9/10 {
				t.Errorf("%d of %d were let through", through, who.limit)
			}
			if n := c.asked.Load(); n > 60 {
				t.Errorf("%d leases for %d requests", n, asked)
			}
		})
	}
}

// TestAllAtOnceKeepALimit with many callers of each replica.
func TestAllAtOnceKeepALimit(t *testing.T) {
	var c common
	replicas := replicasOf(&c, 3)
	who := holder{key: 1, limit: 9_000}
	var through atomic.Int64
	var all sync.WaitGroup
	for _, l := range replicas {
		for range 8 {
			all.Go(func() { through.Add(int64(passed(l, who, 2000, began))) })
		}
	}
	all.Wait()
	if n := through.Load(); n > who.limit || n < who.limit*9/10 {
		t.Errorf("%d of %d were let through", n, who.limit)
	}
}

// TestAReplicaAloneKeepsItsShare: where the others cannot be asked, what is its own
// part of the limit, and as before when they can be asked again.
func TestAReplicaAloneKeepsItsShare(t *testing.T) {
	var c common
	replicas := replicasOf(&c, 3)
	who := holder{key: 1, limit: 3_000}
	for range 500 {
		for _, l := range replicas {
			passed(l, who, 1, began)
		}
	}
	c.cut.Store(true)
	for i, l := range replicas { // 500 of 1,000 are spent, and what was taken may be a block more
		if n := passed(l, who, 3000, began); n < 500 || n > 500+3000/blocks {
			t.Errorf("replica %d let %d more through when it was cut off", i, n)
		}
	}
	for window := range 3 {
		for i, l := range replicas {
			if n := passed(l, who, 3000, began.Add(time.Duration(window+1)*limitWindow)); n != 1000 {
				t.Errorf("replica %d let %d through in window %d in which it was cut off", i, n, window)
			}
		}
	}
	c.cut.Store(false)
	if n := passed(replicas[0], who, 5000, began.Add(4*limitWindow)); n != 3000 {
		t.Errorf("%d were let through when the others could be asked again, and asked for nothing", n)
	}
	alone := &limits{leases: replicaOf{&c, 7}}
	c.cut.Store(true)
	if n := passed(alone, who, 5000, began.Add(4*limitWindow)); n != 3000 {
		t.Errorf("%d were let through by one that never heard of another", n)
	}
}

// waiting is a store of leases that does not answer until it is let.
type waiting struct{ answer chan struct{} }

func (w waiting) Lease(ctx context.Context, q ports.LeaseQuery) (ports.Lease, error) {
	select {
	case <-w.answer:
		return ports.Lease{Granted: q.Want, Left: q.Limit, Replicas: 1}, nil
	case <-ctx.Done():
		return ports.Lease{}, ctx.Err()
	}
}

// TestWhoLeavesIsNotKeptWaiting, nor is anybody for ever.
func TestWhoLeavesIsNotKeptWaiting(t *testing.T) {
	l := &limits{leases: waiting{make(chan struct{})}}
	gone, leave := context.WithCancel(context.Background())
	leave()
	who := holder{key: 1, limit: 10}
	if err := l.keep(gone, http.Header{}, who, began); err != nil {
		t.Errorf("who left was told %v", err)
	}
	if n := passed(l, who, 20, began); n != 10 {
		t.Errorf("%d were let through when no lease was answered", n)
	}
}

// TestBucketsAreBounded, however many addresses there are; no key loses its own.
func TestBucketsAreBounded(t *testing.T) {
	var c common
	l := replicasOf(&c, 1)[0]
	address := netip.MustParseAddr("10.0.0.0")
	for range mostBuckets + 10 {
		address = address.Next()
		if l.keep(context.Background(), http.Header{}, holder{address: subscriber(address), limit: 6}, began) != nil {
			break // the ones too many share a limit
		}
	}
	if n := len(l.buckets); n != mostBuckets+1 {
		t.Errorf("%d buckets", n)
	}
	if n := passed(l, holder{address: subscriber(address.Next()), limit: 6}, 6, began); n != 0 {
		t.Errorf("one of too many was let through %d times", n)
	}
	if n := passed(l, holder{key: 3, limit: 6}, 10, began); n != 6 {
		t.Errorf("a key was let through %d times", n)
	}
	if passed(l, holder{key: 3, limit: 6}, 1, began.Add(limitWindow)); len(l.buckets) != 1 {
		t.Errorf("%d buckets in the next window", len(l.buckets))
	}
}

// TestAClockThatIsSetBack does not lock anybody out.
func TestAClockThatIsSetBack(t *testing.T) {
	var c common
	l := replicasOf(&c, 1)[0]
	who := holder{key: 1, limit: 6}
	passed(l, who, 6, began.Add(limitWindow))
	if n := passed(l, who, 6, began.Add(limitWindow-time.Millisecond)); n != 0 {
		t.Errorf("%d by a clock that was read just before", n)
	}
	if n := passed(l, who, 6, began.Add(-24*time.Hour)); n != 6 {
		t.Errorf("%d by a clock that was set back a day", n)
	}
}
