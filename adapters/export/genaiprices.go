package export

import (
	"encoding/json"
	"slices"
	"strings"

	"ratecard/domain"
	"ratecard/ports"
)

// A genAIProvider is a provider as genai-prices reads it.
type genAIProvider struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	API     string       `json:"api_pattern"`
	Matches *genAIMatch  `json:"provider_match,omitempty"`
	Models  []genAIModel `json:"models"`
}

// A genAIModel is a model as genai-prices reads it.
type genAIModel struct {
	ID            string         `json:"id"`
	Match         genAIMatch     `json:"match"`
	Name          string         `json:"name,omitempty"`
	ContextWindow *int64         `json:"context_window,omitempty"`
	Deprecated    bool           `json:"deprecated,omitempty"`
	Prices        map[string]any `json:"prices"`
	Variants      []genAIVariant `json:"price_variants,omitempty"`
}

// A genAIMatch says by which names something is called: one of several, or one.
type genAIMatch struct {
	Or     []genAIMatch `json:"or,omitempty"`
	Equals string       `json:"equals,omitempty"`
}

// A genAIVariant has other prices for requests that are sent otherwise.
type genAIVariant struct {
	When   map[string]string `json:"when"`
	Prices map[string]any    `json:"prices"`
}

type genAITiers struct {
	Base  json.Number `json:"base"`
	Tiers []genAITier `json:"tiers"`
}

// A genAITier applies to requests of more than so many tokens.
type genAITier struct {
	Start int64       `json:"start"`
	Price json.Number `json:"price"`
}

// genAIMeters are the names that genai-prices has for what 1,000,000 tokens cost.
var genAIMeters = map[domain.Meter]string{
	domain.MeterInput:          "input_mtok",
	domain.MeterOutput:         "output_mtok",
	domain.MeterCacheRead:      "cache_read_mtok",
	domain.MeterCacheWrite:     "cache_write_mtok",
	domain.MeterCacheWrite1h:   "cache_write_1h_mtok",
	domain.MeterInputAudio:     "input_audio_mtok",
	domain.MeterOutputAudio:    "output_audio_mtok",
	domain.MeterCacheReadAudio: "cache_audio_read_mtok",
	domain.MeterInputImage:     "input_image_mtok",
	domain.MeterOutputImage:    "output_image_mtok",
	domain.MeterCacheReadImage: "cache_image_read_mtok",
	domain.MeterInputVideo:     "input_video_mtok",
	domain.MeterOutputVideo:    "output_video_mtok",
}

// genAITiersOf are the words by which a request is told to be bought otherwise.
var genAITiersOf = []struct {
	tier       domain.Tier
	word, said string
}{
	{domain.TierBatch, "processing", "batch"},
	{domain.TierFlex, "service_tier", "flex"},
	{domain.TierPriority, "service_tier", "priority"},
	{domain.TierFast, "speed", "fast"},
}

func genAIPrices(of ports.Export) ([]byte, error) { return json.Marshal(genAIProviders(of)) }

// genAIPricesSlim has neither names nor models that cost nothing.
func genAIPricesSlim(of ports.Export) ([]byte, error) {
	all := genAIProviders(of)
	for i := range all {
		all[i].Models = slices.DeleteFunc(all[i].Models, func(m genAIModel) bool { return m.free() })
		for j := range all[i].Models {
			all[i].Models[j].Name = ""
		}
	}
	return json.Marshal(slices.DeleteFunc(all, func(p genAIProvider) bool { return len(p.Models) == 0 }))
}

func (m genAIModel) free() bool {
	for _, price := range m.Prices {
		if price != json.Number("0") {
			return false
		}
	}
	return true
}

func genAIProviders(of ports.Export) []genAIProvider {
	all := []genAIProvider{}
	var (
		names genAINames
		whose domain.ProviderID
	)
	for _, o := range offers(of) {
		prices, sayable := genAIPricesOf(o, domain.TierStandard)
		if !sayable {
			continue
		}
		if len(all) == 0 || whose != o.Provider {
			whose = o.Provider
			all, names = append(all, genAIProviderOf(whose)), genAINamesOf(of.Models, whose)
		}
		p := &all[len(all)-1]
		p.Models = append(p.Models, genAIModel{
			ID: o.ID, Match: names.match(o), Name: o.name(), ContextWindow: o.ContextWindow, Deprecated: o.Usability == domain.UsabilityDeprecated,
			Prices: prices, Variants: genAIVariants(o),
		})
	}
	return all
}

func genAIProviderOf(id domain.ProviderID) genAIProvider {
	s := sellerOf(id)
	p := genAIProvider{ID: s.genAI, Name: s.name, API: s.genAIAPI}
	for _, name := range s.genAIAlso {
		if p.Matches == nil {
			p.Matches = &genAIMatch{}
		}
		p.Matches.Or = append(p.Matches.Or, genAIMatch{Equals: name})
	}
	return p
}

// genAINames says how many of a provider's models go by a name, in any case: whoever
// asks by one that several go by is told the price of the first.
type genAINames map[string]int

