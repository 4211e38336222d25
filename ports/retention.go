package ports

import (
	"context"
	"time"
)

// Retention deletes what need not be kept any longer, in portions: a call that
// is interrupted has deleted some of it, and the next one goes on.
type Retention interface {
	// ForgetRates deletes the rates whose effective time ended before an
	// instant, and of what is believed no longer that which, besides, was
	// believed until before it. What has no end stays, and so does a rate that
	// its source states still. Evidence stays. The catalogue version is raised
	// where something was deleted. It gives how many went of either.
	ForgetRates(ctx context.Context, endedBefore time.Time) (rates, superseded int, err error)
	// ForgetPages deletes the pages that last came before an instant and on
	// which no evidence rests, and gives their number.
	ForgetPages(ctx context.Context, cameBefore time.Time) (int, error)
}
