package ledger

import (
	"ratecard/domain"
)

// Derive gives the rates that stated modifiers yield where no figure is
// printed. It says nothing in doubt:
//
//   - a meter's modifier ("cache reads cost 0.1× the input price") is applied to
//     a model in the tiers and thresholds where the meter is not printed, if it
//     reproduces that model's printed standard price to the last digit;
//   - a tier's modifier ("batch: 50 % off") is applied to plain input and output,
//     if the source prints no figure of that tier for anybody: else a model that
//     it leaves out may not be sold that way.
//
// A modifier that is stated for one model is applied to no other.
//
// Regional modifiers are not applied: which models they cover stands in their
// sentences alone. A derived rate rests on the statement of the printed
// one and on that of the modifier.
func Derive(stated []Stated, modifiers []domain.Modifier) []Stated {
	if len(modifiers) == 0 {
		return nil
	}
	printed := make(map[domain.RateKey][]Stated, len(stated))
	tiers := map[domain.Tier]bool{}
	for _, s := range stated {
		printed[s.Key] = append(printed[s.Key], s)
		tiers[s.Key.Tier] = true
	}
	var derived []Stated
	for _, base := range stated {
		for _, m := range modifiers {
			if m.Name != "" && m.Name != base.Quote.Name {
				continue
			}
			key, ok := modified(base.Key, m, tiers)
			if !ok || len(printed[key]) > 0 || !proven(base, m, printed) {
				continue
			}
			derived = append(derived, apply(base, key, m))
		}
	}
	return derived
}

// modified is the key that a modifier of a base rate prices.
func modified(base domain.RateKey, m domain.Modifier, tiers map[domain.Tier]bool) (domain.RateKey, bool) {
	switch meter, tier := domain.Meter(m.What), domain.Tier(m.What); {
	case isCache(meter) && base.Meter == domain.MeterInput:
		base.Meter = meter
		return base, true
	case isTier(tier) && !tiers[tier] && base.Tier == domain.TierStandard && (base.Meter == domain.MeterInput || base.Meter == domain.MeterOutput):
		base.Tier = tier
		return base, true
	}
	return domain.RateKey{}, false
}

func isCache(m domain.Meter) bool {
	return m == domain.MeterCacheRead || m == domain.MeterCacheWrite || m == domain.MeterCacheWrite1h
}

func isTier(t domain.Tier) bool {
	return t == domain.TierBatch || t == domain.TierFlex || t == domain.TierPriority || t == domain.TierFast
}

// proven reports whether a meter's modifier reproduces what is printed of the
// same model's standard prices. A tier's needs no such proof.
func proven(base Stated, m domain.Modifier, printed map[domain.RateKey][]Stated) bool {
	meter := domain.Meter(m.What)
	if !isCache(meter) {
		return true
	}
	standard := base.Key
	standard.Tier, standard.Region, standard.MinPromptTokens = domain.TierStandard, domain.RegionGlobal, 0
	cached := standard
	cached.Meter = meter
	inputs, outs := printed[standard], printed[cached]
	return len(inputs) == 1 && len(outs) == 1 && inputs[0].Price.Amount.Mul(m.Factor).Equal(outs[0].Price.Amount)
}

func apply(base Stated, key domain.RateKey, m domain.Modifier) Stated {
	derived := base
	derived.Key = key
	derived.Price.Amount = base.Price.Amount.Mul(m.Factor)
	derived.Price.Unit = key.Meter.Unit()
	derived.Price.Origin = domain.OriginDerived
	derived.Modifier = m.Key()
	return derived
}
