package main

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ratecard/adapters/valkey/valkeytest"
)

// TestReplicasShareALimit: three servers and one Valkey let as many requests
// through as one would, within a tenth; without the Valkey each keeps its share, and
// none fails a request.
func TestReplicasShareALimit(t *testing.T) {
	server := valkeytest.Start(t)
	const limit = 600
	first := newBench(t)
	first.world.paused = true
	minute := time.Now().Truncate(time.Minute)
	var at atomic.Pointer[time.Time] // so that no minute ends meanwhile
	at.Store(&minute)
	first.world.now = func() time.Time { return *at.Load() }
	first.settings = func(c *config) { c.valkeyURL, c.keyLimit = server.URL, limit }
	replicas := []*running{first.running(t, time.Minute), first.running(t, time.Minute), first.running(t, time.Minute)}

	// ask has every server asked as often as the limit, and counts what is let through.
	ask := func() (through, refused int64) {
		var all sync.WaitGroup
		for _, r := range replicas {
			for range 4 {
				all.Go(func() {
					for range limit / 4 {
						req := r.request(t, http.MethodGet, "/api/sync/status", "")
						req.Header.Set("Authorization", "Bearer "+adminKey)
						answer, err := http.DefaultClient.Do(req)
						if err != nil {
							t.Error(err)
							return
						}
						_ = answer.Body.Close()
						switch answer.StatusCode {
						case http.StatusOK:
							atomic.AddInt64(&through, 1)
						case http.StatusTooManyRequests:
							atomic.AddInt64(&refused, 1)
						default:
							t.Errorf("status %d", answer.StatusCode)
						}
					}
				})
			}
		}
		all.Wait()
		return through, refused
	}
	for range 2 {
		if through, refused := ask(); through > limit || through < limit*9/10 || through+refused != 3*limit {
			t.Errorf("%d of %d were let through, %d refused", through, limit, refused)
		}
		next := at.Load().Add(time.Minute)
		at.Store(&next)
	}
	server.Kill()
	if through, refused := ask(); through != limit || through+refused != 3*limit {
		t.Errorf("without a Valkey %d of %d were let through, %d refused", through, limit, refused)
	}
}
