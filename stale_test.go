package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ratecard/adapters/postgres"
	"ratecard/domain"
)

const promised = domain.UsualStaleAfterHours * time.Hour

// newTwoPageShop has a second page of prices at the same host, to fall back on.
// It is not the host of the shop's API: what is asked for there goes with a key.
func newTwoPageShop(t *testing.T) (*shop, *bench) {
	t.Helper()
	s, b := newShop(t)
	first := b.world.providers[0].Scraping.Sources[0]
	first.URL = strings.Replace(first.URL, "127.0.0.1", "localhost", 1)
	second := first
	second.Name, second.URL = "other", strings.Replace(first.URL, "/pricing.md", "/other.md", 1)
	b.configure(t, domain.Scraping{Sources: []domain.Source{first, second}})
	return s, b
}

type staleness struct{ Since time.Time }

// prices are what the interface answers of the shop's models: amounts and what is
// stale.
type prices struct {
	amounts string
	models  []*staleness
	rates   []*staleness
}

func (a asker) shopPrices(t fataler) prices {
	t.Helper()
	var page struct {
		Items []struct {
			ID      string
			Stale   *staleness
			Pricing []struct{ InputCostPerMillion, OutputCostPerMillion string }
		}
	}
	a.get(t, "/api/models", &page)
	var got prices
	for _, m := range page.Items {
		var one struct {
			Rates []struct {
				Amount        string
				Stale         *staleness
				UnlistedSince *time.Time
			}
		}
		a.get(t, "/api/models/"+m.ID+"/pricing", &one)
		got.amounts += fmt.Sprint(m.ID, m.Pricing, " ")
		got.models = append(got.models, m.Stale)
		for _, r := range one.Rates {
			got.rates = append(got.rates, r.Stale)
			got.amounts += fmt.Sprint(r.Amount, r.UnlistedSince, " ")
		}
	}
	return got
}

// check sees that all of it is stale since an instant, or, where that is zero,
// nothing of it.
func (p prices) check(t fataler, since time.Time) {
	t.Helper()
	if len(p.models) != 2 || len(p.rates) != 4 {
		t.Fatalf("%d models, %d rates", len(p.models), len(p.rates))
	}
	for _, s := range append(p.models, p.rates...) {
		switch {
		case since.IsZero() && s != nil:
			t.Fatalf("stale since %s, want it to be fresh", s.Since)
		case !since.IsZero() && (s == nil || !s.Since.Equal(since)):
			t.Fatalf("stale %+v, want it to be since %s", s, since)
		}
	}
}

// TestProperty28_CacheFallback: whatever the two pages do, the last good prices
// are answered; once neither was read well for longer than promised they are
// marked stale since then, until one is read well again. Readers are told of both
// by a new catalogue version, and of nothing else.
func TestProperty28_CacheFallback(t *testing.T) {
	s, b := newTwoPageShop(t)
	// Each is read well once: half of what was never read cannot be told from all of it.
	s.other.Store(shopPageAs("good"))
	b.run(t)
	s.page.Store(nil)
	b.run(t)
	a, boundaries := b.asker(t), postgres.NewBoundaries(b.store)
	good := a.shopPrices(t)
	good.check(t, time.Time{})
	rates := b.count(t, "rates")
	read := map[string]time.Time{"page": b.lastRead(t, "page"), "other": b.lastRead(t, "other")}
	told := map[string]bool{} // which sources readers were told are stale
	rapid.Check(t, func(rt *rapid.T) {
		b.pass(time.Duration(rapid.IntRange(1, 50*60).Draw(rt, "minutes until the run")) * time.Minute)
		state := func(name string) string {
			return rapid.SampledFrom([]string{"good", "good", "unread", "half", "gone"}).Draw(rt, name)
		}
		page, other := state("page"), state("other")
		s.page.Store(shopPageAs(page))
		s.other.Store(shopPageAs(other))
		if s.turn.Store(nil); rapid.IntRange(0, 3).Draw(rt, "blocked, if 0") == 0 {
			s.turn.Store(&turnAway{status: 403})
			page, other = "blocked", "blocked"
		}
		before := b.version(t)
		run := b.run(t)
		freshened := false
		if i := len(run.Reads) - 1; run.Reads[i].Good {
			source := run.Reads[i].Source
			freshened = told[source]
			read[source], told[source] = run.Reads[i].At, false
			if page != "good" && other != "good" || source == "page" && page != "good" {
				rt.Fatalf("page %s, other %s: %s was read", page, other, source)
			}
		} else if page == "good" || other == "good" {
			rt.Fatalf("page %s, other %s: %+v", page, other, run.Reads)
		}
		failed := !run.Reads[0].Good // which is told of
		if raised := b.version(t) > before; raised != (freshened || failed) {
			rt.Fatalf("the run raised the version: %v, it made something fresh: %v", raised, freshened)
		}

		b.pass(time.Duration(rapid.IntRange(0, 50*60).Draw(rt, "minutes until it is asked")) * time.Minute)
		now := b.world.now()
		confirmed := read["page"] // the other page states the same
		if read["other"].After(confirmed) {
			confirmed = read["other"]
		}
		since := confirmed
		if now.Sub(confirmed) < promised {
			since = time.Time{}
		}
		got := a.shopPrices(rt)
		if got.amounts != good.amounts {
			rt.Fatalf("the prices are %s, want %s", got.amounts, good.amounts)
		}
		got.check(rt, since)
		if n, m := b.count(t, "rates"), b.count(t, "unlisted_rates"); n != rates || m != 0 {
			rt.Fatalf("%d rates, %d before; %d unlisted", n, rates, m)
		}

		moved := false
		for source, at := range read {
			stale := now.Sub(at) >= promised
			moved = moved || stale != told[source]
			told[source] = stale
		}
		for i := range 2 {
			before = b.version(t)
			if n, err := boundaries.Announce(t.Context(), now); n != 0 || err != nil {
				rt.Fatalf("announced %d events, %v", n, err)
			}
			if raised := b.version(t) > before; raised != (moved && i == 0) {
				rt.Fatalf("look %d raised the version: %v, something went stale: %v", i, raised, moved)
			}
		}
	})
}

