package main

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"ratecard/adapters/demosite"
	"ratecard/adapters/postgres"
	"ratecard/domain"
)

// onPage is what is to become of a sync while a provider's pages are in trouble.
type onPage struct {
	kind  domain.EventKind
	seen  domain.Sighting // empty: as the page, or what is left of it, has it
	asked int             // how often each page is asked for
	slow  bool            // it is asked again after seconds
}

// onPages has every trouble of pages that the site knows.
var onPages = map[string]onPage{
	"challenge":      {domain.EventPageBlocked, domain.SawChallenge, 1, false},
	"challenge-200":  {domain.EventPageBlocked, domain.SawChallenge, 1, false},
	"forbidden":      {domain.EventPageBlocked, domain.SawRefusal, 1, false},
	"limited":        {domain.EventPageBlocked, domain.SawLimit, 1, false},
	"limited-date":   {domain.EventPageBlocked, domain.SawLimit, 1, false},
	"unauthorized":   {domain.EventPageUnread, domain.SawLogin, 1, false},
	"login":          {domain.EventPageUnread, domain.SawLogin, 1, false},
	"login-redirect": {domain.EventPageUnread, domain.SawLogin, 1, false},
	"shell":          {domain.EventPageUnread, domain.SawShell, 1, false},
	"no-figures":     {domain.EventPageUnread, domain.SawNoFigures, 1, false},
	"other-currency": {domain.EventPageUnread, domain.SawOtherMoney, 1, false},
	"half":           {domain.EventPageUnread, domain.SawCutOff, 1, false},
	"cut":            {domain.EventPageUnread, domain.SawCutOff, 4, true},
	"cut-gzip":       {domain.EventPageUnread, domain.SawCutOff, 1, false},
	"bomb":           {domain.EventPageUnread, domain.SawTooMuch, 1, false},
	"error-page":     {domain.EventPageUnread, domain.SawError, 1, false},
	"error-json":     {domain.EventPageUnread, domain.SawError, 1, false},
	"server-error":   {domain.EventPageUnread, domain.SawNoAnswer, 4, true},
	"gone":           {domain.EventPageUnread, domain.SawError, 1, false},
	"empty":          {domain.EventPageUnread, domain.SawNoText, 1, false},
	"garbled":        {domain.EventPageUnread, domain.SawNoText, 1, false},
	"circle":         {domain.EventPageUnread, domain.SawError, 6, false},
	"inward":         {domain.EventPageUnread, domain.SawError, 1, false},
	"silent":         {domain.EventPageUnread, domain.SawNoAnswer, 4, true},
}

// TestPagesInTrouble has each provider's pages misbehave in every way: what was
// seen is told and warned of, nothing that is believed moves, no page is asked for
// more often than it should be, and when it is over all is as it was.
func TestPagesInTrouble(t *testing.T) {
	for _, provider := range []domain.ProviderID{"anthropic", "openai", "google", "xai", "groq"} {
		t.Run(string(provider), func(t *testing.T) {
			t.Parallel()
			h := newHostile(t, provider)
			for _, trouble := range demosite.Troubles() {
				want, known := onPages[trouble.Name]
				if !trouble.List && !known {
					t.Errorf("nobody says what becomes of %q", trouble.Name)
				}
				if known && !want.slow && !h.unfit(trouble.Name) {
					t.Run(trouble.Name, func(t *testing.T) { h.endure(t, trouble.Name, want) })
				}
			}
		})
	}
	for name, want := range onPages {
		if want.slow { // where there is one page to ask for again
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				h := newHostile(t, "groq")
				if name == "silent" {
					h.config.scrapeTimeout = 300 * time.Millisecond
				}
				h.endure(t, name, want)
			})
		}
	}
}

// hostile is a provider whose pages may be in trouble.
type hostile struct {
	*bench
	config config
	log    *lines // of the last sync
	good   string // what is believed
}

func newHostile(t *testing.T, provider domain.ProviderID) *hostile {
	t.Helper()
	h := &hostile{bench: newBench(t), config: config{userAgent: "ratecard/test", scrapeTimeout: 30 * time.Second, syncTimeout: benchTimeout}}
	h.whose = provider
	if provider == "xai" { // its API states prices too, and is not in trouble
		h.setKey("")
	}
	if run := h.run(t); run.Outcome != domain.OutcomeSuccess {
		t.Fatalf("the good pages: %+v", run.Steps)
	}
	h.good = h.believed(t)
	return h
}

// unfit are troubles that pages of a provider cannot be in: those whose data states
// no currency, next to what is shown.
func (h *hostile) unfit(trouble string) bool {
	return trouble == "other-currency" && (h.whose == "openai" || h.whose == "xai")
}

