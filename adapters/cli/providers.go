package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"ratecard/gen/oas"
)

// Providers lists the providers that are described, shows, describes, enables and
// disables one.
func (c Client) Providers(ctx context.Context, args []string) int {
	f := c.flags("providers", "[list | show PROVIDER | put FILE | enable PROVIDER | disable PROVIDER] [flags]")
	seen := f.Int("seen", -1, "put: change it only while this `version` is in force; the one in force now when not given")
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
		all, err := server.ListDescribedProviders(ctx)
		if err != nil {
			return c.failed(err)
		}
		return c.print(*format, all, func() error { return c.showProviders(all.Items) })
	case len(rest) == 2 && rest[0] == "show":
		return c.provider(*format)(server.GetDescribedProvider(ctx, oas.GetDescribedProviderParams{Provider: rest[1]}))
	case len(rest) == 2 && rest[0] == "put":
		return c.putProvider(ctx, server, rest[1], *seen, *format)
	case len(rest) == 2 && rest[0] == "enable":
		return c.provider(*format)(server.EnableProvider(ctx, oas.EnableProviderParams{Provider: rest[1]}))
	case len(rest) == 2 && rest[0] == "disable":
		return c.provider(*format)(server.DisableProvider(ctx, oas.DisableProviderParams{Provider: rest[1]}))
	}
	f.Usage()
	return exitUsage
}

// putProvider describes the provider that a file names.
func (c Client) putProvider(ctx context.Context, server *oas.Client, file string, seen int, format string) int {
	text, err := readJSON(file)
	if err != nil {
		return c.failed(err)
	}
	var named struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(text, &named); err != nil || named.ID == "" {
		return c.failed(fmt.Errorf("%s names no provider: expected an object with an id", file))
	}
	if seen < 0 {
		if seen, err = describedVersion(ctx, server, named.ID); err != nil {
			return c.failed(err)
		}
	}
	saved, err := server.PutProvider(ctx, &oas.NewProvider{Version: seen, Description: text}, oas.PutProviderParams{Provider: named.ID})
	if err != nil {
		return c.failed(err)
	}
	return c.print(format, saved, func() error {
		for _, m := range saved.Misfits {
			fmt.Fprintf(c.Stderr, "warning: %s: %s\n", m.Path, m.Message)
		}
		return c.showProvider(&saved.Provider)
	})
}

// describedVersion is the version of what was said of a provider; 0 where nothing
// was, and of one that nobody has described yet.
func describedVersion(ctx context.Context, server *oas.Client, id string) (int, error) {
	all, err := server.ListDescribedProviders(ctx)
	if err != nil {
		return 0, err
	}
	for _, p := range all.Items {
		if p.Provider == id {
			return p.Version, nil
		}
	}
	return 0, nil
}

func (c Client) provider(format string) func(*oas.DescribedProvider, error) int {
	return func(p *oas.DescribedProvider, err error) int {
		if err != nil {
			return c.failed(err)
		}
		return c.print(format, p, func() error { return c.showProvider(p) })
	}
}

// showProvider prints the description, so that it can be changed and put back.
func (c Client) showProvider(p *oas.DescribedProvider) error {
	fmt.Fprintf(c.Stderr, "%s is %s, described by %s\n", p.Provider, standing(p), origins[p.Origin])
	if p.Version > 0 {
		fmt.Fprintf(c.Stderr, "version %d by %s, %s\n", p.Version, p.SavedBy.Value, stamp(p.SavedAt.Value))
	}
	if !p.KeyHeld {
		fmt.Fprintf(c.Stderr, "%s is not set for the server: its list of models is not asked\n", p.KeyEnv.Value)
	}
	return indented(c.Stdout, p.Description)
}

func standing(p *oas.DescribedProvider) string {
	if p.Enabled {
		return "enabled"
	}
	return "disabled"
}

// origins say where a description comes from.
var origins = map[oas.DescribedProviderOrigin]string{
	oas.DescribedProviderOriginBuiltIn: "the program", oas.DescribedProviderOriginFolder: "a file", oas.DescribedProviderOriginAPI: "an administrator",
}

func (c Client) showProviders(all []oas.DescribedProvider) error {
	rows := make([][]string, len(all))
	for i, p := range all {
		key := orDash(p.KeyEnv)
		if !p.KeyHeld {
			key += " (not set)"
		}
		version, by := "-", "-"
		if p.Version > 0 {
			version, by = strconv.Itoa(p.Version), p.SavedBy.Value
		}
		rows[i] = []string{p.Provider, p.Name, standing(&p), origins[p.Origin], key, version, by}
	}
	return table(c.Stdout, []string{"ID", "NAME", "STANDS", "DESCRIBED BY", "KEY", "VERSION", "BY"}, rows)
}
