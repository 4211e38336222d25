package main

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ratecard/adapters/postgres"
	"ratecard/app"
	"ratecard/domain"
)

// TestReaderThatDoesNotFitThePage: what the page as it last came shows to be in
// vain is refused with its path, or told of where another reader does the work;
// so it is when a configuration is tried on the page itself.
func TestReaderThatDoesNotFitThePage(t *testing.T) {
	_, b, c := newShelf(t)
	host := b.host(t)
	page := fmt.Sprintf(`{"name":"page","url":"%s/shelf/first","readers":[%%s]}`, host)
	other := fmt.Sprintf(`{"name":"other","url":"%s/shelf/%%s","readers":[{"reader":"tables"}]}`, host)
	config := func(readers, second string) string {
		return `{"sources":[` + fmt.Sprintf(other, second) + "," + fmt.Sprintf(page, readers) + `]}`
	}
	paths := func(faults []domain.FieldError) (out []string) {
		for _, f := range faults {
			out = append(out, f.Path)
		}
		return out
	}
	save := func(config string) (app.SavedConfiguration, error) {
		active, err := c.Configs.Active(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		return c.Put(t.Context(), app.NewConfiguration{Provider: "acme", Config: []byte(config), Seen: active.Version, By: "desk"})
	}
	// Before the page has come nothing is known of it.
	if saved, err := save(config(`{"reader":"json"}`, "x")); err != nil || len(saved.Misfits) != 0 {
		t.Fatalf("%+v, %v", saved, err)
	}
	if saved, err := save(config(`{"reader":"tables"}`, "x")); err != nil || len(saved.Misfits) != 0 {
		t.Fatalf("%+v, %v", saved, err)
	}
	if run := b.run(t); run.Outcome != domain.OutcomeSuccess {
		t.Fatalf("%+v", run.Steps)
	}
	before, err := c.Configs.Active(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	_, err = save(config(`{"reader":"json"}`, "x"))
	var e *domain.Error
	if !errors.As(err, &e) || e.Kind != domain.KindInvalid || !slices.Equal(paths(e.Fields), []string{"sources[1].readers[0]"}) {
		t.Fatalf("%v", err)
	}
	for _, says := range []string{`the page is Markdown or plain text: the reader "json" reads JSON; expected one of: tables, sections, script, text, island, auto (page `, "a sync fetches it anew"} {
		if !strings.Contains(e.Fields[0].Message, says) {
			t.Errorf("it does not say %q: %s", says, e.Fields[0].Message)
		}
	}
	if after, err := c.Configs.Active(t.Context(), "acme"); err != nil || after.Version != before.Version {
		t.Errorf("version %d is in force, %v", after.Version, err)
	}
	// One that fits is enough, and the rest is told of.
	saved, err := save(config(`{"reader":"json"},{"reader":"tables","selector":"main"}`, "y.json"))
	if err != nil || !slices.Equal(paths(saved.Misfits), []string{"sources[0].readers[0]", "sources[1].readers[0]", "sources[1].readers[1].selector"}) {
		t.Errorf("%+v, %v", saved.Misfits, err)
	}
	// The page may be a login for a while: what is in force can be saved again, and
	// another page under its name is not judged by it.
	pages := postgres.NewPages(b.store)
	if _, err := pages.Put(t.Context(), domain.Page{Provider: "acme", Source: "page", URL: host + "/shelf/first", FetchedAt: b.world.now().Add(1e9), Body: []byte(`{"please":"log in"}`)}); err != nil {
		t.Fatal(err)
	}
	if saved, err := save(config(`{"reader":"json"},{"reader":"tables","selector":"main"}`, "z")); err != nil || !slices.Equal(paths(saved.Misfits), []string{"sources[1].readers[1]"}) {
		t.Errorf("%+v, %v", saved.Misfits, err)
	}
	if _, err := save(config(`{"reader":"text"}`, "z")); domain.KindOf(err) != domain.KindInvalid {
		t.Errorf("a reader that nothing but Markdown suits: %v", err)
	}
	if _, err := save(strings.Replace(config(`{"reader":"text"}`, "z"), "/shelf/first", "/shelf/second", 1)); err != nil {
		t.Error(err)
	}
	tried, err := c.Try(t.Context(), app.TryConfiguration{Provider: "acme", Config: []byte(config(`{"reader":"json"},{"reader":"tables"}`, "gone"))})
	if err != nil || len(tried.Sources) != 2 || !slices.Equal(paths(tried.Sources[1].Misfits), []string{"sources[1].readers[0]"}) || len(tried.Rates) != 4 {
		t.Errorf("%+v, %v", tried, err)
	}
}

// TestMisfitsOverHTTP: the paths are those in the body for what is refused, and in
// the configuration for what is told of.
func TestMisfitsOverHTTP(t *testing.T) {
	r := newRunning(t, benchTimeout)
	r.done(t, r.startSync(t, "anthropic"))
	p := prompt{t, r.url, adminKey}
	status, config, stderr := p.ratecard("configs", "anthropic")
	if status != 0 {
		t.Fatal(stderr)
	}
	both := strings.ReplaceAll(config, `"reader": "text"`, `"reader": "json"`)
	if status, _, said := p.ratecard("configs", "anthropic", "try", p.file(both)); status != 0 || !strings.Contains(said, `  sources[0].readers[1]: the page is `) || !strings.Contains(said, "  json: 0 prices; ") {
		t.Errorf("try: status %d: %s", status, said)
	}
	if status, _, said := p.ratecard("configs", "anthropic", "put", p.file(both)); status != 0 || !strings.Contains(said, "warning: sources[0].readers[1]: the page is ") {
		t.Errorf("put: status %d: %s", status, said)
	}
	if status, _, said := p.ratecard("configs", "anthropic", "rollback", "1"); status != 0 || strings.Contains(said, "warning") {
		t.Errorf("rollback: status %d: %s", status, said)
	}
	none := strings.ReplaceAll(both, `"reader": "tables"`, `"reader": "json"`)
	req := r.request(t, http.MethodPut, "/api/admin/scraping-configs/anthropic", fmt.Sprintf(`{"version":3,"config":%s}`, none))
	req.Header.Set("X-API-Key", adminKey)
	if got := r.send(t, req); got.status != http.StatusBadRequest || !strings.Contains(got.text, `"config.sources[0].readers[0]"`) {
		t.Errorf("%d %s", got.status, got.text)
	}
}
