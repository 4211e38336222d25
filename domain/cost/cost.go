package cost

import (
	"cmp"
	"slices"

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
func (c Cost) Total() (total decimal.Decimal, known bool) {
	return c.Subtotal, c.Status == Priced || c.Status == Free
}

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
	s := scheduleOf(t.Rates, r.Tier, r.Region)
	c := Cost{PromptTokens: r.Usage.PromptTokens()}
	c.MinPromptTokens = s.reached(c.PromptTokens)
	for _, meter := range r.Usage.Meters() {
		quantity := r.Usage[meter]
		rate, why := s.rate(meter, c.PromptTokens, c.MinPromptTokens)
		if why != "" {
			c.Missing = append(c.Missing, Missing{string(meter), quantity, why})
			continue
		}
		p := Part{Meter: meter, Quantity: quantity, Rate: rate, Amount: price(quantity, rate)}
		c.Parts, c.Subtotal = append(c.Parts, p), c.Subtotal.Add(p.Amount)
	}
	for name, n := range r.Unknown {
		if n != 0 {
			c.Missing = append(c.Missing, Missing{name, n, UnknownCount})
		}
	}
	slices.SortStableFunc(c.Missing, func(a, b Missing) int {
		if a.Reason == UnknownCount && b.Reason == UnknownCount {
			return cmp.Compare(a.What, b.What)
		}
		return 0 // the counts stand last, behind the meters in their order
	})
	c.Status = c.status(t, s)
	if c.Status == Free {
		c.Missing = nil
	}
	return c
}

// price multiplies; the unit is a power of ten, so nothing is ever rounded.
func price(quantity int64, rate domain.RateView) decimal.Decimal {
	return rate.Amount.Mul(decimal.NewFromInt(quantity)).Shift(-rate.Meter.UnitSize())
}

func (c Cost) status(t Tariff, s schedule) Status {
	switch {
	case len(t.Rates) == 0:
		return c.unpriced(t)
	case len(s) == 0:
		return TierNotPriced
	case len(c.Missing) > 0 && len(c.Parts) == 0 && !s.countsTokens() && c.missesTokensOnly():
		return NotPerToken
	case len(c.Missing) > 0:
		return Incomplete
	case len(c.Parts) > 0 && !slices.ContainsFunc(c.Parts, func(p Part) bool { return !p.Rate.Amount.IsZero() }):
		return Free
	}
	return Priced
}

// unpriced is the status where no rate of the model is in force.
func (c Cost) unpriced(t Tariff) Status {
	switch {
	case t.Before:
		return BeforeHistory
	case t.Stated == domain.NotPerToken:
		return NotPerToken
	case t.Stated != domain.Free:
		return TBD
	case !c.missesTokensOnly():
		return Incomplete // its tokens are free, what else was used may not be
	}
	return Free
}

// missesTokensOnly reports whether all that is missing are rates of tokens.
func (c Cost) missesTokensOnly() bool {
	return !slices.ContainsFunc(c.Missing, func(m Missing) bool {
		return m.Reason == UnknownCount || !domain.Meter(m.What).CountsTokens()
	})
}
