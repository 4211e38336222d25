package trend

import (
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/domain"
)

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func day(n int) time.Time { return newYear.AddDate(0, 0, n) }

func amountOf(text string) decimal.Decimal { return decimal.RequireFromString(text) }

// genTimeline gives a key that was in force now and then, often at an amount that it had before.
func genTimeline(model string) *rapid.Generator[Timeline] {
	return rapid.Custom(func(t *rapid.T) Timeline {
		line := Timeline{
			RateKey: domain.RateKey{
				Model: domain.ModelKey{Provider: domain.ProviderID(rapid.SampledFrom([]string{"acme", "zenith"}).Draw(t, "provider")), ID: model},
				Meter: rapid.SampledFrom([]domain.Meter{domain.MeterInput, domain.MeterOutput}).Draw(t, "meter"),
			},
			Unit:    rapid.SampledFrom([]string{"1M tokens", "image"}).Draw(t, "unit"),
			Classes: rapid.SliceOfNDistinct(rapid.SampledFrom(domain.Classes()), 0, 2, rapid.ID).Draw(t, "classes"),
		}
		days := rapid.SliceOfNDistinct(rapid.IntRange(-10, 50), 0, 12, rapid.ID).Draw(t, "days")
		slices.Sort(days)
		for i, from := range days {
			if rapid.IntRange(0, 3).Draw(t, "gap") == 0 {
				continue
			}
			p := Period{domain.Span{From: day(from)}, rapid.SampledFrom([]decimal.Decimal{amountOf("0"), amountOf("1"), amountOf("1.00"), amountOf("2.5"), amountOf("3")}).Draw(t, "amount")}
			if i+1 < len(days) {
				p.To = day(days[i+1])
			} else if rapid.Bool().Draw(t, "ends") {
				p.To = day(from + 3)
			}
			line.Periods = append(line.Periods, p)
		}
		return line
	})
}

func genTimelines() *rapid.Generator[[]Timeline] {
	return rapid.Custom(func(t *rapid.T) []Timeline {
		lines := make([]Timeline, rapid.IntRange(0, 8).Draw(t, "timelines"))
		for i := range lines {
			lines[i] = genTimeline(fmt.Sprintf("model-%d", i)).Draw(t, "timeline")
		}
		return lines
	})
}

func genRange() *rapid.Generator[domain.Span] {
	return rapid.Custom(func(t *rapid.T) domain.Span {
		from := rapid.IntRange(-12, 45).Draw(t, "from")
		return domain.Span{From: day(from).Add(time.Duration(rapid.IntRange(0, 1).Draw(t, "noon")) * 12 * time.Hour), To: day(from + rapid.IntRange(1, 20).Draw(t, "days"))}
	})
}

// inForce is what a timeline cost at an instant, found by looking at every period.
func inForce(line Timeline, at time.Time) decimal.NullDecimal {
	for _, p := range line.Periods {
		if p.Contains(at) {
			return decimal.NewNullDecimal(p.Amount)
		}
	}
	return decimal.NullDecimal{}
}

// The step before any instant says what was in force then; no two in a row say the
// same, and none lies outside the range.
func TestStepsAreWhatWasInForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line, within := genTimeline("one").Draw(t, "timeline"), genRange().Draw(t, "range")
		steps := Steps(line, within)
		if !steps[0].At.Equal(within.From) {
			t.Fatalf("the first step is at %s, the range begins %s", steps[0].At, within.From)
		}
		for i, s := range steps {
			if !within.Contains(s.At) || i > 0 && (same(s.Amount, steps[i-1].Amount) || !s.At.After(steps[i-1].At)) {
				t.Fatalf("step %d of %v in %v", i, steps, within)
			}
		}
		for at := within.From; at.Before(within.To); at = at.Add(6 * time.Hour) {
			i := slices.IndexFunc(steps, func(s Step) bool { return s.At.After(at) })
			if i < 0 {
				i = len(steps)
			}
			if !same(steps[i-1].Amount, inForce(line, at)) {
				t.Fatalf("at %s: %v, in force was %v; %v", at, steps[i-1], inForce(line, at), steps)
			}
		}
	})
}

// Every point is the least, the middle and the most of what was in force then.
func TestPointsAreWhatWasInForce(t *testing.T) {
	byProvider := func(l *Timeline) []string { return []string{string(l.Model.Provider)} }
	byClass := func(l *Timeline) (names []string) {
		for _, c := range l.Classes {
			names = append(names, string(c))
		}
		return names
	}
	rapid.Check(t, func(t *rapid.T) {
		lines, within := genTimelines().Draw(t, "timelines"), genRange().Draw(t, "range")
		groupsOf := byProvider
		if rapid.Bool().Draw(t, "by class") {
			groupsOf = byClass
		}
		marks, all := Marks(within, Day, 1000)
		if !all {
			t.Fatal("20 days have more than 1,000 points")
		}
		members := 0
		for _, g := range Groups(lines, groupsOf, marks) {
			var own []Timeline
			for _, l := range lines {
				if l.Meter == g.Meter && l.Unit == g.Unit && slices.Contains(groupsOf(&l), g.Of) {
					own = append(own, l)
				}
			}
			members += len(own)
			for i, p := range g.Points {
				var amounts []*big.Rat
				for _, l := range own {
					if a := inForce(l, marks[i]); a.Valid {
						amounts = append(amounts, a.Decimal.Rat())
					}
				}
				slices.SortFunc(amounts, (*big.Rat).Cmp)
				if !p.At.Equal(marks[i]) || p.Models != len(amounts) {
					t.Fatalf("%+v, want %d at %s", p, len(amounts), marks[i])
				}
				if n := len(amounts); n > 0 {
					median := new(big.Rat).Add(amounts[(n-1)/2], amounts[n/2])
					median.Quo(median, big.NewRat(2, 1))
					if p.Min.Rat().Cmp(amounts[0]) != 0 || p.Max.Rat().Cmp(amounts[n-1]) != 0 || p.Median.Rat().Cmp(median) != 0 {
						t.Fatalf("%+v of %v", p, amounts)
					}
				}
			}
		}
		want := 0
		for _, l := range lines {
			want += len(groupsOf(&l))
		}
		if members != want {
			t.Fatalf("%d timelines are in groups, want %d", members, want)
		}
	})
}

