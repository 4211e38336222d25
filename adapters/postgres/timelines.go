package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"ratecard/domain"
	"ratecard/domain/trend"
	"ratecard/gen/db"
	"ratecard/ports"
)

var _ ports.Timelines = (*Catalogue)(nil)

// Timelines implements ports.Timelines.
func (c *Catalogue) Timelines(ctx context.Context, q ports.TimelineQuery) ([]trend.Timeline, error) {
	if err := c.settle(ctx, "", q.KnownAt); err != nil {
		return nil, problem(err, "reading how prices moved")
	}
	most := min(max(q.Most, 0), 1<<30)
	params := db.TimelinesParams{
		AttributesAt: timestamp(domain.AsOf{At: q.Range.To.Add(-time.Microsecond), KnownAt: q.KnownAt}.AttributesAt()),
		Providers:    cleanAll(q.Providers), Models: cleanAll(q.Models), Classes: cleanAll(q.Classes),
		Tiers: cleanAll(q.Tiers), Meters: cleanAll(q.Meters), Regions: cleanAll(q.Regions), Layer: string(clean(q.Layer)),
		First: timestamp(q.Range.From), Until: timestamp(q.Range.To), KnownAt: knownAt(q.KnownAt),
		Moved: q.Moved, HowMany: int32(most) + 1,
	}
	if q.MinPromptTokens != nil {
		params.MinPromptTokens = pgtype.Int8{Int64: *q.MinPromptTokens, Valid: true}
	}
	var rows []db.TimelinesRow
	err := transact(ctx, c.pool, snapshot, func(queries *db.Queries) error {
		if err := queries.PlanForMany(ctx); err != nil {
			return err
		}
		var err error
		rows, err = queries.Timelines(ctx, params)
		return err
	})
	switch {
	case err != nil:
		return nil, problem(err, "reading how prices moved")
	case len(rows) > most:
		return nil, domain.Errorf(domain.KindInvalid, "this is of more than %d rates; name providers, models or meters, or ask for a shorter time", most)
	}
	return timelines(rows, q.Layer), nil
}

// timelines puts rows, of which those of one key and unit come together, into the
// timeline of each.
func timelines(rows []db.TimelinesRow, layer domain.Layer) []trend.Timeline {
	var lines []trend.Timeline
	for _, r := range rows {
		key := domain.RateKey{
			Model: domain.ModelKey{Provider: domain.ProviderID(r.Provider), ID: r.ID}, Layer: layer,
			Tier: word[domain.Tier](r.Tier), Meter: domain.Meter(r.Meter), Region: domain.Region(r.Region), MinPromptTokens: r.MinPromptTokens,
		}
		if n := len(lines); n == 0 || lines[n-1].RateKey != key || lines[n-1].Unit != r.Unit {
			lines = append(lines, trend.Timeline{RateKey: key, Unit: r.Unit, Classes: listOf[domain.Class](r.Classification)})
		}
		line := &lines[len(lines)-1]
		line.Periods = append(line.Periods, trend.Period{Span: span(r.EffectiveFrom, r.EffectiveTo), Amount: amount(r.Amount)})
	}
	return lines
}
