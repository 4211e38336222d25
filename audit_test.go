package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// acted is an entry of the audit.
type acted struct {
	ID                             int64
	At                             time.Time
	By, Address, Action, RequestID string
	Total                          int
	Changes                        []struct {
		Event           string
		Provider, Model *string
		Before, After   json.RawMessage
	}
}

// TestEveryActionIsAudited: who, what, before, after, when and from where; and
// what changed nothing or was refused is not there.
func TestEveryActionIsAudited(t *testing.T) {
	r := newRunning(t, time.Minute)
	r.done(t, r.startSync(t, "anthropic"))
	var models struct{ Items []struct{ ID string } }
	r.ask(t, http.MethodGet, "/api/models?provider=anthropic&limit=1", "", &models)
	model := models.Items[0].ID
	var made struct{ Key struct{ ID int64 } }
	var rate struct{ ID int64 }
	r.ask(t, http.MethodPost, "/api/admin/keys", `{"name":"gateway","scope":"read"}`, &made)
	r.ask(t, http.MethodPost, fmt.Sprintf("/api/admin/keys/%d/rotate", made.Key.ID), "", nil)
	r.ask(t, http.MethodDelete, fmt.Sprintf("/api/admin/keys/%d", made.Key.ID), "", nil)
	r.ask(t, http.MethodDelete, fmt.Sprintf("/api/admin/keys/%d", made.Key.ID), "", nil) // changes nothing
	r.ask(t, http.MethodPut, "/api/admin/settings", `{"paused":true,"schedule":"15 4 * * *"}`, nil)
	r.ask(t, http.MethodPut, "/api/admin/settings", `{"paused":true,"schedule":"15 4 * * *"}`, nil) // changes nothing
	r.ask(t, http.MethodPost, "/api/admin/manual-rates", fmt.Sprintf(`{"model":%q,"meter":"input","amount":"1.25","reason":"contract"}`, model), &rate)
	r.ask(t, http.MethodPost, fmt.Sprintf("/api/admin/manual-rates/%d/end", rate.ID), `{"reason":"over"}`, nil)
	r.ask(t, http.MethodPost, "/api/admin/aliases", fmt.Sprintf(`{"model":%q,"name":"Some Name","ruling":"forbid","reason":"told so"}`, model), nil)
	r.ask(t, http.MethodPost, "/api/admin/import",
		`{"lists":[{"provider":"acme","at":"2026-01-15","models":[{"id":"a-1","displayName":"A","rates":[{"meter":"input","amount":"2"},{"meter":"output","amount":"4"}]}]}]}`, nil)
	if got := r.refused(t, http.MethodPost, "/api/admin/keys", `{"name":"","scope":"read"}`); got != 400 {
		t.Errorf("a bad key got %d", got)
	}

	entries := r.audit(t)
	want := []string{ // oldest first
		"POST /api/admin/sync sync.requested",
		"POST /api/admin/keys key.created",
		fmt.Sprintf("POST /api/admin/keys/%d/rotate key.created", made.Key.ID),
		fmt.Sprintf("DELETE /api/admin/keys/%d key.revoked", made.Key.ID),
		"PUT /api/admin/settings settings.changed",
		"POST /api/admin/manual-rates rate.opened",
		fmt.Sprintf("POST /api/admin/manual-rates/%d/end rate.ended", rate.ID),
		"POST /api/admin/aliases match.forbidden",
		"POST /api/admin/import model.found",
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Action+" "+e.Changes[0].Event)
		if e.By != "RATECARD_ADMIN_KEY" || e.Address != "127.0.0.1" || e.RequestID == "" || time.Since(e.At) > time.Minute || e.Total < len(e.Changes) {
			t.Errorf("%+v", e)
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Fatalf("the audit has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	was, is := string(entries[4].Changes[0].Before), string(entries[4].Changes[0].After)
	if !strings.Contains(was, `"paused":true`) || strings.Contains(was, "15 4") || !strings.Contains(is, "15 4 * * *") {
		t.Errorf("settings before %s, after %s", was, is)
	}
	if e := entries[5].Changes[0]; string(e.Before) != "null" || !strings.Contains(string(e.After), `"new":"1.25"`) || *e.Model != model {
		t.Errorf("the manual rate: %+v, after %s", e, e.After)
	}
	if e := entries[6].Changes[0]; string(e.After) != "null" || !strings.Contains(string(e.Before), `"old":"1.25"`) {
		t.Errorf("its end: before %s, after %s", e.Before, e.After)
	}
}

// TestActionsSayWhatWasBeforeAndIsAfter: what an administrator decided, ruled,
// configured, adjusted and revoked.
func TestActionsSayWhatWasBeforeAndIsAfter(t *testing.T) {
	b, held := misprinted(t)
	b.world.paused = true
	r := b.running(t, time.Minute)
	do := func(method, path, body string, into any) string {
		t.Helper()
		r.ask(t, method, path, body, into)
		entries := r.audit(t)
		e := entries[len(entries)-1]
		if e.Action != method+" "+path {
			t.Fatalf("%s %s is not audited: the last is %+v", method, path, e)
		}
		c := e.Changes[len(e.Changes)-1]
		return fmt.Sprintf("%s: %s → %s", c.Event, c.Before, c.After)
	}
	says := func(got, event string, parts ...string) { // parts in order, and the arrow among them
		t.Helper()
		for _, part := range append([]string{event + ": "}, parts...) {
			_, rest, found := strings.Cut(got, part)
			if !found {
				t.Errorf("%s, want %q in it, in this place", got, part)
				return
			}
			got = rest
		}
	}
	var config struct{ Config json.RawMessage }
	const configs, adjustments = "/api/admin/scraping-configs/anthropic", "/api/admin/manual-rates/adjustments"
	r.ask(t, http.MethodGet, configs, "", &config)
	changed := strings.Replace(string(config.Config), "pricing-md", "pricing-text", 1)
	says(do(http.MethodPut, configs, `{"version":1,"config":`+changed+`}`, nil), "config.saved", `"version":1}`, " → ", `"version":2`, `"before":1`, `"by":"RATECARD_ADMIN_KEY"`)
	says(do(http.MethodPost, configs+"/rollback", `{"version":2,"to":1}`, nil), "config.rolled_back", `"version":2}`, " → ", `"version":3`, `"restores":1`)

	says(do(http.MethodPost, fmt.Sprintf("/api/admin/held-changes/%d/reject", held.ID), `{"reason":"a misprint"}`, nil),
		"change.rejected", `"old":"5"`, `"new":"2"`, " → ", `"old":"5"`, `"new":"2"`, `"by":"RATECARD_ADMIN_KEY","reason":"a misprint"`)

	var made struct{ ID int64 }
	says(do(http.MethodPost, adjustments, `{"provider":"anthropic","percent":"-10","reason":"contract","to":"2099-01-01"}`, &made),
		"rate.opened", "null → ", `"layer":"adjusted"`)
	entries := r.audit(t)
	if e := entries[len(entries)-1].Changes[0]; e.Event != "adjustment.entered" || string(e.Before) != "null" || !strings.Contains(string(e.After), `"percent":"-10"`) {
		t.Errorf("%s: %s", e.Event, e.After)
	}
	do(http.MethodPost, fmt.Sprintf("%s/%d/end", adjustments, made.ID), `{"reason":"over"}`, nil)
	entries = r.audit(t)
	if e := entries[len(entries)-1].Changes[0]; e.Event != "adjustment.ended" || !strings.Contains(string(e.Before), `"until":"2099-01-02T00:00:00Z"`) ||
		strings.Contains(string(e.Before), "over") || !strings.Contains(string(e.After), `"reason":"over"`) || strings.Contains(string(e.After), `"until":"2099`) {
		t.Errorf("%s: before %s, after %s", e.Event, e.Before, e.After)
	}

	says(do(http.MethodPost, "/api/admin/aliases", `{"model":"`+haiku+`","name":"Claude Haiku 4.5","ruling":"pin","reason":"told so"}`, &made),
		"match.pinned", "null → ", `"name":"Claude Haiku 4.5"`)
	says(do(http.MethodDelete, fmt.Sprintf("/api/admin/aliases/%d", made.ID), "", nil), "match.released", `"ruling":"pin"`, " → null")

	var key struct{ Key struct{ ID int64 } }
	says(do(http.MethodPost, "/api/admin/keys", `{"name":"gateway","scope":"read"}`, &key), "key.created", "null → ", `"name":"gateway"`)
	says(do(http.MethodDelete, fmt.Sprintf("/api/admin/keys/%d", key.Key.ID), "", nil), "key.revoked", `"name":"gateway"`, " → null")
}

// audit gives every entry, oldest first, read page by page.
func (r *running) audit(t testing.TB) []acted {
	t.Helper()
	var all []acted
	path := "/api/admin/audit?limit=2"
	for next := path; next != ""; {
		var page struct {
			Items      []acted
			NextCursor *string
		}
		r.ask(t, http.MethodGet, next, "", &page)
		for _, e := range page.Items {
			all = append([]acted{e}, all...)
		}
		next = ""
		if page.NextCursor != nil {
			next = path + "&cursor=" + *page.NextCursor
		}
	}
	return all
}

// refused asks as the administrator for what cannot be.
func (r *running) refused(t testing.TB, method, path, body string) int {
	t.Helper()
	req := r.request(t, method, path, body)
	req.Header.Set("X-API-Key", adminKey)
	return r.send(t, req).status
}

// TestNothingIsDoneUnseen: an action of which no event can be told, or whose audit
// cannot be written, is not done.
func TestNothingIsDoneUnseen(t *testing.T) {
	b, held := misprinted(t)
	b.world.paused = true
	r := b.running(t, time.Minute)
	var models struct{ Items []struct{ ID string } }
	r.ask(t, http.MethodGet, "/api/models?provider=anthropic&limit=1", "", &models)
	const configs = "/api/admin/scraping-configs/anthropic"
	var config struct{ Config json.RawMessage }
	r.ask(t, http.MethodGet, configs, "", &config)
	state := func() string {
		var text string
		err := r.store.Pool().QueryRow(t.Context(), `SELECT (SELECT count(*) FROM api_keys) || ' keys, ' || (SELECT count(*) FROM events) || ' events, '
			|| (SELECT count(*) FROM rates) || ' rates, ' || (SELECT count(*) FROM match_rulings) || ' rulings, '
			|| (SELECT count(*) FROM scraping_config) || ' configurations, ' || (SELECT count(*) FROM adjustments) || ' adjustments, '
			|| (SELECT count(*) FROM held_changes WHERE state = 'held') || ' held, ' || (SELECT count(*) FROM audit) || ' entries, '
			|| (SELECT version FROM catalogue) || ' ' || coalesce((SELECT settings::text FROM settings), '')`).Scan(&text)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	before := state()
	actions := [][3]string{
		{http.MethodPost, "/api/admin/keys", `{"name":"gateway","scope":"read"}`},
		{http.MethodPut, "/api/admin/settings", `{"paused":false}`},
		{http.MethodPost, "/api/admin/manual-rates", fmt.Sprintf(`{"model":%q,"meter":"input","amount":"1.25","reason":"contract"}`, models.Items[0].ID)},
		{http.MethodPost, "/api/admin/aliases", fmt.Sprintf(`{"model":%q,"name":"Some Name","ruling":"forbid","reason":"no"}`, models.Items[0].ID)},
		{http.MethodPut, configs, `{"version":1,"config":` + strings.Replace(string(config.Config), "pricing-md", "pricing-text", 1) + `}`},
		{http.MethodPost, "/api/admin/manual-rates/adjustments", `{"provider":"anthropic","percent":"-10","reason":"contract"}`},
		{http.MethodPost, fmt.Sprintf("/api/admin/held-changes/%d/reject", held.ID), `{"reason":"a misprint"}`},
		{http.MethodPost, fmt.Sprintf("/api/admin/held-changes/%d/approve", held.ID), `{"reason":"it is so"}`},
		{http.MethodPost, "/api/admin/sync", `{"providers":["anthropic"]}`},
		{http.MethodPost, "/api/admin/import", `{"lists":[{"provider":"acme","at":"2026-01-15","models":[{"id":"a-1","displayName":"A","rates":[{"meter":"input","amount":"2"}]}]}]}`},
	}
	for _, table := range []string{"audit", "events"} {
		b.exec(t, "ALTER TABLE "+table+" ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
		for _, x := range actions {
			if got := r.refused(t, x[0], x[1], x[2]); got < 400 {
				t.Errorf("%s is full, %s %s: %d", table, x[0], x[1], got)
			}
			if after := state(); after != before {
				t.Errorf("%s is full, %s %s: before %s, after %s", table, x[0], x[1], before, after)
			}
		}
		b.exec(t, "ALTER TABLE "+table+" DROP CONSTRAINT full_disk")
	}
}

func (b *bench) exec(t testing.TB, statement string) {
	t.Helper()
	if _, err := b.store.Pool().Exec(context.Background(), statement); err != nil {
		t.Fatal(err)
	}
}
