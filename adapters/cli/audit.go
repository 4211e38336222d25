package cli

import (
	"context"
	"fmt"
	"strconv"

	"ratecard/gen/oas"
)

// Audit shows what administrators did, newest first.
func (c Client) Audit(ctx context.Context, args []string) int {
	f := c.flags("audit", "[flags]")
	limit := f.Int("limit", 50, "how many actions to show at most, up to 500")
	cursor := f.String("cursor", "", "where the page before ended")
	format := f.String("format", "table", "json or table")
	rest, err := parse(f, args)
	if err != nil {
		return misused(err)
	}
	if len(rest) > 0 {
		f.Usage()
		return exitUsage
	}
	server, err := c.connect()
	if err != nil {
		return c.failed(err)
	}
	page, err := server.ListAudit(ctx, oas.ListAuditParams{Limit: oas.NewOptInt(*limit), Cursor: optional(*cursor)})
	if err != nil {
		return c.failed(err)
	}
	return c.print(*format, page, func() error { return c.showAudit(page) })
}

func (c Client) showAudit(page *oas.AuditPage) error {
	var rows [][]string
	for _, e := range page.Items {
		what := e.Changes[0]
		change := fmt.Sprintf("%s → %s", what.Before, what.After)
		if e.Total > 1 {
			change += fmt.Sprintf(", and %d more", e.Total-1)
		}
		rows = append(rows, []string{strconv.FormatInt(e.ID, 10), stamp(e.At), e.By, e.Address, e.Action, what.Event, change})
	}
	if err := table(c.Stdout, []string{"ID", "WHEN", "WHO", "FROM", "ASKED", "EVENT", "BEFORE → AFTER"}, rows); err != nil {
		return err
	}
	if !page.NextCursor.Null {
		fmt.Fprintf(c.Stderr, "There is more: --cursor %s\n", page.NextCursor.Value)
	}
	return nil
}
