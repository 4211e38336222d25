package main

import (
	"log/slog"

	"ratecard/adapters/fetch"
	"ratecard/adapters/fetch/chromium"
	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/ports"
)

// hosts is what is known of the hosts that are fetched from.
type hosts interface {
	ports.Turns
	ports.Robots
}

// fetcher gets bytes for a sync or for a single page.
func (c config) fetcher(w world, known hosts, log *slog.Logger) *fetch.Fetcher {
	return fetch.New(fetch.Config{
		UserAgent: c.userAgent, Timeout: c.scrapeTimeout, Door: c.door(w.reach), Browser: w.browser,
		Turns: known, Robots: known, Delay: c.scrapeDelay, Sleep: w.sleep, Now: w.now, Log: log,
	})
}

// polite gets bytes as one of all replicas, which keep their distance together.
func (c config) polite(w world, store *postgres.Store, log *slog.Logger) *fetch.Fetcher {
	return c.fetcher(w, postgres.NewHosts(store, w.simulated), log)
}

// browser shows pages that scripts build. What it loads comes through the door
// that everything else comes through.
func (c config) browser(reach domain.Reach, log *slog.Logger) *chromium.Browser {
	return chromium.New(chromium.Config{Path: c.chromiumPath, UserAgent: c.userAgent, Door: c.door(reach), Timeout: c.scrapeTimeout, Log: log})
}

// door leads to the public internet, to what the settings name, and to what else
// is named.
func (c config) door(reach domain.Reach) *fetch.Door {
	return fetch.NewDoor(fetch.DoorConfig{Reach: c.reach.And(reach), Outbound: c.outbound})
}
