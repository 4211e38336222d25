package postgres

import (
	"context"
	"time"
)

// portion is how many rows are copied at once.
const portion = 250

// copied writes rows, if there are any; many in portions, see restfully.
func copied[T any](ctx context.Context, write func(context.Context, []T) (int64, error), rows []T) error {
	return made(ctx, write, len(rows), func(i int) (T, error) { return rows[i], nil })
}

// made is copied for rows that are made when they are written: they are large, and
// never all held at once.
func made[T any](ctx context.Context, write func(context.Context, []T) (int64, error), count int, row func(int) (T, error)) error {
	rows := make([]T, 0, min(count, portion))
	return restfully(ctx, (count+portion-1)/portion, func(i int) error {
		rows = rows[:0]
		for i := i * portion; i < count && len(rows) < portion; i++ {
			r, err := row(i)
			if err != nil {
				return err
			}
			rows = append(rows, r)
		}
		_, err := write(ctx, rows)
		return err
	})
}

// restfully does work in portions. After each it rests for as long as that took:
// thousands of rows, with their indexes and constraints, keep a processor busy for
// seconds, and who asks meanwhile may need it more.
func restfully(ctx context.Context, portions int, do func(int) error) error {
	rest := time.Duration(0)
	for i := range portions {
		if err := resting(ctx, rest); err != nil {
			return err
		}
		began := time.Now()
		if err := do(i); err != nil {
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
