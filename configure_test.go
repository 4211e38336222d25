package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"ratecard/adapters/postgres"
	"ratecard/app"
	"ratecard/domain"
)

// shelf is a shop whose price page stands under several addresses, each of
// which can be made to say something else.
type shelf struct {
	*shop
	mu    sync.Mutex
	pages map[string]string // by path
	asked []string
}

func (s *shelf) put(path, page string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[path] = page
}

// took gives the pages that were asked for since it was last called.
func (s *shelf) took() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.asked = nil }()
	return s.asked
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/shelf/") {
		s.shop.ServeHTTP(w, r)
		return
	}
	s.mu.Lock()
	s.asked = append(s.asked, r.URL.Path)
	page, there := s.pages[r.URL.Path]
	s.mu.Unlock()
	if !there {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/markdown")
	_, _ = w.Write([]byte(page))
}

// newShelf also gives what an administrator changes configurations with.
func newShelf(t *testing.T) (*shelf, *bench, *app.Configure) {
	t.Helper()
	s, b := newShop(t)
	shelves := &shelf{shop: s, pages: map[string]string{}}
	server := httptest.NewServer(shelves)
	t.Cleanup(server.Close)
	p := &b.world.providers[0]
	p.API.BaseURL = server.URL
	b.world.reach = reach(t, server.Listener.Addr().String()) // and no other port
	p.Scraping.Sources[0].URL = server.URL + "/shelf/first"
	shelves.put("/shelf/first", shopPage)
	b.open(t)
	c := config{userAgent: "ratecard/test"}
	return shelves, b, newConfigure(c, b.world, b.store, slog.New(slog.DiscardHandler))
}

func (b *bench) host(t testing.TB) string {
	t.Helper()
	u, err := url.Parse(b.world.providers[0].API.BaseURL)
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + u.Host
}

func source(name, address string) string {
	return fmt.Sprintf(`{"name":%q,"url":%q,"readers":[{"reader":"tables"}]}`, name, address)
}

func put(ctx context.Context, c *app.Configure, config string) (domain.ScrapingVersion, error) {
	active, err := c.Configs.Active(ctx, "acme")
	if err != nil {
		return active, err
	}
	saved, err := c.Put(ctx, app.NewConfiguration{Provider: "acme", Config: []byte(config), Seen: active.Version, By: "desk (key 4)"})
	return saved.ScrapingVersion, err
}

// drawConfig draws a configuration in either form, of which some part may be
// missing, and says whether it is whole.
func drawConfig(rt *rapid.T, host string) (config string, whole bool) {
	whole = true
	field := func(name, text string) string {
		if rapid.IntRange(0, 11).Draw(rt, "missing "+name) == 0 {
			whole = false
			return ""
		}
		return fmt.Sprintf("%q:%s", name, text)
	}
	object := func(fields ...string) string {
		return "{" + strings.Join(slices.DeleteFunc(fields, func(s string) bool { return s == "" }), ",") + "}"
	}
	address := fmt.Sprintf("%q", host+"/shelf/"+rapid.SampledFrom([]string{"first", "second", "a/b"}).Draw(rt, "page"))
	selectors := func() string {
		columns := rapid.Permutation([]string{"0", "1", "2", "7"}).Draw(rt, "columns")
		return object(field("table", `"table"`), field("modelNameColumn", columns[0]), field("inputCostColumn", columns[1]), field("outputCostColumn", columns[2]))
	}
	if rapid.Bool().Draw(rt, "simple") {
		fields := []string{field("url", address), field("selectors", selectors())}
		for range rapid.IntRange(0, 1).Draw(rt, "fallbacks") {
			fields = append(fields, fmt.Sprintf(`"fallbackSelectors":[%s,%s]`, selectors(), selectors()))
		}
		return object(fields...), whole
	}
	var sources []string
	for i := range rapid.IntRange(0, 3).Draw(rt, "sources") {
		var readers []string
		for range rapid.IntRange(0, 2).Draw(rt, "readers") {
			readers = append(readers, object(field("reader", rapid.SampledFrom([]string{`"tables"`, `"sections"`, `"island"`}).Draw(rt, "reader"))))
		}
		whole = whole && len(readers) > 0
		sources = append(sources, object(field("name", fmt.Sprintf(`"s%d"`, i)), field("url", address), field("readers", "["+strings.Join(readers, ",")+"]")))
	}
	whole = whole && len(sources) > 0
	return object(field("sources", "["+strings.Join(sources, ",")+"]")), whole
}

