package api

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/domain/table"
	"ratecard/domain/trend"
	"ratecard/gen/oas"
	"ratecard/ports"
)

// What an answer about trends holds at most.
const (
	mostTrendRates = 100_000 // that it rests on
	mostMarks      = 1000    // points of a series
)

// GetPriceTrends answers GET /api/analytics/price-trends.
func (h *handler) GetPriceTrends(ctx context.Context, params oas.GetPriceTrendsParams) (oas.GetPriceTrendsRes, error) {
	within, known, err := h.trendTime(params.From, params.To, params.KnownAt, func(last time.Time) time.Time { return last.AddDate(-1, 0, 0) })
	if err != nil {
		return nil, err
	}
	trends := priceTrends{params: params, within: within, known: known}
	var marks []time.Time
	if params.By.Value == oas.GetPriceTrendsByModel {
		if params.Interval.Set {
			return nil, invalid(wrong("interval", "is of providers and classifications alone; by model every step is answered, when it was"))
		}
	} else {
		trends.interval = trend.Interval(params.Interval.Or(oas.GetPriceTrendsIntervalMonth))
		var all bool
		if marks, all = trend.Marks(within, trends.interval, mostMarks); !all {
			return nil, invalid(wrong("interval", "%q gives more than %d points from %s on; take a longer one, or a shorter time", trends.interval, mostMarks, within.From.Format(time.RFC3339)))
		}
	}
	if len(params.Meter) == 0 {
		params.Meter = []string{string(domain.MeterInput), string(domain.MeterOutput)}
	}
	lines, err := h.cfg.Timelines.Timelines(ctx, ports.TimelineQuery{
		Providers: as[domain.ProviderID](params.Provider), Models: params.Model, Classes: as[domain.Class](params.Classification),
		Tiers: []domain.Tier{domain.Tier(params.Tier.Value)}, Meters: as[domain.Meter](params.Meter), Regions: []domain.Region{domain.Region(params.Region.Value)},
		MinPromptTokens: &params.MinPromptTokens.Value, Layer: domain.Layer(params.Layer.Value),
		Range: within, KnownAt: known, Most: mostTrendRates,
	})
	if err != nil {
		return nil, err
	}
	switch params.By.Value {
	case oas.GetPriceTrendsByProvider:
		trends.groups = trend.Groups(lines, func(t *trend.Timeline) []string { return []string{string(t.Model.Provider)} }, marks)
	case oas.GetPriceTrendsByClassification:
		trends.groups = trend.Groups(lines, func(t *trend.Timeline) []string { return as[string](t.Classes) }, marks)
	default:
		trends.lines = lines
	}
	if params.Format.Value == oas.GetPriceTrendsFormatCsv {
		return &oas.GetPriceTrendsOKTextCsv{Data: bytes.NewReader(table.CSV(trends.rows()))}, nil
	}
	return trends.encode(), nil
}

// GetMovers answers GET /api/analytics/movers.
func (h *handler) GetMovers(ctx context.Context, params oas.GetMoversParams) (oas.GetMoversRes, error) {
	within, known, err := h.trendTime(params.From, params.To, params.KnownAt, func(last time.Time) time.Time { return last.AddDate(0, 0, -30) })
	if err != nil {
		return nil, err
	}
	lines, err := h.cfg.Timelines.Timelines(ctx, ports.TimelineQuery{
		Providers: as[domain.ProviderID](params.Provider), Models: params.Model, Classes: as[domain.Class](params.Classification),
		Tiers: as[domain.Tier](params.Tier), Meters: as[domain.Meter](params.Meter), Regions: as[domain.Region](params.Region),
		Layer: domain.Layer(params.Layer.Value), Range: within, KnownAt: known, Moved: true, Most: mostTrendRates,
	})
	if err != nil {
		return nil, err
	}
	moves := trend.Moves(lines, within, trend.Direction(params.Direction.Value))
	total := len(moves)
	moves = moves[:min(total, params.Limit.Value)]
	if params.Format.Value == oas.GetMoversFormatCsv {
		return &oas.GetMoversOKTextCsv{Data: bytes.NewReader(table.CSV(moveRows(moves)))}, nil
	}
	return &oas.PriceMoves{
		From: within.From, To: lastInstant(within), KnownAt: timeOrNull(known),
		Direction: oas.PriceMovesDirection(params.Direction.Value), Layer: oas.PriceMovesLayer(params.Layer.Value),
		Currency: domain.CurrencyUSD, Items: encodeAll(moves, encodeMove), Total: total,
	}, nil
}

