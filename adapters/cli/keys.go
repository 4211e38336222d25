package cli

import (
	"context"
	"fmt"
	"strconv"

	"ratecard/gen/oas"
)

// Keys lists, makes and revokes API keys.
func (c Client) Keys(ctx context.Context, args []string) int {
	f := c.flags("keys", "[list | create NAME | revoke ID] [flags]")
	scope := f.String("scope", "read", "of a new key: read or admin")
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
		keys, err := server.ListKeys(ctx)
		if err != nil {
			return c.failed(err)
		}
		return c.print(*format, keys, func() error { return c.showKeys(keys.Items) })
	case len(rest) == 2 && rest[0] == "create":
		made, err := server.CreateKey(ctx, &oas.NewKey{Name: rest[1], Scope: oas.Scope(*scope)})
		if err != nil {
			return c.failed(err)
		}
		return c.print(*format, made, func() error {
			fmt.Fprintln(c.Stderr, "The key is shown this once:")
			_, err := fmt.Fprintln(c.Stdout, made.Secret)
			return err
		})
	case len(rest) == 2 && rest[0] == "revoke":
		id, err := strconv.ParseInt(rest[1], 10, 64)
		if err != nil {
			fmt.Fprintf(c.Stderr, "ratecard: %q is no key's number; `ratecard keys` lists them\n", rest[1])
			return exitUsage
		}
		key, err := server.RevokeKey(ctx, oas.RevokeKeyParams{ID: id})
		if err != nil {
			return c.failed(err)
		}
		return c.print(*format, key, func() error { return c.showKeys([]oas.Key{*key}) })
	}
	f.Usage()
	return exitUsage
}

func (c Client) showKeys(keys []oas.Key) error {
	rows := make([][]string, len(keys))
	for i, k := range keys {
		rows[i] = []string{
			strconv.FormatInt(k.ID, 10), k.Name, k.Prefix + "…", string(k.Scope),
			stamp(k.CreatedAt), until(k.LastUsedAt), until(k.RevokedAt),
		}
	}
	return table(c.Stdout, []string{"ID", "NAME", "KEY", "SCOPE", "MADE", "LAST USED", "REVOKED"}, rows)
}
