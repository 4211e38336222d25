package domain

// ExportFormat names a format of another tool, by where it stands below /export/.
type ExportFormat string

// The formats.
const (
	ExportLiteLLM             ExportFormat = "litellm.json"
	ExportModelsDev           ExportFormat = "models.dev/api.json"
	ExportGenAIPrices         ExportFormat = "genai-prices/data.json"
	ExportGenAIPricesSlim     ExportFormat = "genai-prices/data_slim.json"
	ExportOpenRouter          ExportFormat = "openrouter/models"
	ExportLLMPricesCurrent    ExportFormat = "llm-prices/current-v1.json"
	ExportLLMPricesHistorical ExportFormat = "llm-prices/historical-v1.json"
	ExportCSV                 ExportFormat = "prices.csv"
)

// ExportFormats lists the formats.
func ExportFormats() []ExportFormat {
	return []ExportFormat{
		ExportLiteLLM, ExportModelsDev, ExportGenAIPrices, ExportGenAIPricesSlim,
		ExportOpenRouter, ExportLLMPricesCurrent, ExportLLMPricesHistorical, ExportCSV,
	}
}

// TellsThePast reports whether a format has what models cost before as well.
func (f ExportFormat) TellsThePast() bool { return f == ExportLLMPricesHistorical }
