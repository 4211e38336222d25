package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"ratecard/gen/oas"
)

// Configs shows how a provider's pages are read, and changes it: without
// anything but a provider the configuration in force, else what is asked.
func (c Client) Configs(ctx context.Context, args []string) int {
	f := c.flags("configs", "PROVIDER [show VERSION | versions | put FILE | rollback VERSION | try [FILE]] [flags]")
	seen := f.Int("seen", 0, "put, rollback: change it only while this `version` is in force; the one in force now when not given")
	page := f.Int64("page", 0, "try: read this stored page, by its id, in place of the pages as they are now")
	format := f.String("format", "table", "json or table")
	rest, err := parse(f, args)
	if err != nil {
		return misused(err)
	}
	if len(rest) == 0 || len(rest) > 3 {
		f.Usage()
		return exitUsage
	}
	server, err := c.connect()
	if err != nil {
		return c.failed(err)
	}
	k := configCall{c, server, rest[0], *seen, *page, *format}
	do := append(rest[1:], "", "")[:2]
	switch {
	case do[0] == "":
		return k.active(ctx)
	case do[0] == "versions" && do[1] == "":
		return k.versions(ctx)
	case do[0] == "show" && do[1] != "":
		return k.show(ctx, do[1])
	case do[0] == "put" && do[1] != "":
		return k.put(ctx, do[1])
	case do[0] == "rollback" && do[1] != "":
		return k.rollBack(ctx, do[1])
	case do[0] == "try":
		return k.try(ctx, do[1])
	}
	f.Usage()
	return exitUsage
}

// configCall is one call on the configurations of a provider.
type configCall struct {
	Client
	server   *oas.Client
	provider string
	seen     int
	page     int64
	format   string
}

func (k configCall) active(ctx context.Context) int {
	got, err := k.server.GetScrapingConfig(ctx, oas.GetScrapingConfigParams{Provider: k.provider})
	if err != nil {
		return k.failed(err)
	}
	return k.print(k.format, got, func() error {
		fmt.Fprintf(k.Stderr, "version %d by %s, %s\n", got.Version, got.Author, stamp(got.At))
		for _, d := range got.Differences {
			fmt.Fprintf(k.Stderr, "  %s: %s here, %s by default\n", d.Path, d.Active, d.Default)
		}
		return k.config(got.Config)
	})
}

// config prints a configuration so that it can be changed and put back.
func (k configCall) config(text oas.AnyJSON) error {
	return indented(k.Stdout, text)
}

func indented(w io.Writer, text []byte) error {
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, out.String())
	return err
}

func (k configCall) version(v *oas.ScrapingVersion, err error) int {
	if err != nil {
		return k.failed(err)
	}
	return k.print(k.format, v, func() error {
		fmt.Fprintf(k.Stderr, "version %d by %s, %s\n", v.Version, v.Author, stamp(v.At))
		return k.config(v.Config)
	})
}

// saved says what is in force now, and what in it can do nothing.
func (k configCall) saved(v *oas.SavedScrapingConfig, err error) int {
	if err != nil {
		return k.failed(err)
	}
	return k.print(k.format, v, func() error {
		fmt.Fprintf(k.Stderr, "version %d by %s, %s\n", v.Version, v.Author, stamp(v.At))
		for _, m := range v.Misfits {
			fmt.Fprintf(k.Stderr, "  warning: %s: %s\n", m.Path, m.Message)
		}
		return k.config(v.Config)
	})
}

func (k configCall) versions(ctx context.Context) int {
	got, err := k.server.ListScrapingVersions(ctx, oas.ListScrapingVersionsParams{Provider: k.provider})
	if err != nil {
		return k.failed(err)
	}
	return k.print(k.format, got, func() error {
		rows := make([][]string, len(got.Items))
		for i, v := range got.Items {
			restores := "-"
			if !v.Restores.Null {
				restores = strconv.Itoa(v.Restores.Value)
			}
			rows[i] = []string{strconv.Itoa(v.Version), stamp(v.At), v.Author, restores}
		}
		return table(k.Stdout, []string{"VERSION", "AT", "BY", "RESTORES"}, rows)
	})
}

