package cost

import (
	"maps"
	"math/big"
	"slices"

	"ratecard/domain"
)

// A Workload is a request made ready to be priced by many schedules. They have to
// be of its tier and region.
type Workload struct {
	needs   []need
	unknown []Missing // counts of which no meter is known, by name
	prompt  int64
	unit    int32 // 10 to this power is what the needs' counts are divided by
}

// A need is a meter of which a request uses something.
type need struct {
	meter    domain.Meter
	parent   domain.Meter // whose rate it follows where it has none; empty: none's
	quantity int64
	tokens   bool
	ofPrompt bool
	count    *big.Int // the quantity in parts of the workload's unit
}

// NewWorkload makes a request ready.
func NewWorkload(r Request) *Workload {
	w := &Workload{prompt: r.Usage.PromptTokens()}
	for _, meter := range r.Usage.Meters() {
		w.needs = append(w.needs, need{
			meter: meter, parent: parents[meter], quantity: r.Usage[meter], tokens: meter.CountsTokens(), ofPrompt: ofPrompt(meter),
		})
		w.unit = max(w.unit, meter.UnitSize())
	}
	for i := range w.needs {
		n := &w.needs[i]
		n.count = new(big.Int).Mul(big.NewInt(n.quantity), powerOfTen(w.unit-n.meter.UnitSize()))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Unknown)) {
		if n := r.Unknown[name]; n != 0 {
			w.unknown = append(w.unknown, Missing{name, n, UnknownCount})
		}
	}
	return w
}

// sum adds up exactly what a request costs: sum × 10^exponent. It is Price
// without anything made for each step.
func (s *Schedule) sum(w *Workload, sum, product *big.Int) (status Status, exponent int32) {
	t := s.each(w,
		func(n *need, of *step) { sum.Add(sum, product.Mul(of.coefficient, n.count)) },
		func(*need, Reason) {})
	return s.status(t), s.exponent - w.unit
}
