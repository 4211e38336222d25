package guard_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/domain/guard"
)

func key(i int) domain.QuoteKey {
	return domain.QuoteKey{Name: fmt.Sprint("model ", i), Tier: domain.TierStandard, Meter: domain.MeterInput, Region: domain.RegionGlobal}
}

// TestCoverage: a reading is broken exactly when it repeats under half of what
// was last stated, whatever it states besides, at whatever price and date.
func TestCoverage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		said := rapid.IntRange(0, 40).Draw(t, "said")
		kept := rapid.IntRange(0, said).Draw(t, "kept")
		fresh := rapid.IntRange(0, 40).Draw(t, "fresh")
		var last []domain.Quote
		for i := range said {
			last = append(last, domain.Quote{QuoteKey: key(i)})
		}
		var reading []domain.Quote
		for i := range kept {
			k := key(i)
			k.From = domain.Date{Year: 2026, Month: 9, Day: rapid.Int8Range(1, 30).Draw(t, "from")}
			reading = append(reading, domain.Quote{QuoteKey: k, Amount: decimal.NewFromInt(rapid.Int64Range(0, 9).Draw(t, "amount"))})
		}
		for i := range fresh {
			reading = append(reading, domain.Quote{QuoteKey: key(1000 + i)})
		}
		err := guard.Coverage(last, reading, domain.Guard{})
		if broken := 2*kept < said; broken != (domain.KindOf(err) == domain.KindBroken && err != nil) {
			t.Fatalf("%d of %d repeated, %d new: %v", kept, said, fresh, err)
		}
	})
}
