package ledger

import (
	"slices"

	"ratecard/domain"
)

// rateGroups finds the rows of a key without a slice per key: a chain through
// the rows, newest mention last.
type rateGroups struct {
	last map[domain.RateKey]int
	prev []int
}

func groupRates(rates []domain.Rate) rateGroups {
	g := rateGroups{last: make(map[domain.RateKey]int, len(rates)), prev: make([]int, len(rates))}
	for i := range rates {
		p, seen := g.last[rates[i].RateKey]
		if !seen {
			p = -1
		}
		g.prev[i], g.last[rates[i].RateKey] = p, i
	}
	return g
}

// collect appends the rows of a key to dst, in the order of their effective
// time.
func (g rateGroups) collect(dst []domain.Rate, rates []domain.Rate, key domain.RateKey) []domain.Rate {
	i, seen := g.last[key]
	for seen && i >= 0 {
		dst = append(dst, rates[i])
		i = g.prev[i]
	}
	if len(dst) > 1 {
		slices.SortFunc(dst, func(a, b domain.Rate) int { return a.Effective.From.Compare(b.Effective.From) })
	}
	return dst
}

// statedGroups does the same for what is stated, first mention first.
type statedGroups struct {
	first map[domain.RateKey]int
	next  []int
}

func groupStated(stated []Stated) statedGroups {
	g := statedGroups{first: make(map[domain.RateKey]int, len(stated)), next: make([]int, len(stated))}
	for i := len(stated) - 1; i >= 0; i-- {
		n, seen := g.first[stated[i].Key]
		if !seen {
			n = -1
		}
		g.next[i], g.first[stated[i].Key] = n, i
	}
	return g
}

func (g statedGroups) collect(stated []Stated, i int) []Stated {
	var of []Stated
	for ; i >= 0; i = g.next[i] {
		of = append(of, stated[i])
	}
	return of
}
