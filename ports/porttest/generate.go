package porttest

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/domain"
)

// This file generates values as sources may give them: any text, any price.

func genInstant() *rapid.Generator[time.Time] {
	return rapid.Map(rapid.Int64Range(0, int64(10*365*24*time.Hour/time.Microsecond)), func(n int64) time.Time {
		return noon.AddDate(-5, 0, 0).Add(time.Duration(n) * time.Microsecond)
	})
}

func genAmount() *rapid.Generator[decimal.Decimal] {
	return rapid.Custom(func(t *rapid.T) decimal.Decimal {
		return decimal.New(rapid.Int64Range(0, 1_000_000_000).Draw(t, "coefficient"), rapid.Int32Range(-18, 2).Draw(t, "exponent"))
	})
}

func genText() *rapid.Generator[string] {
	return rapid.OneOf(rapid.StringN(0, 12, 60), rapid.SampledFrom([]string{"", `"`, `\`, "$1; --", "Größe", "名前", "{}", "NULL", "\\x00"}))
}

// keepable is the text that a database keeps as it is.
func keepable() *rapid.Generator[string] {
	return rapid.Map(genText(), func(s string) string {
		return string(slices.DeleteFunc([]rune(s), func(r rune) bool { return r == 0 || r == '�' }))
	})
}

func genModel(p domain.ProviderID, id string) *rapid.Generator[domain.Model] {
	return rapid.Custom(func(t *rapid.T) domain.Model {
		optional := func(name string) *time.Time {
			return rapid.Ptr(genInstant(), true).Draw(t, name)
		}
		number := func(name string) *int64 { return rapid.Ptr(rapid.Int64Min(0), true).Draw(t, name) }
		texts := func(name string) []string {
			return slices.Compact(slices.Sorted(slices.Values(rapid.SliceOfN(keepable(), 0, 3).Draw(t, name))))
		}
		m := domain.Model{
			ModelKey: domain.ModelKey{Provider: p, ID: id}, DisplayName: keepable().Draw(t, "name"), OwnedBy: keepable().Draw(t, "owner"),
			Created: optional("created"), Source: keepable().Draw(t, "source"),
			Classification: rapid.SliceOfNDistinct(rapid.SampledFrom(domain.Classes()), 0, 4, rapid.ID).Draw(t, "classes"),
			ContextWindow:  number("window"), MaxOutputTokens: number("output"),
			Usability: rapid.SampledFrom([]domain.Usability{domain.UsabilityAvailable, domain.UsabilityPreview, domain.UsabilityDeprecated}).Draw(t, "usability"),
			Aliases:   texts("aliases"), Remarks: texts("remarks"), RetiresAt: optional("retires"), DeprecatedAt: optional("deprecated"),
			StatedPricing: rapid.SampledFrom([]domain.PricingStatus{"", domain.Free, domain.NotPerToken}).Draw(t, "pricing"),
		}
		for _, c := range rapid.SliceOfN(keepable(), 0, 3).Draw(t, "capabilities") {
			m.Capabilities = append(m.Capabilities, domain.Capability{Type: c, Supported: rapid.Bool().Draw(t, "supported")})
		}
		if rapid.Bool().Draw(t, "listed") {
			m.Raw, _ = json.Marshal(map[string]any{"id": id, "text": genText().Draw(t, "raw"), "n": rapid.Float64().Draw(t, "n")}) // marshals always
		}
		return m
	})
}

// genModels gives models with ids of their own.
func genModels(p domain.ProviderID, from, to int) *rapid.Generator[[]domain.Model] {
	return rapid.Custom(func(t *rapid.T) []domain.Model {
		models := make([]domain.Model, rapid.IntRange(from, to).Draw(t, "models"))
		for i := range models {
			models[i] = genModel(p, fmt.Sprintf("%c-%s-%d", 'a'+rune(i%3), keepable().Draw(t, "id"), i)).Draw(t, "model")
		}
		return models
	})
}

// genKeys gives keys of a model, each once.
func genKeys(m domain.ModelKey, from, to int) *rapid.Generator[[]domain.RateKey] {
	one := rapid.Custom(func(t *rapid.T) domain.RateKey {
		return domain.RateKey{
			Model: m, Layer: rapid.SampledFrom([]domain.Layer{domain.LayerList, domain.LayerManual, domain.LayerImported}).Draw(t, "layer"),
			Tier:            rapid.SampledFrom(domain.Tiers()).Draw(t, "tier"),
			Meter:           rapid.SampledFrom(append(domain.TokenMeters(), "web_search", "image")).Draw(t, "meter"),
			Region:          rapid.SampledFrom([]domain.Region{domain.RegionGlobal, "us", "eu"}).Draw(t, "region"),
			MinPromptTokens: rapid.SampledFrom([]int64{0, 128_001, 200_000, 200_001, 272_000}).Draw(t, "threshold"),
		}
	})
	return rapid.SliceOfNDistinct(one, from, to, rapid.ID)
}
