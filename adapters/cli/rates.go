package cli

import (
	"context"
	"fmt"
	"strconv"

	"ratecard/gen/oas"
)

// Rates lists, enters and ends manual rates.
func (c Client) Rates(ctx context.Context, args []string) int {
	f := c.flags("rates", "[list | set MODEL METER AMOUNT --reason TEXT | end ID --reason TEXT] [flags]")
	provider := f.String("provider", "", "whose model, where several sell it")
	tier := f.String("tier", "", "of a new rate; standard when not given")
	region := f.String("region", "", "of a new rate; global when not given")
	above := f.Int64("min-prompt-tokens", 0, "the prompt length from which a new rate applies")
	from := f.String("from", "", "when a new rate begins; now when not given")
	to := f.String("to", "", "when a new rate ends, or its last day; until it is ended when not given")
	at := f.String("at", "", "when a rate ends; now when not given")
	reason := f.String("reason", "", "why, for those who read the events later")
	format := f.String("format", "table", "json or table")
	rest, err := parse(f, args)
	if err != nil {
		return misused(err)
	}
	server, err := c.connect()
	if err != nil {
		return c.failed(err)
	}
	switch {
	case len(rest) == 0 || len(rest) == 1 && rest[0] == "list":
		list, err := server.ListManualRates(ctx)
		if err != nil {
			return c.failed(err)
		}
		return c.print(*format, list, func() error { return c.showManual(list.Items) })
	case len(rest) == 4 && rest[0] == "set":
		rate, err := server.EnterManualRate(ctx, &oas.NewManualRate{
			Model: rest[1], Meter: rest[2], Amount: rest[3], Provider: optional(*provider), Tier: optional(*tier), Region: optional(*region),
			MinPromptTokens: oas.NewOptInt64(*above), From: optional(*from), To: optional(*to), Reason: *reason,
		})
		if err != nil {
			return c.failed(err)
		}
		return c.print(*format, rate, func() error { return c.showManual([]oas.ManualRate{*rate}) })
	case len(rest) == 2 && rest[0] == "end":
		id, err := strconv.ParseInt(rest[1], 10, 64)
		if err != nil {
			fmt.Fprintf(c.Stderr, "ratecard: %q is no rate's number; `ratecard rates` lists them\n", rest[1])
			return exitUsage
		}
		ended, err := server.EndManualRate(ctx, &oas.ManualRateEnd{Reason: *reason, At: optional(*at)}, oas.EndManualRateParams{ID: id})
		if err != nil {
			return c.failed(err)
		}
		return c.print(*format, ended, func() error { return c.showEnded(ended) })
	}
	f.Usage()
	return exitUsage
}

func (c Client) showManual(rates []oas.ManualRate) error {
	rows := make([][]string, len(rates))
	for i, r := range rates {
		rows[i] = []string{
			strconv.FormatInt(r.ID, 10), r.Provider, r.ModelID, r.Tier, r.Meter, over(r.MinPromptTokens), r.Amount, orDash(r.ListAmount), r.Unit,
			stamp(r.From), until(r.To), string(r.State), orDash(r.By), orDash(r.Reason),
		}
	}
	return table(c.Stdout, []string{"ID", "PROVIDER", "MODEL", "TIER", "METER", "FROM TOKENS", "USD", "LIST", "PER", "FROM", "UNTIL", "STATE", "BY", "REASON"}, rows)
}

func (c Client) showEnded(e *oas.EndedManualRate) error {
	how := "ends at " + stamp(e.End)
	if e.Withdrawn {
		how = "is withdrawn before it began"
	}
	_, err := fmt.Fprintf(c.Stdout, "manual rate %d of %s/%s %s\n", e.ID, e.Provider, e.ModelID, how)
	return err
}
