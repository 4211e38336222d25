package postgres

import (
	"context"
	"slices"
	"time"
)

// portion is how many rows are copied at once.
const portion = 250

// copied writes rows, if there are any; many in portions. After each it rests for as
// long as that took: thousands of rows, with their indexes and constraints, keep a
// processor busy for seconds, and who asks meanwhile may need it more.
func copied[T any](ctx context.Context, write func(context.Context, []T) (int64, error), rows []T) error {
	rest := time.Duration(0)
	for some := range slices.Chunk(rows, portion) {
		if err := resting(ctx, rest); err != nil {
			return err
		}
		began := time.Now()
		if _, err := write(ctx, some); err != nil {
			return err
		}
		rest = time.Since(began)
	}
	return nil
}

func resting(ctx context.Context, rest time.Duration) error {
	if rest > 0 {
		select {
		case <-time.After(rest):
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}
