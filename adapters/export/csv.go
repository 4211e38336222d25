package export

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"ratecard/domain"
	"ratecard/domain/table"
	"ratecard/ports"
)

// csvColumns are the columns of prices.csv. New ones come at the end.
var csvColumns = []table.Cell{
	"provider", "model", "name", "tier", "meter", "region", "min_prompt_tokens", "layer", "amount", "unit", "currency",
	"origin", "basis", "effective_from", "effective_to", "known_from", "source", "evidence_id", "unlisted_since", "stale_since",
}

// pricesCSV writes every rate in force, of every layer, as RFC 4180 has it.
func pricesCSV(of ports.Export) ([]byte, error) {
	rows := [][]table.Cell{csvColumns}
	for i := range of.Models {
		rates := slices.Clone(of.Models[i].Rates)
		slices.SortStableFunc(rates, asRead)
		for j := range rates {
			rows = append(rows, csvCells(&of.Models[i], &rates[j]))
		}
	}
	return table.CSV(rows), nil
}

func csvCells(m *ports.ModelView, r *domain.RateView) []table.Cell {
	evidence := ""
	if r.Evidence != 0 {
		evidence = strconv.FormatInt(r.Evidence, 10)
	}
	return []table.Cell{
		table.Text(m.Provider), table.Text(m.ID), table.Text(cmp.Or(m.DisplayName, m.ID)), table.Text(r.Tier), table.Text(r.Meter), table.Text(r.Region),
		table.Figure(strconv.FormatInt(r.MinPromptTokens, 10)), table.Text(r.Layer), table.Figure(r.Amount.String()), table.Text(r.Unit), table.Text(r.Currency),
		table.Text(r.Origin), table.Text(r.Basis), table.Instant(r.Effective.From), table.Instant(r.Effective.To), table.Instant(r.Known.From), table.Text(r.Source), table.Figure(evidence),
		table.Instant(r.UnlistedSince), table.Instant(r.StaleSince),
	}
}

// asRead orders rates as people read a price list: the key of a rate names it, so
// that there are no two alike.
func asRead(a, b domain.RateView) int {
	tier := func(t domain.Tier) int { return slices.Index(domain.Tiers(), t) }
	meter := func(m domain.Meter) int { return slices.Index(domain.TokenMeters(), m) }
	layer := func(l domain.Layer) int { return slices.Index(domain.Layers(), l) }
	return cmp.Or(
		cmp.Compare(tier(a.Tier), tier(b.Tier)), cmp.Compare(a.Tier, b.Tier), strings.Compare(string(a.Region), string(b.Region)),
		cmp.Compare(a.MinPromptTokens, b.MinPromptTokens),
		cmp.Compare(meter(a.Meter), meter(b.Meter)), cmp.Compare(a.Meter, b.Meter), cmp.Compare(layer(a.Layer), layer(b.Layer)))
}
