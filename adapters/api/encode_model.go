package api

import (
	"cmp"
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/gen/oas"
	"ratecard/ports"
)

func encodeModelPage(page ports.ModelPage, q ports.ModelQuery) *oas.ModelPage {
	out := &oas.ModelPage{
		Items:      encodeAll(page.Models, func(m ports.ModelView) oas.Model { return *encodeModel(m) }),
		NextCursor: oas.NilString{Null: true},
		Total:      page.Total,
	}
	if page.More && len(page.Models) > 0 {
		out.NextCursor = oas.NewNilString(onward(page, q).encode())
	}
	return out
}

// onward is the walk that goes on after a page.
func onward(page ports.ModelPage, q ports.ModelQuery) walk {
	w := walk{after: &page.Models[len(page.Models)-1].ModelKey, order: order{q.Sort, q.Descending}}
	switch {
	case !q.AsOf.KnownAt.IsZero():
		w.when = q.AsOf
	case q.Sort != ports.SortID: // nothing moves while the version stays
		w.when, w.version = q.AsOf, page.Version
	}
	return w
}

func encodeModel(m ports.ModelView) *oas.Model {
	return &oas.Model{
		ID:              m.ID,
		Provider:        string(m.Provider),
		DisplayName:     cmp.Or(m.DisplayName, m.ID),
		OwnedBy:         textOrNull(m.OwnedBy),
		Created:         timePtr(m.Created),
		Source:          m.Source,
		Classification:  encodeAll(m.Classification, func(c domain.Class) oas.Classification { return oas.Classification(c) }),
		Capabilities:    encodeAll(m.Capabilities, func(c domain.Capability) oas.Capability { return oas.Capability(c) }),
		ContextWindow:   intPtr(m.ContextWindow),
		MaxOutputTokens: intPtr(m.MaxOutputTokens),
		Usability:       oas.Usability(m.Usability),
		Aliases:         encodeAll(m.Aliases, func(s string) string { return s }),
		DiscoveredAt:    m.DiscoveredAt.UTC(),
		UpdatedAt:       m.Seen.From.UTC(),
		DeprecatedAt:    timePtr(m.DeprecatedAt),
		RetiresAt:       timePtr(m.RetiresAt),
		PricingStatus:   oas.PricingStatus(pricingStatus(m)),
		Stale:           encodeStale(staleSince(m.Rates)),
		HeldChange:      encodeMark(first(m.Held)),
		Pricing:         encodePricingEntries(m.Rates),
	}
}

// staleSince is when the least confirmed of stale rates was last confirmed; zero
// where none is stale.
func staleSince(rates []domain.RateView) time.Time {
	var since time.Time
	for _, r := range rates {
		if !r.StaleSince.IsZero() && (since.IsZero() || r.StaleSince.Before(since)) {
			since = r.StaleSince
		}
	}
	return since
}

// pricingStatus says what is known of a model's prices. Figures count before
// words: a model of which a source says that it is free, while a rate above 0 is
// still in force, is priced.
func pricingStatus(m ports.ModelView) domain.PricingStatus {
	switch costs := func(r domain.RateView) bool { return !r.Amount.IsZero() }; {
	case slices.ContainsFunc(m.Rates, costs):
		return domain.Priced
	case len(m.Rates) > 0:
		return domain.Free
	}
	return cmp.Or(m.StatedPricing, domain.TBD)
}

// An entryKey is what one entry of a model's pricing is for.
type entryKey struct {
	tier   domain.Tier
	region domain.Region
	from   int64 // the threshold
}

