package postgres

import (
	"context"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Whatever the number of rows, each is written once, in order, in no more portions than it takes.
func TestCopiedWritesEachRowOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := make([]int, rapid.IntRange(0, 3*portion+1).Draw(t, "rows"))
		for i := range rows {
			rows[i] = i
		}
		var written []int
		portions := 0
		err := copied(context.Background(), func(_ context.Context, some []int) (int64, error) {
			portions++
			written = append(written, some...)
			return int64(len(some)), nil
		}, rows)
		if err != nil || !slices.Equal(written, rows) || portions != (len(rows)+portion-1)/portion {
			t.Fatalf("%d rows in %d portions: %v, %v", len(rows), portions, written, err)
		}
	})
}

// What goes wrong in a portion, and the end of the context between two, ends the writing.
func TestCopiedEnds(t *testing.T) {
	broken := errors.New("broken")
	for want, write := range map[error]func(end func()) error{
		broken:           func(func()) error { return broken },
		context.Canceled: func(end func()) error { end(); return nil },
	} {
		ctx, end := context.WithCancel(context.Background())
		portions := 0
		err := copied(ctx, func(context.Context, []int) (int64, error) { portions++; return 0, write(end) }, make([]int, 2*portion))
		end()
		if !errors.Is(err, want) || portions != 1 {
			t.Errorf("%v after %d portions, want %v after one", err, portions, want)
		}
	}
}
