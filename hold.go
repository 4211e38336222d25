package main

import (
	"context"
	"sync"

	"ratecard/adapters/cached"
	"ratecard/adapters/memory"
	"ratecard/adapters/postgres"
	"ratecard/adapters/valkey"
	"ratecard/ports"
)

// What has to be answered at once is held in memory here, and what replicas can
// take from each other is shared.

// keyring holds the keys, and follows what other replicas do to them.
func (s *server) keyring(ctx context.Context, store *postgres.Store) (*memory.Keyring, error) {
	keys, err := memory.NewKeyring(ctx, postgres.NewKeys(store))
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(context.WithoutCancel(ctx))
	var following sync.WaitGroup
	woken, deaf := postgres.Listen(ctx, store, postgres.KeysChanged, s.log)
	following.Go(func() { keys.Follow(ctx, woken, s.log) })
	s.onStop(func(context.Context) error {
		end()
		<-deaf
		following.Wait()
		return nil
	})
	return keys, nil
}

// share opens the cache: what all replicas share where a Valkey is named, else one
// of this process alone.
func (s *server) share(c config, w world, store *postgres.Store) (cached.Config, error) {
	shared := cached.Config{Cache: memory.NewCache(), Lifetimes: c.lifetimes, Version: version, Database: store.Where(), Now: w.now}
	if c.valkeyURL == "" {
		return shared, nil
	}
	client, err := valkey.Open(c.valkeyURL, s.log)
	if err != nil {
		return shared, err
	}
	s.onStop(func(context.Context) error { client.Close(); return nil })
	shared.Cache = valkey.NewCache(client)
	return shared, nil
}

// hold keeps what is believed now in memory, and follows what others change of it.
func (s *server) hold(ctx context.Context, c config, w world, store *postgres.Store, shared cached.Config) error {
	stored := postgres.NewCatalogue(store)
	var (
		standings ports.Standings = stored
		following sync.WaitGroup
		err       error
	)
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	s.onStop(func(context.Context) error {
		end()
		following.Wait()
		return nil
	})
	if c.valkeyURL != "" { // in this process alone a copy would be one too many
		copies := cached.NewStandings(stored, shared)
		standings = copies
		following.Go(func() { copies.Tend(running) })
	}
	if s.catalogue, err = memory.NewCatalogue(ctx, stored, standings, w.now); err != nil {
		return err
	}
	s.ledger = memory.Ledger{Ledger: postgres.NewLedger(store), Catalogue: s.catalogue}
	woken, deaf := postgres.Listen(running, store, postgres.CatalogueChanged, s.log)
	following.Go(func() { s.catalogue.Follow(running, woken, s.log); <-deaf })
	return nil
}
