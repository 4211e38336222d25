package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"ratecard/adapters/postgres"
	"ratecard/app"
	"ratecard/domain"
	"ratecard/ports"
)

const (
	haiku     = "claude-haiku-4-5-20251001"
	haikuRow  = "| Claude Haiku 4.5 | $1 / MTok | $1.25 / MTok | $2 / MTok | $0.10 / MTok | $5 / MTok |"
	haikuCell = "| Claude Haiku 4.5 | $1 / MTok | $1.25 / MTok | $2 / MTok | $0.10 / MTok | $%s / MTok |"
)

// misprint lets Anthropic's pages print other things than they do: what is to
// be replaced, by path.
func (b *bench) misprint(prints map[string][2]string) {
	answer := answers(func(w http.ResponseWriter, r *http.Request) bool {
		for suffix, change := range prints {
			if strings.HasSuffix(r.URL.Path, suffix) {
				page := httptest.NewRecorder()
				b.site.Handler().ServeHTTP(page, r)
				w.Header().Set("Content-Type", page.Header().Get("Content-Type"))
				_, _ = w.Write([]byte(strings.ReplaceAll(page.Body.String(), change[0], change[1])))
				return true
			}
		}
		return false
	})
	b.ahead.Store(&answer)
}

const (
	markdownPage = "/about-claude/pricing.md"
	webPage      = "/about-claude/pricing"
)

// prints lets the Markdown page state Haiku's output price, and the web page
// nothing but what it does.
func (b *bench) prints(amount string) {
	b.misprint(map[string][2]string{markdownPage: {haikuRow, fmt.Sprintf(haikuCell, amount)}})
}

