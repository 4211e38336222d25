package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ratecard/gen/oas"
)

// checkup is what a doctor found, as it is printed.
type checkup struct {
	Server    string               `json:"server"`
	Version   string               `json:"version"`
	Status    string               `json:"status"` // ok, or stale while the database is away
	Providers []oas.ProviderHealth `json:"providers"`
	Keys      map[string]keyHeld   `json:"keys,omitempty"`    // of the providers that want one; absent without an admin key
	Sources   []sourceCheckup      `json:"sources,omitempty"` // as they are now; absent where they were not asked
	Faults    []string             `json:"faults"`            // what somebody ought to look at
}

// keyHeld says whether the server's environment holds a key.
type keyHeld struct {
	Variable string `json:"variable"`
	Held     bool   `json:"held"`
}

// sourceCheckup is how one source was read a moment ago, and how that compares
// with what is in force.
type sourceCheckup struct {
	Provider  string   `json:"provider"`
	Source    string   `json:"source"`
	URL       string   `json:"url"`
	Reader    string   `json:"reader,omitempty"` // that read the most; empty: none did
	Rates     int      `json:"rates"`
	Same      int      `json:"same"`
	New       int      `json:"new"`
	Changed   int      `json:"changed"`
	NotNow    int      `json:"notNow"`    // for another time
	Unmatched int      `json:"unmatched"` // of names that no model answers to
	Missing   int      `json:"missing"`   // in force, and not stated
	Seen      string   `json:"seen,omitempty"`
	Error     string   `json:"error,omitempty"`
	Warnings  []string `json:"warnings,omitempty"`
}

// MarshalJSON makes what is printed of what is known.
func (c *checkup) MarshalJSON() ([]byte, error) {
	type plain checkup
	return json.Marshal((*plain)(c))
}

// Doctor says what somebody ought to look at: of the server, and of each enabled
// provider. With --live the server asks every source of prices once, as politely
// as a sync, and writes nothing. It fails where there is anything to look at.
func (c Client) Doctor(ctx context.Context, args []string) int {
	f := c.flags("doctor", "[--live] [flags]")
	live := f.Bool("live", false, "ask every source of prices of every enabled provider once; needs an admin key")
	provider := f.String("provider", "", "look at this provider alone")
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
	d := doctor{Client: c, server: server, live: *live, found: checkup{Server: c.URL, Faults: []string{}}}
	if err := d.examine(ctx, *provider); err != nil {
		return c.failed(err)
	}
	if *live {
		if err := d.askSources(ctx); err != nil {
			return c.failed(err)
		}
	}
	status := c.print(*format, &d.found, d.show)
	if status == exitOK && len(d.found.Faults) > 0 {
		return exitFailed
	}
	return status
}

// doctor is one checkup.
type doctor struct {
	Client
	server *oas.Client
	live   bool
	found  checkup
}

func (d *doctor) fault(format string, args ...any) {
	d.found.Faults = append(d.found.Faults, fmt.Sprintf(format, args...))
}

// examine asks the server what it knows of itself and of the providers.
func (d *doctor) examine(ctx context.Context, only string) error {
	asking, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	health, err := d.server.GetReadiness(asking)
	if err != nil {
		return err
	}
	d.found.Version, d.found.Status = health.Version, string(health.Status)
	if !health.StaleSince.Null {
		d.fault("the database is away since %s", stamp(health.StaleSince.Value))
	}
	all, err := d.server.ListProviders(ctx)
	if err != nil {
		return err
	}
	for _, p := range all.Items {
		if only == "" && p.Enabled || only == p.Provider {
			d.found.Providers = append(d.found.Providers, p)
			d.judge(p)
		}
	}
	if only != "" && d.found.Providers == nil {
		return fmt.Errorf("no provider %q is described; `ratecard providers` lists them", only)
	}
	return d.askKeys(ctx)
}

// judge names what is wrong with a provider by what its last syncs were.
func (d *doctor) judge(p oas.ProviderHealth) {
	switch p.Health {
	case oas.ProviderHealthHealthUnknown:
		d.fault("%s: was never synced", p.Provider)
	case oas.ProviderHealthHealthStale:
		d.fault("%s: its prices are stale: none of its sources was read well since %s", p.Provider, until(p.StaleSince))
	case oas.ProviderHealthHealthFailing:
		d.fault("%s: the last sync failed", p.Provider)
	case oas.ProviderHealthHealthDegraded:
		d.fault("%s: a part of the last sync failed", p.Provider)
	case oas.ProviderHealthHealthDisabled, oas.ProviderHealthHealthHealthy:
	}
	for _, s := range p.Sources {
		if !s.LastError.Null && !d.live { // else it is seen how it is now
			d.fault("%s: %s: %s", p.Provider, s.Source, s.LastError.Value)
		}
	}
}

// askKeys asks which keys of providers the server holds. Whoever may only read
// is not told. A key that is not set is no fault: the public pages stand in.
func (d *doctor) askKeys(ctx context.Context) error {
	all, err := d.server.ListDescribedProviders(ctx)
	var problem *oas.ProblemStatusCodeWithHeaders
	if errors.As(err, &problem) && (problem.StatusCode == http.StatusForbidden || problem.StatusCode == http.StatusUnauthorized) {
		return nil
	}
	if err != nil {
		return err
	}
	d.found.Keys = map[string]keyHeld{}
	for _, p := range all.Items {
		looked := slices.ContainsFunc(d.found.Providers, func(h oas.ProviderHealth) bool { return h.Provider == p.Provider })
		if looked && !p.KeyEnv.Null {
			d.found.Keys[p.Provider] = keyHeld{p.KeyEnv.Value, p.KeyHeld}
		}
	}
	return nil
}

