package ports

import (
	"context"
	"time"
)

// Boundaries announces that what was scheduled has come.
type Boundaries interface {
	// Announce tells, in events and in the order of time, of every rate that
	// began or ended by until and was known before to do so (ledger.Arrive),
	// and raises the catalogue version with them. Each is told of once, however
	// often and by however many this is called, and however long nobody called;
	// where Ledger.Update was faster, it has told already. Where nothing came,
	// nothing is written. It gives the number of events. The version is raised as
	// well where by then a source has gone stale, or is stale no longer because
	// more is allowed now; of that no event tells.
	Announce(ctx context.Context, until time.Time) (told int, err error)
}