func (b *bench) held(t testing.TB, state domain.HeldState) []domain.HeldChange {
	t.Helper()
	page, err := postgres.NewHeld(b.store).List(context.Background(), ports.HeldQuery{State: state, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return page.Changes
}

func (b *bench) output(t testing.TB) string {
	t.Helper()
	for _, r := range b.model(t, haiku).Rates {
		if r.Tier == domain.TierStandard && r.Meter == domain.MeterOutput {
			return r.Amount.String()
		}
	}
	return "none"
}

func (b *bench) decide(id int64, approve bool, by string) (domain.HeldChange, error) {
	return app.Decide(context.Background(), postgres.NewLedger(b.store), postgres.NewHeld(b.store),
		app.Decision{ID: id, Approve: approve, Reason: "asked the provider", By: by}, b.world.now())
}

func (b *bench) recheck(t testing.TB) {
	t.Helper()
	provider, _ := b.world.provider(b.whose)
	if err := app.NewRecheck(b.sync, postgres.NewHeld(b.store)).Run(context.Background(), provider); err != nil {
		t.Fatal(err)
	}
}

// misprinted is a bench whose Markdown page has lost a digit of one price.
func misprinted(t testing.TB) (*bench, domain.HeldChange) {
	t.Helper()
	b := newBench(t)
	b.run(t)
	b.pass(time.Hour)
	b.prints("2")
	run := b.run(t)
	held := b.held(t, domain.HeldOpen)
	if len(held) != 1 || run.Held != 1 || run.Outcome != domain.OutcomeSuccess {
		t.Fatalf("%s, %d changes held: %+v", run.Outcome, run.Held, held)
	}
	return b, held[0]
}

// replaysTheSame sees that reading everything again undoes no decision.
func (b *bench) replaysTheSame(t testing.TB) {
	t.Helper()
	again, err := newReplay(config{}, b.world, b.store).Run(context.Background(), b.whose, false)
	if err != nil || len(again.Differences) > 0 || again.Reads == 0 {
		t.Errorf("a replay of %d reads shows %+v, %v", again.Reads, again.Differences, err)
	}
}

func (b *bench) kinds(t testing.TB) map[string]int {
	t.Helper()
	told := map[string]int{}
	rows, err := b.store.Pool().Query(context.Background(), "SELECT kind, count(*) FROM events WHERE kind LIKE 'change.%' GROUP BY kind")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind string
		var n int
		if err := rows.Scan(&kind, &n); err != nil {
			t.Fatal(err)
		}
		told[kind] = n
	}
	return told
}

// TestHeldUntilAnotherSourceAgrees: a price that moves alone is held, shown,
// told of; no repetition releases it, nor another source that states the old
// price; one that states the new one does, from when it was first seen.
func TestHeldUntilAnotherSourceAgrees(t *testing.T) {
	b, h := misprinted(t)
	ask := b.asker(t)
	if h.Old.String() != "5" || h.New.String() != "2" || len(h.Doubts) != 2 || h.Doubts[1].Code != domain.DoubtLone || h.Source != "pricing-md" || h.OldProof == 0 || h.NewProof == 0 {
		t.Errorf("held: %+v", h)
	}
	var model struct {
		HeldChange *struct {
			ID      int64
			Amount  string
			Since   time.Time
			Reasons []domain.Doubt
		}
	}
	ask.get(t, "/api/models/"+haiku, &model)
	if model.HeldChange == nil || model.HeldChange.Amount != "2" || model.HeldChange.ID != h.ID || len(model.HeldChange.Reasons) == 0 || !model.HeldChange.Since.Equal(h.Since) {
		t.Errorf("the model shows %+v", model.HeldChange)
	}
	var pricing struct {
		Rates []struct {
			Tier, Meter, Amount string
			HeldChange          *struct{ Amount string }
		}
	}
	ask.get(t, "/api/models/"+haiku+"/pricing", &pricing)
	for _, r := range pricing.Rates {
		is := r.Tier == "standard" && r.Meter == "output"
		if is && (r.Amount != "5" || r.HeldChange == nil || r.HeldChange.Amount != "2") || !is && r.HeldChange != nil {
			t.Errorf("the rate shows %+v", r)
		}
	}
	rows := b.count(t, "held_changes")
	for range 3 {
		b.pass(time.Hour)
		b.run(t)
	}
	if n := b.count(t, "held_changes"); n != rows || b.output(t) != "5" || len(b.held(t, domain.HeldOpen)) != 1 {
		t.Fatalf("after saying it again: %d held changes, output %s", n, b.output(t))
	}
	b.pass(time.Minute)
	b.recheck(t)
	left := b.held(t, domain.HeldOpen)
	if len(left) != 1 || b.output(t) != "5" || len(left[0].Looks) != 1 || left[0].Looks[0] != (domain.Look{Source: "pricing-html", Amount: "5"}) {
		t.Fatalf("after another source said otherwise: %+v, output %s", left, b.output(t))
	}
	b.misprint(map[string][2]string{
		markdownPage: {haikuRow, fmt.Sprintf(haikuCell, "2")}, webPage: {"$5 / MTok", "$2 / MTok"},
	})
	b.pass(time.Minute)
	b.recheck(t)
	released := b.held(t, domain.HeldReleased)
	if len(released) != 1 || released[0].By != "pricing-html" || b.output(t) != "2" {
		t.Fatalf("after another source agreed: %+v, output %s", released, b.output(t))
	}
	for _, r := range b.model(t, haiku).Rates {
		if r.Tier == domain.TierStandard && r.Meter == domain.MeterOutput &&
			(!r.Effective.From.Equal(h.Since) || r.Basis != domain.BasisObserved || !r.NotBefore.Equal(h.NotBefore) || r.Evidence != h.NewProof) {
			t.Errorf("the released rate is %+v, held since %s", r, h.Since)
		}
	}
	b.replaysTheSame(t)
	if told := b.kinds(t); told["change.held"] != 1 || told["change.approved"] != 1 || len(told) != 2 {
		t.Errorf("told: %v", told)
	}
}

// TestHeldChangeGoesAndComes: what its source takes back is withdrawn; what was
// rejected is not held again until its source says something else.
func TestHeldChangeGoesAndComes(t *testing.T) {
	b, h := misprinted(t)
	b.ahead.Store(nil)
	b.pass(time.Hour)
	b.run(t)
	if gone := b.held(t, domain.HeldWithdrawn); len(gone) != 1 || gone[0].ID != h.ID || b.output(t) != "5" {
		t.Fatalf("taken back: %+v", gone)
	}
	b.prints("2")
	b.pass(time.Hour)
	b.run(t)
	again := b.held(t, domain.HeldOpen)
	if len(again) != 1 {
		t.Fatalf("held again: %+v", again)
	}
	if _, err := b.decide(again[0].ID, false, "ada"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		b.pass(time.Hour)
		b.run(t)
	}
	if n := b.count(t, "held_changes"); n != 2 || b.output(t) != "5" {
		t.Fatalf("after it was rejected: %d held changes, output %s", n, b.output(t))
	}
	b.prints("3")
	b.pass(time.Hour)
	b.run(t)
	if open := b.held(t, domain.HeldOpen); len(open) != 1 || open[0].New.String() != "3" || b.output(t) != "5" {
		t.Fatalf("after it said something else: %+v", open)
	}
	b.prints("2")
	b.pass(time.Hour)
	b.run(t)
	if open := b.held(t, domain.HeldOpen); len(open) != 1 || open[0].New.String() != "2" {
		t.Errorf("what was rejected, after another reading: %+v", open)
	}
	b.recheck(t)
	b.replaysTheSame(t)
	if told := b.kinds(t); told["change.withdrawn"] != 2 || told["change.rejected"] != 1 || told["change.held"] != 4 {
		t.Errorf("told: %v", told)
	}
}

// TestTwoAdministrators decide the same held change at once: one does, the
// other hears who did what; a repeat by the first changes nothing.
func TestTwoAdministrators(t *testing.T) {
	for range 5 {
		b, h := misprinted(t)
		b.pass(time.Minute)
		var wait sync.WaitGroup
		errs := map[string]error{}
		var mu sync.Mutex
		for _, by := range []string{"ada", "grace"} {
			wait.Go(func() {
				_, err := b.decide(h.ID, by == "ada", by)
				mu.Lock()
				defer mu.Unlock()
				errs[by] = err
			})
		}
		wait.Wait()
		first, second, state, amount := "ada", "grace", domain.HeldReleased, "2"
		if errs["ada"] != nil {
			first, second, state, amount = "grace", "ada", domain.HeldRejected, "5"
		}
		if errs[first] != nil || domain.KindOf(errs[second]) != domain.KindConflict || !strings.Contains(errs[second].Error(), string(state)+" by "+first) {
			t.Fatalf("ada: %v; grace: %v", errs["ada"], errs["grace"])
		}
		decided, err := b.decide(h.ID, first == "ada", first)
		if err != nil || decided.State != state || decided.By != first || b.output(t) != amount {
			t.Fatalf("the same again: %v, %+v, output %s", err, decided, b.output(t))
		}
		if told := b.kinds(t); told["change.approved"]+told["change.rejected"] != 1 {
			t.Errorf("told: %v", told)
		}
		b.pass(time.Hour)
		b.run(t)
		if n := b.count(t, "held_changes"); n != 1 || b.output(t) != amount {
			t.Errorf("after the next run: %d held changes, output %s", n, b.output(t))
		}
	}
}

// TestDecisionDuringASync: whatever an administrator decides while a page is
// being read holds when what it says is stored.
func TestDecisionDuringASync(t *testing.T) {
	for _, approve := range []bool{true, false} {
		b, h := misprinted(t)
		b.pass(time.Hour)
		misprints := *b.ahead.Load()
		decided := answers(func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, markdownPage) {
				if _, err := b.decide(h.ID, approve, "ada"); err != nil {
					t.Error(err)
				}
			}
			return misprints(w, r)
		})
		b.ahead.Store(&decided)
		run := b.run(t)
		want := map[bool]string{true: "2", false: "5"}[approve]
		if run.Outcome != domain.OutcomeSuccess || b.output(t) != want || b.count(t, "held_changes") != 1 || run.Held != 0 {
			t.Errorf("approved %t: %s, output %s, %d held changes", approve, run.Outcome, b.output(t), b.count(t, "held_changes"))
		}
	}
}

