package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ratecard/adapters/postgres"
	"ratecard/domain"
)

// TestProperty34_Blocking: a site that refuses to serve us, by its status or by a
// riddle for browsers under any status, is left alone for the rest of the run, its
// other page too; it is told of, and the last good prices stay.
func TestProperty34_Blocking(t *testing.T) {
	s, b := newTwoPageShop(t)
	other := shopPage
	s.other.Store(&other)
	b.run(t)
	a, catalogue := b.asker(t), postgres.NewCatalogue(b.store)
	good, rates := a.shopPrices(t), b.count(t, "rates")
	rapid.Check(t, func(rt *rapid.T) {
		away := turnAway{
			status: rapid.SampledFrom([]int{403, 429}).Draw(rt, "status"),
			body:   rapid.SampledFrom([]string{"", "no", shopPage}).Draw(rt, "body"),
		}
		if rapid.Bool().Draw(rt, "a riddle") {
			away.status = rapid.SampledFrom([]int{200, 202, 401, 403, 404, 405, 429, 503, 520}).Draw(rt, "its status")
			if away.header = rapid.SampledFrom([]string{"", "challenge"}).Draw(rt, "its header"); away.header == "" {
				away.body = rapid.SampledFrom([]string{
					"<html><title>Just a moment...</title></html>",
					"<script>window._cf_chl_opt = {cType: 'managed'}</script>",
					`<script src="https://geo.captcha-delivery.com/captcha/?x"></script>`,
					`<div id="px-captcha"></div>`,
					"<script>AwsWafIntegration.saveReferrer()</script>",
				}).Draw(rt, "its body")
				if rapid.Bool().Draw(rt, "before the page") {
					away.body += shopPage
				}
			}
		}
		s.turn.Store(&away)
		s.asked.Store(0)
		b.pass(time.Minute)
		last := lastEvent(t, catalogue)
		run := b.run(t)
		if n := s.asked.Load(); n != 1 {
			rt.Fatalf("the site was asked %d times", n)
		}
		p := step(t, run, domain.StepPricing)
		if run.Outcome != domain.OutcomePartial || p.Outcome != domain.StepFailed || !strings.Contains(p.Error, "other: not asked") {
			rt.Fatalf("%s: %q", run.Outcome, p.Error)
		}
		events, err := catalogue.Events(context.Background(), last, 100)
		if err != nil {
			rt.Fatal(err)
		}
		var told []domain.EventKind
		for _, e := range events {
			if strings.HasPrefix(string(e.Kind), "page.") {
				told = append(told, e.Kind)
				if seen := seenIn(rt, e); seen != away.seen() {
					rt.Fatalf("seen %s, want %s", seen, away.seen())
				}
			}
		}
		if len(told) != 1 || told[0] != domain.EventPageBlocked {
			rt.Fatalf("told %v", told)
		}
		if got := a.shopPrices(rt); got.amounts != good.amounts || b.count(t, "rates") != rates {
			rt.Fatalf("the prices are %s, were %s", got.amounts, good.amounts)
		}
	})
	s.turn.Store(nil)
	b.pass(time.Hour)
	if run := b.run(t); run.Outcome != domain.OutcomeSuccess || run.Counts.PricingUpdated != 0 {
		t.Errorf("served again: %s, %d prices changed", run.Outcome, run.Counts.PricingUpdated)
	}
}

// seen is what is to be told of being turned away so.
func (a turnAway) seen() domain.Sighting {
	switch {
	case a.header != "" || strings.ContainsAny(a.body, "<"):
		return domain.SawChallenge
	case a.status == 403:
		return domain.SawRefusal
	}
	return domain.SawLimit
}

// seenIn is what an event of a page says was seen.
func seenIn(t fataler, e domain.Event) domain.Sighting {
	t.Helper()
	var payload domain.PagePayload
	text, err := json.Marshal(e.Payload)
	if err == nil {
		err = json.Unmarshal(text, &payload)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return payload.Seen
}

// TestMissingPageIsNoRefusal: its host's other page is asked.
func TestMissingPageIsNoRefusal(t *testing.T) {
	s, b := newTwoPageShop(t)
	other := shopPage
	s.other.Store(&other)
	s.page.Store(nil)
	if run := b.run(t); run.Outcome != domain.OutcomeSuccess || len(run.Reads) != 2 || run.Reads[1].Source != "other" || !run.Reads[1].Good {
		t.Errorf("%+v", run.Reads)
	}
}
