package porttest

import (
	"context"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ratecard/ports"
)

// Leases tests what ports.Leases promises. Those that open gives are of so many
// replicas, which share every limit.
func Leases(t *testing.T, open func(testing.TB) []ports.Leases) {
	run(t, open, map[string]func(*testing.T, []ports.Leases){
		"never more than the limit":             neverMore,
		"the whole limit can be had":            allOfIt,
		"buckets and windows do not mix":        bucketsApart,
		"what is held counts, not what is told": heldCounts,
		"a limit that changes":                  limitChanges,
		"all at once":                           leasedAtOnce,
	})
}

// aBucket is a question about a bucket that nobody else asks about.
func aBucket(limit, want int64) ports.LeaseQuery {
	return ports.LeaseQuery{
		Bucket: "of " + string(aProvider()), Window: time.Now().Truncate(time.Minute), Length: time.Minute, Limit: limit, Want: want,
	}
}

func lease(t failer, l ports.Leases, q ports.LeaseQuery) ports.Lease {
	t.Helper()
	got, err := l.Lease(context.Background(), q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	if got.Granted < 0 || got.Granted > q.Want || got.Left < 0 || got.Replicas < 1 {
		t.Fatalf("%+v was answered %+v", q, got)
	}
	return got
}

// neverMore: whoever takes how much in which order, all hold together what was
// granted, what is left is the rest, and it is given as long as it is there.
func neverMore(t *testing.T, replicas []ports.Leases) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.Int64Range(1, 200).Draw(t, "limit")
		q := aBucket(limit, 1)
		held := make([]int64, len(replicas))
		seen := map[int]bool{}
		var all int64
		for range rapid.IntRange(1, 30).Draw(t, "leases") {
			i := rapid.IntRange(0, len(replicas)-1).Draw(t, "replica")
			q.Held, q.Want = held[i], rapid.Int64Range(1, 50).Draw(t, "want")
			got := lease(t, replicas[i], q)
			if want := min(q.Want, limit-all); got.Granted != want {
				t.Fatalf("of %d, of which %d were taken, %d were granted for %d", limit, all, got.Granted, q.Want)
			}
			held[i], all, seen[i] = held[i]+got.Granted, all+got.Granted, true
			if got.Left != limit-all || got.Replicas != len(seen) {
				t.Fatalf("told of %d left and %d replicas; there are %d and %d", got.Left, got.Replicas, limit-all, len(seen))
			}
		}
	})
}

func allOfIt(t *testing.T, replicas []ports.Leases) {
	const limit = 97
	q := aBucket(limit, 10)
	held := make([]int64, len(replicas))
	for n := range 30 * len(replicas) {
		i := n % len(replicas)
		q.Held = held[i]
		held[i] += lease(t, replicas[i], q).Granted
	}
	var all int64
	for _, h := range held {
		all += h
	}
	if all != limit {
		t.Errorf("%d of %d could be had: %v", all, limit, held)
	}
}

func bucketsApart(t *testing.T, replicas []ports.Leases) {
	one, other := aBucket(5, 5), aBucket(5, 5)
	next := one
	next.Window = next.Window.Add(next.Length)
	for _, q := range []ports.LeaseQuery{one, other, next} {
		if got := lease(t, replicas[0], q); got.Granted != 5 || got.Left != 0 {
			t.Errorf("%+v: %+v", q, got)
		}
	}
}

// heldCounts: who says that it holds less never had it (the answer was lost); who
// says that it holds more has it (what was remembered was lost).
func heldCounts(t *testing.T, replicas []ports.Leases) {
	q := aBucket(10, 10)
	lease(t, replicas[0], q)
	q.Want = 4
	if got := lease(t, replicas[0], q); got.Granted != 4 || got.Left != 6 {
		t.Errorf("after an answer that was lost: %+v", got)
	}
	q = aBucket(10, 4)
	q.Held = 8
	if got := lease(t, replicas[0], q); got.Granted != 2 || got.Left != 0 {
		t.Errorf("of what nobody remembers: %+v", got)
	}
	q = aBucket(10, 4)
	q.Held = 12
	if got := lease(t, replicas[0], q); got.Granted != 0 || got.Left != 0 {
		t.Errorf("with more than there is: %+v", got)
	}
}

func limitChanges(t *testing.T, replicas []ports.Leases) {
	q := aBucket(10, 8)
	q.Held = lease(t, replicas[0], q).Granted
	q.Limit = 5
	if got := lease(t, replicas[0], q); got.Granted != 0 || got.Left != 0 {
		t.Errorf("a limit that fell below what was taken: %+v", got)
	}
	q.Limit, q.Want = 20, 100
	if got := lease(t, replicas[0], q); got.Granted != 12 || got.Left != 0 {
		t.Errorf("a limit that rose: %+v", got)
	}
}

func leasedAtOnce(t *testing.T, replicas []ports.Leases) {
	const limit = 1000
	q := aBucket(limit, 7)
	held := make([]int64, len(replicas))
	var all sync.WaitGroup
	for i, replica := range replicas {
		all.Go(func() {
			q := q
			for range 2 * limit / 7 {
				got, err := replica.Lease(context.Background(), q)
				if err != nil {
					t.Error(err)
					return
				}
				q.Held += got.Granted
			}
			held[i] = q.Held
		})
	}
	all.Wait()
	var sum int64
	for _, h := range held {
		sum += h
	}
	if sum != limit {
		t.Errorf("%d of %d were granted: %v", sum, limit, held)
	}
}
