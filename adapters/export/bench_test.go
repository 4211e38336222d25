package export

import (
	"fmt"
	"testing"

	"ratecard/domain"
	"ratecard/ports"
)

// BenchmarkExport writes each format of 10,000 models with 12 rates each.
func BenchmarkExport(b *testing.B) {
	var models []ports.ModelView
	for i := range 10_000 {
		models = append(models, model([]domain.ProviderID{"openai", "anthropic", "google", "xai", "acme"}[i%5], fmt.Sprintf("model-%05d", i),
			standard(domain.MeterInput, "1.25"), standard(domain.MeterOutput, "10"), standard(domain.MeterCacheRead, "0.125"), standard(domain.MeterCacheWrite, "1.5"),
			rate(domain.TierStandard, domain.MeterInput, 200_001, "2.5"), rate(domain.TierStandard, domain.MeterOutput, 200_001, "15"),
			rate(domain.TierStandard, domain.MeterCacheRead, 200_001, "0.25"), rate(domain.TierStandard, domain.MeterCacheWrite, 200_001, "3"),
			rate(domain.TierBatch, domain.MeterInput, 0, "0.625"), rate(domain.TierBatch, domain.MeterOutput, 0, "5"),
			rate(domain.TierFlex, domain.MeterInput, 0, "0.625"), rate(domain.TierFlex, domain.MeterOutput, 0, "5")))
	}
	for _, format := range domain.ExportFormats() {
		b.Run(string(format), func(b *testing.B) {
			n := 0
			for b.Loop() {
				n = len(write(b, format, models...))
			}
			b.ReportMetric(float64(n)/1e6, "MB")
		})
	}
}
