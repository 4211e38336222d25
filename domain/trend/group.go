package trend

import (
	"cmp"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// Interval is how far apart the points of a group are.
type Interval string

// The intervals. They begin at 00:00 UTC: weeks on Mondays, months on the first.
const (
	Day   Interval = "day"
	Week  Interval = "week"
	Month Interval = "month"
)

// Marks gives the beginning of a closed range, and each beginning of an interval
// after it and within the range; no more than most, and false where there are more.
func Marks(within domain.Span, interval Interval, most int) ([]time.Time, bool) {
	var marks []time.Time
	for at := within.From; at.Before(within.To); at = interval.after(at) {
		if len(marks) == most {
			return marks, false
		}
		marks = append(marks, at)
	}
	return marks, true
}

// after is the first beginning of an interval after an instant.
func (i Interval) after(at time.Time) time.Time {
	y, m, d := at.UTC().Date()
	switch i {
	case Week:
		d += 7 - (int(at.UTC().Weekday())+6)%7
	case Month:
		m, d = m+1, 1
	default:
		d++
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Group is what the models of one provider, or of one class, cost by one meter and
// unit.
type Group struct {
	Of     string
	Meter  domain.Meter
	Unit   string
	Points []Point
}

// Point is what those models cost at an instant that had a rate in force then.
type Point struct {
	At               time.Time
	Models           int             // 0: none had, and there are no amounts
	Min, Median, Max decimal.Decimal // exact: the median of an even number is half the sum of the middle two
}

// Groups puts timelines into the groups that each belongs to, and gives of each
// group a point for each mark. Marks come in their order; groups are given by name,
// meter and unit.
func Groups(timelines []Timeline, groupsOf func(*Timeline) []string, marks []time.Time) []Group {
	type key struct {
		of    string
		meter domain.Meter
		unit  string
	}
	changes := map[key][]change{}
	for i := range timelines {
		t := &timelines[i]
		for _, of := range groupsOf(t) {
			k := key{of, t.Meter, t.Unit}
			changes[k] = append(changes[k], changesOf(t)...)
		}
	}
	groups := make([]Group, 0, len(changes))
	for k, c := range changes {
		groups = append(groups, Group{k.of, k.meter, k.unit, points(c, marks)})
	}
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(a.Meter, b.Meter), cmp.Compare(a.Unit, b.Unit))
	})
	return groups
}

// A change is an amount that comes into force at an instant, or leaves it.
type change struct {
	at     time.Time
	amount decimal.Decimal
	comes  bool
}

func changesOf(t *Timeline) []change {
	changes := make([]change, 0, 2*len(t.Periods))
	for _, p := range t.Periods {
		changes = append(changes, change{p.From, p.Amount, true})
		if !p.Open() {
			changes = append(changes, change{p.To, p.Amount, false})
		}
	}
	return changes
}

// points follows the amounts in force from mark to mark.
func points(changes []change, marks []time.Time) []Point {
	slices.SortFunc(changes, func(a, b change) int { return a.at.Compare(b.at) })
	var inForce []decimal.Decimal // sorted
	all := make([]Point, len(marks))
	for i, mark := range marks {
		for len(changes) > 0 && !changes[0].at.After(mark) {
			c := changes[0]
			changes = changes[1:]
			place, _ := slices.BinarySearchFunc(inForce, c.amount, decimal.Decimal.Cmp)
			if c.comes {
				inForce = slices.Insert(inForce, place, c.amount)
			} else {
				inForce = slices.Delete(inForce, place, place+1)
			}
		}
		all[i] = point(mark, inForce)
	}
	return all
}

func point(at time.Time, sorted []decimal.Decimal) Point {
	n := len(sorted)
	if n == 0 {
		return Point{At: at}
	}
	median := sorted[n/2]
	if n%2 == 0 {
		median = sorted[n/2-1].Add(median).Mul(half)
	}
	return Point{At: at, Models: n, Min: sorted[0], Median: median, Max: sorted[n-1]}
}

var half = decimal.New(5, -1)
