package memory

import (
	"context"

	"ratecard/ports"
)

// Leases gives a replica that shares with nobody all that there is.
type Leases struct{}

var _ ports.Leases = Leases{}

// Lease implements ports.Leases.
func (Leases) Lease(_ context.Context, q ports.LeaseQuery) (ports.Lease, error) {
	left := max(0, q.Limit-q.Held)
	granted := min(q.Want, left)
	return ports.Lease{Granted: granted, Left: left - granted, Replicas: 1}, nil
}