// endure syncs through a trouble, and once more when it is over.
func (h *hostile) endure(t *testing.T, trouble string, want onPage) {
	if err := h.site.Misbehave(h.whose, trouble); err != nil {
		t.Fatal(err)
	}
	before, last := len(h.site.Requests()), lastEvent(t, postgres.NewCatalogue(h.store))
	read := h.sourcesRead(t)
	h.log = &lines{}
	h.sync = newSync(h.config, h.world, h.store, slog.New(slog.NewTextHandler(h.log, nil)))
	run := h.run(t)
	if p := step(t, run, domain.StepPricing); p.Outcome != domain.StepFailed || run.Outcome == domain.OutcomeSuccess {
		t.Errorf("%s, pricing %s: %q", run.Outcome, p.Outcome, p.Error)
	}
	if limited := want.seen == domain.SawLimit; limited != (run.ComeBack.Sub(run.Started) > 50*time.Minute) {
		t.Errorf("it wants to be left alone until %s, it is %s", run.ComeBack, run.Started)
	}
	h.toldOf(t, last, want)
	h.askedFor(t, before, want)
	if now := h.believed(t); now != h.good {
		t.Errorf("believed\n%s\nbefore\n%s", now, h.good)
	}
	if n := h.count(t, "unlisted_rates"); n != 0 {
		t.Errorf("%d rates are no longer listed, says a page that could not be read", n)
	}
	if now := h.sourcesRead(t); now != read {
		t.Errorf("read well %s, before %s", now, read)
	}
	if err := h.site.Misbehave(h.whose, ""); err != nil {
		t.Fatal(err)
	}
	h.pass(time.Minute)
	if run := h.run(t); run.Outcome != domain.OutcomeSuccess || run.Counts.PricingUpdated != 0 || h.believed(t) != h.good || h.sourcesRead(t) == read {
		t.Errorf("when it was over: %s, %d prices changed, read well %s", run.Outcome, run.Counts.PricingUpdated, h.sourcesRead(t))
	}
}

// sourcesRead says when each source was last read well.
func (h *hostile) sourcesRead(t *testing.T) (text string) {
	t.Helper()
	err := h.store.Pool().QueryRow(context.Background(),
		"SELECT string_agg(name || ' ' || last_good_read, ', ' ORDER BY name) FROM sources WHERE last_good_read IS NOT NULL").Scan(&text)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// toldOf looks for what was told and warned of: of each page that was asked for.
func (h *hostile) toldOf(t *testing.T, last int64, want onPage) {
	t.Helper()
	events, err := postgres.NewCatalogue(h.store).Events(context.Background(), last, 100)
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, e := range events {
		if !strings.HasPrefix(string(e.Kind), "page.") {
			continue
		}
		told++
		if seen := seenIn(t, e); e.Kind != want.kind || seen != want.seen || e.Provider != h.whose {
			t.Errorf("%s of %s, seen %s: want %s, %s: %s", e.Kind, e.Provider, seen, want.kind, want.seen, e.Payload)
		}
	}
	if told == 0 || want.kind == domain.EventPageBlocked && told != 1 {
		t.Errorf("told of %d pages", told)
	}
	said := h.log.String()
	for _, part := range []string{"level=WARN", "event=" + string(want.kind), "provider=" + string(h.whose), "seen=" + string(want.seen)} {
		if !strings.Contains(said, part) {
			t.Errorf("the log does not say %s:\n%s", part, said)
		}
	}
}

// askedFor counts the requests for pages.
func (h *hostile) askedFor(t *testing.T, before int, want onPage) {
	t.Helper()
	asked, most := map[string]int{}, 0
	for _, r := range h.site.Requests()[before:] {
		if strings.HasPrefix(r.Path, "/"+string(h.whose)+"/pages/") {
			asked[r.Path]++
		}
	}
	asked["/openai/pages/api/docs/pricing"] -= asked["/openai/pages/docs/pricing"] // which leads there
	for path, n := range asked {
		if most = max(most, n); n <= 0 {
			delete(asked, path)
		}
	}
	if most != want.asked || want.kind == domain.EventPageBlocked && len(asked) != 1 {
		t.Errorf("asked for %v, want each %d times", asked, want.asked)
	}
}

// TestListsInTrouble: whatever its API answers, a provider's models stay as they
// were, and its prices are read; when it is over all is as it was. A list without
// a model is an answer, and believed when it is said again a day later.
func TestListsInTrouble(t *testing.T) {
	for name, says := range map[string]string{
		"key-refused": "key was refused", "list-limited": "asks to wait 1h0m0s", "list-limited-date": "asks to wait ",
		"list-error": "", "list-html": "", "list-empty": "", "list-cut": "broke off",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.run(t)
			models, good := b.count(t, "model_versions"), b.believed(t)
			if err := b.site.Misbehave(b.whose, name); err != nil {
				t.Fatal(err)
			}
			run := b.run(t)
			d, outcome := step(t, run, domain.StepDiscovery), domain.StepFailed
			if name == "list-empty" {
				outcome = domain.StepDone
			}
			if d.Outcome != outcome || !strings.Contains(d.Error, says) {
				t.Errorf("%s, discovery %s %q: %q", run.Outcome, d.Outcome, d.Detail, d.Error)
			}
			if limited := strings.HasPrefix(name, "list-limited"); limited != (run.ComeBack.Sub(run.Started) > 50*time.Minute) {
				t.Errorf("it wants to be left alone until %s, it is %s", run.ComeBack, run.Started)
			}
			if p := step(t, run, domain.StepPricing); p.Outcome != domain.StepDone || b.count(t, "model_versions") != models || b.believed(t) != good {
				t.Errorf("pricing %s: %q; %d versions of models, %d before", p.Outcome, p.Error, b.count(t, "model_versions"), models)
			}
			if err := b.site.Misbehave(b.whose, ""); err != nil {
				t.Fatal(err)
			}
			b.pass(time.Minute)
			if run := b.run(t); run.Outcome != domain.OutcomeSuccess || run.Counts.ModelsUpdated+run.Counts.ModelsDeprecated != 0 || b.count(t, "model_versions") != models {
				t.Errorf("when it was over: %s: %+v", run.Outcome, run.Counts)
			}
		})
	}
}
