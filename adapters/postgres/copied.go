package postgres

import (
	"context"
	"time"
)

// portion is how many rows are copied at once.
const portion = 250

// copied writes rows, if there are any; many in portions. After each it rests for as
// long as that took: thousands of rows, with their indexes and constraints, keep a
// processor busy for seconds, and who asks meanwhile may need it more.
func copied[T any](ctx context.Context, write func(context.Context, []T) (int64, error), rows []T) error {
	return made(ctx, write, len(rows), func(i int) (T, error) { return rows[i], nil })
}

// made is copied for rows that are made when they are written: they are large, and
// never all held at once.
func made[T any](ctx context.Context, write func(context.Context, []T) (int64, error), count int, row func(int) (T, error)) error {
	rows, rest := make([]T, 0, min(count, portion)), time.Duration(0)
	for from := 0; from < count; from += portion {
		if err := resting(ctx, rest); err != nil {
			return err
		}
		began := time.Now()
		rows = rows[:0]
		for i := from; i < min(from+portion, count); i++ {
			r, err := row(i)
			if err != nil {
				return err
			}
			rows = append(rows, r)
		}
		if _, err := write(ctx, rows); err != nil {
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
