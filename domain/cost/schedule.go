package cost

import (
	"cmp"
	"maps"
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

// A ladder is what one meter costs, by the prompt length from which on.
type ladder map[int64]domain.RateView

// A schedule is what applies to a request of one tier and region.
type schedule map[domain.Meter]ladder

// scheduleOf chooses the rates of a tier. Of each meter those of the region
// apply, else those that hold everywhere, and of several layers the uppermost.
func scheduleOf(rates []domain.RateView, tier domain.Tier, region domain.Region) schedule {
	everywhere := schedule{}
	everywhere.lay(rates, tier, domain.RegionGlobal)
	if region == domain.RegionGlobal {
		return everywhere
	}
	there := schedule{}
	there.lay(rates, tier, region)
	maps.Copy(everywhere, there)
	return everywhere
}

// lay puts the layers over each other, the uppermost first. Amounts in another
// currency cannot be added up and are left out, so that what they price is
// missing.
func (s schedule) lay(rates []domain.RateView, tier domain.Tier, region domain.Region) {
	var chosen []domain.RateView
	for _, r := range rates {
		if r.Tier == tier && r.Region == region && r.Currency == domain.CurrencyUSD {
			chosen = append(chosen, r)
		}
	}
	slices.SortStableFunc(chosen, func(a, b domain.RateView) int {
		return cmp.Compare(slices.Index(domain.Layers(), a.Layer), slices.Index(domain.Layers(), b.Layer))
	})
	stated := map[int64]domain.Layer{}
	for _, r := range chosen {
		if s[r.Meter] == nil {
			s[r.Meter] = ladder{}
		}
		from := sameCliff(stated, r)
		if _, taken := s[r.Meter][from]; !taken {
			s[r.Meter][from] = r
		}
	}
}

// sameCliff is the threshold of a rate as the uppermost layer words it: layers
// that differ by the one token between > and ≥ mean one cliff.
func sameCliff(stated map[int64]domain.Layer, r domain.RateView) int64 {
	for _, n := range []int64{r.MinPromptTokens, r.MinPromptTokens - 1, r.MinPromptTokens + 1} {
		if layer, ok := stated[n]; ok && (n == r.MinPromptTokens || layer != r.Layer) {
			return n
		}
	}
	stated[r.MinPromptTokens] = r.Layer
	return r.MinPromptTokens
}

// ofPrompt reports whether a meter's price depends on the length of the
// prompt: not that of what is stored between requests, or counted by the piece.
func ofPrompt(m domain.Meter) bool { return m.CountsTokens() && m != domain.MeterCacheStorage }

// reached is the highest threshold of any meter that a prompt reaches.
func (s schedule) reached(prompt int64) int64 {
	var highest int64
	for meter, l := range s {
		if ofPrompt(meter) {
			highest = max(highest, l.reached(prompt))
		}
	}
	return highest
}

// reached is the highest of the ladder's thresholds that a prompt reaches, -1
// where it reaches none.
func (l ladder) reached(prompt int64) int64 {
	highest := int64(-1)
	for from := range l {
		if from <= prompt {
			highest = max(highest, from)
		}
	}
	return highest
}

// rate is what a meter costs in a request whose prompt reached a threshold, or
// why that is not known.
func (s schedule) rate(meter domain.Meter, prompt, threshold int64) (domain.RateView, Reason) {
	l, priced := s[meter]
	if !priced {
		if l, priced = s[parents[meter]]; !priced {
			return domain.RateView{}, NoRate
		}
	}
	if !ofPrompt(meter) {
		threshold = l.reached(prompt)
	}
	rate, ok := l[threshold]
	switch {
	case ok:
		return rate, ""
	case threshold > 0:
		return domain.RateView{}, NoRateAboveThreshold
	}
	return domain.RateView{}, NoRate
}

func (s schedule) countsTokens() bool {
	for meter := range s {
		if meter.CountsTokens() {
			return true
		}
	}
	return false
}
