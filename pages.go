package main

import (
	"context"
	"net/url"

	"ratecard/adapters/cli"
	"ratecard/adapters/providers"
	"ratecard/adapters/scrape"
	"ratecard/domain"
	"ratecard/ports"
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
		Fetcher:       p.reaching,
		Provider:      func(id string) (domain.Provider, bool) { return known.provider(domain.ProviderID(id)) },
		ParseScraping: parseScraping,
	}, nil
}

// reaching fetches for somebody at the command line, who may reach the host of
// the address that he types: he is on this machine already.
func (p program) reaching(typed string) ports.Fetcher {
	var reach domain.Reach
	if u, err := url.Parse(typed); err == nil && u.Host != "" {
		reach, _ = domain.ParseReach(u.Host) // what is no host is refused when it is asked for
	}
	return p.fetcher(reach, nil, p.logger(p.stderr))
}
