package memory

import (
	"context"
	"time"

	"github.com/maypok86/otter/v2"

	"ratecard/ports"
)

// mostCached is how many bytes a Cache holds.
const mostCached = 16 << 20

// Cache keeps copies in this process, where no Valkey is shared.
type Cache struct {
	held *otter.Cache[string, ports.Copy]
}

var _ ports.Cache = Cache{}

// NewCache makes one with nothing in it.
func NewCache() Cache {
	return Cache{otter.Must(&otter.Options[string, ports.Copy]{
		MaximumWeight: mostCached,
		Weigher:       func(key string, c ports.Copy) uint32 { return uint32(min(len(key)+len(c.Value), mostCached+1)) },
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, ports.Copy]) time.Duration {
			return e.Value.For
		}),
	})}
}

// Get implements ports.Cache.
func (c Cache) Get(_ context.Context, key string) []byte {
	found, _ := c.held.GetIfPresent(key)
	return found.Value
}

// Collect implements ports.Cache.
func (c Cache) Collect(ctx context.Context, keys []string) [][]byte {
	values := make([][]byte, len(keys))
	for i, key := range keys {
		values[i] = c.Get(ctx, key)
	}
	return values
}

// Keep implements ports.Cache.
func (c Cache) Keep(_ context.Context, copies []ports.Copy) {
	for _, one := range copies {
		c.held.Set(one.Key, one)
	}
}
