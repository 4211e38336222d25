package cli

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"ratecard/gen/oas"
)

// History shows what a model cost, costs and will cost.
func (c Client) History(ctx context.Context, args []string) int {
	f := c.flags("history", "MODEL [flags]")
	provider := f.String("provider", "", "whose model, where several sell it")
	from := f.String("from", "", "only rates that began at this `date` or later")
	to := f.String("to", "", "only rates that began on this `date` or before")
	overlapping := f.Bool("overlapping", false, "the rates in force between --from and --to instead")
	known := f.String("known-at", "", "as it was believed at this `time`")
	format := f.String("format", "table", "json or table")
	rest, err := parse(f, args)
	if err != nil {
		return misused(err)
	}
	if len(rest) != 1 {
		f.Usage()
		return exitUsage
	}
	server, err := c.connect()
	if err != nil {
		return c.failed(err)
	}
	history, err := server.GetPricingHistory(ctx, oas.GetPricingHistoryParams{
		ID: rest[0], Provider: optional(*provider), From: optional(*from), To: optional(*to),
		Overlapping: oas.NewOptBool(*overlapping), KnownAt: optional(*known),
	})
	if err != nil {
		return c.failed(err)
	}
	return c.print(*format, history, func() error { return showRates(c, history.Items) })
}

func showRates(c Client, rates []oas.Rate) error {
	rows := make([][]string, len(rates))
	for i, r := range rates {
		rows[i] = []string{
			r.Tier, r.Meter, over(r.MinPromptTokens), r.Amount, r.Unit,
			stamp(r.EffectiveDate), until(r.EndDate), string(r.Basis), numeral(r.EvidenceID),
		}
	}
	return table(c.Stdout, []string{"TIER", "METER", "FROM TOKENS", "USD", "PER", "EFFECTIVE", "UNTIL", "BASIS", "EVIDENCE"}, rows)
}

func over(tokens int64) string { return strconv.FormatInt(tokens, 10) }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

func until(t oas.NilDateTime) string {
	if t.Null {
		return "-"
	}
	return stamp(t.Value)
}

func numeral(id oas.NilInt64) string {
	if id.Null {
		return "-"
	}
	return fmt.Sprint(id.Value)
}
