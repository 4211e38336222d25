package memory

import (
	"context"
	"log/slog"
	"time"
)

// FollowTicks is Follow with the half minutes given.
func (c *Catalogue) FollowTicks(ctx context.Context, woken <-chan struct{}, again <-chan time.Time, log *slog.Logger) {
	c.follow(ctx, woken, again, log)
}
