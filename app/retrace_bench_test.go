package app

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// BenchmarkRetrace goes the way of a year again, four reads a day of a page
// with 2,400 prices that changes once a day.
func BenchmarkRetrace(b *testing.B) {
	const models, meters, days = 200, 12, 365
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var state ledger.State
	for m := range models {
		id := fmt.Sprintf("acme-model-%d", m)
		state.Models = append(state.Models, domain.ModelVersion{
			Model: domain.Model{ModelKey: domain.ModelKey{Provider: "acme", ID: id}}, DiscoveredAt: begin,
		})
	}
	p := past{provider: "acme", version: 1}
	for day := range days {
		var reading domain.Reading
		for m := range models {
			for k := range meters {
				price := int64(m + k + 1)
				if m == day%models {
					price++
				}
				reading.Quotes = append(reading.Quotes, domain.Quote{
					QuoteKey: domain.QuoteKey{
						Name: fmt.Sprintf("acme-model-%d", m), Tier: domain.TierStandard, Meter: domain.TokenMeters()[k], Region: domain.RegionGlobal,
					},
					Amount: decimal.NewFromInt(price),
				})
			}
		}
		for n := range 4 {
			at := begin.Add(time.Duration(day)*24*time.Hour + time.Duration(n)*6*time.Hour)
			p.reads = append(p.reads, rereading{ports.PageRead{Source: "prices", PageID: int64(day + 1), At: at, Known: at}, &reading})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if change := p.correct(state, time.Time{}, begin.AddDate(2, 0, 0)); len(change.Open) < models*meters {
			b.Fatalf("%d rates", len(change.Open))
		}
	}
}
