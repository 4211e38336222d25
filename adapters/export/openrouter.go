package export

import (
	"encoding/json"
	"strings"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// An openRouterModel is a model as OpenRouter's list has it.
type openRouterModel struct {
	ID            string            `json:"id"`
	Slug          string            `json:"canonical_slug"`
	Name          string            `json:"name"`
	Created       int64             `json:"created"`
	ContextLength *int64            `json:"context_length"`
	Architecture  openRouterKinds   `json:"architecture"`
	Pricing       openRouterPricing `json:"pricing"`
	Top           openRouterTop     `json:"top_provider"`
	Limits        *struct{}         `json:"per_request_limits"`
	Parameters    []string          `json:"supported_parameters"`
	Expires       *string           `json:"expiration_date"`
}

type openRouterKinds struct {
	Modality  string   `json:"modality"`
	Input     []string `json:"input_modalities"`
	Output    []string `json:"output_modalities"`
	Tokenizer string   `json:"tokenizer"`
	Instruct  *string  `json:"instruct_type"`
}

type openRouterTop struct {
	ContextLength *int64 `json:"context_length"`
	MostOutput    *int64 `json:"max_completion_tokens"`
	Moderated     bool   `json:"is_moderated"`
}

// openRouterPrices are per token, as text.
type openRouterPrices struct {
	Prompt       string `json:"prompt,omitempty"`
	Completion   string `json:"completion,omitempty"`
	CacheRead    string `json:"input_cache_read,omitempty"`
	CacheWrite   string `json:"input_cache_write,omitempty"`
	CacheWrite1h string `json:"input_cache_write_1h,omitempty"`
	Audio        string `json:"audio,omitempty"`
	AudioOutput  string `json:"audio_output,omitempty"`
	AudioCached  string `json:"input_audio_cache,omitempty"`
}

type openRouterPricing struct {
	openRouterPrices
	Overrides []openRouterOverride `json:"overrides,omitempty"`
}

// An openRouterOverride applies from a prompt length on.
type openRouterOverride struct {
	From int64 `json:"min_prompt_tokens"`
	openRouterPrices
}

// openRouter writes a list of models. A prompt and a completion have to have a price
// there.
func openRouter(of ports.Export) ([]byte, error) {
	answer := struct {
		Data []openRouterModel `json:"data"`
	}{[]openRouterModel{}}
	for _, o := range alone(offers(of), openRouterID) {
		if o.standard().covers(domain.MeterOutput) {
			answer.Data = append(answer.Data, openRouterModelOf(o))
		}
	}
	return json.Marshal(answer)
}

func openRouterID(o offer) string { return sellerOf(o.Provider).openRouter + "/" + o.ID }

func openRouterModelOf(o offer) openRouterModel {
	id := openRouterID(o)
	in, out := openRouterKindsOf(o.goesIn()), o.comesOut()
	m := openRouterModel{
		ID: id, Slug: id, Name: sellerOf(o.Provider).name + ": " + o.name(), Created: o.began().Unix(), ContextLength: o.ContextWindow,
		Architecture: openRouterKinds{Modality: strings.Join(in, "+") + "->" + strings.Join(out, "+"), Input: in, Output: out, Tokenizer: "Other"},
		Pricing:      openRouterPricing{openRouterPrices: openRouterPricesAt(o.standard(), 0)},
		Top:          openRouterTop{ContextLength: o.ContextWindow, MostOutput: o.MaxOutputTokens},
		Parameters:   []string{},
	}
	for _, from := range o.standard().thresholds() {
		m.Pricing.Overrides = append(m.Pricing.Overrides, openRouterOverride{from, openRouterPricesAt(o.standard(), from)})
	}
	for _, p := range []string{"reasoning", "structured_outputs", "tools"} {
		if o.does(p) {
			m.Parameters = append(m.Parameters, p)
		}
	}
	if o.RetiresAt != nil {
		day := o.RetiresAt.UTC().Format(time.DateOnly)
		m.Expires = &day
	}
	return m
}

// openRouterKindsOf calls what is read from a file by its own word.
func openRouterKindsOf(kinds []string) []string {
	for i := range kinds {
		if kinds[i] == "pdf" {
			kinds[i] = "file"
		}
	}
	return kinds
}

func openRouterPricesAt(t tariff, from int64) openRouterPrices {
	price := func(meter domain.Meter) string {
		if amount, known := t.at(meter, from); known {
			return amount.Shift(perToken).String()
		}
		return ""
	}
	return openRouterPrices{
		Prompt: price(domain.MeterInput), Completion: price(domain.MeterOutput),
		CacheRead: price(domain.MeterCacheRead), CacheWrite: price(domain.MeterCacheWrite), CacheWrite1h: price(domain.MeterCacheWrite1h),
		Audio: price(domain.MeterInputAudio), AudioOutput: price(domain.MeterOutputAudio), AudioCached: price(domain.MeterCacheReadAudio),
	}
}
