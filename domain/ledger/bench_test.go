package ledger_test

import (
	"fmt"
	"testing"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
)

// BenchmarkDiff compares 50,000 believed rates with a page that states them:
// unmoved, and with every tenth one cut.
func BenchmarkDiff(b *testing.B) {
	const models = 10_000
	meters := domain.TokenMeters()[:5]
	var believed []domain.Rate
	var same, cut []ledger.Stated
	for m := range models {
		for i, meter := range meters {
			k := key(fmt.Sprintf("model-%05d", m), meter)
			believed = append(believed, domain.Rate{RateKey: k, Price: price("3"), Effective: domain.Span{From: day0}, Source: source})
			amount := "3.00"
			if (m+i)%10 == 0 {
				amount = "2.4"
			}
			same = append(same, stated(k, "3.00", "", ""))
			cut = append(cut, stated(k, amount, "", ""))
		}
	}
	for name, said := range map[string][]ledger.Stated{"unmoved": same, "tenth cut": cut} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ledger.Diff(believed, nil, ledger.Reading{
					Seen: days(1), KnownAt: days(1), Stated: said, Before: map[string]time.Time{source: day0},
				})
			}
		})
	}
}
