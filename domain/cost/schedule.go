package cost

import (
	"cmp"
	"iter"
	"math/big"
	"slices"

	"ratecard/domain"
)

// parents are the meters whose rates others follow that have none of their
// own: providers who price no pictures apart charge them as the text beside
// them. Sound is never charged like that, nor a write to a cache.
var parents = map[domain.Meter]domain.Meter{
	domain.MeterInputImage:     domain.MeterInput,
	domain.MeterInputVideo:     domain.MeterInput,
	domain.MeterCacheReadImage: domain.MeterCacheRead,
}

// A Schedule is what applies to requests of one tier and region: a tariff laid
// out once, by which many requests are priced. It refers to the tariff's rates,
// which must not change any more.
type Schedule struct {
	steps    []step
	exponent int32 // of the steps' coefficients
	tokens   bool  // some step counts tokens
	any      bool  // the tariff has rates, of this tier or another
	stated   domain.PricingStatus
	before   bool
}

// A step is what one meter costs from one prompt length on.
type step struct {
	meter       domain.Meter
	from        int64 // as the uppermost layer words it
	ofPrompt    bool
	rate        *domain.RateView
	coefficient *big.Int // of its amount
}

// NewSchedule chooses the rates of a tier. Of each meter those of the region
// apply, else those that hold everywhere, and of several layers the uppermost.
func NewSchedule(t Tariff, tier domain.Tier, region domain.Region) *Schedule {
	s := &Schedule{any: len(t.Rates) > 0, stated: t.Stated, before: t.Before}
	s.lay(t.Rates, tier, region)
	if region != domain.RegionGlobal {
		there := s.steps
		s.steps = nil
		s.lay(t.Rates, tier, domain.RegionGlobal)
		everywhere := slices.DeleteFunc(s.steps, func(of step) bool { return prices(there, of.meter) })
		s.steps = append(there, everywhere...)
	}
	s.scale()
	return s
}

// lay puts the layers over each other, the uppermost first. Amounts in another
// currency cannot be added up and are left out, so that what they price is
// missing.
func (s *Schedule) lay(rates []domain.RateView, tier domain.Tier, region domain.Region) {
	chosen := make([]*domain.RateView, 0, 8)
	for i := range rates {
		if r := &rates[i]; r.Tier == tier && r.Region == region && r.Currency == domain.CurrencyUSD {
			chosen = append(chosen, r)
		}
	}
	if len(chosen) == 0 {
		return
	}
	slices.SortStableFunc(chosen, func(a, b *domain.RateView) int {
		if a.Layer == b.Layer {
			return 0
		}
		return cmp.Compare(slices.Index(domain.Layers(), a.Layer), slices.Index(domain.Layers(), b.Layer))
	})
	s.steps = make([]step, 0, len(chosen))
	stated := make([]cliff, 0, 4)
	for _, r := range chosen {
		var from int64
		from, stated = sameCliff(stated, r)
		if !slices.ContainsFunc(s.steps, func(of step) bool { return of.meter == r.Meter && of.from == from }) {
			s.steps = append(s.steps, step{meter: r.Meter, from: from, ofPrompt: ofPrompt(r.Meter), rate: r})
			s.tokens = s.tokens || r.Meter.CountsTokens()
		}
	}
}

// A cliff is a threshold, and the uppermost layer that states it.
type cliff struct {
	from int64
	by   domain.Layer
}

// sameCliff is the threshold of a rate as the uppermost layer words it: layers
// that differ by the one token between > and ≥ mean one cliff.
func sameCliff(stated []cliff, r *domain.RateView) (int64, []cliff) {
	for _, n := range [...]int64{r.MinPromptTokens, r.MinPromptTokens - 1, r.MinPromptTokens + 1} {
		for _, c := range stated {
			if c.from == n && (n == r.MinPromptTokens || c.by != r.Layer) {
				return n, stated
			}
		}
	}
	return r.MinPromptTokens, append(stated, cliff{r.MinPromptTokens, r.Layer})
}

// scale brings the amounts to one exponent, so that sums of them are sums of
// whole numbers.
func (s *Schedule) scale() {
	for i := range s.steps {
		s.exponent = min(s.exponent, s.steps[i].rate.Amount.Exponent())
	}
	for i := range s.steps {
		amount := s.steps[i].rate.Amount
		s.steps[i].coefficient = amount.Coefficient()
		if more := amount.Exponent() - s.exponent; more > 0 {
			s.steps[i].coefficient.Mul(s.steps[i].coefficient, powerOfTen(more))
		}
	}
}

func powerOfTen(n int32) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// ofPrompt reports whether a meter's price depends on the length of the
// prompt: not that of what is stored between requests, or counted by the piece.
func ofPrompt(m domain.Meter) bool { return m.CountsTokens() && m != domain.MeterCacheStorage }

func prices(steps []step, meter domain.Meter) bool {
	return slices.ContainsFunc(steps, func(of step) bool { return of.meter == meter })
}

// reached is the highest threshold of any meter that a prompt reaches.
func (s *Schedule) reached(prompt int64) int64 {
	var highest int64
	for i := range s.steps {
		if of := &s.steps[i]; of.ofPrompt && of.from <= prompt {
			highest = max(highest, of.from)
		}
	}
	return highest
}

// rate is what a meter costs in a request whose prompt reached a threshold, or
// why that is not known.
func (s *Schedule) rate(n *need, prompt, threshold int64) (*step, Reason) {
	found, why := s.rateOf(n.meter, n.ofPrompt, prompt, threshold)
	if why == noStep && n.parent != "" {
		found, why = s.rateOf(n.parent, n.ofPrompt, prompt, threshold)
	}
	if why == noStep {
		why = NoRate
	}
	return found, why
}

// noStep says that a meter has no rate from any prompt length on.
const noStep Reason = "no_step"

func (s *Schedule) rateOf(meter domain.Meter, ofPrompt bool, prompt, threshold int64) (*step, Reason) {
	var found *step
	priced := false
	for i := range s.steps {
		of := &s.steps[i]
		if of.meter != meter {
			continue
		}
		priced = true
		switch {
		case ofPrompt && of.from == threshold:
			return of, ""
		case !ofPrompt && of.from <= prompt && (found == nil || of.from > found.from):
			found = of
		}
	}
	switch {
	case found != nil:
		return found, ""
	case !priced:
		return nil, noStep
	case ofPrompt && threshold > 0:
		return nil, NoRateAboveThreshold
	}
	return nil, NoRate
}

// Applying gives every rate that applies, and from which prompt length on: what a
// schedule is laid out from, for those who write it down elsewhere.
func (s *Schedule) Applying() iter.Seq2[int64, *domain.RateView] {
	return func(yield func(int64, *domain.RateView) bool) {
		for i := range s.steps {
			if !yield(s.steps[i].from, s.steps[i].rate) {
				return
			}
		}
	}
}
