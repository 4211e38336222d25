package ledger

import (
	"slices"
	"time"

	"ratecard/domain"
)

// Accept believes what was held: a change of one key, effective from when it
// was first seen, or as its source prints. stated is what that source says of
// the key; seen is when it first did, and before its last good read before.
func Accept(believed []domain.Rate, stated []Stated, held domain.HeldChange, retires map[string]time.Time, knownAt time.Time) RateChange {
	r := Reading{Seen: held.Since, KnownAt: knownAt, Before: map[string]time.Time{held.Source: held.NotBefore}, Retires: retires}
	rows := slices.Clone(believed)
	sortRows(rows)
	var c RateChange
	c.key(held.Key, rows, stated, r)
	return c
}
