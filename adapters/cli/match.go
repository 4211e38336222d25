package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"ratecard/domain"
	"ratecard/domain/match"
)

// Match says which printed name of a price page prices which model of a list,
// with neither server nor database.
type Match struct {
	Scrape
	// ParseList reads one page of the provider's model list.
	ParseList func(domain.Provider, []byte) ([]domain.Model, error)
}

const matchUsage = `Usage: ratecard match PROVIDER --models LIST.json [--models PAGE2.json] --page PAGE [--format json|table]

Says for every model of a list (the API's own answer, page by page) which name
of a price page prices it, and what the pair rests on. A fuzzy pair differs by
typing slips alone and is the only one that it can be; a server prices nothing
by it until somebody pins it.

`

// several is a flag that may be given more than once.
type several []string

func (s *several) String() string     { return strings.Join(*s, ", ") }
func (s *several) Set(v string) error { *s = append(*s, v); return nil }

type pairJSON struct {
	Name string    `json:"name"`
	How  match.How `json:"how"`
}

// Run does the command: 0 when the page states rates, 3 when none could be
// read (no model is priced then), 1 when something failed, 2 when the arguments
// cannot be.
func (m Match) Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var lists several
	var page, config, format string
	flags := newFlags("match", matchUsage, stderr)
	flags.Var(&lists, "models", "a page of the provider's model list, as its API answers; may be repeated")
	flags.StringVar(&page, "page", "", "the price page")
	flags.StringVar(&config, "config", "", "read the page with the scraping configuration in this file")
	flags.StringVar(&format, "format", "json", "print json or table")
	id, status, ok := parseProvider(flags, args)
	switch {
	case !ok:
		return status
	case len(lists) == 0:
		return usageError(flags, "--models is missing")
	case page == "":
		return usageError(flags, "--page is missing")
	case format != "json" && format != "table":
		return usageError(flags, "--format is %q; expected json or table", format)
	}
	models, err := m.models(id, lists)
	if err != nil {
		return fail(stderr, err)
	}
	sources, err := m.sources(id, config, page, "")
	if err != nil {
		return fail(stderr, err)
	}
	reading, err := m.read(ctx, sources, page, "", nil)
	if err != nil && !withoutRates(err) {
		return fail(stderr, err)
	}
	names := make([]string, 0, len(reading.Quotes))
	for _, q := range reading.Quotes {
		names = append(names, q.Name)
	}
	pairs := match.Assign(models, match.Page{Names: names, Aliases: reading.Aliases})
	for _, held := range match.Propose(models, names, pairs, nil) {
		i := slices.IndexFunc(pairs, func(p match.Pair) bool { return p.ModelID == held.ModelID })
		pairs[i] = held
	}
	if err := printPairs(stdout, format, pairs); err != nil {
		return fail(stderr, err)
	}
	if len(names) == 0 {
		if err != nil {
			fail(stderr, err)
		}
		return exitUnread
	}
	return exitOK
}

// models reads the pages of a model list; a model that two of them name comes
// once.
func (m Match) models(id string, lists []string) ([]domain.Model, error) {
	provider, known := m.Provider(id)
	if !known {
		return nil, fmt.Errorf("no provider file describes %q, so its model list cannot be read", id)
	}
	var out []domain.Model
	seen := map[string]bool{}
	for _, path := range lists {
		body, err := readFile(path)
		if err != nil {
			return nil, err
		}
		models, err := m.ParseList(provider, body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, model := range models {
			if !seen[model.ID] {
				seen[model.ID] = true
				out = append(out, model)
			}
		}
	}
	return out, nil
}

func printPairs(w io.Writer, format string, pairs []match.Pair) error {
	if format == "json" {
		out := map[string]*pairJSON{}
		for _, p := range pairs {
			out[p.ModelID] = nil
			if p.Name != "" {
				out[p.ModelID] = &pairJSON{p.Name, p.How}
			}
		}
		return printJSON(w, map[string]any{"pairs": out})
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "MODEL\tPRICED AS\tHOW")
	for _, p := range pairs {
		if p.Name == "" {
			fmt.Fprintf(t, "%s\t-\t-\n", p.ModelID)
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", p.ModelID, p.Name, p.How)
	}
	return t.Flush()
}
