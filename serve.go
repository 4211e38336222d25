package main

import (
	"context"
	"fmt"

	"ratecard/adapters/postgres"
)

// serve answers and keeps the catalogue up to date until it is told to end.
func (p program) serve(ctx context.Context, args []string) int {
	if len(args) > 0 {
		return p.noArguments("serve")
	}
	w, err := realWorld(p.config)
	if err != nil {
		return explain(p.stderr, err)
	}
	s, err := start(ctx, p.config, w, p.stderr)
	if err != nil {
		return explain(p.stderr, err)
	}
	if s.adminKey != "" {
		fmt.Fprintf(p.stdout, "The admin key, shown this once: %s\n", s.adminKey)
	}
	fmt.Fprintf(p.stdout, "ratecard answers at %s\n", s.url())
	if err := s.run(ctx); err != nil {
		return explain(p.stderr, err)
	}
	return exitOK
}

// migrate brings the database's schema up to date and ends.
func (p program) migrate(ctx context.Context, args []string) int {
	if len(args) > 0 {
		return p.noArguments("migrate")
	}
	s := &server{log: p.logger(p.stderr)}
	store, err := s.connect(ctx, p.config)
	if err == nil {
		err = store.Greet(ctx)
	}
	if err == nil {
		err = postgres.Migrate(ctx, store, s.log)
	}
	if stopped := s.stop(ctx); err == nil {
		err = stopped
	}
	if err != nil {
		return explain(p.stderr, err)
	}
	fmt.Fprintln(p.stdout, "the database is up to date")
	return exitOK
}
