package ledger_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/ledger"
)

// TestDerivedForOneModel: a rule that a source states for one model prices no
// other.
func TestDerivedForOneModel(t *testing.T) {
	printed := func(id, name string) ledger.Stated {
		s := stated(domain.RateKey{
			Model: domain.ModelKey{Provider: "p", ID: id}, Layer: domain.LayerList, Tier: domain.TierStandard,
			Meter: domain.MeterInput, Region: domain.RegionGlobal,
		}, "10", "", "")
		s.Quote.Name = name
		return s
	}
	rule := domain.Modifier{Name: "Ada", What: "batch", Factor: decimal.RequireFromString("0.8")}
	got := ledger.Derive([]ledger.Stated{printed("ada-1", "Ada"), printed("bob-1", "Bob")}, []domain.Modifier{rule})
	if len(got) != 1 || got[0].Key.Model.ID != "ada-1" || got[0].Key.Tier != domain.TierBatch || got[0].Price.Amount.String() != "8" {
		t.Errorf("derived %+v, want ada-1's batch input at 8 alone", got)
	}
}