// TestProperty25_ConfigCompleteness: what is stored has addresses and readers
// with all their fields, whatever was sent; what lacks one is not stored.
func TestProperty25_ConfigCompleteness(t *testing.T) {
	_, b, c := newShelf(t)
	host := b.host(t)
	rapid.Check(t, func(rt *rapid.T) {
		config, whole := drawConfig(rt, host)
		_, err := put(t.Context(), c, config)
		if (err == nil) != whole || err != nil && domain.KindOf(err) != domain.KindInvalid {
			rt.Fatalf("whole: %t, but %v of %s", whole, err, config)
		}
		stored, err := c.Configs.Active(t.Context(), "acme")
		if err != nil || len(stored.Scraping.Sources) == 0 {
			rt.Fatalf("%+v, %v", stored, err)
		}
		for _, s := range stored.Scraping.Sources {
			if u, err := url.Parse(s.URL); err != nil || u.Host == "" || s.Name == "" || len(s.Readers) == 0 {
				rt.Fatalf("stored: %+v", s)
			}
			for _, r := range s.Readers {
				if columns := r.Columns; r.Reader == "" || columns != nil && (len(columns) != 3 || r.Selector == "") {
					rt.Fatalf("stored: %+v", r)
				}
			}
		}
	})
}

// TestProperty26_ConfigUpdate: the very next scrape reads with the new version,
// on this replica and on another one, without a restart.
func TestProperty26_ConfigUpdate(t *testing.T) {
	s, b, c := newShelf(t)
	store, err := postgres.Open(t.Context(), postgres.Config{DSN: b.dsn})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	other := &bench{world: b.world, whose: b.whose}
	other.sync = newSync(config{userAgent: "ratecard/test", syncTimeout: benchTimeout}, b.world, store, slog.New(slog.DiscardHandler))
	host := b.host(t)
	rapid.Check(t, func(rt *rapid.T) {
		path := fmt.Sprintf("/shelf/%d", rapid.IntRange(0, 5).Draw(rt, "page"))
		s.put(path, shopPage)
		saved, err := put(t.Context(), c, fmt.Sprintf(`{"sources":[%s]}`, source("page", host+path)))
		if err != nil {
			rt.Fatal(err)
		}
		replica := []*bench{b, other}[rapid.IntRange(0, 1).Draw(rt, "replica")]
		s.took()
		run := replica.run(t)
		if asked := s.took(); len(run.Reads) != 1 || run.Reads[0].ConfigVersion != saved.Version || !slices.Contains(asked, path) || len(asked) != 1 {
			rt.Fatalf("version %d of %s was saved; the next scrape read %+v and asked for %v", saved.Version, path, run.Reads, asked)
		}
	})
}