// TestPinAgainstAPage: an administrator's pin makes another row the price of a
// model at once, whatever the guard would say of a row that has slipped; what
// that row loses later is held for the pinned model as well.
func TestPinAgainstAPage(t *testing.T) {
	b := newBench(t)
	b.run(t)
	err := app.Rule(context.Background(), postgres.NewLedger(b.store), app.NewRuling{
		Model: domain.ModelKey{Provider: "anthropic", ID: haiku}, Name: "Claude Opus 4.6", Kind: domain.RulingPin, Reason: "so agreed", By: "ada",
	}, b.world.now())
	if err != nil {
		t.Fatal(err)
	}
	b.pass(time.Hour)
	b.run(t)
	if b.output(t) != "25" || b.count(t, "held_changes") != 0 {
		t.Fatalf("pinned: output %s, %d held changes", b.output(t), b.count(t, "held_changes"))
	}
	b.misprint(map[string][2]string{markdownPage: {"| Claude Opus 4.6 | $5 / MTok | $6.25 / MTok | $10 / MTok | $0.50 / MTok | $25 / MTok |", "| Claude Opus 4.6 | $5 / MTok | $6.25 / MTok | $10 / MTok | $0.50 / MTok | $20 / MTok |"}})
	b.pass(time.Hour)
	b.run(t)
	held := map[string]bool{}
	for _, h := range b.held(t, domain.HeldOpen) {
		held[h.Key.Model.ID] = true
	}
	if len(held) != 2 || !held[haiku] || !held["claude-opus-4-6"] || b.output(t) != "25" {
		t.Errorf("held for %v, output %s", held, b.output(t))
	}
}

