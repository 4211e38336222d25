package export

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// csvColumns are the columns of prices.csv. New ones come at the end.
var csvColumns = []string{
	"provider", "model", "name", "tier", "meter", "region", "min_prompt_tokens", "layer", "amount", "unit", "currency",
	"origin", "basis", "effective_from", "effective_to", "known_from", "source", "evidence_id", "unlisted_since", "stale_since",
}

// pricesCSV writes every rate in force, of every layer, as RFC 4180 has it.
func pricesCSV(of ports.Export) ([]byte, error) {
	var text strings.Builder
	line(&text, csvColumns)
	for i := range of.Models {
		rates := slices.Clone(of.Models[i].Rates)
		slices.SortStableFunc(rates, asRead)
		for j := range rates {
			line(&text, csvCells(&of.Models[i], &rates[j]))
		}
	}
	return []byte(text.String()), nil
}

func csvCells(m *ports.ModelView, r *domain.RateView) []string {
	evidence := ""
	if r.Evidence != 0 {
		evidence = strconv.FormatInt(r.Evidence, 10)
	}
	return []string{
		string(m.Provider), m.ID, cmp.Or(m.DisplayName, m.ID), string(r.Tier), string(r.Meter), string(r.Region),
		strconv.FormatInt(r.MinPromptTokens, 10), string(r.Layer), r.Amount.String(), r.Unit, r.Currency,
		string(r.Origin), string(r.Basis), stamp(r.Effective.From), stamp(r.Effective.To), stamp(r.Known.From), r.Source, evidence,
		stamp(r.UnlistedSince), stamp(r.StaleSince),
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

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func line(to *strings.Builder, cells []string) {
	for i, c := range cells {
		if i > 0 {
			to.WriteByte(',')
		}
		to.WriteString(cell(c))
	}
	to.WriteString("\r\n")
}

// cell quotes what needs it. A cell that a spreadsheet would take for a formula gets
// an apostrophe, which a spreadsheet takes for: this is text. encoding/csv writes no
// line break within a cell as it is.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		text = "'" + text
	}
	if strings.ContainsAny(text, "\",\r\n") {
		return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}