// TestProperty27_StrategyOrder: sources are tried as stored, the first that can
// be read wins, and the run says which that was and why those before it failed.
func TestProperty27_StrategyOrder(t *testing.T) {
	s, b, c := newShelf(t)
	host := b.host(t)
	rapid.Check(t, func(rt *rapid.T) {
		good := rapid.SliceOfN(rapid.Bool(), 1, 5).Draw(rt, "good")
		var sources, want []string
		for i, reads := range good {
			path := fmt.Sprintf("/shelf/%d", i)
			s.put(path, "# Nothing here\n")
			if reads {
				s.put(path, shopPage)
			}
			sources = append(sources, source(fmt.Sprintf("s%d", i), host+path))
		}
		first := slices.Index(good, true)
		for i := range good {
			if first < 0 || i <= first {
				want = append(want, fmt.Sprintf("/shelf/%d", i))
			}
		}
		if _, err := put(t.Context(), c, fmt.Sprintf(`{"sources":[%s]}`, strings.Join(sources, ","))); err != nil {
			rt.Fatal(err)
		}
		s.took()
		run, err := postgres.NewRuns(b.store).Run(t.Context(), b.run(t).ID)
		if err != nil {
			rt.Fatal(err)
		}
		if asked := s.took(); !slices.Equal(asked, want) || len(run.Reads) != len(want) {
			rt.Fatalf("asked for %v and noted %d reads, want %v", asked, len(run.Reads), want)
		}
		for i, read := range run.Reads {
			if won := i == first; read.Source != fmt.Sprintf("s%d", i) || read.Good != won || won != (read.Error == "") || !won && !strings.Contains(read.Error, "no table") {
				rt.Fatalf("read %d of %v: %+v", i, good, read)
			}
		}
		if outcome := step(t, run, domain.StepPricing).Outcome; (outcome == domain.StepDone) != (first >= 0) {
			rt.Fatalf("%v: pricing %s", good, outcome)
		}
	})
}

