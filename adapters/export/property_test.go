package export

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/ports"
)

// A place is what a price in an export is the price of.
type place struct {
	provider domain.ProviderID
	model    string
	tier     domain.Tier
	meter    domain.Meter
	from     int64
}

// anyCatalogue draws models with rates of every kind, several of one key in different
// layers among them.
func anyCatalogue(t *rapid.T) []ports.ModelView {
	meters := append(domain.TokenMeters(), "web_search")
	var models []ports.ModelView
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b-1", `"quoted"`, "=x", "c/d", "é"}), 0, 4, rapid.ID[string]).Draw(t, "ids") {
		provider := rapid.SampledFrom([]domain.ProviderID{"openai", "google", "xai", "acme"}).Draw(t, "provider")
		rates := map[domain.RateKey]domain.RateView{}
		add := func(meter domain.Meter, tier domain.Tier, from int64, layer domain.Layer, region domain.Region) {
			amount := decimal.New(rapid.Int64Range(0, 1_000_000_000).Draw(t, "coefficient"), rapid.Int32Range(-9, 2).Draw(t, "exponent"))
			r := rate(tier, meter, from, amount.String())
			r.Layer, r.Region = layer, region
			rates[r.RateKey] = r
		}
		if rapid.Bool().Draw(t, "sold as usual") {
			add(domain.MeterInput, domain.TierStandard, 0, domain.LayerList, domain.RegionGlobal)
			add(domain.MeterOutput, domain.TierStandard, 0, domain.LayerList, domain.RegionGlobal)
		}
		for range rapid.IntRange(0, 16).Draw(t, "rates") {
			add(rapid.SampledFrom(meters).Draw(t, "meter"), rapid.SampledFrom(domain.Tiers()).Draw(t, "tier"),
				rapid.SampledFrom([]int64{0, 0, 0, 128_001, 200_000}).Draw(t, "from"),
				rapid.SampledFrom(domain.Layers()).Draw(t, "layer"), rapid.SampledFrom([]domain.Region{domain.RegionGlobal, domain.RegionGlobal, "eu"}).Draw(t, "region"))
		}
		list := make([]domain.RateView, 0, len(rates))
		for _, r := range rates {
			list = append(list, r)
		}
		m := model(provider, name, list...)
		m.Classification = []domain.Class{rapid.SampledFrom([]domain.Class{domain.ClassChat, domain.ClassEmbedding}).Draw(t, "class")}
		models = append(models, m)
	}
	return models
}

// believed is what the catalogue states everywhere, of the uppermost layer that is our own.
func believed(models []ports.ModelView) map[place]decimal.Decimal {
	all := map[place]decimal.Decimal{}
	for _, layer := range []domain.Layer{domain.LayerList, domain.LayerAdjusted, domain.LayerManual} {
		for _, m := range models {
			for _, r := range m.Rates {
				if r.Layer == layer && r.Region == domain.RegionGlobal {
					all[place{m.Provider, m.ID, r.Tier, r.Meter, r.MinPromptTokens}] = r.Amount
				}
			}
		}
	}
	return all
}

func exported(t *rapid.T, format domain.ExportFormat, models []ports.ModelView, into any) []byte {
	text, err := Writer{}.Export(format, ports.Export{At: noon, Models: models})
	if err != nil {
		t.Fatal(err)
	}
	if into != nil {
		d := json.NewDecoder(strings.NewReader(string(text)))
		d.UseNumber()
		if err := d.Decode(into); err != nil {
			t.Fatalf("%s: %v in %s", format, err, text)
		}
	}
	return text
}

// states fails where an export's price is another than the catalogue's.
func states(t *rapid.T, all map[place]decimal.Decimal, at place, price string, shift int32) {
	if strings.ContainsAny(price, "eE+") {
		t.Fatalf("%+v: %q is no plain decimal", at, price)
	}
	got, err := decimal.NewFromString(price)
	if err != nil {
		t.Fatal(err)
	}
	if want, known := all[at]; !known || !want.Equal(got.Shift(shift)) {
		t.Fatalf("%+v costs %s, exported is %s", at, want, price)
	}
}

var cliffOf = regexp.MustCompile(`_above_(\d+)(k?)_tokens`)

