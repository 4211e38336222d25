package export

import (
	"cmp"
	"slices"
	"strings"

	"ratecard/domain"
	"ratecard/ports"
)

// Writer writes every format. It implements ports.Exporter.
type Writer struct{}

var _ ports.Exporter = Writer{}

// writers are the formats. Each is given the models by provider and id.
var writers = map[domain.ExportFormat]func(ports.Export) ([]byte, error){
	domain.ExportLiteLLM:             liteLLM,
	domain.ExportModelsDev:           modelsDev,
	domain.ExportGenAIPrices:         genAIPrices,
	domain.ExportGenAIPricesSlim:     genAIPricesSlim,
	domain.ExportOpenRouter:          openRouter,
	domain.ExportLLMPricesCurrent:    llmPricesCurrent,
	domain.ExportLLMPricesHistorical: llmPricesHistorical,
	domain.ExportCSV:                 pricesCSV,
}

// Export implements ports.Exporter.
func (Writer) Export(format domain.ExportFormat, of ports.Export) ([]byte, error) {
	write, known := writers[format]
	if !known {
		return nil, domain.Errorf(domain.KindInvalid, "there is no export format %q", format)
	}
	of.Models = slices.Clone(of.Models)
	slices.SortFunc(of.Models, func(a, b ports.ModelView) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), strings.Compare(a.ID, b.ID))
	})
	return write(of)
}
