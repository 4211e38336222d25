package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"ratecard/gen/oas"
)

// Held lists changes that are not believed yet, and approves or rejects them.
func (c Client) Held(ctx context.Context, args []string) int {
	f := c.flags("held", "[list | approve ID… --reason WHY | reject ID… --reason WHY] [flags]")
	provider := f.String("provider", "", "list only those of these `providers`, separated by commas")
	state := f.String("state", "held", "list only those that are held, released, rejected or withdrawn; all lists every one")
	reason := f.String("reason", "", "why, for those who read the record later")
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
		return c.listHeld(ctx, server, *provider, *state, *format)
	case len(rest) > 1 && (rest[0] == "approve" || rest[0] == "reject"):
		return c.decideHeld(ctx, server, rest[0] == "approve", rest[1:], *reason, *format)
	}
	f.Usage()
	return exitUsage
}

func (c Client) listHeld(ctx context.Context, server *oas.Client, provider, state, format string) int {
	params := oas.ListHeldChangesParams{Limit: oas.NewOptInt(500), Provider: split(provider)}
	if state != "all" {
		params.State = oas.NewOptHeldState(oas.HeldState(state))
		if err := params.State.Value.Validate(); err != nil {
			fmt.Fprintf(c.Stderr, "ratecard: --state %q is not known; expected held, released, rejected, withdrawn or all\n", state)
			return exitUsage
		}
	}
	whole := &oas.HeldPage{Items: []oas.HeldChange{}}
	for {
		page, err := server.ListHeldChanges(ctx, params)
		if err != nil {
			return c.failed(err)
		}
		whole.Items = append(whole.Items, page.Items...)
		whole.Total, whole.NextCursor = page.Total, page.NextCursor
		if page.NextCursor.Null {
			return c.print(format, whole, func() error { return c.showHeld(whole.Items) })
		}
		params.Cursor = oas.NewOptString(page.NextCursor.Value)
	}
}

func (c Client) decideHeld(ctx context.Context, server *oas.Client, approve bool, ids []string, reason, format string) int {
	var numbers []int64
	for _, text := range ids {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			fmt.Fprintf(c.Stderr, "ratecard: %q is no held change's number; `ratecard held` lists them\n", text)
			return exitUsage
		}
		numbers = append(numbers, id)
	}
	decision, whole := &oas.HeldDecision{Reason: reason}, &oas.HeldPage{Items: []oas.HeldChange{}, NextCursor: oas.NilString{Null: true}}
	for _, id := range numbers {
		var change *oas.HeldChange
		var err error
		if approve {
			change, err = server.ApproveHeldChange(ctx, decision, oas.ApproveHeldChangeParams{ID: id})
		} else {
			change, err = server.RejectHeldChange(ctx, decision, oas.RejectHeldChangeParams{ID: id})
		}
		if err != nil {
			return c.failed(err)
		}
		whole.Items = append(whole.Items, *change)
		whole.Total++
	}
	return c.print(format, whole, func() error { return c.showHeld(whole.Items) })
}

func (c Client) showHeld(changes []oas.HeldChange) error {
	rows := make([][]string, len(changes))
	for i, h := range changes {
		old := "-"
		if !h.Old.Null {
			old = h.Old.Value
		}
		var why []string
		for _, d := range h.Reasons {
			why = append(why, string(d.Code))
		}
		by := "-"
		if !h.DecidedBy.Null {
			by = h.DecidedBy.Value
		}
		rows[i] = []string{
			strconv.FormatInt(h.ID, 10), h.Provider, h.ModelID, h.Tier, h.Meter, strconv.FormatInt(h.MinPromptTokens, 10),
			old, h.New, h.Source, stamp(h.Since), strings.Join(why, ", "), string(h.State), by,
		}
	}
	return table(c.Stdout, []string{"ID", "PROVIDER", "MODEL", "TIER", "METER", "FROM TOKENS", "OLD", "NEW", "SOURCE", "SINCE", "WHY", "STATE", "BY"}, rows)
}