// encodePricingEntries gathers rates into one entry per tier, region and
// threshold, the standard tier and the global region first.
func encodePricingEntries(rates []domain.RateView) []oas.PricingEntry {
	groups := map[entryKey]map[domain.Meter]domain.RateView{}
	for _, r := range rates {
		key := entryKey{r.Tier, r.Region, r.MinPromptTokens}
		if groups[key] == nil {
			groups[key] = map[domain.Meter]domain.RateView{}
		}
		if have, taken := groups[key][r.Meter]; !taken || layerRank(r.Layer) < layerRank(have.Layer) {
			groups[key][r.Meter] = r
		}
	}
	keys := make([]entryKey, 0, len(groups))
	for key := range groups {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, compareEntries)
	out := make([]oas.PricingEntry, len(keys))
	for i, key := range keys {
		out[i] = encodePricingEntry(key, groups[key])
		if i > 0 && keys[i-1].tier == key.tier && keys[i-1].region == key.region {
			out[i-1].ContextLimit = oas.NewNilInt64(key.from - 1)
		}
	}
	return out
}

func encodePricingEntry(key entryKey, rates map[domain.Meter]domain.RateView) oas.PricingEntry {
	entry := oas.PricingEntry{
		Tier:            string(key.tier),
		Region:          string(key.region),
		MinPromptTokens: key.from,
		ContextLimit:    oas.NilInt64{Null: true},
		Charges:         []oas.Charge{},
	}
	for meter, rate := range rates {
		if rate.Effective.From.After(entry.EffectiveDate) {
			entry.EffectiveDate = rate.Effective.From.UTC()
		}
		cost := amount(rate.Amount)
		if place := rateOf(&entry.Rates, meter); place != nil && rate.Unit == domain.UnitMillionTokens {
			place.SetTo(cost)
			continue
		}
		entry.Charges = append(entry.Charges, oas.Charge{Meter: string(meter), Amount: cost, Unit: rate.Unit})
	}
	entry.InputCostPerMillion, entry.OutputCostPerMillion = orNull(entry.Rates.Input), orNull(entry.Rates.Output)
	slices.SortFunc(entry.Charges, func(a, b oas.Charge) int { return cmp.Compare(a.Meter, b.Meter) })
	return entry
}

// rateOf is where the rate of a meter stands; nil for one that is not counted per
// 1,000,000 tokens. They are fields, so that an answer has the same bytes wherever
// and whenever it is encoded.
func rateOf(rates *oas.PricingEntryRates, meter domain.Meter) *oas.OptString {
	switch meter {
	case domain.MeterInput:
		return &rates.Input
	case domain.MeterOutput:
		return &rates.Output
	case domain.MeterCacheRead:
		return &rates.CacheRead
	case domain.MeterCacheWrite:
		return &rates.CacheWrite
	case domain.MeterCacheWrite1h:
		return &rates.CacheWrite1h
	case domain.MeterInputAudio:
		return &rates.InputAudio
	case domain.MeterOutputAudio:
		return &rates.OutputAudio
	case domain.MeterCacheReadAudio:
		return &rates.CacheReadAudio
	case domain.MeterInputImage:
		return &rates.InputImage
	case domain.MeterOutputImage:
		return &rates.OutputImage
	case domain.MeterCacheReadImage:
		return &rates.CacheReadImage
	case domain.MeterInputVideo:
		return &rates.InputVideo
	case domain.MeterOutputVideo:
		return &rates.OutputVideo
	case domain.MeterCacheStorage: // per hour as well
	}
	return nil
}

func orNull(cost oas.OptString) oas.NilString {
	return oas.NilString{Value: cost.Value, Null: !cost.Set}
}

func compareEntries(a, b entryKey) int {
	return cmp.Or(
		cmp.Compare(rank(domain.Tiers(), a.tier), rank(domain.Tiers(), b.tier)),
		cmp.Compare(a.tier, b.tier),
		compareRegions(a.region, b.region),
		cmp.Compare(a.from, b.from))
}

func compareRegions(a, b domain.Region) int {
	first := []domain.Region{domain.RegionGlobal}
	return cmp.Or(cmp.Compare(rank(first, a), rank(first, b)), cmp.Compare(a, b))
}

// layerRank orders layers by which of them applies where several price the same.
func layerRank(l domain.Layer) int {
	return rank(domain.Layers(), l)
}

// rank is the place of a value in a list, after the last for what is not in it.
func rank[T comparable](order []T, v T) int {
	if i := slices.Index(order, v); i >= 0 {
		return i
	}
	return len(order)
}
