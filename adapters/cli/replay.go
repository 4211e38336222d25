package cli

import (
	"context"
	"fmt"

	"ratecard/gen/oas"
)

// Replay has the server read its stored pages again, and shows where that
// differs from what it believes of the past.
func (c Client) Replay(ctx context.Context, args []string) int {
	f := c.flags("replay", "[PROVIDER …] [flags]")
	apply := f.Bool("apply", false, "correct what is believed; what was believed before stays on record")
	format := f.String("format", "table", "json or table")
	providers, err := parse(f, args)
	if err != nil {
		return misused(err)
	}
	server, err := c.connect()
	if err != nil {
		return c.failed(err)
	}
	replayed, err := server.Replay(ctx, oas.NewOptReplayRequest(oas.ReplayRequest{Providers: providers, Apply: oas.NewOptBool(*apply)}))
	if err != nil {
		return c.failed(err)
	}
	return c.print(*format, replayed, func() error { return c.showReplay(replayed) })
}

func (c Client) showReplay(replayed *oas.ReplayResult) error {
	var rows [][]string
	for _, p := range replayed.Providers {
		fmt.Fprintf(c.Stderr, "%s: %d readings repeated, %d differences\n", p.Provider, p.Reads, len(p.Differences))
		for _, s := range p.Skipped {
			fmt.Fprintf(c.Stderr, "  skipped %s of %s, read %d times: %s\n", s.Source, stamp(s.ReadAt), s.Reads, s.Reason)
		}
		for _, d := range p.Differences {
			rows = append(rows, []string{
				p.Provider, d.ModelID, d.Tier, d.Meter, d.Region, over(d.MinPromptTokens), d.Unit,
				stamp(d.From), until(d.Until), orDash(d.Old), orDash(d.New),
			})
		}
	}
	if len(rows) == 0 {
		_, err := fmt.Fprintln(c.Stdout, "what is believed is what the stored pages say")
		return err
	}
	if !replayed.Applied {
		fmt.Fprintln(c.Stderr, "nothing was changed; --apply corrects it")
	}
	return table(c.Stdout, []string{"PROVIDER", "MODEL", "TIER", "METER", "REGION", "FROM TOKENS", "PER", "FROM", "UNTIL", "OLD", "NEW"}, rows)
}