// TestPropertyLiteLLMStatesThePrices: every amount is the catalogue's, to the last digit.
func TestPropertyLiteLLMStatesThePrices(t *testing.T) {
	tiers := map[string]domain.Tier{"_batches": domain.TierBatch, "_flex": domain.TierFlex, "_priority": domain.TierPriority}
	rapid.Check(t, func(t *rapid.T) {
		models := anyCatalogue(t)
		all := believed(models)
		var written map[string]map[string]any
		exported(t, domain.ExportLiteLLM, models, &written)
		for key, m := range written {
			if m["input_cost_per_token"] == nil {
				t.Fatalf("%s costs nothing: %v", key, m)
			}
		}
		for _, m := range models {
			for name, value := range written[sellerOf(m.Provider).liteLLMPrefix+m.ID] {
				price, is := value.(json.Number)
				if !is {
					continue
				}
				at := place{provider: m.Provider, model: m.ID, tier: domain.TierStandard}
				for end, tier := range tiers {
					if cut, has := strings.CutSuffix(name, end); has {
						name, at.tier = cut, tier
					}
				}
				if c := cliffOf.FindStringSubmatch(name); c != nil {
					name = strings.Replace(name, c[0], "", 1)
					at.from, _ = strconv.ParseInt(c[1], 10, 64)
					if c[2] == "k" {
						at.from *= 1000
					}
				}
				for meter, called := range liteLLMMeters {
					if called == name {
						at.meter = meter
					}
				}
				for _, from := range []int64{at.from, at.from + 1, 0} { // the last: said again, because it stays
					if _, said := all[with(at, from)]; said {
						at.from = from
						break
					}
				}
				states(t, all, at, price.String(), 6)
			}
		}
	})
}

// TestPropertyGenAIPricesStatesThePrices, and takes what it is told: no part without its
// wholes, and what is of a kind and cached wherever both have a price.
func TestPropertyGenAIPricesStatesThePrices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		models := anyCatalogue(t)
		all := believed(models)
		var written []struct {
			ID     domain.ProviderID `json:"id"`
			Models []struct {
				ID       string
				Prices   map[string]any
				Variants []struct {
					When   map[string]string
					Prices map[string]any
				} `json:"price_variants"`
			}
		}
		exported(t, domain.ExportGenAIPrices, models, &written)
		for _, p := range written {
			if p.ID == "x-ai" {
				p.ID = "xai"
			}
			for _, m := range p.Models {
				at := place{provider: p.ID, model: m.ID, tier: domain.TierStandard}
				genAIStates(t, all, at, m.Prices)
				for _, v := range m.Variants {
					for _, of := range genAITiersOf {
						if v.When[of.word] == of.said {
							at.tier = of.tier
						}
					}
					genAIStates(t, all, at, v.Prices)
				}
			}
		}
	})
}

func genAIStates(t *rapid.T, all map[place]decimal.Decimal, at place, prices map[string]any) {
	for _, k := range genAIKinds {
		_, kind := prices[genAIMeters[k.input]]
		for _, end := range []string{"read_mtok", "write_mtok", "write_1h_mtok"} {
			_, cached := prices["cache_"+end]
			if _, both := prices["cache_"+k.name+"_"+end]; both != (kind && cached) {
				t.Fatalf("%+v: genai-prices refuses %v", at, prices)
			}
		}
	}
	for name, price := range prices {
		meters := []domain.Meter{}
		for meter, called := range genAIMeters {
			if called == name || joined(called, name) {
				meters = append(meters, meter)
			}
		}
		of := slices.IndexFunc(meters, func(m domain.Meter) bool { return genAIMeters[m] == name })
		if of < 0 {
			of = 0
		}
		if at.meter = meters[of]; fmt.Sprint(price) == "" {
			t.Fatalf("%+v: no price", at)
		}
		tiers, several := price.(map[string]any)
		if !several {
			states(t, all, with(at, 0), fmt.Sprint(price), 0)
			continue
		}
		states(t, all, with(at, 0), fmt.Sprint(tiers["base"]), 0)
		list, _ := tiers["tiers"].([]any)
		for _, one := range list {
			tier, _ := one.(map[string]any)
			start, _ := strconv.ParseInt(fmt.Sprint(tier["start"]), 10, 64)
			states(t, all, with(at, start+1), fmt.Sprint(tier["price"]), 0)
		}
	}
}

func with(at place, from int64) place { at.from = from; return at }

// joined: cache_image_write_mtok is priced as cache_write_mtok is.
func joined(called, name string) bool {
	for _, kind := range []string{"audio_", "image_", "video_"} {
		if strings.Replace(name, kind, "", 1) == called && strings.HasPrefix(name, "cache_"+kind) {
			return true
		}
	}
	return false
}

