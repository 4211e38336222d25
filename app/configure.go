package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// ConfigureConfig is what changing and trying scraping configurations needs.
type ConfigureConfig struct {
	Providers *Providers
	// Parse reads and checks a configuration in either of its forms; KindInvalid
	// names every field that cannot be, by its path.
	Parse   func([]byte) (domain.Scraping, error)
	Configs ports.Configs
	Fetcher ports.Fetcher
	Pages   ports.Pages
	Reader  ports.Explainer
	Ledger  ports.Ledger
	Now     func() time.Time
	Reach   domain.Reach // what may be fetched from
}

// Configure changes and tries scraping configurations.
type Configure struct{ ConfigureConfig }

// NewConfigure makes a Configure.
func NewConfigure(c ConfigureConfig) *Configure { return &Configure{c} }

// Configuration is the version in force beside the default of this release.
type Configuration struct {
	domain.ScrapingVersion
	Default     domain.Scraping // without sources where the provider has none
	Differences []ConfigDifference
}

// ConfigDifference is a field that the version in force sets otherwise than the
// default does.
type ConfigDifference struct {
	Path    string
	Active  json.RawMessage // nil: not there
	Default json.RawMessage // nil: not there
}

// Active gives the version in force; KindNotFound for a provider that nothing
// describes and for one without a configuration.
func (c *Configure) Active(ctx context.Context, provider domain.ProviderID) (Configuration, error) {
	p, err := c.Providers.Provider(ctx, provider)
	if err != nil {
		return Configuration{}, err
	}
	active, err := c.Configs.Active(ctx, provider)
	if err != nil {
		return Configuration{}, err
	}
	out := Configuration{ScrapingVersion: active, Default: p.Scraping}
	out.Differences, err = differences(active.Scraping, p.Scraping)
	return out, err
}

// NewConfiguration asks for a configuration to be put in force.
type NewConfiguration struct {
	Provider domain.ProviderID
	Config   []byte // JSON, in either form
	Seen     int    // the version that the author saw in force; 0: none
	By       string
}

// SavedConfiguration is a version that was put in force, and what in it can do
// nothing with the pages as they last came, by its path.
type SavedConfiguration struct {
	domain.ScrapingVersion
	Misfits []domain.FieldError
}

// Put checks a configuration and puts it in force for the very next scrape, on
// every replica. One that cannot be is refused as Parse does, and so is one with
// a source none of whose readers fits its page; the one in force stays. See
// ports.Configs for what a repeat and a race come to.
func (c *Configure) Put(ctx context.Context, want NewConfiguration) (SavedConfiguration, error) {
	if _, err := c.Providers.Provider(ctx, want.Provider); err != nil {
		return SavedConfiguration{}, err
	}
	scraping, err := c.parse(want.Config)
	if err != nil {
		return SavedConfiguration{}, err
	}
	return c.save(ctx, domain.ScrapingVersion{
		Provider: want.Provider, Version: want.Seen, Scraping: scraping, Author: want.By, At: domain.Instant(c.Now()),
	})
}

func (c *Configure) save(ctx context.Context, version domain.ScrapingVersion) (SavedConfiguration, error) {
	misfits, err := fitting{c.Configs, c.Pages, c.Reader}.misfits(ctx, version.Provider, version.Scraping)
	if err != nil {
		return SavedConfiguration{}, err
	}
	saved, err := c.Configs.Save(ctx, version)
	return SavedConfiguration{saved, misfits}, err
}

// RollBack puts an earlier version in force again, as a new version. It is
// checked as a new one is: what this release can no longer read with is refused.
func (c *Configure) RollBack(ctx context.Context, provider domain.ProviderID, to, seen int, by string) (SavedConfiguration, error) {
	if _, err := c.Providers.Provider(ctx, provider); err != nil {
		return SavedConfiguration{}, err
	}
	earlier, err := c.Configs.Version(ctx, provider, to)
	if err != nil {
		return SavedConfiguration{}, err
	}
	text, err := json.Marshal(earlier.Scraping)
	if err != nil {
		return SavedConfiguration{}, err
	}
	if _, err := c.parse(text); err != nil {
		return SavedConfiguration{}, err
	}
	return c.save(ctx, domain.ScrapingVersion{
		Provider: provider, Version: seen, Scraping: earlier.Scraping, Author: by, At: domain.Instant(c.Now()), Restores: to,
	})
}

// parse reads a configuration and refuses addresses that would never be fetched.
func (c *Configure) parse(text []byte) (domain.Scraping, error) {
	scraping, err := c.Parse(text)
	if err != nil {
		return domain.Scraping{}, err
	}
	var f faults
	for i, source := range scraping.Sources {
		f.reach(fmt.Sprintf("sources[%d].url", i), source.URL, c.Reach)
	}
	return scraping, f.err("invalid scraping configuration")
}

// reach refuses an address that would never be fetched.
func (f *faults) reach(path, address string, reach domain.Reach) {
	u, err := url.Parse(address)
	if err == nil {
		err = reach.Check(u)
	}
	if err != nil {
		f.add(path, "%s", err.Error())
	}
}

// differences compares two configurations field by field.
func differences(active, standard domain.Scraping) ([]ConfigDifference, error) {
	a, err := generic(active)
	if err != nil {
		return nil, err
	}
	b, err := generic(standard)
	if err != nil {
		return nil, err
	}
	var found []ConfigDifference
	return found, compare("", a, b, &found)
}

func generic(v any) (any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out any
	return out, d.Decode(&out)
}

// compare notes where two values part. A nil stands for a field that is absent.
func compare(path string, a, b any, found *[]ConfigDifference) error {
	mine, isObject := a.(map[string]any)
	theirs, bothObjects := b.(map[string]any)
	if isObject && bothObjects {
		for _, name := range slices.Compact(slices.Sorted(keysOf(mine, theirs))) {
			if err := compare(strings.TrimPrefix(path+"."+name, "."), mine[name], theirs[name], found); err != nil {
				return err
			}
		}
		return nil
	}
	ours, isList := a.([]any)
	others, bothLists := b.([]any)
	if isList && bothLists {
		for i := range max(len(ours), len(others)) {
			if err := compare(fmt.Sprintf("%s[%d]", path, i), item(ours, i), item(others, i), found); err != nil {
				return err
			}
		}
		return nil
	}
	left, err := raw(a)
	if err != nil {
		return err
	}
	right, err := raw(b)
	if err == nil && !bytes.Equal(left, right) {
		*found = append(*found, ConfigDifference{Path: path, Active: left, Default: right})
	}
	return err
}

func keysOf(a, b map[string]any) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, m := range []map[string]any{a, b} {
			for name := range maps.Keys(m) {
				if !yield(name) {
					return
				}
			}
		}
	}
}

func item(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

func raw(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	return json.Marshal(v)
}
