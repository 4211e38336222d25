package main

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ratecard/adapters/postgres"
	"ratecard/adapters/providers"
	"ratecard/domain"
)

// A block is a fenced block of a document: its language, what stands behind
// that, and its text.
type fenced struct{ language, rest, text string }

var fence = regexp.MustCompile("(?ms)^ *```(\\w*)(?: ([^\\n]+))?\\n(.*?)^ *```$")

func blocksOf(t *testing.T, path string) []fenced {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []fenced
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, fenced{m[1], m[2], m[3]})
	}
	return blocks
}

// words splits a command line: blanks part words but in double quotes, and a
// word with = before the command sets a variable.
func words(line string) (env map[string]string, args []string) {
	env = map[string]string{}
	for _, w := range regexp.MustCompile(`"[^"]*"|\S+`).FindAllString(line, -1) {
		name, value, set := strings.Cut(w, "=")
		if set && len(args) == 0 {
			env[name] = value
			continue
		}
		args = append(args, strings.Trim(w, `"`))
	}
	return env, args
}

// acme is the site of the provider that the document adds.
func acme(t *testing.T) *httptest.Server {
	pages := map[string]string{
		"/pricing": "<!doctype html><h1>Prices</h1><table><caption>Standard</caption><tr><th>Model</th><th>Input / 1M tokens</th><th>Output / 1M tokens</th></tr>" +
			"<tr><td>acme-large-1</td><td>$3</td><td>$15</td></tr><tr><td>The Seeing Eye</td><td>$4</td><td>$16</td></tr></table>" +
			"<h2>Overnight</h2><table><tr><th>Model</th><th>Input / 1M tokens</th><th>Output / 1M tokens</th></tr><tr><td>acme-large-1</td><td>$1.50</td><td>$7.50</td></tr></table>",
		"/deprecations": "<!doctype html><table><tr><th>Model</th><th>Shutdown date</th></tr><tr><td><code>acme-large-1</code></td><td>March 1, 2030</td></tr></table>",
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/models" {
			_ = json.NewEncoder(w).Encode(map[string]any{"object": "list", "data": []map[string]any{
				{"id": "acme-large-1", "object": "model", "owned_by": "acme"}, {"id": "acme-vision-1", "object": "model", "owned_by": "acme"},
			}})
			return
		}
		page, found := pages[r.URL.Path]
		if !found {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page))
	}))
	t.Cleanup(server.Close)
	return server
}

// reader does what the document says, as somebody does who reads it.
type reader struct {
	t    *testing.T
	site string // in place of https://acme.example
	dir  string // where files are written
	b    *bench
	env  map[string]string
	said []string          // what each command printed, standard error first
	word map[string]string // what somebody puts in place of a word of the document
}

func (r *reader) follow(b fenced) {
	r.t.Helper()
	text := strings.ReplaceAll(b.text, "https://acme.example", r.site)
	switch {
	case b.language == "json":
		path := filepath.Join(r.dir, b.rest)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			r.t.Fatal(err)
		}
	case b.rest == "serve":
		r.serve()
	case b.language == "sh":
		for line := range strings.Lines(text) {
			r.run(strings.TrimSpace(line))
		}
	}
}

func (r *reader) run(line string) {
	r.t.Helper()
	set, args := words(line)
	lookup := func(name string) (string, bool) {
		value, ok := set[name]
		if !ok {
			value, ok = r.env[name]
		}
		if name == "RATECARD_PROVIDERS_DIR" && ok {
			value = filepath.Join(r.dir, value)
		}
		return value, ok
	}
	for i, a := range args {
		if instead, meant := r.word[a]; meant {
			args[i] = instead
		} else if strings.HasSuffix(a, ".json") {
			args[i] = filepath.Join(r.dir, a)
		}
	}
	var out, errs strings.Builder
	if status := run(r.t.Context(), args[1:], lookup, &out, &errs); status != 0 {
		r.t.Fatalf("%s: status %d\n%s%s", line, status, out.String(), errs.String())
	}
	r.said = append(r.said, errs.String()+out.String())
}

// serve starts the demo's providers and the new one, on a database of its own.
func (r *reader) serve() {
	r.t.Helper()
	all, err := providers.LoadDir(os.DirFS(filepath.Join(r.dir, "providers")))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, p := range all {
		if p.ID == "acme" {
			r.b.world.providers = append(r.b.world.providers, p)
		}
	}
	server := r.b.running(r.t, time.Minute)
	r.env["RATECARD_URL"], r.env["RATECARD_KEY"] = server.url, adminKey
}