// shopPageAs is a page in a state; nil: there is none.
func shopPageAs(state string) *string {
	page := shopPage
	switch state {
	case "gone":
		return nil
	case "unread":
		page = "# Prices\n\nAsk us.\n"
	case "half":
		page = strings.NewReplacer("$3 / MTok", "-", "$5 / MTok", "-", "$15 / MTok", "-").Replace(page)
	}
	return &page
}

func (b *bench) version(t testing.TB) (n int64) {
	t.Helper()
	if err := b.store.Pool().QueryRow(t.Context(), "SELECT version FROM catalogue").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (b *bench) lastRead(t testing.TB, source string) (at time.Time) {
	t.Helper()
	if err := b.store.Pool().QueryRow(t.Context(), "SELECT last_good_read FROM sources WHERE name = $1", source).Scan(&at); err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

// TestWhatIsPromisedIsASetting, at once and everywhere; and an answer that can be
// had again does not move with the clock.
func TestWhatIsPromisedIsASetting(t *testing.T) {
	_, b := newShop(t)
	b.run(t)
	a, read := b.asker(t), b.lastRead(t, "page")
	model := "/api/models/acme-large-2"
	b.pass(2 * time.Hour)
	settings := postgres.NewSchedule(b.store)
	for hours, stale := range map[int]bool{1: true, 2: true, 3: false, 0: false} {
		if err := settings.SaveSettings(t.Context(), domain.Settings{StaleAfterHours: hours}, "test", b.world.now()); err != nil {
			t.Fatal(err)
		}
		want := time.Time{}
		if stale {
			want = read
		}
		a.shopPrices(t).check(t, want)
	}
	b.pass(promised)
	at := b.world.now().UTC().Format(time.RFC3339Nano)
	for _, path := range []string{model + "?knownAt=" + at, model + "/pricing?knownAt=" + at, model + "/pricing?at=" + at, "/api/models?at=" + at} {
		var text struct {
			Stale *staleness
			Rates []struct{ Stale *staleness }
			Items []struct{ Stale *staleness }
		}
		a.get(t, path, &text)
		stale := text.Stale
		for _, r := range append(text.Rates, text.Items...) {
			if r.Stale != nil {
				stale = r.Stale
			}
		}
		if stale != nil {
			t.Errorf("%s: stale %+v", path, stale)
		}
	}
}

// TestHealthOfProviders over HTTP, with the age of what each source last said.
func TestHealthOfProviders(t *testing.T) {
	s, b := newShop(t)
	b.world.providers = append(b.world.providers, domain.Provider{ID: "asleep", Name: "Asleep"}, domain.Provider{ID: "young", Name: "Young", Enabled: true})
	a := b.asker(t)
	look := func(health string, age time.Duration, stale bool) {
		t.Helper()
		var list struct {
			Total int
			Items []struct {
				Provider, Health string
				Enabled          bool
				LastListing      *time.Time
				RestsOn          *string
				StaleSince       *time.Time
				Sources          []struct {
					Source       string
					AgeSeconds   *int64
					Stale        bool
					LastGoodRead *time.Time
					StaleSince   *time.Time
				}
			}
		}
		a.get(t, "/api/providers", &list)
		if list.Total != 3 || list.Items[1].Health != "disabled" || list.Items[1].Enabled || list.Items[2].Health != "unknown" {
			t.Fatalf("%+v", list)
		}
		acme := list.Items[0]
		if acme.Health != health {
			t.Errorf("health %s, want %s", acme.Health, health)
		}
		if health == "unknown" {
			if acme.RestsOn != nil || acme.StaleSince != nil {
				t.Errorf("%+v", acme)
			}
			return
		}
		source := acme.Sources[0]
		if acme.RestsOn == nil || *acme.RestsOn != source.Source {
			t.Errorf("it rests on %v, want %s", acme.RestsOn, source.Source)
		}
		for _, since := range []*time.Time{acme.StaleSince, source.StaleSince} {
			if stale != (since != nil) || stale && !since.Equal(*source.LastGoodRead) {
				t.Errorf("stale since %v, want it only if %v", since, stale)
			}
		}
		if acme.LastListing == nil || source.AgeSeconds == nil || time.Duration(*source.AgeSeconds)*time.Second < age || time.Duration(*source.AgeSeconds)*time.Second > age+time.Minute || source.Stale != stale {
			t.Errorf("%+v, want an age of %s and stale %v", acme, age, stale)
		}
	}
	look("unknown", 0, false)
	b.run(t)
	look("healthy", 0, false)
	s.page.Store(shopPageAs("unread"))
	b.pass(time.Hour)
	b.run(t)
	look("degraded", time.Hour, false)
	b.pass(promised - time.Hour)
	look("stale", promised, true)
	s.show(shopPage)
	b.run(t)
	look("healthy", 0, false)
}
