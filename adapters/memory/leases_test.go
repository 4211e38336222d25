package memory_test

import (
	"testing"

	"ratecard/adapters/memory"
	"ratecard/ports"
	"ratecard/ports/porttest"
)

func TestLeases(t *testing.T) {
	porttest.Leases(t, func(testing.TB) []ports.Leases { return []ports.Leases{memory.Leases{}} })
}
