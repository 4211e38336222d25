package postgres

import (
	"context"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

var _ ports.Tariff = (*Catalogue)(nil)

// Tariffs implements ports.Tariff.
func (c *Catalogue) Tariffs(ctx context.Context, q ports.TariffQuery) (ports.Tariffs, error) {
	if err := c.settle(ctx, "", q.KnownAt); err != nil {
		return ports.Tariffs{}, problem(err, "reading what models cost")
	}
	var answer ports.Tariffs
	err := transact(ctx, c.pool, snapshot, func(queries *db.Queries) error {
		answer = ports.Tariffs{}
		var err error
		if answer.Version, err = queries.CatalogueVersion(ctx); err != nil {
			return err
		}
		answer.Models, err = tariffs(ctx, queries, q)
		return err
	})
	return answer, problem(err, "reading what models cost")
}

func tariffs(ctx context.Context, queries *db.Queries, q ports.TariffQuery) ([]ports.ModelTariff, error) {
	first, until, known := timestamp(q.Range.From), timestamp(q.Range.To), knownAt(q.KnownAt)
	found, err := queries.TariffModels(ctx, db.TariffModelsParams{Refs: cleanAll(q.Refs), First: first, Until: until, KnownAt: known})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	models, numbers := make([]ports.ModelTariff, len(found)), make([]int64, len(found))
	place := make(map[int64]*ports.ModelTariff, len(found))
	for i, m := range found {
		models[i] = ports.ModelTariff{ModelKey: domain.ModelKey{Provider: domain.ProviderID(m.Provider), ID: m.ID}, Since: instant(m.Since)}
		numbers[i], place[m.Number] = m.Number, &models[i]
	}
	seen, err := queries.TariffAttributes(ctx, db.TariffAttributesParams{Models: numbers, First: first, Until: until})
	if err != nil {
		return nil, err
	}
	for _, v := range seen {
		m := place[v.Model]
		m.Attributes = append(m.Attributes, ports.Attributes{
			Seen: span(v.SeenFrom, v.SeenTo), Aliases: listOf[string](v.Aliases), StatedPricing: domain.PricingStatus(v.StatedPricing),
		})
	}
	rows, err := queries.TariffRates(ctx, db.TariffRatesParams{Models: numbers, First: first, Until: until, KnownAt: known})
	if err != nil {
		return nil, err
	}
	rates := make([]*db.RatesInForceRow, len(rows))
	for i := range rows {
		rates[i] = (*db.RatesInForceRow)(&rows[i])
	}
	proofs, err := proofsOfRows(ctx, queries, rates)
	for _, r := range rates {
		m := place[r.Model]
		m.Rates = append(m.Rates, rateView(r, m.ModelKey, proofs))
	}
	return models, err
}
