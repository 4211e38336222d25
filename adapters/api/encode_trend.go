package api

import (
	"fmt"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/table"
	"ratecard/domain/trend"
	"ratecard/gen/oas"
)

// encodeLine encodes what a model cost by one meter.
func encodeLine(t trend.Timeline, within domain.Span) oas.PriceSeries {
	return oas.PriceSeries{
		Provider: textOrNull(t.Model.Provider), ModelID: textOrNull(t.Model.ID), Classification: textOrNull(""),
		Meter: string(t.Meter), Unit: t.Unit, Steps: encodeAll(trend.Steps(t, within), encodePriceStep), Points: []oas.PricePoint{},
	}
}

func encodePriceStep(s trend.Step) oas.PriceStep {
	return oas.PriceStep{At: s.At.UTC(), Amount: total(s.Amount.Decimal, s.Amount.Valid)}
}

// encodeGroup encodes what the models of a provider or a class cost by one meter.
func encodeGroup(g trend.Group, by oas.GetPriceTrendsBy) oas.PriceSeries {
	series := oas.PriceSeries{
		Provider: textOrNull(""), ModelID: textOrNull(""), Classification: textOrNull(""),
		Meter: string(g.Meter), Unit: g.Unit, Steps: []oas.PriceStep{}, Points: encodeAll(g.Points, encodePoint),
	}
	if by == oas.GetPriceTrendsByProvider {
		series.Provider = textOrNull(g.Of)
	} else {
		series.Classification = textOrNull(g.Of)
	}
	return series
}

func encodePoint(p trend.Point) oas.PricePoint {
	figure := func(d decimal.Decimal) oas.NilString { return total(d, p.Models > 0) }
	return oas.PricePoint{At: p.At.UTC(), Models: p.Models, Min: figure(p.Min), Median: figure(p.Median), Max: figure(p.Max)}
}

func encodeMove(m trend.Move) oas.PriceMove {
	return oas.PriceMove{
		Provider: string(m.Model.Provider), ModelID: m.Model.ID, Tier: string(m.Tier), Meter: string(m.Meter), Region: string(m.Region),
		MinPromptTokens: m.MinPromptTokens, Unit: m.Unit, OldAmount: amount(m.Old), NewAmount: amount(m.New), Change: amount(m.Change),
		ChangePercent: total(m.Percent.Decimal, m.Percent.Valid), Changes: m.Changes, LastChangedAt: m.LastChangedAt.UTC(),
	}
}

func moveRows(moves []trend.Move) [][]table.Cell {
	rows := [][]table.Cell{columns("provider", "model", "tier", "meter", "region", "min_prompt_tokens", "unit", "currency",
		"old_amount", "new_amount", "change", "change_percent", "changes", "last_changed_at")}
	for _, m := range moves {
		rows = append(rows, []table.Cell{
			table.Text(m.Model.Provider), table.Text(m.Model.ID), table.Text(m.Tier), table.Text(m.Meter), table.Text(m.Region),
			table.Figure(fmt.Sprint(m.MinPromptTokens)), table.Text(m.Unit), table.Text(domain.CurrencyUSD), table.Figure(amount(m.Old)), table.Figure(amount(m.New)),
			table.Figure(amount(m.Change)), nullCell(m.Percent), table.Figure(fmt.Sprint(m.Changes)), table.Instant(m.LastChangedAt),
		})
	}
	return rows
}

// What cells hold that is not text.

func nullCell(d decimal.NullDecimal) table.Cell {
	if !d.Valid {
		return ""
	}
	return table.Figure(amount(d.Decimal))
}

func columns(names ...string) []table.Cell {
	return encodeAll(names, table.Text[string])
}
