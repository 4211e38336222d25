package postgres

import (
	"context"
	"time"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

var _ ports.ManualRates = (*Catalogue)(nil)

// Manual implements ports.ManualRates.
func (c *Catalogue) Manual(ctx context.Context, at time.Time) ([]ports.ManualRate, error) {
	var list []ports.ManualRate
	err := transact(ctx, c.pool, snapshot, func(q *db.Queries) error {
		rows, err := q.ManualRates(ctx, timestamp(at))
		list = make([]ports.ManualRate, len(rows))
		for i, r := range rows {
			list[i] = manualRate(r)
		}
		return err
	})
	return list, problem(err, "listing manual rates")
}

func manualRate(r db.ManualRatesRow) ports.ManualRate {
	out := ports.ManualRate{
		Rate: domain.Rate{
			ID: r.ID,
			RateKey: domain.RateKey{
				Model: domain.ModelKey{Provider: domain.ProviderID(r.Provider), ID: r.Model},
				Layer: domain.LayerManual, Tier: domain.Tier(r.Tier), Meter: domain.Meter(r.Meter),
				Region: domain.Region(r.Region), MinPromptTokens: r.MinPromptTokens,
			},
			Price: domain.Price{
				Amount: amount(r.Amount), Unit: r.Unit, Currency: r.Currency, Origin: domain.Origin(r.Origin),
			},
			Effective: span(r.EffectiveFrom, r.EffectiveTo),
			Known:     domain.Span{From: instant(r.KnownFrom)},
			Basis:     domain.Basis(r.Basis),
		},
		By:     r.EnteredBy,
		Reason: r.Reason,
	}
	if r.ListAmount.Valid {
		list := amount(r.ListAmount)
		out.List = &list
	}
	return out
}