// number reads a version's number from an argument.
func (k configCall) number(text string) (int, bool) {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 1 {
		fmt.Fprintf(k.Stderr, "ratecard: %q is no version; `ratecard configs %s versions` lists them\n", text, k.provider)
		return 0, false
	}
	return int(n), true
}

func (k configCall) show(ctx context.Context, version string) int {
	n, ok := k.number(version)
	if !ok {
		return exitUsage
	}
	return k.version(k.server.GetScrapingVersion(ctx, oas.GetScrapingVersionParams{Provider: k.provider, Version: n}))
}

// inForce is the version that a change is made over.
func (k configCall) inForce(ctx context.Context) (int, error) {
	if k.seen != 0 {
		return k.seen, nil
	}
	got, err := k.server.GetScrapingConfig(ctx, oas.GetScrapingConfigParams{Provider: k.provider})
	if err != nil {
		return 0, err
	}
	return got.Version, nil
}

func (k configCall) put(ctx context.Context, file string) int {
	text, err := readJSON(file)
	if err != nil {
		return k.failed(err)
	}
	seen, err := k.inForce(ctx)
	if err != nil {
		return k.failed(err)
	}
	return k.saved(k.server.PutScrapingConfig(ctx, &oas.NewScrapingConfig{Version: seen, Config: text}, oas.PutScrapingConfigParams{Provider: k.provider}))
}

func (k configCall) rollBack(ctx context.Context, to string) int {
	n, ok := k.number(to)
	if !ok {
		return exitUsage
	}
	seen, err := k.inForce(ctx)
	if err != nil {
		return k.failed(err)
	}
	return k.saved(k.server.RollBackScrapingConfig(ctx, &oas.ScrapingRollback{Version: seen, To: n}, oas.RollBackScrapingConfigParams{Provider: k.provider}))
}

// readJSON reads a file that is to be sent along, so that one that is no JSON
// is told by its name.
func readJSON(file string) (oas.AnyJSON, error) {
	text, err := readFile(file)
	if err == nil && !json.Valid(text) {
		err = fmt.Errorf("%s is no JSON", file)
	}
	return oas.AnyJSON(text), err
}

func (k configCall) try(ctx context.Context, file string) int {
	asked := oas.ScrapingTry{Config: oas.AnyJSON("null")} // the one in force
	if file != "" {
		text, err := readJSON(file)
		if err != nil {
			return k.failed(err)
		}
		asked.Config = text
	}
	if k.page != 0 {
		asked.PageID = oas.NewOptInt64(k.page)
	}
	got, err := k.server.TryScrapingConfig(ctx, oas.NewOptScrapingTry(asked), oas.TryScrapingConfigParams{Provider: k.provider})
	if err != nil {
		return k.failed(err)
	}
	status := k.print(k.format, got, func() error { return k.showTried(got) })
	if status == exitOK && len(got.Rates) == 0 {
		return exitUnread
	}
	return status
}

func (k configCall) showTried(t *oas.Tried) error {
	for _, s := range t.Sources {
		explain(k.Stderr, explanationOf(s))
	}
	var rows [][]string
	for _, r := range t.Rates {
		if r.Change == oas.TriedRateChangeSame {
			continue
		}
		rows = append(rows, []string{string(r.Change), r.Name, orDash(r.ModelID), r.Tier, r.Meter, over(r.MinPromptTokens), orDash(r.InForce), r.Amount})
	}
	for _, r := range t.Missing {
		rows = append(rows, []string{"missing", "-", r.ModelID, r.Tier, r.Meter, over(r.MinPromptTokens), r.Amount, "-"})
	}
	fmt.Fprintf(k.Stderr, "%d prices read, %d lines differ from what is in force; nothing was saved\n", len(t.Rates), len(rows))
	return table(k.Stdout, []string{"CHANGE", "NAME", "MODEL", "TIER", "METER", "FROM TOKENS", "IN FORCE", "READ"}, rows)
}