// TestPropertyListsStateThePrices: models.dev, OpenRouter and llm-prices.
func TestPropertyListsStateThePrices(t *testing.T) {
	modelsDev := map[string]domain.Meter{
		"input": domain.MeterInput, "output": domain.MeterOutput, "cache_read": domain.MeterCacheRead, "cache_write": domain.MeterCacheWrite,
		"input_audio": domain.MeterInputAudio, "output_audio": domain.MeterOutputAudio,
	}
	openRouter := map[string]domain.Meter{
		"prompt": domain.MeterInput, "completion": domain.MeterOutput, "input_cache_read": domain.MeterCacheRead, "input_cache_write": domain.MeterCacheWrite,
		"input_cache_write_1h": domain.MeterCacheWrite1h, "audio": domain.MeterInputAudio, "audio_output": domain.MeterOutputAudio, "input_audio_cache": domain.MeterCacheReadAudio,
	}
	llmPrices := map[string]domain.Meter{"input": domain.MeterInput, "output": domain.MeterOutput, "input_cached": domain.MeterCacheRead}
	rapid.Check(t, func(t *rapid.T) {
		models := anyCatalogue(t)
		all := believed(models)
		listed := func(at place, prices map[string]any, meters map[string]domain.Meter, shift int32) {
			for name, meter := range meters {
				if price, said := prices[name]; said && price != nil {
					at.meter = meter
					states(t, all, at, fmt.Sprint(price), shift)
				}
			}
		}
		var dev map[domain.ProviderID]struct {
			Models map[string]struct{ Cost map[string]any }
		}
		exported(t, domain.ExportModelsDev, models, &dev)
		for provider, p := range dev {
			for id, m := range p.Models {
				at := place{provider: provider, model: id, tier: domain.TierStandard}
				listed(at, m.Cost, modelsDev, 0)
				tiers, _ := m.Cost["tiers"].([]any)
				for _, one := range tiers {
					tier, _ := one.(map[string]any)
					size, _ := tier["tier"].(map[string]any)
					from, _ := strconv.ParseInt(fmt.Sprint(size["size"]), 10, 64)
					listed(with(at, from+1), tier, modelsDev, 0)
				}
			}
		}
		var router struct {
			Data []struct {
				ID      string
				Pricing map[string]any
			}
		}
		exported(t, domain.ExportOpenRouter, models, &router)
		for _, m := range router.Data {
			provider, id, _ := strings.Cut(m.ID, "/")
			if provider == "x-ai" {
				provider = "xai"
			}
			at := place{provider: domain.ProviderID(provider), model: id, tier: domain.TierStandard}
			listed(at, m.Pricing, openRouter, 6)
			overrides, _ := m.Pricing["overrides"].([]any)
			for _, one := range overrides {
				o, _ := one.(map[string]any)
				from, _ := strconv.ParseInt(fmt.Sprint(o["min_prompt_tokens"]), 10, 64)
				listed(with(at, from), o, openRouter, 6)
			}
		}
		for _, format := range []domain.ExportFormat{domain.ExportLLMPricesCurrent, domain.ExportLLMPricesHistorical} {
			var llm struct{ Prices []map[string]any }
			exported(t, format, models, &llm)
			for _, p := range llm.Prices {
				listed(place{provider: domain.ProviderID(fmt.Sprint(p["vendor"])), model: fmt.Sprint(p["id"]), tier: domain.TierStandard}, p, llmPrices, 0)
			}
		}
	})
}

// TestPropertyTheTableHasEveryRate once, whole.
func TestPropertyTheTableHasEveryRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		models := anyCatalogue(t)
		rows, err := csv.NewReader(strings.NewReader(string(exported(t, domain.ExportCSV, models, nil)))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		have := map[string]bool{}
		for _, row := range rows[1:] {
			for i := range row {
				row[i] = strings.TrimPrefix(row[i], "'")
			}
			have[strings.Join([]string{row[0], row[1], row[3], row[4], row[5], row[6], row[7], row[8], row[17]}, "|")] = true
		}
		n := 0
		for _, m := range models {
			for _, r := range m.Rates {
				n++
				want := fmt.Sprintf("%s|%s|%s|%s|%s|%d|%s|%s|%d", m.Provider, m.ID, r.Tier, r.Meter, r.Region, r.MinPromptTokens, r.Layer, r.Amount, r.Evidence)
				if !have[want] {
					t.Fatalf("%s is not there", want)
				}
			}
		}
		if n != len(have) || n != len(rows)-1 {
			t.Fatalf("%d rates, %d rows, %d different", n, len(rows)-1, len(have))
		}
	})
}
