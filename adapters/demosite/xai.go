package demosite

import (
	"net/http"
	"slices"

	"github.com/shopspring/decimal"
)

// xAICatalogue is what xAI sells on one day.
type xAICatalogue struct{ models []xAIModel }

// xAIModel is a language model. Its prices are in xAI's own unit: ten
// thousandths of a dollar for a million tokens. 0: not stated.
type xAIModel struct {
	name         string
	created      int64
	context      int64
	images       bool // it takes them, at the price of text
	reasons      bool
	batchPercent int // off, in a batch
	aliases      []string
	price, long  unitPrices
	silentCache  bool // the API says 0 for what a long prompt's cache costs
}

type unitPrices struct{ in, cached, out int64 }

// xAIThreshold is from where on a prompt is long.
const xAIThreshold = 200_000

// xAIDayOne has real ids and prices.
var xAIDayOne = []xAIModel{
	{
		"grok-4.5", 1_783_500_000, 500_000, true, true, 0, []string{"grok-4.5-latest", "grok-build-latest"},
		unitPrices{20_000, 3_000, 60_000}, unitPrices{40_000, 6_000, 120_000}, false,
	},
	{
		"grok-4.3", 1_776_556_800, 1_000_000, true, true, 20, []string{"grok-4.3-latest", "grok-latest"},
		unitPrices{12_500, 2_000, 25_000}, unitPrices{25_000, 4_000, 50_000}, false,
	},
	{
		"grok-4.20-0309-reasoning", 1_773_014_400, 1_000_000, true, true, 20, []string{"grok-4.20", "grok-4.20-reasoning", "grok-4.20-reasoning-latest"},
		unitPrices{12_500, 2_000, 25_000}, unitPrices{25_000, 4_000, 50_000}, false,
	},
	{
		"grok-4.20-0309-non-reasoning", 1_773_014_400, 1_000_000, true, false, 20, []string{"grok-4.20-non-reasoning", "grok-4.20-non-reasoning-latest"},
		unitPrices{12_500, 2_000, 25_000}, unitPrices{25_000, 4_000, 50_000}, false,
	},
	{
		"grok-build-0.1", 1_779_000_000, 256_000, true, true, 20, []string{"grok-code-fast-1", "grok-code-fast"},
		unitPrices{10_000, 2_000, 20_000}, unitPrices{20_000, 4_000, 40_000}, true,
	},
	{"grok-3-mini", 1_743_724_800, 131_072, false, true, 20, nil, unitPrices{3_000, 750, 5_000}, unitPrices{}, false},
}

// xAIPaints is the model that is sold by the picture.
const xAIPaints = "grok-imagine-image"

// moveAlias takes an alias from whichever model has it and gives it to
// another.
func (c *xAICatalogue) moveAlias(alias, to string) {
	for i, m := range c.models {
		aliases := slices.DeleteFunc(slices.Clone(m.aliases), func(a string) bool { return a == alias })
		if m.name == to {
			aliases = append(aliases, alias)
		}
		c.models[i].aliases = aliases
	}
}

// multiply changes every price of a model by one factor; false where there is none.
func (c *xAICatalogue) multiply(name string, by decimal.Decimal) bool {
	m := find(c.models, func(m xAIModel) bool { return m.name == name })
	if m == nil {
		return false
	}
	times := func(n int64) int64 { return decimal.NewFromInt(n).Mul(by).Round(0).IntPart() }
	each := func(p unitPrices) unitPrices { return unitPrices{times(p.in), times(p.cached), times(p.out)} }
	m.price, m.long = each(m.price), each(m.long)
	return true
}

// listXAI is GET /v1/models.
func (s *Site) listXAI(w http.ResponseWriter, r *http.Request) {
	if !s.opens(bearer(r)) {
		refuseKey(w, xAIID)
		return
	}
	entry := func(id string, created, context int64) map[string]any {
		return map[string]any{"id": id, "aliases": []string{}, "context_length": context, "created": created, "object": "model", "owned_by": "xai"}
	}
	data := []any{}
	for _, m := range s.today().xAI.models {
		data = append(data, entry(m.name, m.created, m.context))
	}
	data = append(data, entry(xAIPaints, 1_769_472_000, 1_024))
	reply(w, http.StatusOK, map[string]any{"object": "list", "data": data})
}

// languageModels is GET /v1/language-models, which states prices too.
func (s *Site) languageModels(w http.ResponseWriter, r *http.Request) {
	if !s.opens(bearer(r)) {
		refuseKey(w, xAIID)
		return
	}
	models := []any{}
	for _, m := range s.today().xAI.models {
		long, threshold := m.long, int64(xAIThreshold)
		if m.silentCache {
			long.cached = 0
		}
		if long == (unitPrices{}) {
			threshold = 0
		}
		models = append(models, map[string]any{
			"id": m.name, "fingerprint": "fp_demo", "created": m.created, "object": "model", "owned_by": "xai", "version": "1.0",
			"input_modalities": m.takes("text", "image"), "output_modalities": []string{"text"}, "aliases": append([]string{}, m.aliases...),
			"prompt_text_token_price": m.price.in, "cached_prompt_text_token_price": m.price.cached,
			"prompt_image_token_price": m.image(m.price), "completion_text_token_price": m.price.out, "search_price": 0,
			"prompt_text_token_price_long_context": long.in, "cached_prompt_text_token_price_long_context": long.cached,
			"completion_text_token_price_long_context": long.out, "long_context_threshold": threshold,
		})
	}
	reply(w, http.StatusOK, map[string]any{"models": models})
}

// takes are the names of what goes into a model.
func (m xAIModel) takes(text, image string) []string {
	if m.images {
		return []string{text, image}
	}
	return []string{text}
}

func (m xAIModel) image(p unitPrices) int64 {
	if m.images {
		return p.in
	}
	return 0
}
