package api

import (
	"context"

	"github.com/shopspring/decimal"

	"ratecard/app"
	"ratecard/domain/ledger"
	"ratecard/gen/oas"
)

// Replay answers POST /api/admin/replay. A provider that takes part in no sync
// has a past as well.
func (h *handler) Replay(ctx context.Context, req oas.OptReplayRequest) (*oas.ReplayResult, error) {
	providers, err := h.chosen(ctx, req.Value.Providers, anyProvider)
	if err != nil {
		return nil, err
	}
	out := &oas.ReplayResult{Applied: req.Value.Apply.Value, Providers: []oas.ProviderReplay{}}
	for _, provider := range providers {
		replayed, err := h.cfg.Replay.Run(ctx, provider, out.Applied)
		if err != nil {
			return nil, err
		}
		out.Providers = append(out.Providers, encodeReplayed(replayed))
	}
	return out, nil
}

func encodeReplayed(r app.Replayed) oas.ProviderReplay {
	return oas.ProviderReplay{
		Provider:         string(r.Provider),
		Reads:            r.Reads,
		Differences:      encodeAll(r.Differences, encodeDifference),
		Skipped:          encodeAll(r.Skipped, encodeSkipped),
		CatalogueVersion: r.Version,
	}
}

func encodeDifference(d ledger.Difference) oas.PriceDifference {
	out := oas.PriceDifference{
		ModelID:         d.Key.Model.ID,
		Tier:            string(d.Key.Tier),
		Meter:           string(d.Key.Meter),
		Region:          string(d.Key.Region),
		MinPromptTokens: d.Key.MinPromptTokens,
		Unit:            d.Key.Meter.Unit(),
		From:            d.Effective.From.UTC(),
		Until:           timeOrNull(d.Effective.To),
		Old:             oas.NilString{Null: true},
		New:             oas.NilString{Null: true},
	}
	amountOf := func(a decimal.Decimal) oas.NilString { return oas.NewNilString(amount(a)) }
	if d.Old != nil {
		out.Old = amountOf(d.Old.Amount)
	}
	if d.New != nil {
		out.New = amountOf(d.New.Amount)
	}
	return out
}

func encodeSkipped(s app.Skipped) oas.SkippedPage {
	return oas.SkippedPage{Source: s.Source, ReadAt: s.At.UTC(), Reads: s.Reads, Reason: s.Reason}
}
