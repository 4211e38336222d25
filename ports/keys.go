package ports

import (
	"context"
	"time"

	"ratecard/domain"
)

// Keys keeps API keys by the hash of their secret.
type Keys interface {
	// Create stores a key and gives it its id. A hash that is there already
	// is KindConflict.
	Create(ctx context.Context, key domain.APIKey) (domain.APIKey, error)
	// Find gives the valid key with that hash; KindNotFound where there is
	// none or it was revoked.
	Find(ctx context.Context, hash [32]byte) (domain.APIKey, error)
	// List gives every key, newest first, revoked ones included.
	List(ctx context.Context) ([]domain.APIKey, error)
	// Revoke ends a key; KindNotFound where there is none. A repeat keeps the
	// first time.
	Revoke(ctx context.Context, id int64, at time.Time) (domain.APIKey, error)
	// Used notes when a key was last used; it may be called late and in any
	// order, the newest wins.
	Used(ctx context.Context, id int64, at time.Time) error
}
