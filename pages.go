package main

import (
	"context"
	"net/url"
	"time"

	"ratecard/adapters/cli"
	"ratecard/adapters/fetch/chromium"
	"ratecard/adapters/memory"
	"ratecard/adapters/providers"
	"ratecard/adapters/scrape"
	"ratecard/domain"
	"ratecard/ports"
)

// scrape reads the prices of one page.
func (p program) scrape(ctx context.Context, args []string) int {
	return p.withPages(ctx, func(read cli.Scrape) int { return read.Run(ctx, args, p.stdout, p.stderr) })
}

// match says which printed name prices which model of a list.
func (p program) match(ctx context.Context, args []string) int {
	return p.withPages(ctx, func(read cli.Scrape) int {
		return cli.Match{Scrape: read, ParseList: providers.ParseList}.Run(ctx, args, p.stdout, p.stderr)
	})
}

// withPages lends what reads pages by the configured providers' descriptions. The
// browser that this may have needed is gone when it returns.
func (p program) withPages(ctx context.Context, use func(cli.Scrape) int) int {
	all, err := p.providers()
	if err != nil {
		return explain(p.stderr, err)
	}
	known, log := world{providers: all}, p.logger(p.stderr)
	var browsers []*chromium.Browser
	code := use(cli.Scrape{
		Reader: scrape.New(),
		Fetcher: func(typed string) ports.Fetcher {
			w := world{reach: reachTyped(typed)}
			w.browser = p.browser(w.reach, log)
			browsers = append(browsers, w.browser)
			return p.fetcher(w, memory.NewHosts(time.Now), log)
		},
		Provider:      func(id string) (domain.Provider, bool) { return known.provider(domain.ProviderID(id)) },
		ParseScraping: parseScraping,
	})
	for _, browser := range browsers {
		if err := browser.Stop(context.WithoutCancel(ctx)); err != nil {
			log.Warn("the browser left something behind", "error", err)
		}
	}
	return code
}

// reachTyped is for somebody at the command line, who may reach the host of the
// address that he types: he is on this machine already.
func reachTyped(typed string) domain.Reach {
	var reach domain.Reach
	if u, err := url.Parse(typed); err == nil && u.Host != "" {
		reach, _ = domain.ParseReach(u.Host) // what is no host is refused when it is asked for
	}
	return reach
}