func TestMarks(t *testing.T) {
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	within := domain.Span{From: at("2024-02-28T13:00:00Z"), To: at("2024-04-01T00:00:00Z")} // a Wednesday
	for interval, want := range map[Interval][]string{
		Week:  {"2024-02-28T13:00:00Z", "2024-03-04T00:00:00Z", "2024-03-11T00:00:00Z", "2024-03-18T00:00:00Z", "2024-03-25T00:00:00Z"},
		Month: {"2024-02-28T13:00:00Z", "2024-03-01T00:00:00Z"},
	} {
		marks, all := Marks(within, interval, 10)
		var got []string
		for _, m := range marks {
			got = append(got, m.Format(time.RFC3339))
		}
		if !all || !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", interval, got, want)
		}
	}
	if marks, all := Marks(within, Day, 33); !all || len(marks) != 33 || !marks[1].Equal(at("2024-02-29T00:00:00Z")) {
		t.Errorf("days: %v, %v", marks, all)
	}
	if marks, all := Marks(within, Day, 32); all || len(marks) != 32 {
		t.Errorf("%d days at most 32: %v", len(marks), all)
	}
	if monday, _ := Marks(domain.Span{From: at("2024-03-04T00:00:00Z"), To: at("2024-03-12T00:00:00Z")}, Week, 9); len(monday) != 2 {
		t.Errorf("weeks from a Monday: %v", monday)
	}
}

// A move is from what was first in force within the range to what is at its end; its
// percentage is within half of its last place, and the order is by it.
func TestMovesAreFromFirstToLast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines, within := genTimelines().Draw(t, "timelines"), genRange().Draw(t, "range")
		direction := rapid.SampledFrom([]Direction{Both, Up, Down}).Draw(t, "direction")
		moves := Moves(lines, within, direction)
		found := 0
		for _, l := range lines {
			was, is := inForce(l, within.From), inForce(l, within.To.Add(-time.Microsecond))
			for _, p := range l.Periods {
				if !was.Valid && within.Contains(p.From) {
					was = decimal.NewNullDecimal(p.Amount)
				}
			}
			sign := 0
			if was.Valid && is.Valid {
				sign = is.Decimal.Cmp(was.Decimal)
			}
			if sign == 0 || direction == Up && sign < 0 || direction == Down && sign > 0 {
				continue
			}
			found++
			i := slices.IndexFunc(moves, func(m Move) bool { return m.Model == l.Model })
			if i < 0 {
				t.Fatalf("%v moved from %v to %v, and is not in %v", l, was, is, moves)
			}
			m := moves[i]
			if !m.Old.Equal(was.Decimal) || !m.New.Equal(is.Decimal) || !m.Old.Add(m.Change).Equal(m.New) || m.Changes < 1 || !within.Contains(m.LastChangedAt) ||
				same(inForce(l, m.LastChangedAt.Add(-time.Microsecond)), inForce(l, m.LastChangedAt)) {
				t.Fatalf("%+v of %+v in %v", m, l, within)
			}
			if m.Percent.Valid == m.Old.IsZero() {
				t.Fatalf("%+v", m)
			}
		}
		if found != len(moves) {
			t.Fatalf("%d moved, told are %v", found, moves)
		}
		for i := 1; i < len(moves); i++ {
			a, b := moves[i-1], moves[i]
			if a.Percent.Valid && !b.Percent.Valid || a.Percent.Valid && a.Percent.Decimal.Abs().LessThan(b.Percent.Decimal.Abs()) {
				t.Fatalf("%+v stands before %+v", a, b)
			}
		}
	})
}

func TestPercent(t *testing.T) {
	for _, test := range []struct{ was, is, want string }{
		{"3", "2.5", "-16.6667"}, {"3", "4", "33.3333"}, {"3", "3.00000015", "0"}, {"1", "1.0000005", "0"},
		{"1", "1.0000015", "0.0002"}, {"1", "0.9999985", "-0.0002"}, {"1", "0.9999995", "0"}, {"1", "1.00000050001", "0.0001"},
		{"0.000001", "10", "999999900"}, {"8", "0", "-100"},
	} {
		if got := percent(amountOf(test.was), amountOf(test.is)); !got.Valid || !got.Decimal.Equal(amountOf(test.want)) {
			t.Errorf("from %s to %s: %v, want %s", test.was, test.is, got, test.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		was := decimal.New(rapid.Int64Range(1, 1e12).Draw(t, "was"), rapid.Int32Range(-9, 0).Draw(t, "of"))
		is := decimal.New(rapid.Int64Range(0, 1e12).Draw(t, "is"), rapid.Int32Range(-9, 0).Draw(t, "in"))
		exact := new(big.Rat).Quo(new(big.Rat).Mul(is.Sub(was).Rat(), big.NewRat(100, 1)), was.Rat())
		off := new(big.Rat).Sub(percent(was, is).Decimal.Rat(), exact)
		if off.Abs(off).Cmp(big.NewRat(1, 20_000)) > 0 {
			t.Fatalf("%s to %s is %s, not %s", was, is, exact.FloatString(8), percent(was, is).Decimal)
		}
	})
}
