package app

import (
	"cmp"
	"context"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/cost"
	"ratecard/ports"
)

// TimesPlaces is how many decimal places ComparedModel.TimesCheapest has at most.
const TimesPlaces = 4

// Workload is by what models are compared: a number of requests that are alike.
type Workload struct {
	Usage    map[string]int64 // of one request, by the name of a meter
	Requests int64            // how many; 0: one
	Tier     domain.Tier      // empty: standard
	Region   domain.Region    // empty: global
}

// Comparison asks what a workload costs with models, a page of them: those that
// come behind Models.After. Their order is that of their costs.
type Comparison struct {
	Workload
	Models ports.ModelQuery
}

// ComparedModel is a model with what the workload costs with it.
type ComparedModel struct {
	*ports.ModelView
	cost.Cost                     // of one request
	Rank          int             // 1 for the cheapest, equals share one; 0: its cost is not known
	Total         decimal.Decimal // of all requests; 0 where there is no rank
	TimesCheapest decimal.Decimal // Total by the lowest total above 0, rounded to TimesPlaces; 0 where there is no rank
}

// Compared is a page of models, the cheapest first, then those without a rank by
// id and provider.
type Compared struct {
	cost.Request       // what one request uses, and how it is bought
	Requests     int64 // how many they are
	Models       []ComparedModel
	Total        int // of all pages
	More         bool
	Version      int64 // the catalogue version that it was read at
}

// Comparer compares models.
type Comparer struct{ market ports.Market }

// NewComparer compares what a market offers.
func NewComparer(market ports.Market) *Comparer { return &Comparer{market} }

// Compare ranks every model that is asked for by what the workload costs with it,
// and gives a page of them. It costs what Bill says that it does; a model of which
// that is not known, or whose context window is known to be too small for the
// prompt, has no rank. KindInvalid names every field that cannot be;
// KindCursorExpired where the catalogue has another version than is asked for, or
// the model that the page comes behind is not among the others any more.
func (c *Comparer) Compare(ctx context.Context, q Comparison) (Compared, error) {
	asked, err := q.asked()
	if err != nil {
		return Compared{}, err
	}
	offers, err := c.market.Offers(ctx, ports.OfferQuery{ModelQuery: q.Models, Tier: asked.Tier, Region: asked.Region})
	if err != nil {
		return Compared{}, err
	}
	ranking := cost.NewWorkload(asked.Request).Rank(offers.Priced)
	asked.Total, asked.Version = ranking.Len(), offers.Version
	first := 0
	if after := q.Models.After; after != nil {
		if first = 1 + ranking.Position(placeOf(*after, offers.Models)); first == 0 {
			return Compared{}, domain.Errorf(domain.KindCursorExpired, "the model that the page before ended with is not compared any more; start again without the cursor")
		}
	}
	end := min(first+q.Models.Limit, ranking.Len())
	cheapest, requests := ranking.Cheapest(), decimal.NewFromInt(asked.Requests)
	for i := first; i < end; i++ {
		asked.Models = append(asked.Models, compared(ranking.At(i), offers, cheapest, requests))
	}
	asked.More = end < ranking.Len()
	return asked, nil
}

func compared(p cost.Place, offers ports.Offers, cheapest, requests decimal.Decimal) ComparedModel {
	m := ComparedModel{ModelView: offers.Models[p.Offer], Cost: p.Cost, Rank: p.Rank}
	if m.Rank == 0 {
		return m
	}
	m.Total = p.Subtotal.Mul(requests)
	if !p.Subtotal.IsZero() {
		m.TimesCheapest = p.Subtotal.DivRound(cheapest, TimesPlaces)
	}
	return m
}

// placeOf finds a model among others; -1 where it is not.
func placeOf(key domain.ModelKey, models []*ports.ModelView) int {
	for i, m := range models {
		if m.ModelKey == key {
			return i
		}
	}
	return -1
}

// asked reads a workload, and fills in what it does not say.
func (w Workload) asked() (Compared, error) {
	var f faults
	c := Compared{
		Request:  cost.Request{Usage: f.usage("usage", w.Usage), Tier: cmp.Or(w.Tier, domain.TierStandard), Region: cmp.Or(w.Region, domain.RegionGlobal)},
		Requests: cmp.Or(w.Requests, 1),
	}
	if len(f) == 0 && len(c.Usage.Meters()) == 0 {
		f.add("usage", "counts nothing; expected at least one meter with a count above 0, such as input:12000")
	}
	if c.Requests < 1 || c.Requests > domain.MostUsage {
		f.add("requests", "%d is not between 1 and %d", c.Requests, int64(domain.MostUsage))
	}
	f.bought("", c.Tier, c.Region)
	return c, f.err("models cannot be compared by this workload")
}