// trendTime reads of which time a question is, and as of when it is believed: zero
// for now. Where it is not said, the time ends with today, and begins at that
// distance before its last day.
func (h *handler) trendTime(from, to, known oas.OptString, begin func(last time.Time) time.Time) (within domain.Span, knownTime time.Time, err error) {
	now := domain.Instant(h.cfg.Now())
	if known.Set {
		if knownTime, err = knownAt(known, now); err != nil {
			return within, knownTime, err
		}
	}
	today := now.Format(time.DateOnly)
	if within, err = dateRange(from, oas.NewOptString(to.Or(today))); err != nil {
		if !to.Set && !within.To.IsZero() {
			err = invalid(wrong("from", "lies after today, with which the time ends; give to as well"))
		}
		return within, knownTime, err
	}
	if !from.Set {
		within.From = begin(lastInstant(within).Truncate(24 * time.Hour))
	}
	return within, knownTime, nil
}

// lastInstant is the last one of a closed range.
func lastInstant(s domain.Span) time.Time { return s.To.Add(-time.Microsecond) }

// priceTrends is what is answered to a question about trends: lines by model,
// groups otherwise.
type priceTrends struct {
	params   oas.GetPriceTrendsParams
	within   domain.Span
	known    time.Time
	interval trend.Interval // empty by model
	lines    []trend.Timeline
	groups   []trend.Group
}

func (p priceTrends) encode() *oas.PriceTrends {
	out := &oas.PriceTrends{
		By: oas.PriceTrendsBy(p.params.By.Value), From: p.within.From, To: lastInstant(p.within), KnownAt: timeOrNull(p.known),
		Interval: oas.NilPriceTrendsInterval{Null: true}, Tier: p.params.Tier.Value, Region: p.params.Region.Value,
		MinPromptTokens: p.params.MinPromptTokens.Value, Layer: oas.PriceTrendsLayer(p.params.Layer.Value), Currency: domain.CurrencyUSD,
	}
	if p.interval == "" {
		out.Items = encodeAll(p.lines, func(t trend.Timeline) oas.PriceSeries { return encodeLine(t, p.within) })
		return out
	}
	out.Interval = oas.NewNilPriceTrendsInterval(oas.PriceTrendsInterval(p.interval))
	out.Items = encodeAll(p.groups, func(g trend.Group) oas.PriceSeries { return encodeGroup(g, p.params.By.Value) })
	return out
}

// rows are the same as a table, under the names of its columns.
func (p priceTrends) rows() [][]table.Cell {
	what := []table.Cell{table.Text(p.params.Tier.Value), table.Text(p.params.Region.Value), table.Figure(fmt.Sprint(p.params.MinPromptTokens.Value)), table.Text(p.params.Layer.Value)}
	if p.interval == "" {
		rows := [][]table.Cell{columns("provider", "model", "tier", "region", "min_prompt_tokens", "layer", "meter", "unit", "currency", "at", "amount")}
		for _, line := range p.lines {
			head := append([]table.Cell{table.Text(line.Model.Provider), table.Text(line.Model.ID)}, what...)
			head = append(head, table.Text(line.Meter), table.Text(line.Unit), table.Text(domain.CurrencyUSD))
			for _, s := range trend.Steps(line, p.within) {
				rows = append(rows, slices.Concat(head, []table.Cell{table.Instant(s.At), nullCell(s.Amount)}))
			}
		}
		return rows
	}
	rows := [][]table.Cell{columns(string(p.params.By.Value), "tier", "region", "min_prompt_tokens", "layer", "meter", "unit", "currency", "at", "models", "min", "median", "max")}
	for _, g := range p.groups {
		head := append([]table.Cell{table.Text(g.Of)}, what...)
		head = append(head, table.Text(g.Meter), table.Text(g.Unit), table.Text(domain.CurrencyUSD))
		for _, point := range g.Points {
			amounts := []table.Cell{"", "", ""}
			if point.Models > 0 {
				amounts = []table.Cell{table.Figure(amount(point.Min)), table.Figure(amount(point.Median)), table.Figure(amount(point.Max))}
			}
			rows = append(rows, slices.Concat(head, []table.Cell{table.Instant(point.At), table.Figure(fmt.Sprint(point.Models))}, amounts))
		}
	}
	return rows
}
