package cost

import (
	"cmp"
	"math/big"
	"slices"
	"sort"

	"github.com/shopspring/decimal"
)

// An Offer is what a model is ranked by.
type Offer struct {
	*Schedule
	ContextWindow *int64 // tokens; nil: not known
}

// exceeded reports whether a prompt is longer than the model is known to take.
func (o *Offer) exceeded(w *Workload) bool {
	return o.ContextWindow != nil && w.prompt > *o.ContextWindow
}

// A Ranking puts offers in the order of what one workload costs with them, the
// cheapest first; equals stay in the order in which they were given. Those of
// which that is not known come last, in that order as well: unknown is never 0.
type Ranking struct {
	workload *Workload
	offers   []Offer
	order    []int32   // places in offers
	ranked   int       // how many of them have a total
	sums     []big.Int // by place in offers, all of one exponent
	exponent int32
}

// A Place is how an offer stands in a ranking.
type Place struct {
	Offer int // its place among those that were given
	Rank  int // from 1, one more than there are cheaper ones; 0: its total is not known
	Cost
}

// wordsOfSum is how many machine words a usual sum takes at most.
const wordsOfSum = 3

// Rank ranks offers, whose schedules have to be of the workload's tier and region.
func (w *Workload) Rank(offers []Offer) *Ranking {
	r := &Ranking{workload: w, offers: offers, sums: make([]big.Int, len(offers)), order: make([]int32, 0, len(offers))}
	words, exponents := make([]big.Word, wordsOfSum*len(offers)), make([]int32, len(offers))
	var product big.Int
	var unranked []int32
	for i := range offers {
		o := &offers[i]
		r.sums[i].SetBits(words[wordsOfSum*i : wordsOfSum*i : wordsOfSum*(i+1)])
		if o.exceeded(w) {
			unranked = append(unranked, int32(i))
			continue
		}
		var status Status
		if status, exponents[i] = o.sum(w, &r.sums[i], &product); !status.known() {
			unranked = append(unranked, int32(i))
			continue
		}
		r.order = append(r.order, int32(i))
		r.exponent = min(r.exponent, exponents[i])
	}
	r.ranked = len(r.order)
	r.align(exponents)
	slices.SortFunc(r.order, func(a, b int32) int {
		if c := r.sums[a].Cmp(&r.sums[b]); c != 0 {
			return c
		}
		return cmp.Compare(a, b)
	})
	r.order = append(r.order, unranked...)
	return r
}

// align brings the sums of those that are ranked to one exponent.
func (r *Ranking) align(exponents []int32) {
	powers := map[int32]*big.Int{}
	for _, i := range r.order {
		more := exponents[i] - r.exponent
		if more == 0 {
			continue
		}
		if powers[more] == nil {
			powers[more] = powerOfTen(more)
		}
		r.sums[i].Mul(&r.sums[i], powers[more])
	}
}

// Len is how many offers are in it.
func (r *Ranking) Len() int { return len(r.order) }

// At prices what comes at a position, from 0.
func (r *Ranking) At(position int) Place {
	p := Place{Offer: int(r.order[position])}
	o := &r.offers[p.Offer]
	switch {
	case o.exceeded(r.workload):
		p.Cost = Cost{Status: ExceedsContextWindow, PromptTokens: r.workload.prompt}
		return p
	case position < r.ranked:
		p.Rank = 1 + sort.Search(position, func(i int) bool { return r.sum(i).Cmp(r.sum(position)) == 0 })
	}
	p.Cost = o.Price(r.workload)
	return p
}

// sum is that of a position.
func (r *Ranking) sum(position int) *big.Int { return &r.sums[r.order[position]] }

// Position is where an offer came.
func (r *Ranking) Position(offer int) int { return slices.Index(r.order, int32(offer)) }

// Cheapest is the lowest total above 0; 0 where there is none.
func (r *Ranking) Cheapest() decimal.Decimal {
	first := sort.Search(r.ranked, func(i int) bool { return r.sum(i).Sign() > 0 })
	if first == r.ranked {
		return decimal.Decimal{}
	}
	return decimal.NewFromBigInt(r.sum(first), r.exponent)
}
