package domain

import "slices"

// Meter names what is counted. Meters of one usage are disjoint: MeterInput
// excludes whatever was read from or written to a cache.
type Meter string

// The token meters. Their amounts are per 1,000,000 tokens, but
// MeterCacheStorage, which is per 1,000,000 tokens and hour.
// Plain input and output are text.
const (
	MeterInput          Meter = "input"
	MeterOutput         Meter = "output"
	MeterCacheRead      Meter = "cache_read"
	MeterCacheWrite     Meter = "cache_write" // the provider's default write (Anthropic: 5 minutes)
	MeterCacheWrite1h   Meter = "cache_write_1h"
	MeterInputAudio     Meter = "input_audio"
	MeterOutputAudio    Meter = "output_audio"
	MeterCacheReadAudio Meter = "cache_read_audio"
	MeterInputImage     Meter = "input_image"
	MeterOutputImage    Meter = "output_image"
	MeterCacheReadImage Meter = "cache_read_image"
	MeterInputVideo     Meter = "input_video"
	MeterOutputVideo    Meter = "output_video"
	MeterCacheStorage   Meter = "cache_storage"
)

// TokenMeters lists the meters that count tokens, in the order in which
// people read a price list.
func TokenMeters() []Meter {
	return []Meter{
		MeterInput, MeterOutput, MeterCacheRead, MeterCacheWrite, MeterCacheWrite1h,
		MeterInputAudio, MeterOutputAudio, MeterCacheReadAudio,
		MeterInputImage, MeterOutputImage, MeterCacheReadImage,
		MeterInputVideo, MeterOutputVideo, MeterCacheStorage,
	}
}

// CountsTokens reports whether the meter is a token meter. Others (web_search,
// image, request …) have a unit of their own.
func (m Meter) CountsTokens() bool { return slices.Contains(TokenMeters(), m) }

// Tier is how usage is bought.
type Tier string

// The tiers. A tier never falls back to another.
const (
	TierStandard Tier = "standard"
	TierBatch    Tier = "batch"
	TierFlex     Tier = "flex"
	TierPriority Tier = "priority"
	TierFast     Tier = "fast"
)

// Tiers lists the tiers.
func Tiers() []Tier { return []Tier{TierStandard, TierBatch, TierFlex, TierPriority, TierFast} }

// Region is where usage is served. RegionGlobal holds unless a price is
// stated for a region.
type Region string

// RegionGlobal is the region of every rate that is not stated for another.
const RegionGlobal Region = "global"

// Layer says who put a rate on record. The layer is part of a rate's key, so
// that an overlay never hides what it overlays.
type Layer string

// The layers: read from a provider's sources, entered by an administrator, list
// prices with an administrator's discount or mark-up, imported from another
// catalogue.
const (
	LayerList     Layer = "list"
	LayerManual   Layer = "manual"
	LayerAdjusted Layer = "adjusted"
	LayerImported Layer = "imported"
)

// Layers lists the layers by which of them applies where several price the
// same: the first of them.
func Layers() []Layer { return []Layer{LayerManual, LayerAdjusted, LayerList, LayerImported} }

// Units and the currency of amounts.
const (
	UnitMillionTokens      = "1M tokens"
	UnitMillionTokensHours = "1M tokens·hour"
	CurrencyUSD            = "USD"
)

// UnitSize is how much of what the meter counts one amount buys: 10 to this
// power.
func (m Meter) UnitSize() int32 {
	if m.CountsTokens() {
		return 6
	}
	return 0
}

// Unit is what one amount of the meter buys.
func (m Meter) Unit() string {
	switch {
	case m == MeterCacheStorage:
		return UnitMillionTokensHours
	case m.CountsTokens():
		return UnitMillionTokens
	default:
		return string(m)
	}
}
