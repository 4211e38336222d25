package domain

import "slices"

// Usage counts what one request used: tokens by token meter (those of
// MeterCacheStorage times hours), units by any other. Its meters are disjoint.
type Usage map[Meter]int64

// MostUsage is the largest count that a meter of one usage takes: more than any
// request uses, and small enough that sums never overflow.
const MostUsage = 1_000_000_000_000_000

// promptMeters are what a prompt consists of, however it was read.
var promptMeters = []Meter{
	MeterInput, MeterInputAudio, MeterInputImage, MeterInputVideo,
	MeterCacheRead, MeterCacheReadAudio, MeterCacheReadImage,
	MeterCacheWrite, MeterCacheWrite1h,
}

// PromptTokens is the length of the prompt, by which thresholds are judged: all
// input, cache_read and cache_write meters together.
func (u Usage) PromptTokens() int64 {
	var n int64
	for _, m := range promptMeters {
		n += u[m]
	}
	return n
}

// Meters lists the meters of which something was used: the token meters in
// their order, the others by name.
func (u Usage) Meters() []Meter {
	var tokens, others []Meter
	for _, m := range TokenMeters() {
		if u[m] != 0 {
			tokens = append(tokens, m)
		}
	}
	for m, n := range u {
		if n != 0 && !m.CountsTokens() {
			others = append(others, m)
		}
	}
	slices.Sort(others)
	return append(tokens, others...)
}