// TestProperty29_ConfigValidation: a configuration with a fault is refused with
// its path, and the one in force stays, as does what was told of it.
func TestProperty29_ConfigValidation(t *testing.T) {
	_, b, c := newShelf(t)
	faults := []struct {
		old, new, path string
	}{
		{`"url"`, `"ulr"`, ".ulr"},
		{`http://`, `ftp://`, ".url"},
		{`http://`, `http://me:secret@`, ".url"},
		{`"http:`, `"http:// `, ".url"},
		{`PAGE`, `http://169.254.169.254/latest/`, ".url"},
		{`PAGE`, `http://127.1/`, ".url"},
		{`PAGE`, `http://[::1]/`, ".url"},
		{`PAGE`, `http://localhost:1/`, ".url"},
		{`PAGE`, `http://10.1.2.3/`, ".url"},
		{`"tables"`, `"tabels"`, ".readers[0].reader"},
		{`"reader":"tables"`, `"reader":"tables","selector":"a["`, ".readers[0].selector"},
		{`"reader":"tables"`, `"reader":"tables","strip":["(?=a)"]`, ".readers[0].strip[0]"},
		{`"reader":"tables"`, `"reader":"tables","strip":[]`, ".readers[0].strip"},
		{`"reader":"tables"`, `"reader":"tables","skip":["\u0000"]`, ".readers[0].skip[0]"},
		{`"reader":"tables"`, `"reader":"tables","strip":["((a*)*)*$("]`, ".readers[0].strip[0]"},
		{`"reader":"tables"`, `"reader":"tables","divisor":0`, ".readers[0].divisor"},
		{`"reader":"tables"`, `"reader":"tables","headers":{"inptu":["In"]}`, ".readers[0].headers.inptu"},
		{`"reader":"tables"`, `"reader":"tables","tiers":{"batch":[]}`, ".readers[0].tiers.batch"},
		{`"name":"NAME"`, `"name":"NAME","rendering":"browser","readers":[{"reader":"json"}],"x":1`, ".x"},
		{`"reader":"tables"`, `"reader":"tables","knob":1`, ".readers[0].knob"},
		{`"reader":"tables"`, `"reader":"json","selector":"a"`, ".readers[0].selector"},
		{`"reader":"tables"`, `"reader":"tables","columns":{"model":0,"input":0}`, ".readers[0].columns.model"},
		{`[{"reader":"tables"}]`, `[]`, ".readers"},
		{`"name":"NAME"`, `"name":"Not a name"`, ".name"},
		{`"name":"NAME"`, `"name":"twin"`, ".name"},
		{`"name":"NAME"`, `"name":"NAME","rendering":"magic"`, ".rendering"},
	}
	host := b.host(t)
	if _, err := put(t.Context(), c, fmt.Sprintf(`{"sources":[%s]}`, source("good", host+"/shelf/first"))); err != nil {
		t.Fatal(err)
	}
	before, err := c.Configs.Active(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	told := b.count(t, "events")
	rapid.Check(t, func(rt *rapid.T) {
		fault := rapid.SampledFrom(faults).Draw(rt, "fault")
		n := rapid.IntRange(0, 3).Draw(rt, "sound sources before it")
		sources := []string{source("twin", host+"/shelf/x")}
		for i := range n {
			sources = append(sources, source(fmt.Sprintf("s%d", i), host+"/shelf/x"))
		}
		page := host + "/shelf/y"
		bad := strings.Replace(source("NAME", "PAGE"), fault.old, fault.new, 1)
		if !strings.Contains(fault.old, "PAGE") {
			bad = strings.Replace(source("NAME", page), fault.old, fault.new, 1)
		}
		bad = strings.ReplaceAll(bad, "NAME", "last")
		_, err := put(t.Context(), c, fmt.Sprintf(`{"sources":[%s,%s]}`, strings.Join(sources, ","), bad))
		var e *domain.Error
		want := fmt.Sprintf("sources[%d]%s", n+1, fault.path)
		if !errors.As(err, &e) || e.Kind != domain.KindInvalid || !slices.ContainsFunc(e.Fields, func(f domain.FieldError) bool { return f.Path == want }) {
			rt.Fatalf("%s: %v, want a fault at %s", bad, err, want)
		}
		if strings.Contains(err.Error(), "secret") {
			rt.Fatalf("a secret is in it: %v", err)
		}
		after, err := c.Configs.Active(t.Context(), "acme")
		if err != nil || after.Version != before.Version {
			rt.Fatalf("version %d is in force, %v", after.Version, err)
		}
	})
	if n := b.count(t, "events"); n != told {
		t.Errorf("%d events were written", n-told)
	}
}

// TestTryWritesNothing: what a configuration would read is told, beside what is
// in force, and no row of any table is written for it.
func TestTryWritesNothing(t *testing.T) {
	s, b, c := newShelf(t)
	if run := b.run(t); run.Outcome != domain.OutcomeSuccess {
		t.Fatalf("%+v", run.Steps)
	}
	host := b.host(t)
	s.put("/shelf/new", "# Prices\n\n| What | In | Output Tokens |\n| --- | --- | --- |\n| Acme Large 2 | $4 / MTok | $15 / MTok |\n| Acme Vast 9 | $1 / MTok | $2 / MTok |\n")
	config := fmt.Sprintf(`{"sources":[%s,{"name":"new","url":"%s/shelf/new","readers":[{"reader":"tables","columns":{"model":0,"input":1,"output":2}}]}]}`,
		source("gone", host+"/shelf/gone"), host)
	before := b.everyRow(t)
	tried, err := c.Try(t.Context(), app.TryConfiguration{Provider: "acme", Config: []byte(config)})
	if err != nil {
		t.Fatal(err)
	}
	if after := b.everyRow(t); after != before {
		t.Errorf("rows were written:\n%s\nbefore\n%s", after, before)
	}
	b.run(t)
	if after := b.everyRow(t); after == before {
		t.Error("a sync writes rows, and this test does not see it")
	}
	if len(tried.Sources) != 2 || tried.Sources[0].Error == "" || tried.Sources[1].Error != "" {
		t.Fatalf("%+v", tried.Sources)
	}
	var got []string
	for _, r := range tried.Rates {
		got = append(got, fmt.Sprintf("%s %s %s %s", r.Name, r.Meter, r.Amount, r.Change))
	}
	for _, r := range tried.Missing {
		got = append(got, fmt.Sprintf("missing %s %s %s", r.Model.ID, r.Meter, r.Amount))
	}
	slices.Sort(got)
	want := []string{
		"Acme Large 2 input 4 changed", "Acme Large 2 output 15 same", "Acme Vast 9 input 1 unmatched", "Acme Vast 9 output 2 unmatched",
		"missing acme-small-2 input 1", "missing acme-small-2 output 5",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	table := tried.Sources[1].Findings[0].Tables[0]
	if table.Quotes != 4 || table.Columns[0].Means != domain.ColumnModel || table.Columns[1].Means != "input" {
		t.Errorf("%+v", table)
	}
	t.Run("of a stored page", func(t *testing.T) {
		page, err := postgres.NewPages(b.store).Latest(t.Context(), "acme", "page")
		if err != nil {
			t.Fatal(err)
		}
		s.took()
		tried, err := c.Try(t.Context(), app.TryConfiguration{Provider: "acme", PageID: page.ID})
		if err != nil || tried.Version != 1 || len(tried.Rates) != 4 || len(tried.Missing) != 0 || len(s.took()) != 0 {
			t.Errorf("%+v, %v", tried, err)
		}
		if _, err := c.Try(t.Context(), app.TryConfiguration{Provider: "acme", PageID: page.ID + 99}); domain.KindOf(err) != domain.KindNotFound {
			t.Errorf("of a page that is not there: %v", err)
		}
	})
}

// everyRow counts what was ever written to each table, but for those of what
// manners ask for: when a host was last asked, what its robots.txt says.
func (b *bench) everyRow(t testing.TB) string {
	t.Helper()
	var text string
	if err := b.store.Pool().QueryRow(t.Context(), `SELECT string_agg(format('%s %s', table_name,
		(xpath('/row/n/text()', query_to_xml(format('SELECT count(*) || '' '' || coalesce(max(xmin::text::bigint), 0) AS n FROM public.%I', table_name), true, true, '')))[1]), E'\n' ORDER BY table_name)
		FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
		AND table_name NOT IN ('hosts', 'robots_files')`).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

// TestConfigurationsOverHTTP: an administrator reads, saves, races, rolls back
// and tries; whoever may only read may not.
func TestConfigurationsOverHTTP(t *testing.T) {
	r := newRunning(t, benchTimeout)
	const at = "/api/admin/scraping-configs/anthropic"
	type version struct {
		Version  int
		Author   string
		Restores *int
		Config   domain.Scraping
	}
	var first struct {
		version
		Default     domain.Scraping
		Differences []struct{ Path string }
	}
	r.ask(t, http.MethodGet, at, "", &first)
	if first.Version != 1 || first.Author != domain.AuthorRelease || len(first.Differences) != 0 || len(first.Default.Sources) == 0 {
		t.Fatalf("%+v", first)
	}
	changed := first.Config
	changed.Sources = changed.Sources[:1]
	config, err := json.Marshal(changed)
	if err != nil {
		t.Fatal(err)
	}
	var second version
	r.ask(t, http.MethodPut, at, fmt.Sprintf(`{"version":1,"config":%s}`, config), &second)
	if second.Version != 2 || second.Author != "RATECARD_ADMIN_KEY" || second.Restores != nil {
		t.Fatalf("%+v", second)
	}
	r.ask(t, http.MethodGet, at, "", &first)
	if len(first.Differences) != 1 || first.Differences[0].Path != "sources[1]" {
		t.Errorf("differences: %+v", first.Differences)
	}
	for body, want := range map[string]struct {
		status int
		says   string
	}{
		`{"version":1,"config":{"sources":[{"name":"a","url":"https://a.example","readers":[{"reader":"tables"}]}]}}`: {409, "version 2 is in force by now"},
		`{"version":2,"config":{"sources":[{"name":"a","url":"file:///x","readers":[{"reader":"tables"}]}]}}`:         {400, `"config.sources[0].url"`},
		`{"version":2,"config":7}`:        {400, `"config"`},
		`{"config":{}}`:                   {400, `"version"`},
		`{"version":2,"confg":{"a":"b"}}`: {400, `"confg"`},
	} {
		req := r.request(t, http.MethodPut, at, body)
		req.Header.Set("X-API-Key", adminKey)
		if got := r.send(t, req); got.status != want.status || !strings.Contains(got.text, want.says) {
			t.Errorf("%s: %d %s", body, got.status, got.text)
		}
	}
	var third version
	r.ask(t, http.MethodPost, at+"/rollback", `{"version":2,"to":1}`, &third)
	if third.Version != 3 || third.Restores == nil || *third.Restores != 1 {
		t.Errorf("%+v", third)
	}
	var all struct{ Items []version }
	r.ask(t, http.MethodGet, at+"/versions", "", &all)
	if len(all.Items) != 3 || all.Items[2].Author != domain.AuthorRelease {
		t.Errorf("%+v", all)
	}
	var tried struct {
		Version int
		Rates   []struct{ Change string }
	}
	r.ask(t, http.MethodPost, at+"/try", "", &tried)
	if tried.Version != 3 || len(tried.Rates) == 0 {
		t.Errorf("%+v", tried)
	}
	var schema struct{ Title string }
	r.ask(t, http.MethodGet, "/api/admin/scraping-configs/schema", "", &schema)
	if schema.Title != "ratecard scraping configuration" {
		t.Errorf("schema: %+v", schema)
	}
	saved, restored := events[domain.ConfigPayload](t, r.bench, domain.EventConfigSaved), events[domain.ConfigPayload](t, r.bench, domain.EventConfigRestored)
	if len(saved) != 1 || saved[0] != (domain.ConfigPayload{Version: 2, Before: 1, By: "RATECARD_ADMIN_KEY"}) ||
		len(restored) != 1 || restored[0] != (domain.ConfigPayload{Version: 3, Before: 2, Restores: 1, By: "RATECARD_ADMIN_KEY"}) {
		t.Errorf("told of: %+v, %+v", saved, restored)
	}
	if got := r.send(t, r.request(t, http.MethodGet, at, "")); got.status != http.StatusUnauthorized {
		t.Errorf("without a key: %d", got.status)
	}
}

// TestConfigsCommand: what the command prints can be changed, tried and put
// back, and a fault is told with its path.
func TestConfigsCommand(t *testing.T) {
	r := newRunning(t, benchTimeout)
	p := prompt{t, r.url, adminKey}
	must := func(args ...string) (stdout, stderr string) {
		t.Helper()
		status, stdout, stderr := p.ratecard(append([]string{"configs", "anthropic"}, args...)...)
		if status != 0 {
			t.Fatalf("%q: status %d: %s", args, status, stderr)
		}
		return stdout, stderr
	}
	config, said := must()
	if !strings.HasPrefix(said, "version 1 by release") {
		t.Errorf("said %q", said)
	}
	changed := p.file(strings.Replace(config, `"reader": "tables"`, `"reader": "tables", "skip": ["Old models"]`, 1))
	if stdout, said := must("try", changed); !strings.Contains(said, "nothing was saved") || !strings.Contains(said, `"Model": model`) || !strings.Contains(stdout, "unmatched ") {
		t.Errorf("said %q\n%s", said, stdout)
	}
	must("put", changed)
	if _, said := must(); !strings.Contains(said, "sources[0].readers[0].skip: [\"Old models\"] here, null by default") {
		t.Errorf("said %q", said)
	}
	must("rollback", "1")
	if stdout, _ := must("show", "3"); stdout != config {
		t.Errorf("rolled back to\n%s\nnot\n%s", stdout, config)
	}
	if stdout, _ := must("versions"); strings.Count(stdout, "\n") != 4 {
		t.Errorf("versions:\n%s", stdout)
	}
	bad := p.file(strings.Replace(config, "http:", "ftp:", 1))
	for says, args := range map[string][]string{
		"config.sources[0].url":       {"put", bad},
		"version 3 is in force":       {"put", changed, "--seen", "2"},
		"is no JSON":                  {"put", p.file("sources:")},
		"no version":                  {"rollback", "first"},
		"usage: ratecard configs":     {"put"},
		"no scraping configuration 9": {"show", "9"},
	} {
		if status, _, stderr := p.ratecard(append([]string{"configs", "anthropic"}, args...)...); status == 0 || !strings.Contains(stderr, says) {
			t.Errorf("%q: status %d: %s", args, status, stderr)
		}
	}
}
