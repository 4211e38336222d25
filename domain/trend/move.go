package trend

import (
	"cmp"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// Move is how a price was another at the end of a range than at its beginning, or when
// it began within the range.
type Move struct {
	domain.RateKey
	Unit          string
	Old, New      decimal.Decimal     // the first and the last that was in force within the range
	Change        decimal.Decimal     // from Old to New; below 0 where it became cheaper
	Percent       decimal.NullDecimal // the same, of Old; not valid where Old is 0
	Changes       int                 // how often the amount changed within the range
	LastChangedAt time.Time
}

// Direction is which moves are asked for.
type Direction string

// The directions.
const (
	Both Direction = "both"
	Up   Direction = "up"
	Down Direction = "down"
)

// Moves gives the prices that were in force at the end of a closed range, and were
// others at its beginning or when they began within it, the one that moved most first:
// by percent, whichever way. Before all stand those that cost nothing then. Equals
// stand by key.
func Moves(timelines []Timeline, within domain.Span, direction Direction) []Move {
	var moves []Move
	for i := range timelines {
		if move, moved := moveOf(&timelines[i], within); moved && direction.takes(move) {
			moves = append(moves, move)
		}
	}
	slices.SortStableFunc(moves, func(a, b Move) int {
		switch {
		case !a.Percent.Valid && b.Percent.Valid:
			return -1
		case a.Percent.Valid && !b.Percent.Valid:
			return 1
		}
		return cmp.Or(b.Percent.Decimal.Abs().Cmp(a.Percent.Decimal.Abs()), byKey(&a, &b))
	})
	return moves
}

func (d Direction) takes(m Move) bool {
	return d != Up && m.Change.IsNegative() || d != Down && m.Change.IsPositive()
}

func byKey(a, b *Move) int {
	return cmp.Or(
		cmp.Compare(a.Model.Provider, b.Model.Provider), cmp.Compare(a.Model.ID, b.Model.ID),
		cmp.Compare(a.Tier, b.Tier), cmp.Compare(a.Region, b.Region), cmp.Compare(a.MinPromptTokens, b.MinPromptTokens),
		cmp.Compare(a.Meter, b.Meter), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Layer, b.Layer))
}

// moveOf says how a price moved; false where it did not, or was in force no longer at
// the end.
func moveOf(t *Timeline, within domain.Span) (Move, bool) {
	steps := Steps(*t, within)
	if !steps[0].Amount.Valid && len(steps) > 1 {
		steps = steps[1:] // it began within the range
	}
	first, last := steps[0].Amount, steps[len(steps)-1].Amount
	if !first.Valid || !last.Valid || first.Decimal.Equal(last.Decimal) {
		return Move{}, false
	}
	move := Move{
		RateKey: t.RateKey, Unit: t.Unit, Old: first.Decimal, New: last.Decimal,
		Change: last.Decimal.Sub(first.Decimal), Percent: percent(first.Decimal, last.Decimal),
	}
	was := first.Decimal
	for _, s := range steps[1:] {
		if s.Amount.Valid && !s.Amount.Decimal.Equal(was) {
			was = s.Amount.Decimal
			move.Changes, move.LastChangedAt = move.Changes+1, s.At
		}
	}
	return move, true
}

// percentPlaces is to how many places a percentage is rounded, half to even.
const percentPlaces = 4

// percent is by how much of the old amount the new one differs.
func percent(was, is decimal.Decimal) decimal.NullDecimal {
	if was.IsZero() {
		return decimal.NullDecimal{}
	}
	whole := is.Sub(was).Shift(2)
	quotient, rest := whole.QuoRem(was, percentPlaces) // towards 0
	last := decimal.New(1, -percentPlaces)
	odd := !quotient.Shift(percentPlaces).Mod(decimal.NewFromInt(2)).IsZero()
	if over := rest.Abs().Mul(decimal.NewFromInt(2)).Cmp(was.Mul(last)); over > 0 || over == 0 && odd {
		quotient = quotient.Add(last.Mul(decimal.NewFromInt(int64(whole.Sign()))))
	}
	return decimal.NewNullDecimal(quotient)
}