// TestHeldChangesOverHTTP: who may decide, and what has to be said.
func TestHeldChangesOverHTTP(t *testing.T) {
	b, h := misprinted(t)
	server := b.asker(t).server
	send := func(method, path, key, body string) (int, map[string]any) {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		if key != "" {
			r.Header.Set("X-API-Key", key)
		}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		var answer map[string]any
		_ = json.Unmarshal(w.Body.Bytes(), &answer)
		return w.Code, answer
	}
	path := fmt.Sprintf("/api/admin/held-changes/%d/", h.ID)
	b.pass(time.Minute)
	for _, c := range []struct {
		method, path, key, body string
		status                  int
	}{
		{"GET", "/api/admin/held-changes", "", "", 401},
		{"GET", "/api/admin/held-changes?state=lost", siteKey, "", 400},
		{"GET", "/api/admin/held-changes?cursor=xyz", siteKey, "", 400},
		{"POST", path + "approve", "", `{"reason":"so"}`, 401},
		{"POST", path + "approve", siteKey, `{}`, 400},
		{"POST", path + "approve", siteKey, `{"reason":" "}`, 400},
		{"POST", "/api/admin/held-changes/999999/approve", siteKey, `{"reason":"so"}`, 404},
		{"POST", path + "approve", siteKey, `{"reason":"so"}`, 200},
		{"POST", path + "approve", siteKey, `{"reason":"so"}`, 200},
		{"POST", path + "reject", siteKey, `{"reason":"so"}`, 409},
		{"GET", "/api/admin/held-changes?state=held&provider=anthropic", siteKey, "", 200},
		{"GET", "/api/admin/held-changes?state=released&limit=1", siteKey, "", 200},
	} {
		status, answer := send(c.method, c.path, c.key, c.body)
		if status != c.status {
			t.Errorf("%s %s %s: %d, want %d: %v", c.method, c.path, c.body, status, c.status, answer)
		}
		if total, listed := answer["total"]; listed && (total == float64(1)) != strings.Contains(c.path, "released") {
			t.Errorf("%s: %v listed", c.path, total)
		}
	}
	if b.output(t) != "2" {
		t.Errorf("approved: output %s", b.output(t))
	}
}

// TestRefusedForGood: an amount that is no price stays refused however often it
// is said, at the first reading as later; the old rate stays.
func TestRefusedForGood(t *testing.T) {
	for _, known := range []bool{true, false} {
		s, b := newShop(t)
		want := 3
		if known {
			b.run(t)
			want = 4
		}
		set := domain.Settings{Guard: domain.Guard{LargestAmount: 10}} // the reader believes no page that says more than a million
		if err := postgres.NewSchedule(b.store).SaveSettings(t.Context(), set, "a test", b.world.now()); err != nil {
			t.Fatal(err)
		}
		s.show(strings.Replace(shopPage, "$15 / MTok", "$16 / MTok", 1))
		for range 3 {
			b.pass(time.Hour)
			run := b.run(t)
			if !strings.Contains(step(t, run, domain.StepEnrichment).Detail, "16 for Acme Large 2 output is refused") {
				t.Errorf("nothing is said of it: %q", step(t, run, domain.StepEnrichment).Detail)
			}
			if n := b.count(t, "rates"); n != want || b.count(t, "superseded_rates") != 0 || b.count(t, "rates WHERE amount = 16") != 0 {
				t.Errorf("known %t: %d rates, want %d", known, n, want)
			}
		}
	}
}

// TestWhatIsDoubtedIsASetting: what an administrator sets over HTTP is what the
// very next reading is judged by, also in another program on the same database.
func TestWhatIsDoubtedIsASetting(t *testing.T) {
	s, b := newShop(t)
	b.world.paused = true
	b.run(t)
	r := b.running(t, time.Minute)
	cut := func(by string) int {
		s.show(strings.Replace(shopPage, "$3 / MTok | $15 / MTok", by, 1))
		b.pass(time.Hour)
		return b.run(t).Held
	}
	set := func(guard string) {
		r.ask(t, http.MethodPut, "/api/admin/settings", `{"paused":true,"guard":`+guard+`}`, nil)
	}
	if n := cut("$0.60 / MTok | $3 / MTok"); n != 0 {
		t.Fatalf("a fifth of the price: %d are held", n)
	}
	set(`{"largestFactor":2}`)
	if n := cut("$3 / MTok | $15 / MTok"); n != 2 {
		t.Errorf("five times the price where two are allowed: %d are held", n)
	}
	set(`{}`)
	if n := cut("$3.30 / MTok | $16.50 / MTok"); n != 0 {
		t.Errorf("as usual again: %d are held", n)
	}
}