// askSources has every source of prices asked and read, one after another.
func (d *doctor) askSources(ctx context.Context) error {
	for _, p := range d.found.Providers {
		config, err := d.server.GetScrapingConfig(ctx, oas.GetScrapingConfigParams{Provider: p.Provider})
		if err != nil {
			return err
		}
		var described struct {
			Sources []struct {
				Name string `json:"name"`
			} `json:"sources"`
		}
		if err := json.Unmarshal(config.Config, &described); err != nil {
			return fmt.Errorf("the scraping configuration of %s: %w", p.Provider, err)
		}
		for _, s := range described.Sources {
			if err := d.askSource(ctx, p.Provider, s.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *doctor) askSource(ctx context.Context, provider, source string) error {
	fmt.Fprintf(d.Stderr, "asking %s: %s\n", provider, source)
	tried, err := d.server.TryScrapingConfig(ctx,
		oas.NewOptScrapingTry(oas.ScrapingTry{Config: oas.AnyJSON("null"), Source: oas.NewOptString(source)}),
		oas.TryScrapingConfigParams{Provider: provider})
	if err != nil {
		return err
	}
	found := sourceCheckup{Provider: provider, Source: source, Rates: len(tried.Rates), Missing: len(tried.Missing)}
	for _, s := range tried.Sources { // the one
		found.URL, found.Seen, found.Error, found.Warnings = s.URL, s.Seen.Value, s.Error.Value, s.Warnings
		found.Reader = best(s.Findings)
	}
	for _, r := range tried.Rates {
		switch r.Change {
		case oas.TriedRateChangeSame:
			found.Same++
		case oas.TriedRateChangeNew:
			found.New++
		case oas.TriedRateChangeChanged:
			found.Changed++
		case oas.TriedRateChangeUnmatched:
			found.Unmatched++
		case oas.TriedRateChangeNotNow:
			found.NotNow++
		}
	}
	if found.Error != "" {
		d.fault("%s: %s, now: %s", provider, source, found.Error)
	}
	d.found.Sources = append(d.found.Sources, found)
	return nil
}

// best is the reader that read the most.
func best(findings []oas.Finding) (reader string) {
	most := 0
	for _, f := range findings {
		if f.Quotes > most {
			reader, most = f.Reader, f.Quotes
		}
	}
	return reader
}

func (d *doctor) show() error {
	fmt.Fprintf(d.Stdout, "%s: %s, version %s\n\n", d.found.Server, d.found.Status, d.found.Version)
	rows := make([][]string, len(d.found.Providers))
	for i, p := range d.found.Providers {
		rows[i] = []string{p.Provider, string(p.Health), until(p.LastSync), orDash(p.RestsOn), modelsRestOn(p.Models), d.keyOf(p.Provider)}
	}
	if err := table(d.Stdout, []string{"PROVIDER", "HEALTH", "LAST SYNC", "PRICES REST ON", "MODELS REST ON", "KEY"}, rows); err != nil {
		return err
	}
	if d.found.Sources != nil {
		fmt.Fprintln(d.Stdout)
		if err := d.showSources(); err != nil {
			return err
		}
	}
	if len(d.found.Faults) == 0 {
		fmt.Fprintln(d.Stdout, "\nnothing to look at")
		return nil
	}
	fmt.Fprintln(d.Stdout, "\nto look at:")
	for _, f := range d.found.Faults {
		fmt.Fprintln(d.Stdout, " ", shortened(f))
	}
	return nil
}

// longestFault is how many characters of a fault stand in a list for people; how
// each reader fared is in the JSON and in `ratecard configs PROVIDER try`.
const longestFault = 240

func shortened(text string) string {
	if runes := []rune(text); len(runes) > longestFault {
		return string(runes[:longestFault]) + " …"
	}
	return text
}

func (d *doctor) showSources() error {
	rows := make([][]string, len(d.found.Sources))
	for i, s := range d.found.Sources {
		outcome := "read by " + s.Reader
		switch {
		case s.Seen != "":
			outcome = s.Seen
		case s.Error != "":
			outcome = "failed"
		}
		rows[i] = []string{s.Provider, s.Source, outcome}
		for _, n := range []int{s.Rates, s.Same, s.Changed, s.New, s.NotNow, s.Unmatched, s.Missing} {
			rows[i] = append(rows[i], strconv.Itoa(n))
		}
	}
	return table(d.Stdout, []string{"PROVIDER", "SOURCE", "NOW", "RATES", "AS IN FORCE", "CHANGED", "NEW", "FOR ANOTHER TIME", "WITHOUT A MODEL", "NOT STATED"}, rows)
}

func (d *doctor) keyOf(provider string) string {
	switch key, wanted := d.found.Keys[provider]; {
	case d.found.Keys == nil:
		return "?" // only an administrator is told
	case !wanted:
		return "-"
	case !key.Held:
		return key.Variable + " (not set)"
	default:
		return key.Variable
	}
}

func modelsRestOn(sources []oas.ModelSource) string {
	if len(sources) == 0 {
		return "-"
	}
	told := make([]string, len(sources))
	for i, s := range sources {
		told[i] = fmt.Sprintf("%s (%d)", s.Source, s.Models)
	}
	return strings.Join(told, ", ")
}
