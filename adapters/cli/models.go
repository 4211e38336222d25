package cli

import (
	"context"
	"fmt"
	"strings"

	"ratecard/gen/oas"
)

// Models lists models with what they cost: every page of the server's list
// for a table, or one page as it came.
func (c Client) Models(ctx context.Context, args []string) int {
	f := c.flags("models", "[TEXT] [flags]")
	provider := f.String("provider", "", "only of these `providers`, separated by commas")
	class := f.String("classification", "", "only of these `classes`, separated by commas")
	all := f.Bool("all", false, "deprecated models too")
	format := f.String("format", "table", "json or table")
	rest, err := parse(f, args)
	if err != nil {
		return misused(err)
	}
	if len(rest) > 1 {
		fmt.Fprintln(c.Stderr, "ratecard: models takes one text to look for; quote it where it has spaces")
		return exitUsage
	}
	params := oas.ListModelsParams{Limit: oas.NewOptInt(500), Q: optional(strings.Join(rest, "")), Provider: split(*provider)}
	for _, class := range split(*class) {
		params.Classification = append(params.Classification, oas.Classification(class))
	}
	if *all {
		params.Usability = []oas.Usability{oas.UsabilityAvailable, oas.UsabilityPreview, oas.UsabilityDeprecated}
	}
	page, err := c.listModels(ctx, params)
	if err != nil {
		return c.failed(err)
	}
	return c.print(*format, page, func() error { return c.showModels(page.Items) })
}

// listModels walks all pages of a list.
func (c Client) listModels(ctx context.Context, params oas.ListModelsParams) (*oas.ModelPage, error) {
	server, err := c.connect()
	if err != nil {
		return nil, err
	}
	whole := &oas.ModelPage{Items: []oas.Model{}}
	for {
		page, err := server.ListModels(ctx, params)
		if err != nil {
			return nil, err
		}
		whole.Items = append(whole.Items, page.Items...)
		whole.Total, whole.NextCursor = page.Total, page.NextCursor
		if page.NextCursor.Null {
			return whole, nil
		}
		params.Cursor = oas.NewOptString(page.NextCursor.Value)
	}
}

func (c Client) showModels(models []oas.Model) error {
	rows := make([][]string, len(models))
	for i, m := range models {
		input, output := string(m.PricingStatus), ""
		for _, p := range m.Pricing {
			if p.Tier == "standard" && p.Region == "global" && p.MinPromptTokens == 0 {
				input, output = orDash(p.InputCostPerMillion), orDash(p.OutputCostPerMillion)
			}
		}
		rows[i] = []string{m.Provider, m.ID, string(m.Usability), input, output, m.DisplayName}
	}
	return table(c.Stdout, []string{"PROVIDER", "MODEL", "USABILITY", "INPUT $/1M", "OUTPUT $/1M", "NAME"}, rows)
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}
