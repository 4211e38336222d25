package cli

import (
	"context"
	"fmt"
	"strconv"

	"ratecard/gen/oas"
)

// Unmatched lists models that no printed name prices and names that price no
// model, with what is nearest to each.
func (c Client) Unmatched(ctx context.Context, args []string) int {
	f := c.flags("unmatched", "[flags]")
	provider := f.String("provider", "", "only of these `providers`, separated by commas")
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
	whole := &oas.UnmatchedPage{Items: []oas.Unmatched{}}
	params := oas.ListUnmatchedParams{Limit: oas.NewOptInt(500), Provider: split(*provider)}
	for {
		page, err := server.ListUnmatched(ctx, params)
		if err != nil {
			return c.failed(err)
		}
		whole.Items = append(whole.Items, page.Items...)
		whole.Total, whole.NextCursor = page.Total, page.NextCursor
		if page.NextCursor.Null {
			return c.print(*format, whole, func() error { return c.showUnmatched(whole.Items) })
		}
		params.Cursor = oas.NewOptString(page.NextCursor.Value)
	}
}

func (c Client) showUnmatched(items []oas.Unmatched) error {
	rows := make([][]string, len(items))
	for i, u := range items {
		nearest := "-"
		if len(u.Candidates) > 0 {
			nearest = u.Candidates[0].Text
		}
		rows[i] = []string{u.Provider, string(u.Kind), u.Text, string(u.Reason), nearest}
	}
	return table(c.Stdout, []string{"PROVIDER", "WHAT", "UNMATCHED", "WHY", "NEAREST"}, rows)
}

// Pin makes a printed name the price of a model; without arguments it lists
// the rulings in force, and with release it ends one.
func (c Client) Pin(ctx context.Context, args []string) int {
	return c.rule(ctx, "pin", oas.RulingKindPin, args)
}

// Forbid keeps a printed name from ever being the price of a model.
func (c Client) Forbid(ctx context.Context, args []string) int {
	return c.rule(ctx, "forbid", oas.RulingKindForbid, args)
}

func (c Client) rule(ctx context.Context, name string, kind oas.RulingKind, args []string) int {
	f := c.flags(name, "[list | MODEL NAME --reason WHY | release ID] [flags]")
	provider := f.String("provider", "", "whose model, where several sell the id")
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
	show := func(alias *oas.Alias) int {
		return c.print(*format, alias, func() error { return c.showAliases([]oas.Alias{*alias}) })
	}
	switch {
	case len(rest) == 0 || len(rest) == 1 && rest[0] == "list":
		all, err := server.ListAliases(ctx)
		if err != nil {
			return c.failed(err)
		}
		return c.print(*format, all, func() error { return c.showAliases(all.Items) })
	case len(rest) == 2 && rest[0] == "release":
		id, err := strconv.ParseInt(rest[1], 10, 64)
		if err != nil {
			fmt.Fprintf(c.Stderr, "ratecard: %q is no ruling's number; `ratecard %s list` lists them\n", rest[1], name)
			return exitUsage
		}
		alias, err := server.ReleaseAlias(ctx, oas.ReleaseAliasParams{ID: id, Reason: optional(*reason)})
		if err != nil {
			return c.failed(err)
		}
		return show(alias)
	case len(rest) == 2:
		alias, err := server.MakeAlias(ctx, &oas.NewAlias{Model: rest[0], Provider: optional(*provider), Name: rest[1], Ruling: kind, Reason: *reason})
		if err != nil {
			return c.failed(err)
		}
		return show(alias)
	}
	f.Usage()
	return exitUsage
}

func (c Client) showAliases(aliases []oas.Alias) error {
	rows := make([][]string, len(aliases))
	for i, a := range aliases {
		rows[i] = []string{strconv.FormatInt(a.ID, 10), a.Provider, a.ModelID, string(a.Ruling), a.Name, stamp(a.MadeAt), a.By, a.Reason}
	}
	return table(c.Stdout, []string{"ID", "PROVIDER", "MODEL", "RULING", "NAME", "MADE", "BY", "WHY"}, rows)
}
