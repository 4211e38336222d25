package cost

import (
	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// Status says how far a usage could be priced.
type Status string

// The statuses.
const (
	Priced         Status = "priced"          // the total is the whole cost
	Free           Status = "free"            // the same, and it is 0
	NotPerToken    Status = "not_per_token"   // the model is sold by another unit than tokens
	Incomplete     Status = "incomplete"      // something used has no rate
	TBD            Status = "TBD"             // no rate of the model is known
	TierNotPriced  Status = "tier_not_priced" // it has rates, and none of this tier
	BeforeHistory  Status = "before_history"  // the instant lies before anything that is known of the model
	UnknownModel   Status = "unknown_model"   // no model answers to the name
	AmbiguousModel Status = "ambiguous_model" // several models answer to it

	// ExceedsContextWindow: the prompt is longer than the model takes, so that no
	// such request can be made. Rankings alone say so.
	ExceedsContextWindow Status = "exceeds_context_window"
)

// Tariff is what is known of a model's prices at an instant.
type Tariff struct {
	Rates  []domain.RateView    // in force, of all tiers, regions and layers
	Stated domain.PricingStatus // Free or NotPerToken where a source says so
	Before bool                 // the instant lies before everything that is known of the model
}

// Request is what was used, and how it was bought.
type Request struct {
	Usage   domain.Usage
	Unknown map[string]int64 // counts of which no meter is known, by name
	Tier    domain.Tier
	Region  domain.Region
}

// Cost is what a usage costs.
type Cost struct {
	Status          Status
	PromptTokens    int64
	MinPromptTokens int64 // the threshold that the prompt reached, 0 for none; its rates apply to the whole request
	Parts           []Part
	Missing         []Missing
	Subtotal        decimal.Decimal // the sum of the parts
}

// Total is the whole cost; it is not known where something used has no rate.
func (c Cost) Total() (total decimal.Decimal, known bool) { return c.Subtotal, c.Status.known() }

// known reports whether a request of that status has a total.
func (s Status) known() bool { return s == Priced || s == Free }

// Part is what one meter of a usage costs.
type Part struct {
	Meter    domain.Meter
	Quantity int64
	Rate     domain.RateView // its meter is another where the meter follows its parent
	Amount   decimal.Decimal // Quantity × the rate's amount / its unit
}

// Reason says why something used has no price.
type Reason string

// The reasons.
const (
	NoRate               Reason = "no_rate"                 // none of the meter in this tier
	NoRateAboveThreshold Reason = "no_rate_above_threshold" // one that ends where the prompt's threshold begins
	UnknownCount         Reason = "unknown_count"           // a count of the provider's that stands for no meter
)

// Missing is something used of which the price is not known.
type Missing struct {
	What     string // the meter, or the count as its provider names it
	Quantity int64
	Reason   Reason
}

// Of prices a request by the rates of a tariff.
func Of(r Request, t Tariff) Cost {
	return NewSchedule(t, r.Tier, r.Region).Price(NewWorkload(r))
}

// Price says what a request costs, with every step of the arithmetic.
func (s *Schedule) Price(w *Workload) Cost {
	c := Cost{PromptTokens: w.prompt, MinPromptTokens: s.reached(w.prompt)}
	t := s.each(w, func(n *need, of *step) {
		p := Part{Meter: n.meter, Quantity: n.quantity, Rate: *of.rate, Amount: price(n.quantity, of.rate)}
		c.Parts, c.Subtotal = append(c.Parts, p), c.Subtotal.Add(p.Amount)
	}, func(n *need, why Reason) {
		c.Missing = append(c.Missing, Missing{string(n.meter), n.quantity, why})
	})
	c.Missing = append(c.Missing, w.unknown...)
	if c.Status = s.status(t); c.Status == Free {
		c.Missing = nil
	}
	return c
}

// price multiplies; the unit is a power of ten, so nothing is ever rounded.
func price(quantity int64, rate *domain.RateView) decimal.Decimal {
	return rate.Amount.Mul(decimal.NewFromInt(quantity)).Shift(-rate.Meter.UnitSize())
}

// A tally is what the status of a request follows from.
type tally struct {
	parts, missing int
	others         bool // something is missing that is no rate of tokens
	costs          bool // some part has a price above 0
}

// each goes through all that a request needs: either its rate is found, or why
// it is missing.
func (s *Schedule) each(w *Workload, found func(*need, *step), missing func(*need, Reason)) tally {
	t := tally{missing: len(w.unknown), others: len(w.unknown) > 0}
	threshold := s.reached(w.prompt)
	for i := range w.needs {
		n := &w.needs[i]
		of, why := s.rate(n, w.prompt, threshold)
		if why != "" {
			t.missing, t.others = t.missing+1, t.others || !n.tokens
			missing(n, why)
			continue
		}
		t.parts, t.costs = t.parts+1, t.costs || of.coefficient.Sign() != 0
		found(n, of)
	}
	return t
}

func (s *Schedule) status(t tally) Status {
	switch {
	case !s.any:
		return s.unpriced(t)
	case len(s.steps) == 0:
		return TierNotPriced
	case t.missing > 0 && t.parts == 0 && !s.tokens && !t.others:
		return NotPerToken
	case t.missing > 0:
		return Incomplete
	case t.parts > 0 && !t.costs:
		return Free
	}
	return Priced
}

// unpriced is the status where no rate of the model is in force.
func (s *Schedule) unpriced(t tally) Status {
	switch {
	case s.before:
		return BeforeHistory
	case s.stated == domain.NotPerToken:
		return NotPerToken
	case s.stated != domain.Free:
		return TBD
	case t.others:
		return Incomplete // its tokens are free, what else was used may not be
	}
	return Free
}
