package cli

import (
	"context"
	"fmt"
	"strconv"

	"ratecard/gen/oas"
)

// Keys lists, makes, rotates and revokes API keys.
func (c Client) Keys(ctx context.Context, args []string) int {
	f := c.flags("keys", "[list | create NAME | rotate ID | revoke ID] [flags]")
	scope := f.String("scope", "read", "of a new key: read or admin")
	expires := f.String("expires", "", "of a new key: an instant or a date (none: until it is revoked)")
	overlap := f.Int("overlap", 24, "of a rotated key: for how many hours the old one stays valid")
	limit := f.Int64("limit", 0, "of a new key: requests a minute (none: as many as the server lets everybody)")
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
		made, err := server.CreateKey(ctx, &oas.NewKey{Name: rest[1], Scope: oas.Scope(*scope), ExpiresAt: optional(*expires), RequestsPerMinute: perMinute(*limit)})
		if err != nil {
			return c.failed(err)
		}
		return c.print(*format, made, func() error {
			fmt.Fprintln(c.Stderr, "The key is shown this once:")
			_, err := fmt.Fprintln(c.Stdout, made.Secret)
			return err
		})
	case len(rest) == 2 && rest[0] == "rotate":
		id, code := c.keyID(rest[1])
		if code != 0 {
			return code
		}
		rotation := oas.KeyRotation{OverlapHours: oas.NewOptInt(*overlap), ExpiresAt: optional(*expires), RequestsPerMinute: perMinute(*limit)}
		made, err := server.RotateKey(ctx, oas.NewOptKeyRotation(rotation), oas.RotateKeyParams{ID: id})
		if err != nil {
			return c.failed(err)
		}
		return c.print(*format, made, func() error {
			fmt.Fprintf(c.Stderr, "Key %d is valid until %s. Its successor is shown this once:\n", id, until(made.Old.ExpiresAt))
			_, err := fmt.Fprintln(c.Stdout, made.Secret)
			return err
		})
	case len(rest) == 2 && rest[0] == "revoke":
		id, code := c.keyID(rest[1])
		if code != 0 {
			return code
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

// perMinute is a key's limit where one is given.
func perMinute(limit int64) oas.OptInt64 {
	return oas.OptInt64{Value: limit, Set: limit != 0}
}

func (c Client) keyID(text string) (id int64, code int) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		fmt.Fprintf(c.Stderr, "ratecard: %q is no key's number; `ratecard keys` lists them\n", text)
		return 0, exitUsage
	}
	return id, 0
}

func (c Client) showKeys(keys []oas.Key) error {
	rows := make([][]string, len(keys))
	for i, k := range keys {
		rows[i] = []string{
			strconv.FormatInt(k.ID, 10), k.Name, k.Prefix + "…", string(k.Scope),
			stamp(k.CreatedAt), until(k.LastUsedAt), until(k.ExpiresAt), until(k.RevokedAt), numeral(k.RequestsPerMinute),
		}
	}
	return table(c.Stdout, []string{"ID", "NAME", "KEY", "SCOPE", "MADE", "LAST USED", "EXPIRES", "REVOKED", "A MINUTE"}, rows)
}
