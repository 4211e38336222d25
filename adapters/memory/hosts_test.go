package memory_test

import (
	"sync/atomic"
	"testing"
	"time"

	"ratecard/adapters/memory"
	"ratecard/ports"
	"ratecard/ports/porttest"
)

func TestHosts(t *testing.T) {
	porttest.Hosts(t, func(testing.TB) porttest.Neighbours {
		began, passed := time.Now(), new(atomic.Int64)
		h := memory.NewHosts(func() time.Time { return began.Add(time.Duration(passed.Load())) })
		return porttest.Neighbours{
			Turns: []ports.Turns{h, h}, Robots: []ports.Robots{h},
			Pass: func(d time.Duration) { passed.Add(int64(d)) },
		}
	})
}
