package main

import (
	"context"

	"ratecard/adapters/cli"
	"ratecard/adapters/providers"
	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// scrape reads the prices of one page.
func (p program) scrape(ctx context.Context, args []string) int {
	read, err := p.pageReader()
	if err != nil {
		return explain(p.stderr, err)
	}
	return read.Run(ctx, args, p.stdout, p.stderr)
}

// match says which printed name prices which model of a list.
func (p program) match(ctx context.Context, args []string) int {
	read, err := p.pageReader()
	if err != nil {
		return explain(p.stderr, err)
	}
	return cli.Match{Scrape: read, ParseList: providers.ParseList}.Run(ctx, args, p.stdout, p.stderr)
}

// pageReader reads pages by the configured providers' descriptions.
func (p program) pageReader() (cli.Scrape, error) {
	all, err := p.providers()
	if err != nil {
		return cli.Scrape{}, err
	}
	known := world{providers: all}
	return cli.Scrape{
		Reader:        scrape.New(),
		Fetcher:       p.fetcher(nil, p.logger(p.stderr)),
		Provider:      func(id string) (domain.Provider, bool) { return known.provider(domain.ProviderID(id)) },
		ParseScraping: parseScraping,
	}, nil
}
