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

// Cross does what Follow does when the next thing is about to begin or end, and
// when it does.
func (c *Catalogue) Cross() { c.cross() }

// Prepared reports whether what is answered was made before it came.
func (c *Catalogue) Prepared() bool { return c.moment.Load() == c.next.Load() }

// Forget has the models of this moment laid out anew when they are asked for.
func (c *Catalogue) Forget() { c.moment.Load().laid.at = nil }
