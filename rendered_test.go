package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ratecard/adapters/demosite"
	"ratecard/adapters/fetch/chromium"
	"ratecard/adapters/postgres"
	"ratecard/domain"
)

// TestPageThatScriptsBuild: a page without a price until its scripts ran is asked
// for once as it is served and once by a browser, and its prices rest on what that
// showed. Without a browser its last good prices stay, and the run says why.
func TestPageThatScriptsBuild(t *testing.T) {
	if _, err := chromium.Find(""); err != nil {
		t.Skip(err)
	}
	_, b := newShop(t)
	var asked atomic.Int32
	pages := demosite.Scripted()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/fetched" {
			asked.Add(1)
		}
		pages.ServeHTTP(w, r)
	}))
	t.Cleanup(site.Close)
	b.world.providers[0].Scraping.Sources[0].URL = site.URL + "/fetched"
	quiet := slog.New(slog.DiscardHandler)
	c := config{userAgent: "ratecard/test", scrapeTimeout: time.Minute, syncTimeout: benchTimeout}
	b.world.browser = c.browser(b.world.reach, quiet)
	t.Cleanup(func() {
		if err := b.world.browser.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	b.open(t)

	run := b.run(t)
	if detail := step(t, run, domain.StepPricing).Detail; run.Outcome != domain.OutcomeSuccess || !strings.Contains(detail, "as a browser shows it") {
		t.Fatalf("%s: %+v", run.Outcome, run.Steps)
	}
	if n := asked.Load(); n != 2 || len(run.Reads) != 1 || run.Reads[0].Strategy != "browser+tables" {
		t.Errorf("it was asked for %d times, and read so: %+v", n, run.Reads)
	}
	page, err := postgres.NewPages(b.store).Page(context.Background(), run.Reads[0].PageID)
	if err != nil || !strings.Contains(string(page.Body), "<td>$15 / MTok</td>") || strings.Contains(string(page.Body), `"root">Loading`) {
		t.Errorf("the prices rest on %q, %v", page.Body, err)
	}
	a := b.asker(t)
	good := a.shopPrices(t)
	if !strings.Contains(good.amounts, "15") {
		t.Errorf("the prices are %s", good.amounts)
	}

	without := b.world
	without.browser = config{chromiumPath: "/nowhere/chromium"}.browser(without.reach, quiet)
	b.sync = newSync(c, without, b.store, quiet)
	b.pass(time.Hour)
	run = b.run(t)
	if why := step(t, run, domain.StepPricing).Error; run.Outcome != domain.OutcomePartial || !strings.Contains(why, "no Chromium was found") {
		t.Errorf("without a browser: %s: %q", run.Outcome, why)
	}
	if got := a.shopPrices(t); got.amounts != good.amounts {
		t.Errorf("the prices are %s, were %s", got.amounts, good.amounts)
	}
}