// TestAddAProvider does every step of the document, whose provider becomes the
// sixth beside the demo's.
func TestAddAProvider(t *testing.T) {
	b := newBench(t)
	b.world.paused = true
	site := acme(t)
	host := strings.TrimPrefix(site.URL, "http://")
	r := &reader{t: t, site: site.URL, dir: t.TempDir(), b: b, env: map[string]string{"RATECARD_ALLOWED_HOSTS": strings.Split(host, ":")[0]}}
	for _, block := range blocksOf(t, "docs/add-a-provider.md") {
		r.follow(block)
	}
	if n := len(b.world.providers); n != 6 {
		t.Errorf("%d providers", n)
	}
	for i, want := range []string{
		"The Seeing Eye", // auto reads it, and leaves alone what is stated twice
		"batch",          // its file knows the tier
		"success", "acme-large-1",
		"acme is enabled, described by a file", "ACME_API_KEY", "acme is disabled", "acme is enabled",
		"acme-vision-1", "pin", "success", "16",
		"  tables: 6 prices; ", // and nothing of it is new
		"while you sleep", "2", "overnight",
	} {
		if i >= len(r.said) || !strings.Contains(r.said[i], want) {
			t.Errorf("command %d does not say %q: %q", i+1, want, r.said[min(i, len(r.said)-1)])
		}
	}
	if said := r.said[12]; !strings.Contains(said, "6 prices read, 0 lines differ from what is in force; nothing was saved") {
		t.Errorf("try says %q", said)
	}
	if m := b.model(t, "acme-vision-1"); input(m) != "4" {
		t.Errorf("the pinned model costs %s", input(m))
	}
	if m := b.model(t, "acme-large-1"); m.RetiresAt == nil || input(m) != "3" {
		t.Errorf("%+v", m)
	}
}

// TestMendAPage does every step that the document names for a page that is read
// wrongly.
func TestMendAPage(t *testing.T) {
	b := newBench(t)
	b.world.paused = true
	r := &reader{t: t, dir: t.TempDir(), b: b, env: map[string]string{"RATECARD_ALLOWED_HOSTS": "127.0.0.1"}}
	server := b.running(t, time.Minute)
	r.env["RATECARD_URL"], r.env["RATECARD_KEY"] = server.url, adminKey
	runs := server.done(t, server.startSync(t, "anthropic"))
	page, err := postgres.NewPages(b.store).Page(t.Context(), runs[0].Reads[0].PageID)
	if err != nil {
		t.Fatal(err)
	}
	active, err := postgres.NewConfigs(b.store).Active(t.Context(), "anthropic")
	if err != nil {
		t.Fatal(err)
	}
	active.Scraping.Sources[0].Readers = slices.Insert(active.Scraping.Sources[0].Readers, 0, domain.ReaderConfig{Reader: "sections"})
	config, err := json.Marshal(active.Scraping)
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string, text []byte) string {
		path := filepath.Join(r.dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	r.word = map[string]string{
		"PROVIDER": "anthropic", "FILE": file("config", config), "PAGE": file("page", page.Body), "ID": strconv.FormatInt(page.ID, 10), "VERSION": "1",
	}
	// What came with the program is read at the demo's address, not at the provider's.
	r.env["RATECARD_PROVIDERS_DIR"] = "providers"
	if err := os.Mkdir(filepath.Join(r.dir, "providers"), 0o700); err != nil {
		t.Fatal(err)
	}
	described, _ := b.world.provider("anthropic")
	described.ModelPages = nil
	text, err := json.Marshal(described)
	if err != nil {
		t.Fatal(err)
	}
	file("providers/anthropic.json", text)
	for _, block := range blocksOf(t, "docs/pages.md") {
		r.follow(block)
	}
	for i, want := range [][]string{
		{"  tables: ", `    table under "`, `"Model": model`, "nothing was saved"},
		{"  tables: ", `    table under "`, `"Model": model`, `"strategy"`},
		{"  sections: 0 prices; ", "  tables: ", `"strategy"`},
		{"  sections: 0 prices; ", "lines differ from what is in force; nothing was saved", "unmatched  "},
		{"  sections: 0 prices; ", "lines differ from what is in force; nothing was saved", "unmatched  "},
		{"version 2 by RATECARD_ADMIN_KEY", `"reader": "sections"`},
		{"version 3 by RATECARD_ADMIN_KEY"},
		{"anthropic"}, {"anthropic"}, {"PROVIDER"},
	} {
		if i >= len(r.said) {
			t.Fatalf("%d commands were done: %q", len(r.said), r.said)
		}
		for _, says := range want {
			if !strings.Contains(r.said[i], says) {
				t.Errorf("command %d does not say %q: %q", i+1, says, r.said[i])
			}
		}
	}
}

// TestDocumentsNameWhatThereIs: every command that a document shows exists, and
// every file of ours that it names.
func TestDocumentsNameWhatThereIs(t *testing.T) {
	names := []string{}
	for _, c := range commands() {
		names = append(names, c.name)
	}
	command, inBlock := regexp.MustCompile("`ratecard ([a-z]+)"), regexp.MustCompile(`(?m)^ *(?:[A-Z_]+=\S* )*(?:\S*/)?ratecard ([a-z]+)(?: |$)`)
	link := regexp.MustCompile(`\]\(([a-zA-Z0-9./-]+\.md)[)#]`)
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (strings.HasPrefix(path, ".") && path != "." || path == "gen") {
			if d != nil && d.IsDir() && err == nil {
				return fs.SkipDir
			}
			return err
		}
		if filepath.Ext(path) != ".md" || strings.Contains(path, "testdata") || strings.Contains(path, "demosite") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		named := command.FindAllStringSubmatch(string(text), -1)
		for _, block := range blocksOf(t, path) {
			named = append(named, inBlock.FindAllStringSubmatch(block.text, -1)...)
		}
		for _, m := range named {
			if !slices.Contains(names, m[1]) {
				t.Errorf("%s: there is no command %q", path, m[1])
			}
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), m[1])); err != nil {
				t.Errorf("%s: %s is not there", path, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
