package cli

import (
	"context"
	"fmt"
	"strconv"

	"ratecard/gen/oas"
)

// Adjust lists, enters and ends discounts and mark-ups on list prices.
func (c Client) Adjust(ctx context.Context, args []string) int {
	f := c.flags("adjust", "[list | set PROVIDER PERCENT --reason TEXT | end ID --reason TEXT] [flags]")
	model := f.String("model", "", "whose prices alone; every model's when not given")
	tier := f.String("tier", "", "of which tier; every one when not given")
	meter := f.String("meter", "", "of which meter; every one when not given")
	from := f.String("from", "", "when it begins; now when not given")
	to := f.String("to", "", "when it ends, or its last day; until it is ended when not given")
	at := f.String("at", "", "when one ends; now when not given")
	reason := f.String("reason", "", "why, for those who read the events later")
	format := f.String("format", "table", "json or table")
	percent, args := negative(args)
	rest, err := parse(f, args)
	if err != nil {
		return misused(err)
	}
	if percent != "" {
		rest = append(rest, percent)
	}
	server, err := c.connect()
	if err != nil {
		return c.failed(err)
	}
	switch {
	case len(rest) == 0 || len(rest) == 1 && rest[0] == "list":
		list, err := server.ListAdjustments(ctx)
		if err != nil {
			return c.failed(err)
		}
		return c.print(*format, list, func() error { return c.showAdjustments(list.Items) })
	case len(rest) == 3 && rest[0] == "set":
		made, err := server.EnterAdjustment(ctx, &oas.NewAdjustment{
			Provider: rest[1], Percent: rest[2], Model: optional(*model), Tier: optional(*tier), Meter: optional(*meter),
			From: optional(*from), To: optional(*to), Reason: *reason,
		})
		if err != nil {
			return c.failed(err)
		}
		return c.print(*format, made, func() error { return c.showAdjustments([]oas.Adjustment{*made}) })
	case len(rest) == 2 && rest[0] == "end":
		id, err := strconv.ParseInt(rest[1], 10, 64)
		if err != nil {
			fmt.Fprintf(c.Stderr, "ratecard: %q is no adjustment's number; `ratecard adjust` lists them\n", rest[1])
			return exitUsage
		}
		ended, err := server.EndAdjustment(ctx, &oas.ManualRateEnd{Reason: *reason, At: optional(*at)}, oas.EndAdjustmentParams{ID: id})
		if err != nil {
			return c.failed(err)
		}
		return c.print(*format, ended, func() error { return c.showAdjustments([]oas.Adjustment{*ended}) })
	}
	f.Usage()
	return exitUsage
}

// negative takes a negative number out of the arguments, which would be taken for
// a flag.
func negative(args []string) (number string, rest []string) {
	for _, arg := range args {
		if len(arg) > 1 && arg[0] == '-' && arg[1] >= '0' && arg[1] <= '9' { // no flag of ours begins with a digit
			number = arg
			continue
		}
		rest = append(rest, arg)
	}
	return number, rest
}

func (c Client) showAdjustments(all []oas.Adjustment) error {
	every := func(s oas.NilString) string {
		if s.Null {
			return "every"
		}
		return s.Value
	}
	rows := make([][]string, len(all))
	for i, a := range all {
		rows[i] = []string{
			strconv.FormatInt(a.ID, 10), a.Percent + " %", a.Provider, every(a.ModelID), every(a.Tier), every(a.Meter),
			stamp(a.From), until(a.To), string(a.State), a.By, a.Reason,
		}
	}
	return table(c.Stdout, []string{"ID", "PERCENT", "PROVIDER", "MODEL", "TIER", "METER", "FROM", "TO", "STATE", "BY", "REASON"}, rows)
}
