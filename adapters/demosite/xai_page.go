package demosite

import (
	_ "embed"
	"html/template"
	"strconv"

	"github.com/shopspring/decimal"
)

var (
	//go:embed xai.html.tmpl
	xAIHTMLText string

	xAIHTML = htmlPage(xAIHTMLText)
)

// xAIPage is what the template prints: a table that shows some of the prices,
// and the data of all of them, twice.
type xAIPage struct {
	Rows   []xAIRow
	Data   template.JS // as a script's value
	Pushed template.JS // as a text within a script, as frameworks send what they rendered
}

type xAIRow struct{ Name, Context, In, Out string }

func xAISheet(d day) any {
	var p xAIPage
	var models []any
	for _, m := range d.xAI.models {
		p.Rows = append(p.Rows, xAIRow{m.name, strconv.FormatInt(m.context, 10), perMillion(m.price.in), perMillion(m.price.out)})
		models = append(models, m.data())
	}
	data := literal(map[string]any{"clusterConfigs": []any{
		map[string]any{"clusterName": "us-east-1", "languageModels": models, "imageGenerationModels": []any{paints}},
		map[string]any{"clusterName": "eu-west-1", "languageModels": models[:2]},
		map[string]any{"clusterName": "us-west-2", "languageModels": models, "imageGenerationModels": []any{paints}},
		map[string]any{"clusterName": "us-east-4"},
	}})
	p.Data = template.JS(data)                                                          //nolint:gosec // the data are ours
	p.Pushed = template.JS(literal("globalThis.__XAI_PUBLIC_MODELS__=" + data + ";\n")) //nolint:gosec // the data are ours
	return p
}

// paints is a model without a price per token.
var paints = map[string]any{
	"name": xAIPaints, "version": "1.0", "inputModalities": []string{"TEXT", "IMAGE"}, "outputModalities": []string{"IMAGE"},
	"imagePrice": "200000000", "aliases": []string{}, "pricePerInputImage": "20000000",
}

// data are what the page's script holds of a model: numbers as texts, in ten
// thousandths of a dollar, a plain 0 for what is not stated.
func (m xAIModel) data() map[string]any {
	stated := func(units int64) any {
		if units == 0 {
			return 0
		}
		return strconv.FormatInt(units, 10)
	}
	data := map[string]any{
		"name": m.name, "version": "1.0", "inputModalities": m.takes("TEXT", "IMAGE"), "outputModalities": []string{"TEXT"},
		"promptTextTokenPrice": stated(m.price.in), "promptImageTokenPrice": stated(m.image(m.price)),
		"cachedPromptTokenPrice": stated(m.price.cached), "completionTextTokenPrice": stated(m.price.out),
		"promptTextTokenPriceLongContext": stated(m.long.in), "cachedPromptTokenPriceLongContext": stated(m.long.cached),
		"completionTokenPriceLongContext": stated(m.long.out), "maxPromptLength": m.context, "aliases": append([]string{}, m.aliases...),
		"features": map[string]any{"functionCalling": true, "structuredOutputs": true, "reasoning": m.reasons},
		"rps":      "37", "rpm": "1800", "tpm": "10000000", "batchDiscountPercent": m.batchPercent,
	}
	if m.long != (unitPrices{}) {
		data["longContextThreshold"] = strconv.Itoa(xAIThreshold)
	}
	return data
}

func perMillion(units int64) string {
	return "$" + decimal.New(units, -4).StringFixed(2)
}
