package guard

import (
	"ratecard/domain"
)

// neverDearer gives, by a meter, the one that it never costs more than.
var neverDearer = map[domain.Meter]domain.Meter{
	domain.MeterCacheRead:      domain.MeterInput,
	domain.MeterCacheReadAudio: domain.MeterInputAudio,
	domain.MeterCacheReadImage: domain.MeterInputImage,
	domain.MeterCacheWrite:     domain.MeterCacheWrite1h,
}

// order doubts what comes to cost more than what it never costs more than: a
// batch than the standard tier, a cached token than a plain one, a cache for
// minutes than one for an hour. What was so before is the provider's way.
func (m *model) order(c *census, own map[int][]domain.Doubt) {
	at := make(map[domain.QuoteKey]int, len(m.rates))
	for _, i := range m.rates {
		at[undatedKey(c.page.Now[i].QuoteKey)] = i
	}
	for _, i := range m.rates {
		k := undatedKey(c.page.Now[i].QuoteKey)
		if above, bound := neverDearer[k.Meter]; bound {
			upper := k
			upper.Meter = above
			m.pair(c, at, i, upper, string(above), own)
		}
		if k.Tier == domain.TierBatch || k.Tier == domain.TierFlex {
			upper := k
			upper.Tier = domain.TierStandard
			m.pair(c, at, i, upper, string(domain.TierStandard), own)
		}
	}
}

// pair doubts what is new in the order of a rate and the one above it.
func (m *model) pair(c *census, at map[domain.QuoteKey]int, lower int, upper domain.QuoteKey, name string, own map[int][]domain.Doubt) {
	j, there := at[upper]
	if !there {
		return
	}
	low, high := &c.page.Now[lower], &c.page.Now[j]
	if !low.Amount.GreaterThan(high.Amount) || low.stands() && high.stands() {
		return
	}
	if low.Old != nil && high.Old != nil && low.Old.GreaterThan(*high.Old) {
		return
	}
	for _, i := range []int{lower, j} {
		if !c.page.Now[i].stands() {
			own[i] = append(own[i], domain.Doubt{Code: domain.DoubtOrder, Other: name})
		}
	}
}

// lone doubts what moves alone: one meter, or one cell of the page. A digit may
// have been lost.
func (m *model) lone(c *census, own map[int][]domain.Doubt) {
	if len(m.moved) == 0 {
		return
	}
	meters, places := map[domain.Meter]bool{}, map[domain.Place]bool{}
	for _, i := range m.moved {
		q := &c.page.Now[i]
		meters[q.Meter], places[q.Place] = true, true
	}
	_, unplaced := places[domain.Place{}]
	if len(meters) > 1 && (len(places) > 1 || unplaced) {
		return
	}
	for _, i := range m.moved {
		q := &c.page.Now[i]
		doubt := domain.Doubt{Code: domain.DoubtLone}
		if !q.Old.IsZero() {
			doubt.Factor = show(q.Amount.Div(*q.Old))
		}
		own[i] = append(own[i], doubt)
	}
}

func undatedKey(k domain.QuoteKey) domain.QuoteKey {
	k.From, k.Until, k.Above = domain.Date{}, domain.Date{}, 0
	return k
}
