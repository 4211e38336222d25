package api

import (
	"cmp"
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// moments is the range that holds one instant alone.
func moments(at time.Time) domain.Span {
	return domain.Span{From: at, To: at.Add(time.Microsecond)}
}

func encodePricing(model domain.ModelKey, asOf domain.AsOf, rates []domain.RateView) *oas.Pricing {
	ordered := slices.Clone(rates)
	slices.SortStableFunc(ordered, compareRates)
	return &oas.Pricing{
		ModelID:  model.ID,
		Provider: string(model.Provider),
		At:       asOf.At.UTC(),
		KnownAt:  asOf.KnownAt.UTC(),
		Rates:    encodeAll(ordered, encodeRate),
	}
}

// compareRates orders rates as people read a price list.
func compareRates(a, b domain.RateView) int {
	return cmp.Or(
		compareEntries(entryKey{a.Tier, a.Region, a.MinPromptTokens}, entryKey{b.Tier, b.Region, b.MinPromptTokens}),
		cmp.Compare(rank(domain.TokenMeters(), a.Meter), rank(domain.TokenMeters(), b.Meter)),
		cmp.Compare(a.Meter, b.Meter),
		cmp.Compare(layerRank(a.Layer), layerRank(b.Layer)))
}

func encodeHistory(model domain.ModelKey, knownAt time.Time, rates []domain.RateView) *oas.PricingHistory {
	return &oas.PricingHistory{
		ModelID:  model.ID,
		Provider: string(model.Provider),
		KnownAt:  knownAt.UTC(),
		Items:    encodeAll(rates, encodeRate),
	}
}

func encodeRate(r domain.RateView) oas.Rate {
	return oas.Rate{
		ModelID:         r.Model.ID,
		Provider:        string(r.Model.Provider),
		Layer:           oas.RateLayer(r.Layer),
		Tier:            string(r.Tier),
		Meter:           string(r.Meter),
		Region:          string(r.Region),
		MinPromptTokens: r.MinPromptTokens,
		Amount:          amount(r.Amount),
		Unit:            r.Unit,
		Currency:        r.Currency,
		Origin:          oas.RateOrigin(r.Origin),
		EffectiveDate:   r.Effective.From.UTC(),
		EndDate:         timeOrNull(r.Effective.To),
		KnownFrom:       r.Known.From.UTC(),
		KnownTo:         timeOrNull(r.Known.To),
		Basis:           oas.RateBasis(r.Basis),
		NotBefore:       timeOrNull(r.NotBefore),
		NotAfter:        timeOrNull(r.NotAfter),
		UnlistedSince:   timeOrNull(r.UnlistedSince),
		Stale:           encodeStale(r.StaleSince),
		HeldChange:      encodeMark(r.Held),
		Source:          textOrNull(r.Source),
		EvidenceID:      intOrNull(r.Evidence),
		Derivation:      encodeDerivation(r),
	}
}

// encodeDerivation is null for a rate that is not derived.
func encodeDerivation(r domain.RateView) oas.NilDerivation {
	if r.Derivation == nil {
		return oas.NilDerivation{Null: true}
	}
	return oas.NewNilDerivation(oas.Derivation{
		Amount:          amount(r.Derivation.Printed),
		Tier:            string(r.Quote.Tier),
		Meter:           string(r.Quote.Meter),
		Region:          string(r.Quote.Region),
		MinPromptTokens: r.Quote.MinPromptTokens,
		Modifier:        encodeModifier(r.Derivation.Modifier),
	})
}

// encodeStale says since when something was not confirmed; zero: it is fresh.
func encodeStale(since time.Time) oas.NilStale {
	if since.IsZero() {
		return oas.NilStale{Null: true}
	}
	return oas.NewNilStale(oas.Stale{Since: since.UTC()})
}
