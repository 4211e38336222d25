// Command ratecard knows which AI models each provider sells and what every
// one of them costs, keeps that history exactly, can prove each figure, and
// serves it.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"text/tabwriter"

	"ratecard/adapters/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// command is a subcommand.
type command struct {
	name, summary string
	run           func(p program, ctx context.Context, args []string) int
}

func commands() []command {
	return []command{
		{"serve", "serve the catalogue and keep it up to date", program.serve},
		{"demo", "the same against simulated providers, with nothing set up", program.demo},
		{"sites", "serve the simulated providers alone, for a server of yours to ask", program.sites},
		{"migrate", "bring the database's schema up to date and end", program.migrate},
		{"health", "say whether a server can answer; fails where it cannot", client(cli.Client.Health)},
		{"sync", "have a server look for news now", client(cli.Client.Sync)},
		{"models", "list models with what they cost", client(cli.Client.Models)},
		{"history", "show what a model cost, costs and will cost", client(cli.Client.History)},
		{"cost", "price a usage, as it was at an instant", client(cli.Client.Cost)},
		{"replay", "read stored pages again and show what was believed wrongly", client(cli.Client.Replay)},
		{"rates", "list, enter and end manual rates", client(cli.Client.Rates)},
		{"adjust", "list, enter and end discounts and mark-ups on list prices", client(cli.Client.Adjust)},
		{"import", "put price lists of another catalogue on record", client(cli.Client.Import)},
		{"export", "write the catalogue in the format of another tool", client(cli.Client.Export)},
		{"unmatched", "list models without a price and printed names without a model", client(cli.Client.Unmatched)},
		{"pin", "make a printed name the price of a model, list and release such rulings", client(cli.Client.Pin)},
		{"forbid", "keep a printed name from pricing a model", client(cli.Client.Forbid)},
		{"providers", "list and describe providers, take one into or out of every sync", client(cli.Client.Providers)},
		{"configs", "show, try, change and roll back how a provider's pages are read", client(cli.Client.Configs)},
		{"doctor", "say what somebody ought to look at; with --live, how every source is read now", client(cli.Client.Doctor)},
		{"held", "list changes that are not believed yet, approve and reject them", client(cli.Client.Held)},
		{"keys", "list, make, rotate and revoke API keys", client(cli.Client.Keys)},
		{"audit", "show what administrators did", client(cli.Client.Audit)},
		{"scrape", "read the prices of one page, with neither server nor database", program.scrape},
		{"match", "say which printed name prices which model of a list", program.match},
		{"version", "print the version", program.version},
	}
}

// run does one command and gives its exit status.
func run(ctx context.Context, args []string, env environment, stdout, stderr io.Writer) int {
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		usage(stdout)
		return exitOK
	}
	i := slices.IndexFunc(commands(), func(c command) bool { return c.name == args[0] })
	if i < 0 {
		fmt.Fprintf(stderr, "ratecard: there is no command %q\n\n", args[0])
		usage(stderr)
		return exitUsage
	}
	c, err := readConfig(env)
	if err != nil {
		return explain(stderr, err)
	}
	return commands()[i].run(program{c, stdout, stderr}, ctx, args[1:])
}

func usage(w io.Writer) {
	fmt.Fprint(w, "ratecard: what AI models cost, with history and proof\n\nusage: ratecard COMMAND [flags]\n\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range commands() {
		fmt.Fprintf(t, "  %s\t%s\n", c.name, c.summary)
	}
	_ = t.Flush() // writes to w, whose failures nobody could be told of
}

// client makes a command of one that asks a running server.
func client(do func(cli.Client, context.Context, []string) int) func(program, context.Context, []string) int {
	return func(p program, ctx context.Context, args []string) int {
		return do(cli.Client{URL: p.serverURL, Key: p.serverKey, Stdout: p.stdout, Stderr: p.stderr}, ctx, args)
	}
}

func (p program) version(context.Context, []string) int {
	fmt.Fprintln(p.stdout, "ratecard", version)
	return exitOK
}
