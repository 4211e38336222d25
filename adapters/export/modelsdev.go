package export

import (
	"encoding/json"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// A modelsDevProvider is a provider as models.dev has it.
type modelsDevProvider struct {
	ID     string   `json:"id"`
	Env    []string `json:"env"`
	NPM    string   `json:"npm,omitempty"`
	Name   string   `json:"name"`
	Doc    string   `json:"doc,omitempty"`
	Models object   `json:"models"`
}

// A modelsDevModel is a model as models.dev has it.
type modelsDevModel struct {
	ID               string          `json:"id"`
	Name             string          `json:"name"`
	Attachment       bool            `json:"attachment"`
	Reasoning        bool            `json:"reasoning"`
	ToolCall         bool            `json:"tool_call"`
	StructuredOutput *bool           `json:"structured_output,omitempty"`
	ReleaseDate      string          `json:"release_date"`
	LastUpdated      string          `json:"last_updated"`
	Modalities       modelsDevKinds  `json:"modalities"`
	OpenWeights      bool            `json:"open_weights"`
	Cost             modelsDevCost   `json:"cost"`
	Limit            modelsDevLimits `json:"limit"`
	Status           string          `json:"status,omitempty"`
}

type modelsDevKinds struct {
	Input  []string `json:"input"`
	Output []string `json:"output"`
}

// modelsDevLimits are 0 where they are not known, as models.dev has it.
type modelsDevLimits struct {
	Context int64 `json:"context"`
	Output  int64 `json:"output"`
}

// modelsDevPrices are per 1,000,000 tokens.
type modelsDevPrices struct {
	Input       json.Number `json:"input"`
	Output      json.Number `json:"output"`
	CacheRead   json.Number `json:"cache_read,omitempty"`
	CacheWrite  json.Number `json:"cache_write,omitempty"`
	InputAudio  json.Number `json:"input_audio,omitempty"`
	OutputAudio json.Number `json:"output_audio,omitempty"`
}

type modelsDevCost struct {
	modelsDevPrices
	Tiers []modelsDevTier `json:"tiers,omitempty"`
}

// A modelsDevTier applies to requests whose context is larger than its size.
type modelsDevTier struct {
	modelsDevPrices
	Tier modelsDevSize `json:"tier"`
}

type modelsDevSize struct {
	Type string `json:"type"`
	Size int64  `json:"size"`
}

// modelsDev writes providers with their models. Both input and output have to have a
// price there.
func modelsDev(of ports.Export) ([]byte, error) {
	all := object{}
	for _, o := range offers(of) {
		if !o.standard().covers(domain.MeterOutput) {
			continue
		}
		id := string(o.Provider)
		if len(all) == 0 || all[len(all)-1].name != id {
			all = append(all, member{id, modelsDevProviderOf(o.Provider)})
		}
		if p, ours := all[len(all)-1].value.(*modelsDevProvider); ours {
			p.Models = append(p.Models, member{o.ID, modelsDevModelOf(o)})
		}
	}
	return json.Marshal(all)
}

func modelsDevProviderOf(id domain.ProviderID) *modelsDevProvider {
	s := sellerOf(id)
	p := &modelsDevProvider{ID: string(id), Env: []string{}, NPM: s.npm, Name: s.name, Doc: s.doc}
	if s.env != "" {
		p.Env = append(p.Env, s.env)
	}
	return p
}

func modelsDevModelOf(o offer) modelsDevModel {
	m := modelsDevModel{
		ID: o.ID, Name: o.name(), ReleaseDate: o.began().Format(time.DateOnly), LastUpdated: o.Seen.From.UTC().Format(time.DateOnly),
		Attachment: o.does("vision", "audio_input", "video_input", "pdf_input"), Reasoning: o.does("reasoning"), ToolCall: o.does("tools"),
		StructuredOutput: o.supports("structured_outputs"),
		Modalities:       modelsDevKinds{o.goesIn(), o.comesOut()},
		Cost:             modelsDevCostOf(o.standard()),
	}
	if o.ContextWindow != nil {
		m.Limit.Context = *o.ContextWindow
	}
	if o.MaxOutputTokens != nil {
		m.Limit.Output = *o.MaxOutputTokens
	}
	switch o.Usability {
	case domain.UsabilityDeprecated:
		m.Status = "deprecated"
	case domain.UsabilityPreview:
		m.Status = "beta"
	case domain.UsabilityAvailable: // the usual
	}
	return m
}

func modelsDevCostOf(t tariff) modelsDevCost {
	prices := func(from int64) modelsDevPrices {
		return modelsDevPrices{
			Input: t.numberAt(domain.MeterInput, from), Output: t.numberAt(domain.MeterOutput, from),
			CacheRead: t.numberAt(domain.MeterCacheRead, from), CacheWrite: t.numberAt(domain.MeterCacheWrite, from),
			InputAudio: t.numberAt(domain.MeterInputAudio, from), OutputAudio: t.numberAt(domain.MeterOutputAudio, from),
		}
	}
	c := modelsDevCost{modelsDevPrices: prices(0)}
	for _, from := range t.thresholds() {
		c.Tiers = append(c.Tiers, modelsDevTier{prices(from), modelsDevSize{"context", from - 1}})
	}
	return c
}
