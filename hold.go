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
func (s *server) keyring(ctx context.Context, c config, store *postgres.Store, shared cached.Config) (*memory.Keyring, error) {
	keys, err := s.firstKeys(ctx, c, store, shared)
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
// of this process alone; and with it who shares the limits.
func (s *server) share(c config, w world, store *postgres.Store) (cached.Config, error) {
	shared := cached.Config{Cache: memory.NewCache(), Lifetimes: c.lifetimes, Version: version, Database: store.Where(), Now: w.now}
	s.leases = memory.Leases{}
	if c.valkeyURL == "" {
		return shared, nil
	}
	client, err := valkey.Open(c.valkeyURL, s.log)
	if err != nil {
		return shared, err
	}
	s.onStop(func(context.Context) error { client.Close(); return nil })
	shared.Cache, s.leases = valkey.NewCache(client), valkey.NewLeases(client)
	return shared, nil
}

// hold keeps what is believed now in memory, and follows what others change of it.
func (s *server) hold(ctx context.Context, c config, w world, store *postgres.Store, shared cached.Config) error {
	stored := postgres.NewCatalogue(store)
	var (
		standings ports.Standings = stored
		copies    *cached.Standings
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
		copies = cached.NewStandings(stored, shared)
		standings = copies
		following.Go(func() { copies.Tend(running) })
	}
	if s.missing != nil {
		copied, since, is := copies.Fallback(ctx, w.ids())
		if !is {
			return s.missing
		}
		s.catalogue = memory.Revive(stored, standings, copied, since, w.now)
	} else if s.catalogue, err = memory.NewCatalogue(ctx, stored, standings, w.now); err != nil {
		return err
	}
	s.ledger = memory.Ledger{Ledger: postgres.NewLedger(store), Catalogue: s.catalogue}
	woken, deaf := postgres.Listen(running, store, postgres.CatalogueChanged, s.log)
	following.Go(func() { quietly(func() { s.catalogue.Follow(running, woken, s.log) }); <-deaf })
	return nil
}

// tellStreams has the API follow the events, for those who follow them there.
func (s *server) tellStreams(ctx context.Context, store *postgres.Store) {
	ctx, end := context.WithCancel(context.WithoutCancel(ctx))
	var following sync.WaitGroup
	woken, deaf := postgres.Listen(ctx, store, postgres.EventsWritten, s.log)
	following.Go(func() { s.api.FollowEvents(ctx, woken); <-deaf })
	s.onStop(func(context.Context) error {
		end()
		following.Wait()
		return nil
	})
}

// firstKeys are the keys that are held from the start.
func (s *server) firstKeys(ctx context.Context, c config, store *postgres.Store, shared cached.Config) (*memory.Keyring, error) {
	stored := postgres.NewKeys(store)
	if c.valkeyURL == "" {
		return memory.NewKeyring(ctx, stored)
	}
	copied := cached.NewKeys(stored, shared)
	if s.missing == nil {
		return memory.NewKeyring(ctx, copied)
	}
	list, is := copied.Fallback(ctx)
	if !is {
		return nil, s.missing
	}
	return memory.ReviveKeyring(copied, list), nil
}
