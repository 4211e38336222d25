package api

import (
	"cmp"
	"encoding/json"

	"github.com/go-faster/jx"
	"github.com/shopspring/decimal"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/domain/cost"
	"ratecard/gen/oas"
)

// encodeComparison encodes a page of a ranking, asked for at a place in a walk.
func encodeComparison(c app.Compared, w walk) *oas.Comparison {
	out := &oas.Comparison{
		Workload:         encodeWorkload(c),
		At:               w.when.At.UTC(),
		KnownAt:          timeOrNull(w.when.KnownAt),
		CatalogueVersion: c.Version,
		Currency:         domain.CurrencyUSD,
		Items:            encodeAll(c.Models, encodeCompared),
		NextCursor:       oas.NilString{Null: true},
		Total:            c.Total,
	}
	if c.More && len(c.Models) > 0 {
		w.after = &c.Models[len(c.Models)-1].ModelKey
		if w.when.KnownAt.IsZero() { // else nothing moves whatever the version is
			w.version = c.Version
		}
		out.NextCursor = oas.NewNilString(w.encode())
	}
	return out
}

func encodeWorkload(c app.Compared) oas.Workload {
	var usage jx.Encoder
	usage.ObjStart()
	for _, meter := range c.Usage.Meters() {
		usage.FieldStart(string(meter))
		usage.Int64(c.Usage[meter])
	}
	usage.ObjEnd()
	return oas.Workload{
		Usage:        json.RawMessage(usage.Bytes()),
		Requests:     c.Requests,
		Tier:         string(c.Tier),
		Region:       string(c.Region),
		PromptTokens: c.Usage.PromptTokens(),
	}
}

func encodeCompared(m app.ComparedModel) oas.ComparedModel {
	figure := func(d decimal.Decimal) oas.NilString { return total(d, m.Rank > 0) }
	return oas.ComparedModel{
		Rank:            intOrNull(int64(m.Rank)),
		ID:              m.ID,
		Provider:        string(m.Provider),
		DisplayName:     cmp.Or(m.DisplayName, m.ID),
		ContextWindow:   intPtr(m.ContextWindow),
		Status:          oas.ComparedModelStatus(m.Status),
		Cost:            figure(m.Subtotal),
		Total:           figure(m.Total),
		TimesCheapest:   figure(m.TimesCheapest),
		MinPromptTokens: m.MinPromptTokens,
		Parts:           encodeAll(m.Parts, encodeCostPart),
		Missing:         encodeAll(m.Missing, encodeMissing),
		Stale:           encodeStale(staleSince(m.Rates)),
		HeldChange:      encodeMark(first(m.Held)),
	}
}

func encodeMissing(m cost.Missing) oas.CostMissing {
	return oas.CostMissing{What: m.What, Quantity: m.Quantity, Reason: oas.CostMissingReason(m.Reason)}
}
