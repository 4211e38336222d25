package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ratecard/adapters/postgres"
	"ratecard/app"
	"ratecard/domain"
)

// describedAcme is a description of the site that docs/add-a-provider.md adds.
func describedAcme(site, tier string) string {
	return fmt.Sprintf(`{"id":"acme","name":"Acme","api":{"dialect":"openai","baseUrl":"%[1]s/v1","keyEnv":"ACME_API_KEY"},
		"modelPages":[{"name":"deprecations","url":"%[1]s/deprecations"}],
		"scraping":{"sources":[{"name":"pricing","url":"%[1]s/pricing","readers":[{"reader":"tables","tiers":{"batch":[%[2]q]}}]}]}}`, site, tier)
}

// describe describes acme, or is answered why not.
func (r *running) describe(t testing.TB, version int, description string) answered {
	t.Helper()
	req := r.request(t, http.MethodPut, "/api/admin/providers/acme", fmt.Sprintf(`{"version":%d,"description":%s}`, version, description))
	req.Header.Set("X-API-Key", adminKey)
	return r.send(t, req)
}

type describedProvider struct {
	Provider, Origin, Name string
	Enabled, KeyHeld       bool
	Version                int
	Description            json.RawMessage
}

// TestSixthProviderThroughTheAPI: a provider that an administrator describes is
// synced and priced, by every replica, after a restart too, and until it is
// disabled.
func TestSixthProviderThroughTheAPI(t *testing.T) {
	r := newRunning(t, benchTimeout)
	other := r.bench.running(t, benchTimeout)
	site := acme(t)
	if got := r.describe(t, 0, describedAcme(site.URL, "overnight")); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.text)
	}
	// The very next sync is the other replica's.
	runs := other.done(t, other.startSync(t, "acme"))
	if runs[0].Outcome != domain.OutcomeSuccess {
		t.Fatalf("%+v", runs[0].Steps)
	}
	if m := r.model(t, "acme-large-1"); input(m) != "3" || m.RetiresAt == nil {
		t.Errorf("%+v", m)
	}
	var cost struct {
		Lines []struct{ Status, Total string }
	}
	r.ask(t, http.MethodPost, "/api/costs", `{"lines":[{"model":"acme-large-1","rawUsage":{"prompt_tokens":1000000,"completion_tokens":1000000}}]}`, &cost)
	if len(cost.Lines) != 1 || cost.Lines[0].Status != "priced" {
		t.Errorf("%+v", cost)
	}
	var all struct{ Items []describedProvider }
	r.ask(t, http.MethodGet, "/api/admin/providers", "", &all)
	var got []string
	for _, p := range all.Items {
		got = append(got, p.Provider+" "+p.Origin)
	}
	if want := []string{"openai built_in", "anthropic built_in", "google built_in", "xai built_in", "groq folder", "acme api"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if runs := r.done(t, r.startSync(t)); len(runs) != 6 {
		t.Errorf("a full sync has %d runs", len(runs))
	}

	t.Run("disabled", func(t *testing.T) {
		var p describedProvider
		other.ask(t, http.MethodPost, "/api/admin/providers/acme/disable", "", &p)
		if p.Enabled || p.Version != 2 {
			t.Errorf("%+v", p)
		}
		req := r.request(t, http.MethodPost, "/api/admin/sync", `{"providers":["acme"]}`)
		req.Header.Set("X-API-Key", adminKey)
		if got := r.send(t, req); got.status != http.StatusBadRequest || !strings.Contains(got.text, "is not enabled") {
			t.Errorf("asked for alone: %d %s", got.status, got.text)
		}
		if runs := r.done(t, r.startSync(t)); len(runs) != 5 {
			t.Errorf("a full sync has %d runs", len(runs))
		}
		due, err := newProviders(config{}, r.world, r.store).Enabled(t.Context())
		if err != nil || slices.Contains(due, "acme") || len(due) != 5 {
			t.Errorf("scheduled: %v, %v", due, err)
		}
		if m := r.model(t, "acme-large-1"); input(m) != "3" {
			t.Errorf("its model costs %s", input(m))
		}
		// Described anew it stays so, unless the description says otherwise.
		if got := r.describe(t, 2, describedAcme(site.URL, "while you sleep")); got.status != 200 || !strings.Contains(got.text, `"enabled":false`) {
			t.Errorf("%d %s", got.status, got.text)
		}
		if got := r.describe(t, 3, strings.Replace(describedAcme(site.URL, "while you sleep"), `"name"`, `"enabled":true,"name"`, 1)); got.status != 200 || !strings.Contains(got.text, `"enabled":true`) {
			t.Errorf("%d %s", got.status, got.text)
		}
		r.ask(t, http.MethodPost, "/api/admin/providers/anthropic/disable", "", nil)
	})

	t.Run("after a restart", func(t *testing.T) {
		again := r.bench.running(t, benchTimeout)
		var p describedProvider
		again.ask(t, http.MethodGet, "/api/admin/providers/acme", "", &p)
		if !p.Enabled || p.Origin != "api" || p.Version != 4 || !p.KeyHeld {
			t.Errorf("%+v", p)
		}
		again.ask(t, http.MethodGet, "/api/admin/providers/anthropic", "", &p)
		if p.Enabled || p.Origin != "built_in" {
			t.Errorf("%+v", p)
		}
		if runs := again.done(t, again.startSync(t)); len(runs) != 5 {
			t.Errorf("a full sync has %d runs", len(runs))
		}
		configs, err := postgres.NewConfigs(r.store).Versions(t.Context(), "acme")
		if err != nil || len(configs) != 2 || configs[0].Author != "RATECARD_ADMIN_KEY" || configs[0].Scraping.Sources[0].Readers[0].Tiers["batch"][0] != "while you sleep" {
			t.Errorf("%+v, %v", configs, err)
		}
	})

	t.Run("on record", func(t *testing.T) {
		var audit struct {
			Items []struct {
				By, Action string
				Changes    []struct {
					Event, Provider string
					Before, After   json.RawMessage
				}
			}
		}
		r.ask(t, http.MethodGet, "/api/admin/audit?limit=500", "", &audit)
		var got []string
		for _, e := range audit.Items {
			for _, c := range e.Changes {
				if strings.HasPrefix(c.Event, "provider.") || strings.HasPrefix(c.Event, "config.") {
					got = append(got, fmt.Sprintf("%s %s %.42s → %.42s", c.Event, c.Provider, c.Before, c.After))
					if e.By != "RATECARD_ADMIN_KEY" {
						t.Errorf("by %q", e.By)
					}
				}
			}
		}
		const acme = `{"id":"acme","name":"Acme","enabled":`
		want := []string{ // the youngest action first
			`provider.disabled anthropic {"enabled":true} → {"enabled":false}`,
			`provider.saved acme ` + acme + `false → ` + acme + `true,`,
			`provider.saved acme ` + acme + `false → ` + acme + `false`,
			`config.saved acme {"version":1} → {"version":2,"before":1,"by":"RATECARD_ADM`,
			`provider.disabled acme {"enabled":true} → {"enabled":false}`,
			`provider.saved acme null → ` + acme + `true,`,
			`config.saved acme null → {"version":1,"by":"RATECARD_ADMIN_KEY"}`,
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// TestDescriptionsThatAreRefused: each fault has its path, and nothing changes.
func TestDescriptionsThatAreRefused(t *testing.T) {
	r := newRunning(t, benchTimeout)
	site := acme(t)
	good := describedAcme(site.URL, "overnight")
	before := r.bench.everyRow(t)
	for name, c := range map[string]struct {
		version  int
		old, new string
		status   int
		says     []string
	}{
		"another provider":          {old: `"id":"acme"`, new: `"id":"bcme"`, status: 400, says: []string{`"description.id"`, `expected \"acme\"`}},
		"an unknown field":          {old: `"name"`, new: `"nam"`, status: 400, says: []string{`"description.nam"`, "unknown field"}},
		"an unknown dialect":        {old: `"openai"`, new: `"klingon"`, status: 400, says: []string{`"description.api.dialect"`, "expected one of"}},
		"a knob that is none":       {old: `"tiers":`, new: `"teirs":`, status: 400, says: []string{`"description.scraping.sources[0].readers[0].teirs"`}},
		"a knob that is another's":  {old: `"reader":"tables"`, new: `"reader":"json","selector":"a"`, status: 400, says: []string{`"description.scraping.sources[0].readers[0].selector"`}},
		"a private list":            {old: site.URL + "/v1", new: "http://10.0.0.7/v1", status: 400, says: []string{`"description.api.baseUrl"`, "RATECARD_ALLOWED_HOSTS"}},
		"a private models page":     {old: site.URL + "/deprecations", new: "http://[fd00::1]/x", status: 400, says: []string{`"description.modelPages[0].url"`}},
		"a private source":          {old: site.URL + "/pricing", new: "http://169.254.169.254/latest", status: 400, says: []string{`"description.scraping.sources[0].url"`}},
		"credentials":               {old: site.URL + "/pricing", new: "https://me:geheim@acme.example/", status: 400, says: []string{`"description.scraping.sources[0].url"`}},
		"a key of another provider": {old: "ACME_API_KEY", new: "ANTHROPIC_API_KEY", status: 400, says: []string{`"description.api.keyEnv"`, "another host"}},
		"some other secret":         {old: "ACME_API_KEY", new: "DATABASE_URL", status: 400, says: []string{`"description.api.keyEnv"`, "_API_KEY"}},
		"a secret of ours":          {old: "ACME_API_KEY", new: "RATECARD_X_API_KEY", status: 400, says: []string{`"description.api.keyEnv"`}},
		"rendered JSON":             {old: `"readers":[{"reader":"tables"`, new: `"rendering":"browser","readers":[{"reader":"json"`, status: 400, says: []string{`"description.scraping.sources[0].readers[0]"`, "a browser shows HTML"}},
		"no text":                   {old: `"Acme"`, new: `"Ac\u0000me"`, status: 400, says: []string{`"description.name"`}},
		"a version nobody saw":      {version: 3, status: 409, says: []string{"version 0"}},
	} {
		text := good
		if c.old != "" {
			if text = strings.Replace(good, c.old, c.new, 1); text == good {
				t.Fatalf("%s changes nothing", name)
			}
		}
		got := r.describe(t, c.version, text)
		if got.status != c.status || strings.Contains(got.text, "geheim") {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
		for _, says := range c.says {
			if !strings.Contains(got.text, says) {
				t.Errorf("%s does not say %s: %s", name, says, got.text)
			}
		}
	}
	for path, want := range map[string]int{"acme": 404, "acme/enable": 404} {
		req := r.request(t, map[bool]string{true: http.MethodPost, false: http.MethodGet}[strings.Contains(path, "/")], "/api/admin/providers/"+path, "")
		req.Header.Set("X-API-Key", adminKey)
		if got := r.send(t, req); got.status != want {
			t.Errorf("%s: %d %s", path, got.status, got.text)
		}
	}
	if after := r.bench.everyRow(t); after != before {
		t.Errorf("rows were written:\n%s\nbefore\n%s", after, before)
	}
}

// TestDescriptionTakenBack: a built-in provider is described otherwise and as it
// was again, and its configuration goes along; what an administrator changed of
// that alone stays.
func TestDescriptionTakenBack(t *testing.T) {
	b := newBench(t)
	p := newProviders(config{}, b.world, b.store)
	ctx := t.Context()
	own, err := p.Provider(ctx, "anthropic")
	if err != nil {
		t.Fatal(err)
	}
	save := func(d domain.Provider, seen int) app.SavedDescription {
		t.Helper()
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		saved, err := p.Put(ctx, app.NewDescription{Provider: d.ID, Description: text, Seen: seen, By: "desk"})
		if err != nil {
			t.Fatal(err)
		}
		return saved
	}
	if same := save(own, 7); same.Said.Version != 0 || same.Origin != domain.ProviderBuiltIn {
		t.Errorf("what is in force changed something: %+v", same.Said)
	}
	other := own
	other.Name, other.Scraping.Sources = "Anthropic, once more", own.Scraping.Sources[:1]
	if saved := save(other, 0); saved.Said.Version != 1 || saved.Origin != domain.ProviderByAPI || saved.Name != other.Name {
		t.Errorf("%+v", saved)
	}
	c := newConfigure(config{}, b.world, b.store, slog.New(slog.DiscardHandler))
	active, err := c.Active(ctx, "anthropic")
	if err != nil || active.Version != 2 || len(active.Scraping.Sources) != 1 || len(active.Differences) != 0 {
		t.Fatalf("%+v, %v", active, err)
	}
	changed, err := json.Marshal(own.Scraping)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Put(ctx, app.NewConfiguration{Provider: "anthropic", Config: changed, Seen: 2, By: "desk"}); err != nil {
		t.Fatal(err)
	}
	other.Name = "Anthropic, once again"
	save(other, 1)
	if active, err = c.Active(ctx, "anthropic"); err != nil || active.Version != 3 {
		t.Errorf("another name changed the configuration: %+v, %v", active, err)
	}
	if back := save(own, 2); back.Said.Version != 3 || back.Said.Description != nil || back.Origin != domain.ProviderBuiltIn {
		t.Errorf("%+v", back.Said)
	}
	// A run that waits when its provider is disabled asks nobody.
	off, err := p.Switch(ctx, "anthropic", false, "desk")
	if err != nil {
		t.Fatal(err)
	}
	asked := len(b.site.Requests())
	run, err := b.sync.Run(ctx, app.SyncJob{RunID: "5c1d6d4e-3d0f-4a55-9c39-111111111111", SyncID: "5c1d6d4e-3d0f-4a55-9c39-222222222222", Provider: off.Provider, Trigger: domain.TriggerManual})
	if err != nil || run.Outcome != domain.OutcomeFailed || !strings.Contains(run.Steps[0].Error, "is not enabled") || len(b.site.Requests()) != asked {
		t.Errorf("%+v, %v", run, err)
	}
}

// TestProvidersCommand: what the command prints can be changed and put back.
func TestProvidersCommand(t *testing.T) {
	r := newRunning(t, benchTimeout)
	p := prompt{t, r.url, adminKey}
	must := func(args ...string) (stdout, stderr string) {
		t.Helper()
		status, stdout, stderr := p.ratecard(append([]string{"providers"}, args...)...)
		if status != 0 {
			t.Fatalf("%q: status %d: %s", args, status, stderr)
		}
		return stdout, stderr
	}
	site := acme(t)
	file := p.file(describedAcme(site.URL, "overnight"))
	shown, said := must("put", file)
	if !strings.Contains(said, "acme is enabled, described by an administrator\nversion 1 by RATECARD_ADMIN_KEY") || !strings.Contains(shown, `"overnight"`) {
		t.Errorf("%q\n%s", said, shown)
	}
	if again, _ := must("show", "acme"); again != shown {
		t.Errorf("%s\nis not\n%s", again, shown)
	}
	if _, said := must("put", p.file(shown)); !strings.Contains(said, "version 1 by") {
		t.Errorf("what it printed is another: %q", said)
	}
	if _, said := must("disable", "acme"); !strings.Contains(said, "acme is disabled") {
		t.Errorf("%q", said)
	}
	list, _ := must()
	for _, line := range []string{`anthropic +Anthropic +enabled +the program +`, `groq +Groq +enabled +a file +`, `acme +Acme +disabled +an administrator +ACME_API_KEY +2 +RATECARD_ADMIN_KEY`} {
		if !regexp.MustCompile(line).MatchString(list) {
			t.Errorf("%q is not in\n%s", line, list)
		}
	}
	if _, said := must("enable", "acme"); !strings.Contains(said, "acme is enabled") {
		t.Errorf("%q", said)
	}
	for says, args := range map[string][]string{
		"version 3 of what is said":        {"put", p.file(strings.Replace(shown, "Acme", "Acme Inc", 1)), "--seen", "1"},
		"names no provider":                {"put", p.file(`{"name":"x"}`)},
		"description.api.baseUrl":          {"put", p.file(strings.Replace(describedAcme(site.URL, "x"), site.URL, "http://10.1.1.1", 1))},
		`no provider "nobody" is desc`:     {"disable", "nobody"},
		"usage: ratecard providers [list ": {"enable"},
	} {
		if status, _, stderr := p.ratecard(append([]string{"providers"}, args...)...); status == 0 || !strings.Contains(stderr, says) {
			t.Errorf("%q: status %d: %s", args, status, stderr)
		}
	}
}
