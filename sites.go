package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"time"

	"ratecard/adapters/api"
	"ratecard/adapters/demosite"
	"ratecard/adapters/providers"
)

// simulationKey opens nothing but the simulation.
const simulationKey = "the-simulated-providers-key"

// sites serves the simulated providers alone, so that a server with a database
// and settings of its own can be tried against them.
func (p program) sites(ctx context.Context, args []string) int {
	f := flag.NewFlagSet("sites", flag.ContinueOnError)
	f.SetOutput(p.stderr)
	addr := f.String("addr", "127.0.0.1:8090", "where to listen, `HOST:PORT`")
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage
	case f.NArg() > 0:
		fmt.Fprintln(p.stderr, "usage: ratecard sites [--addr HOST:PORT]")
		return exitUsage
	}
	if err := p.serveSites(ctx, *addr); err != nil {
		return explain(p.stderr, err)
	}
	return exitOK
}

func (p program) serveSites(ctx context.Context, addr string) error {
	site := demosite.New(demosite.Config{Key: simulationKey})
	handler, err := siteWithFiles(site)
	if err != nil {
		return err
	}
	listener, err := api.Listen(ctx, addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, sitesHelp, listener.Addr(), site.Days(), simulationKey)
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() }) // pages that were half sent may break off
	defer stopped()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

const sitesHelp = `The simulated providers stand at http://%[1]s, on day 1 of %[2]d. Have a server of yours ask them:

  mkdir -p sites; for p in openai anthropic google xai groq; do curl -so sites/$p.json http://%[1]s/$p/provider.json; done
  export RATECARD_PROVIDERS_DIR=sites RATECARD_ALLOWED_HOSTS=%[1]s
  for p in OPENAI ANTHROPIC GOOGLE XAI GROQ; do export ${p}_API_KEY=%[3]s; done
  ratecard serve

Then move them to another day, change a price, or have one misbehave (/troubles lists how it can), and sync:

  curl -X PUT http://%[1]s/day/2
  curl -X PUT http://%[1]s/anthropic/factor/0.9/claude-opus-4-7
  curl -X PUT http://%[1]s/anthropic/trouble/challenge; curl -X DELETE http://%[1]s/anthropic/trouble
`

// siteWithFiles serves the site and, for every built-in provider, the file that
// describes it as it stands there. The addresses in it are by whichever name the
// site was asked.
func siteWithFiles(site *demosite.Site) (http.Handler, error) {
	builtin, err := providers.BuiltIn()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", site.Handler())
	for _, provider := range builtin {
		mux.HandleFunc("GET /"+string(provider.ID)+"/provider.json", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(site.Provider("http://"+r.Host, provider)) // what fails here is the client's connection
		})
	}
	return mux, nil
}
