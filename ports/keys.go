package ports

import (
	"context"
	"time"

	"ratecard/domain"
)

// Keys keeps API keys by the hash of their secret. What is made or ended is
// told of in the event log, by whom as the context says (see Actor).
type Keys interface {
	// Create stores a key and gives it its id. A hash that is there already
	// is KindConflict.
	Create(ctx context.Context, key domain.APIKey) (domain.APIKey, error)
	// Rotate stores the key that takes the place of the one it replaces, whose
	// name and scope it gets, and whose expiry and limit where it has none; that one stays valid until an instant, or its own
	// end where that comes first. KindNotFound where there is none, KindConflict
	// where it is valid no longer when the new one is made.
	Rotate(ctx context.Context, successor domain.APIKey, until time.Time) (made, old domain.APIKey, err error)
	// List gives every key, newest first, revoked and expired ones included.
	List(ctx context.Context) ([]domain.APIKey, error)
	// Revoke ends a key; KindNotFound where there is none. A repeat keeps the
	// first time.
	Revoke(ctx context.Context, id int64, at time.Time) (domain.APIKey, error)
	// Used notes when a key was last used; it may be called late and in any
	// order, the newest wins.
	Used(ctx context.Context, id int64, at time.Time) error
}
