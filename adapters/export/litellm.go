package export

import (
	"encoding/json"
	"fmt"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// liteLLMMeters are the names that LiteLLM has for what a token costs. It has none
// for what is stored in a cache.
var liteLLMMeters = map[domain.Meter]string{
	domain.MeterInput:          "input_cost_per_token",
	domain.MeterOutput:         "output_cost_per_token",
	domain.MeterCacheRead:      "cache_read_input_token_cost",
	domain.MeterCacheWrite:     "cache_creation_input_token_cost",
	domain.MeterCacheWrite1h:   "cache_creation_input_token_cost_above_1hr",
	domain.MeterInputAudio:     "input_cost_per_audio_token",
	domain.MeterOutputAudio:    "output_cost_per_audio_token",
	domain.MeterCacheReadAudio: "cache_read_input_audio_token_cost",
	domain.MeterInputImage:     "input_cost_per_image_token",
	domain.MeterOutputImage:    "output_cost_per_image_token",
	domain.MeterCacheReadImage: "cache_read_input_image_token_cost",
	domain.MeterInputVideo:     "input_cost_per_video_token",
	domain.MeterOutputVideo:    "output_cost_per_video_token",
}

// liteLLMTiers are the ends of those names for how tokens are bought. Its fast is
// priced as priority, so ours has none.
var liteLLMTiers = map[domain.Tier]string{
	domain.TierStandard: "",
	domain.TierBatch:    "_batches",
	domain.TierFlex:     "_flex",
	domain.TierPriority: "_priority",
}

// liteLLM writes the map of models that LiteLLM reads at its start. Its keys do not
// always name the provider.
func liteLLM(of ports.Export) ([]byte, error) {
	list := alone(offers(of), liteLLMKey)
	all := make(object, len(list))
	for i, o := range list {
		all[i] = member{liteLLMKey(o), liteLLMModel(o)}
	}
	return json.Marshal(all)
}

func liteLLMKey(o offer) string { return sellerOf(o.Provider).liteLLMPrefix + o.ID }

func liteLLMModel(o offer) map[string]any {
	m := map[string]any{"litellm_provider": sellerOf(o.Provider).liteLLM}
	if mode := liteLLMMode(o); mode != "" {
		m["mode"] = mode
	}
	if o.ContextWindow != nil {
		m["max_input_tokens"] = *o.ContextWindow
	}
	if o.MaxOutputTokens != nil {
		m["max_output_tokens"], m["max_tokens"] = *o.MaxOutputTokens, *o.MaxOutputTokens
	}
	if o.RetiresAt != nil {
		m["deprecation_date"] = o.RetiresAt.UTC().Format(time.DateOnly)
	}
	for name, supported := range map[string]*bool{
		"supports_function_calling": o.supports("tools"),
		"supports_vision":           o.supports("vision"),
		"supports_audio_input":      o.supports("audio_input"),
		"supports_audio_output":     o.supports("audio_output"),
		"supports_video_input":      o.supports("video_input"),
		"supports_pdf_input":        o.supports("pdf_input"),
		"supports_reasoning":        o.supports("reasoning"),
		"supports_response_schema":  o.supports("structured_outputs"),
	} {
		if supported != nil {
			m[name] = *supported
		}
	}
	liteLLMPrices(o, m)
	return m
}

// liteLLMPrices puts what a model costs beside what else is told of it. Above a
// threshold LiteLLM takes the standard tier's price where another tier has none from
// there on: so a price that stays is said again.
func liteLLMPrices(o offer, m map[string]any) {
	for tier, end := range liteLLMTiers {
		if !o.sold(tier) {
			continue
		}
		for meter, name := range liteLLMMeters {
			for _, s := range o.tiers[tier].stretched(meter, o.standard().thresholds()) {
				m[name+liteLLMAbove(o.Provider, s.from)+end] = number(s.amount.Shift(perToken))
			}
		}
	}
}

// liteLLMAbove is how a threshold stands in a name: above so many tokens, but for xAI,
// for which LiteLLM takes the number itself as above already. It knows few thresholds
// of tiers, all of whole thousands: so a price from exactly 272000 on stands as one
// above 272k, and is one prompt length late.
func liteLLMAbove(provider domain.ProviderID, from int64) string {
	if from == 0 {
		return ""
	}
	last := from - 1
	if provider == "xai" {
		last = from
	}
	for _, n := range []int64{last, last - 1, last + 1} {
		if n%1000 == 0 {
			return fmt.Sprintf("_above_%dk_tokens", n/1000)
		}
	}
	return fmt.Sprintf("_above_%d_tokens", last)
}

// liteLLMMode is what a model is for, as far as our classes tell.
func liteLLMMode(o offer) string {
	for _, m := range []struct {
		class domain.Class
		mode  string
	}{
		{domain.ClassEmbedding, "embedding"}, {domain.ClassModeration, "moderation"},
		{domain.ClassImage, "image_generation"}, {domain.ClassVideo, "video_generation"},
		{domain.ClassChat, "chat"},
	} {
		if o.is(m.class) {
			return m.mode
		}
	}
	return ""
}
