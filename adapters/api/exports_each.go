package api

import (
	"context"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// Each export is an operation, and so is its hash.

// ExportLiteLLM answers GET /export/litellm.json.
func (h *handler) ExportLiteLLM(ctx context.Context, params oas.ExportLiteLLMParams) (oas.AnyJSON, error) {
	return h.export(ctx, domain.ExportLiteLLM, params.At, params.KnownAt)
}

// HashLiteLLM answers GET /export/litellm.json.sha256.
func (h *handler) HashLiteLLM(ctx context.Context, params oas.HashLiteLLMParams) (oas.Hash, error) {
	return h.hash(ctx, domain.ExportLiteLLM, params.At, params.KnownAt)
}

// ExportModelsDev answers GET /export/models.dev/api.json.
func (h *handler) ExportModelsDev(ctx context.Context, params oas.ExportModelsDevParams) (oas.AnyJSON, error) {
	return h.export(ctx, domain.ExportModelsDev, params.At, params.KnownAt)
}

// HashModelsDev answers GET /export/models.dev/api.json.sha256.
func (h *handler) HashModelsDev(ctx context.Context, params oas.HashModelsDevParams) (oas.Hash, error) {
	return h.hash(ctx, domain.ExportModelsDev, params.At, params.KnownAt)
}

// ExportGenAIPrices answers GET /export/genai-prices/data.json.
func (h *handler) ExportGenAIPrices(ctx context.Context, params oas.ExportGenAIPricesParams) (oas.AnyJSON, error) {
	return h.export(ctx, domain.ExportGenAIPrices, params.At, params.KnownAt)
}

// HashGenAIPrices answers GET /export/genai-prices/data.json.sha256.
func (h *handler) HashGenAIPrices(ctx context.Context, params oas.HashGenAIPricesParams) (oas.Hash, error) {
	return h.hash(ctx, domain.ExportGenAIPrices, params.At, params.KnownAt)
}

// ExportGenAIPricesSlim answers GET /export/genai-prices/data_slim.json.
func (h *handler) ExportGenAIPricesSlim(ctx context.Context, params oas.ExportGenAIPricesSlimParams) (oas.AnyJSON, error) {
	return h.export(ctx, domain.ExportGenAIPricesSlim, params.At, params.KnownAt)
}

// HashGenAIPricesSlim answers GET /export/genai-prices/data_slim.json.sha256.
func (h *handler) HashGenAIPricesSlim(ctx context.Context, params oas.HashGenAIPricesSlimParams) (oas.Hash, error) {
	return h.hash(ctx, domain.ExportGenAIPricesSlim, params.At, params.KnownAt)
}

// ExportOpenRouter answers GET /export/openrouter/models.
func (h *handler) ExportOpenRouter(ctx context.Context, params oas.ExportOpenRouterParams) (oas.AnyJSON, error) {
	return h.export(ctx, domain.ExportOpenRouter, params.At, params.KnownAt)
}

// HashOpenRouter answers GET /export/openrouter/models.sha256.
func (h *handler) HashOpenRouter(ctx context.Context, params oas.HashOpenRouterParams) (oas.Hash, error) {
	return h.hash(ctx, domain.ExportOpenRouter, params.At, params.KnownAt)
}

// ExportLLMPricesCurrent answers GET /export/llm-prices/current-v1.json.
func (h *handler) ExportLLMPricesCurrent(ctx context.Context, params oas.ExportLLMPricesCurrentParams) (oas.AnyJSON, error) {
	return h.export(ctx, domain.ExportLLMPricesCurrent, params.At, params.KnownAt)
}

// HashLLMPricesCurrent answers GET /export/llm-prices/current-v1.json.sha256.
func (h *handler) HashLLMPricesCurrent(ctx context.Context, params oas.HashLLMPricesCurrentParams) (oas.Hash, error) {
	return h.hash(ctx, domain.ExportLLMPricesCurrent, params.At, params.KnownAt)
}

// ExportLLMPricesHistorical answers GET /export/llm-prices/historical-v1.json.
func (h *handler) ExportLLMPricesHistorical(ctx context.Context, params oas.ExportLLMPricesHistoricalParams) (oas.AnyJSON, error) {
	return h.export(ctx, domain.ExportLLMPricesHistorical, params.At, params.KnownAt)
}

// HashLLMPricesHistorical answers GET /export/llm-prices/historical-v1.json.sha256.
func (h *handler) HashLLMPricesHistorical(ctx context.Context, params oas.HashLLMPricesHistoricalParams) (oas.Hash, error) {
	return h.hash(ctx, domain.ExportLLMPricesHistorical, params.At, params.KnownAt)
}

// ExportCSV answers GET /export/prices.csv.
func (h *handler) ExportCSV(ctx context.Context, params oas.ExportCSVParams) (oas.ExportCSVOK, error) {
	file, err := h.exportFile(ctx, domain.ExportCSV, params.At, params.KnownAt)
	return oas.ExportCSVOK{Data: file}, err
}

// HashCSV answers GET /export/prices.csv.sha256.
func (h *handler) HashCSV(ctx context.Context, params oas.HashCSVParams) (oas.Hash, error) {
	return h.hash(ctx, domain.ExportCSV, params.At, params.KnownAt)
}
