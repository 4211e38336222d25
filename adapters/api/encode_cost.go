package api

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/domain/cost"
	"ratecard/gen/oas"
)

func encodeCosts(bill app.Bill, asked []oas.CostLineRequest, knownAt time.Time) *oas.Costs {
	out := &oas.Costs{
		CatalogueVersion: bill.Version,
		KnownAt:          timeOrNull(knownAt),
		Currency:         domain.CurrencyUSD,
		Lines:            make([]oas.CostLine, len(bill.Lines)),
	}
	var sum decimal.Decimal
	whole := true
	for i, line := range bill.Lines {
		_, known := line.Total()
		whole, sum = whole && known, sum.Add(line.Subtotal)
		out.Lines[i] = encodeCostLine(line, asked[i].Model)
	}
	out.Subtotal, out.Total = amount(sum), total(sum, whole)
	return out
}

func total(sum decimal.Decimal, known bool) oas.NilString {
	if !known {
		return oas.NilString{Null: true}
	}
	return oas.NewNilString(amount(sum))
}

func encodeCostLine(line app.BilledLine, asked string) oas.CostLine {
	_, known := line.Total()
	return oas.CostLine{
		Model:           asked,
		ModelID:         textOrNull(line.Model.ID),
		Provider:        textOrNull(string(line.Model.Provider)),
		At:              line.At.UTC(),
		Tier:            string(line.Tier),
		Region:          string(line.Region),
		Status:          oas.CostLineStatus(line.Status),
		PromptTokens:    line.PromptTokens,
		MinPromptTokens: line.MinPromptTokens,
		Parts:           encodeAll(line.Parts, encodeCostPart),
		Missing:         encodeAll(line.Missing, encodeMissing),
		Candidates:      encodeCandidates(line.Candidates),
		Subtotal:        amount(line.Subtotal),
		Total:           total(line.Subtotal, known),
	}
}

func encodeCostPart(p cost.Part) oas.CostPart {
	size := decimal.New(1, p.Rate.Meter.UnitSize())
	return oas.CostPart{
		Meter:           string(p.Meter),
		Quantity:        p.Quantity,
		RateMeter:       string(p.Rate.Meter),
		Amount:          amount(p.Rate.Amount),
		Unit:            p.Rate.Unit,
		Cost:            amount(p.Amount),
		Arithmetic:      fmt.Sprintf("%d × %s / %s = %s", p.Quantity, amount(p.Rate.Amount), size, amount(p.Amount)),
		Layer:           oas.CostPartLayer(p.Rate.Layer),
		Origin:          oas.CostPartOrigin(p.Rate.Origin),
		Region:          string(p.Rate.Region),
		MinPromptTokens: p.Rate.MinPromptTokens,
		EffectiveDate:   p.Rate.Effective.From.UTC(),
		EvidenceID:      intOrNull(p.Rate.Evidence),
	}
}
