package cli

import (
	"context"
	"fmt"
	"time"

	"ratecard/gen/oas"
)

// healthWithin is how long a server may take to say how it is.
const healthWithin = 5 * time.Second

// Health asks a server whether it can answer, as a container's health check does.
// No key is needed. It fails where nobody answers, or not within seconds.
func (c Client) Health(ctx context.Context, args []string) int {
	f := c.flags("health", "[flags]")
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
	ctx, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	health, err := server.GetReadiness(ctx)
	if err != nil {
		return c.failed(err)
	}
	return c.print(*format, health, func() error { return c.showHealth(health) })
}

func (c Client) showHealth(health *oas.Health) error {
	since := ""
	if !health.StaleSince.Null {
		since = ": the database is away since " + health.StaleSince.Value.Format(time.RFC3339)
	}
	_, err := fmt.Fprintf(c.Stdout, "%s, version %s%s\n", health.Status, health.Version, since)
	return err
}
