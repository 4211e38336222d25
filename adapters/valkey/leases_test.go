package valkey_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"ratecard/adapters/valkey"
	"ratecard/adapters/valkey/valkeytest"
	"ratecard/ports"
	"ratecard/ports/porttest"
)

// replicas are three that share what a server keeps.
func replicas(t testing.TB, url string) []ports.Leases {
	t.Helper()
	all := make([]ports.Leases, 3)
	for i := range all {
		client, err := valkey.Open(url, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		all[i] = valkey.NewLeases(client)
	}
	return all
}

func TestLeases(t *testing.T) {
	server := valkeytest.Start(t)
	porttest.Leases(t, func(tb testing.TB) []ports.Leases { return replicas(tb, server.URL) })
}

// TestALimitSurvivesAWipe: what replicas hold is known again when they ask next; and
// a server that is away is an error at once, never a wait.
func TestALimitSurvivesAWipe(t *testing.T) {
	server := valkeytest.Start(t)
	all := replicas(t, server.URL)
	q := ports.LeaseQuery{Bucket: "key:1", Window: time.Now().Truncate(time.Minute), Length: time.Minute, Limit: 100, Want: 40}
	held := make([]int64, len(all))
	take := func(i int, want int64) {
		t.Helper()
		q.Held = held[i]
		lease, err := all[i].Lease(context.Background(), q)
		if err != nil || lease.Granted != want {
			t.Fatalf("replica %d got %+v, %v; want %d", i, lease, err, want)
		}
		held[i] += want
	}
	take(0, 40)
	take(1, 40)
	server.Wipe()
	take(0, 40) // of which nobody else has said that he holds any
	take(1, 0)
	take(2, 0)

	server.Kill()
	began := time.Now()
	for range 100 {
		if _, err := all[0].Lease(context.Background(), q); err == nil {
			t.Fatal("a server that is away gave a lease")
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("a hundred questions to a server that is away took %s", took)
	}
}