func genAINamesOf(models []ports.ModelView, provider domain.ProviderID) genAINames {
	names := genAINames{}
	for i := range models {
		if m := &models[i]; m.Provider == provider {
			for _, name := range append([]string{m.ID}, m.Aliases...) {
				names[strings.ToLower(name)]++
			}
		}
	}
	return names
}

// match is by a model's id, and by those aliases that are its own.
func (n genAINames) match(o offer) genAIMatch {
	id := genAIMatch{Equals: o.ID}
	either := []genAIMatch{id}
	for _, alias := range o.Aliases {
		if alias != "" && n[strings.ToLower(alias)] == 1 {
			either = append(either, genAIMatch{Equals: alias})
		}
	}
	if len(either) == 1 {
		return id
	}
	return genAIMatch{Or: either}
}

func genAIVariants(o offer) []genAIVariant {
	var all []genAIVariant
	for _, of := range genAITiersOf {
		if !o.sold(of.tier) {
			continue
		}
		if prices, sayable := genAIPricesOf(o, of.tier); sayable {
			all = append(all, genAIVariant{map[string]string{of.word: of.said}, prices})
		}
	}
	return all
}

// genAIPricesOf are the prices of a tier; false where genai-prices would refuse them.
func genAIPricesOf(o offer, tier domain.Tier) (map[string]any, bool) {
	t := genAIWhole(o.tiers[tier])
	prices := map[string]any{}
	for meter, name := range genAIMeters {
		if len(t[meter]) > 0 {
			prices[name] = genAIPrice(t[meter])
		}
	}
	for _, k := range genAIKinds {
		if len(t[k.input]) > 0 && !k.join(t, prices) {
			return nil, false
		}
	}
	return prices, len(prices) > 0
}

func genAIPrice(steps []step) any {
	if len(steps) == 1 {
		return number(steps[0].amount)
	}
	price := genAITiers{Base: number(steps[0].amount)}
	for _, s := range steps[1:] {
		price.Tiers = append(price.Tiers, genAITier{s.from - 1, number(s.amount)})
	}
	return price
}

// A part is a meter that counts, for genai-prices, some of what its wholes count.
type part struct {
	meter  domain.Meter
	wholes []domain.Meter
}

var genAIParts = []part{
	{domain.MeterCacheRead, []domain.Meter{domain.MeterInput}},
	{domain.MeterCacheWrite, []domain.Meter{domain.MeterInput}},
	{domain.MeterCacheWrite1h, []domain.Meter{domain.MeterInput, domain.MeterCacheWrite}},
	{domain.MeterInputAudio, []domain.Meter{domain.MeterInput}},
	{domain.MeterInputImage, []domain.Meter{domain.MeterInput}},
	{domain.MeterInputVideo, []domain.Meter{domain.MeterInput}},
	{domain.MeterCacheReadAudio, []domain.Meter{domain.MeterInput, domain.MeterCacheRead, domain.MeterInputAudio}},
	{domain.MeterCacheReadImage, []domain.Meter{domain.MeterInput, domain.MeterCacheRead, domain.MeterInputImage}},
	{domain.MeterOutputAudio, []domain.Meter{domain.MeterOutput}},
	{domain.MeterOutputImage, []domain.Meter{domain.MeterOutput}},
	{domain.MeterOutputVideo, []domain.Meter{domain.MeterOutput}},
}

// genAIWhole leaves out what has no price for short prompts, and parts that lack a
// whole.
func genAIWhole(of tariff) tariff {
	t := tariff{}
	for meter, steps := range of {
		if steps[0].from == 0 {
			t[meter] = steps
		}
	}
	for _, p := range genAIParts {
		for _, whole := range p.wholes {
			if len(t[whole]) == 0 {
				delete(t, p.meter)
			}
		}
	}
	return t
}

// A genAIKind is something other than text that goes in. Where it has a price, and what
// is cached has one, genai-prices has to be told that of what is both.
type genAIKind struct {
	input, read domain.Meter // no read: what is read from a cache counts as cache_read, whatever it is
	asText      bool         // what is read from a cache costs what text does, where it has no price
	name        string
}

var genAIKinds = []genAIKind{
	{domain.MeterInputAudio, domain.MeterCacheReadAudio, false, "audio"},
	{domain.MeterInputImage, domain.MeterCacheReadImage, true, "image"},
	{domain.MeterInputVideo, "", true, "video"},
}

// join adds the prices of what is of a kind and cached; false where one is not known.
// What is written to a cache counts alike, whatever it is.
func (k genAIKind) join(t tariff, prices map[string]any) bool {
	if len(t[domain.MeterCacheRead]) > 0 && len(t[k.read]) == 0 {
		if !k.asText {
			return false
		}
		prices["cache_"+k.name+"_read_mtok"] = genAIPrice(t[domain.MeterCacheRead])
	}
	for meter, end := range map[domain.Meter]string{domain.MeterCacheWrite: "_write_mtok", domain.MeterCacheWrite1h: "_write_1h_mtok"} {
		if len(t[meter]) > 0 {
			prices["cache_"+k.name+end] = genAIPrice(t[meter])
		}
	}
	return true
}
