package ports

import (
	"context"

	"ratecard/domain"
)

// Audit answers what administrators did. An entry is written by whatever writes
// what they did, in the same transaction (see Actor): it is there if and only if
// what it tells of was done. What changed nothing leaves none.
type Audit interface {
	// Audit gives entries with ids below before (0: any), newest first, at most
	// limit.
	Audit(ctx context.Context, before int64, limit int) ([]domain.AuditEntry, error)
}
