package memory_test

import (
	"testing"

	"ratecard/adapters/memory"
	"ratecard/ports"
	"ratecard/ports/porttest"
)

func TestCache(t *testing.T) {
	porttest.Cache(t, func(testing.TB) ports.Cache { return memory.NewCache() })
}
