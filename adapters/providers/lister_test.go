package providers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ratecard/adapters/demosite"
	"ratecard/adapters/providers"
	"ratecard/domain"
	"ratecard/ports"
)

const key = "sk-ant-geheim-0123456789"

var now = time.Date(2026, 7, 1, 2, 0, 0, 123456789, time.UTC)

// get is a fetcher that asks once and knows three kinds of trouble.
type get struct{}

func (get) Fetch(ctx context.Context, req ports.FetchRequest) (ports.Fetched, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, req.URL, nil)
	if err != nil {
		return ports.Fetched{}, err
	}
	r.Header = req.Header.Clone()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return ports.Fetched{}, domain.Errorf(domain.KindUnavailable, "not reached")
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return ports.Fetched{}, err
	case resp.StatusCode == http.StatusUnauthorized:
		return ports.Fetched{}, domain.Errorf(domain.KindUpstreamAuth, "answered %d", resp.StatusCode)
	case resp.StatusCode == http.StatusNotFound:
		return ports.Fetched{}, domain.Errorf(domain.KindUpstream, "answered %d", resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		return ports.Fetched{}, domain.Errorf(domain.KindUnavailable, "answered %d", resp.StatusCode)
	}
	return ports.Fetched{URL: req.URL, Status: resp.StatusCode, Body: body, At: now}, nil
}

func lister(key string) *providers.Lister {
	return providers.NewLister(providers.Config{
		Fetcher: get{},
		Key: func(env string) string {
			if env == "ANTHROPIC_API_KEY" {
				return key
			}
			return ""
		},
		Now: func() time.Time { return now },
	})
}

// at is a provider whose list stands at an address.
func at(base string) domain.Provider {
	return domain.Provider{ID: "anthropic", Name: "Anthropic", Enabled: true, API: &domain.ListAPI{
		Dialect: domain.DialectAnthropic, BaseURL: base, KeyEnv: "ANTHROPIC_API_KEY",
	}}
}

// write answers; a client that has gone does not matter.
func write(w io.Writer, text string) { _, _ = io.WriteString(w, text) }

func serve(t interface{ Cleanup(func()) }, handler http.HandlerFunc) string {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// An entry is a model as a list may state it: what is nil is left out or null.
type entry struct {
	id, name, created string
	window, output    *int64
	abilities         map[string]bool
	extra             string
	nulls             bool
}

func (e entry) json() json.RawMessage {
	object := map[string]any{"type": "model", "id": e.id}
	put := func(name string, value any, stated bool) {
		if stated {
			object[name] = value
		} else if e.nulls {
			object[name] = nil
		}
	}
	put("display_name", e.name, e.name != "")
	put("created_at", e.created, e.created != "")
	put("max_input_tokens", e.window, e.window != nil)
	put("max_tokens", e.output, e.output != nil)
	abilities := map[string]any{}
	for name, supported := range e.abilities {
		abilities[name] = map[string]any{"supported": supported, "since": "v2"}
	}
	put("capabilities", abilities, len(abilities) > 0)
	put("a_field_of_tomorrow", map[string]any{"x": []any{1.5, e.extra}}, e.extra != "")
	text, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	return text
}

// renamed are the names that all providers share.
var renamed = map[string]string{"image_input": "vision", "thinking": "reasoning", "tool_use": "tools"}

func (e entry) model() domain.Model {
	m := domain.Model{
		ModelKey: domain.ModelKey{Provider: "anthropic", ID: e.id}, DisplayName: e.name, Source: "api",
		ContextWindow: e.window, MaxOutputTokens: e.output, Raw: e.json(),
	}
	if created, err := time.Parse(time.RFC3339, e.created); err == nil {
		created = created.UTC()
		m.Created = &created
	}
	for name, supported := range e.abilities {
		if ours := renamed[name]; ours != "" {
			name = ours
		}
		m.Capabilities = append(m.Capabilities, domain.Capability{Type: name, Supported: supported})
	}
	slices.SortFunc(m.Capabilities, func(a, b domain.Capability) int { return strings.Compare(a.Type, b.Type) })
	return m
}

func entries() *rapid.Generator[[]entry] {
	tokens := rapid.Ptr(rapid.Int64Range(1, 1<<40), true)
	one := rapid.Custom(func(t *rapid.T) entry {
		return entry{
			id:        rapid.OneOf(rapid.StringMatching(`[a-z0-9]{1,6}(-[a-z0-9.]{1,4}){0,3}`), rapid.StringN(1, 8, -1)).Draw(t, "id"),
			name:      rapid.OneOf(rapid.Just(""), rapid.StringN(0, 20, -1)).Draw(t, "name"),
			created:   rapid.SampledFrom([]string{"", "2025-02-24T00:00:00Z", "2026-04-14T10:11:12+02:00"}).Draw(t, "created"),
			window:    tokens.Draw(t, "window"),
			output:    tokens.Draw(t, "output"),
			abilities: rapid.MapOf(rapid.SampledFrom([]string{"batch", "image_input", "thinking", "tool_use", "pdf_input", "x_new"}), rapid.Bool()).Draw(t, "abilities"),
			extra:     rapid.StringN(0, 5, -1).Draw(t, "extra"),
			nulls:     rapid.Bool().Draw(t, "nulls"),
		}
	})
	return rapid.SliceOfNDistinct(one, 0, 40, func(e entry) string { return e.id })
}

// pages serves entries as Anthropic does. With an overlap each page begins with
// the last entries of the one before, as when a model is added in between.
func pages(all []entry, size, overlap int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from := 0
		if after := r.FormValue("after_id"); after != "" {
			from = 1 + slices.IndexFunc(all, func(e entry) bool { return e.id == after })
		}
		to := min(from+size, len(all))
		list := map[string]any{"data": []json.RawMessage{}, "has_more": to < len(all), "first_id": nil, "last_id": nil, "new": 1}
		if to > from {
			var data []json.RawMessage
			for _, e := range all[max(0, from-overlap):to] {
				data = append(data, e.json())
			}
			list["data"], list["last_id"] = data, all[to-1].id
		}
		text, err := json.Marshal(list)
		if err != nil {
			panic(err)
		}
		write(w, string(text))
	}
}

func TestProperty01_CompleteExtraction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := entries().Draw(t, "models")
		size := rapid.IntRange(1, 45).Draw(t, "page size")
		base := serve(t, pages(all, size, rapid.IntRange(0, 3).Draw(t, "overlap")))
		listing, err := lister(key).List(context.Background(), at(base))
		if err != nil {
			t.Fatal(err)
		}
		if !listing.Complete || !listing.At.Equal(now.Truncate(time.Microsecond)) || len(listing.Models) != len(all) {
			t.Fatalf("%d of %d models, complete: %t, at %s", len(listing.Models), len(all), listing.Complete, listing.At)
		}
		for i, got := range listing.Models {
			if want := all[i].model(); !equal(got, want) {
				t.Fatalf("model %d\ngot  %s\nwant %s", i, shown(got), shown(want))
			}
		}
	})
}

// equal compares models; of the raw entries it compares what they say.
func equal(a, b domain.Model) bool {
	var x, y any
	if json.Unmarshal(a.Raw, &x) != nil || json.Unmarshal(b.Raw, &y) != nil {
		return false
	}
	return shown(a) == shown(b) && fmt.Sprint(x) == fmt.Sprint(y)
}

// shown spells a model out, without its raw entry.
func shown(m domain.Model) string {
	said := func(n *int64) string {
		if n == nil {
			return "not said"
		}
		return strconv.FormatInt(*n, 10)
	}
	created := "not said"
	if m.Created != nil {
		created = m.Created.Format(time.RFC3339Nano)
	}
	window, output := said(m.ContextWindow), said(m.MaxOutputTokens)
	m.Raw, m.Created, m.ContextWindow, m.MaxOutputTokens = nil, nil, nil, nil
	return fmt.Sprintf("%#v created %s window %s output %s", m, created, window, output)
}

// TestProperty15_ContextWindow: as the API gave it, else none.
func TestProperty15_ContextWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		given := rapid.OneOf(
			rapid.Map(rapid.Int64Range(1, 1<<53), func(n int64) string { return strconv.FormatInt(n, 10) }),
			rapid.SampledFrom([]string{"", "null", "0", "-1", `"200k"`, `"200000"`, "1.5", "true", "{}", "1e400"}),
		).Draw(t, "max_input_tokens")
		body := `{"data":[{"id":"m"}]}`
		if given != "" {
			body = `{"data":[{"id":"m","max_tokens":64000,"max_input_tokens":` + given + `}]}`
		}
		models, err := providers.ParseList(at(""), []byte(body))
		if err != nil || len(models) != 1 {
			t.Fatal(models, err)
		}
		n, err := strconv.ParseInt(given, 10, 64)
		switch got := models[0].ContextWindow; {
		case err == nil && n > 0 && (got == nil || *got != n):
			t.Fatalf("given %s, got %v", given, got)
		case (err != nil || n <= 0) && got != nil:
			t.Fatalf("given %q, got %d", given, *got)
		}
	})
}

// TestWhatIsNotSaidIsAbsent: never zero, never guessed.
func TestWhatIsNotSaidIsAbsent(t *testing.T) {
	for name, rest := range map[string]string{
		"left out":   ``,
		"null":       `,"display_name":null,"created_at":null,"max_input_tokens":null,"max_tokens":null,"capabilities":null`,
		"empty":      `,"display_name":"","created_at":"","max_input_tokens":0,"max_tokens":0,"capabilities":{}`,
		"unknown":    `,"created_at":"1970-01-01T00:00:00Z","max_input_tokens":-1,"max_tokens":-1`,
		"other type": `,"display_name":7,"created_at":1745000000,"max_input_tokens":"200k","max_tokens":1.5,"capabilities":["batch"]`,
		"unstated":   `,"capabilities":{"batch":{},"effort":true,"thinking":{"supported":null}}`,
	} {
		t.Run(name, func(t *testing.T) {
			models, err := providers.ParseList(at(""), []byte(`{"data":[{"id":"m"`+rest+`}]}`))
			if err != nil || len(models) != 1 {
				t.Fatal(models, err)
			}
			want := domain.Model{ModelKey: domain.ModelKey{Provider: "anthropic", ID: "m"}, Source: "api"}
			if shown(models[0]) != shown(want) {
				t.Errorf("got %s", shown(models[0]))
			}
		})
	}
}

func TestProperty02_BadKeyFailsTheList(t *testing.T) {
	site := demosite.New(demosite.Config{Key: key})
	base := serve(t, site.Handler().ServeHTTP)
	p := site.Provider(base, at("https://api.anthropic.com"))
	if listing, err := lister(key).List(t.Context(), p); err != nil || !listing.Complete || len(listing.Models) < 10 {
		t.Fatalf("the right key: %d models, %v", len(listing.Models), err)
	}
	rapid.Check(t, func(t *rapid.T) {
		wrong := rapid.StringMatching(`[!-~]{1,40}`).Draw(t, "key")
		_, err := lister(wrong).List(context.Background(), p)
		if domain.KindOf(err) != domain.KindUpstreamAuth {
			t.Fatalf("got %v", err)
		}
		if len(wrong) > 8 && strings.Contains(err.Error(), wrong) {
			t.Fatalf("the key is in the error: %v", err)
		}
	})
	for _, none := range []string{"", " \n"} {
		_, err := lister(none).List(t.Context(), p)
		if domain.KindOf(err) != domain.KindNoKey || !strings.Contains(err.Error(), "ANTHROPIC_API_KEY") {
			t.Errorf("no key: %v", err)
		}
	}
}

func TestProperty30_AuthenticationHeader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`sk-ant-[A-Za-z0-9_-]{10,60}`).Draw(t, "key")
		all := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{3,8}`), 1, 9, rapid.ID[string]).Draw(t, "ids")
		models := make([]entry, len(all))
		for i, id := range all {
			models[i] = entry{id: id}
		}
		asked := 0
		list := pages(models, rapid.IntRange(1, 4).Draw(t, "page size"), 0)
		base := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked++
			if got := r.Header.Get("X-Api-Key"); got != secret {
				t.Errorf("x-api-key is %q", got)
			}
			if got := r.Header.Get("Anthropic-Version"); got != "2023-06-01" {
				t.Errorf("anthropic-version is %q", got)
			}
			if r.Header.Get("Authorization") != "" || strings.Contains(r.URL.String(), secret) {
				t.Errorf("the key is elsewhere: %s %v", r.URL, r.Header)
			}
			if r.URL.Path != "/v1/models" || r.FormValue("limit") != "1000" {
				t.Errorf("asked for %s", r.URL)
			}
			list(w, r)
		})
		listing, err := lister(secret+"\n").List(context.Background(), at(base+"/"))
		if err != nil || asked == 0 {
			t.Fatal(asked, err)
		}
		if got := listing.KeyFingerprint; len(got) != 12 || strings.Contains(secret, got) {
			t.Errorf("fingerprint %q", got)
		}
	})
}

func TestFingerprint(t *testing.T) {
	base := serve(t, pages(nil, 1, 0))
	listing, err := lister("abc").List(t.Context(), at(base))
	if err != nil || listing.KeyFingerprint != "ba7816bf8f01" { // FIPS 180-4's own example
		t.Errorf("got %q, %v", listing.KeyFingerprint, err)
	}
	open := at(base)
	open.API.KeyEnv = ""
	if listing, err = lister("").List(t.Context(), open); err != nil || listing.KeyFingerprint != "" {
		t.Errorf("an open list: %q, %v", listing.KeyFingerprint, err)
	}
}

// TestListsThatBreakOff: what came is kept, and the list is not complete.
func TestListsThatBreakOff(t *testing.T) {
	page := func(w io.Writer, last string, ids ...string) {
		var data []string
		for _, id := range ids {
			data = append(data, fmt.Sprintf(`{"id":%q}`, id))
		}
		write(w, fmt.Sprintf(`{"data":[%s],"has_more":true,"last_id":%s}`, strings.Join(data, ","), last))
	}
	for name, c := range map[string]struct {
		second func(w http.ResponseWriter, n int)
		models int
		says   string
	}{
		"an error":              {func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusInternalServerError) }, 2, "answered 500"},
		"a key that expires":    {func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusUnauthorized) }, 2, "answered 401"},
		"half a page":           {func(w http.ResponseWriter, _ int) { write(w, `{"data":[{"id":"c"`) }, 2, "breaks off at byte 18"},
		"a page of HTML":        {func(w http.ResponseWriter, _ int) { write(w, `<html>`) }, 2, "HTML"},
		"a cursor that repeats": {func(w http.ResponseWriter, n int) { page(w, `"b"`, fmt.Sprint("m", n)) }, 3, "leads back"},
		"nothing new":           {func(w http.ResponseWriter, n int) { page(w, fmt.Sprintf(`"x%d"`, n), "a", "b") }, 2, "nothing new"},
		"an empty page":         {func(w http.ResponseWriter, n int) { page(w, fmt.Sprintf(`"x%d"`, n)) }, 2, "nothing new"},
		"no cursor":             {func(w http.ResponseWriter, _ int) { page(w, `null`, "c") }, 3, "not where"},
		"no end":                {func(w http.ResponseWriter, n int) { page(w, fmt.Sprintf(`"m%d"`, n), fmt.Sprint("m", n)) }, 1001, "does not end"},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if n++; n == 1 {
					page(w, `"b"`, "a", "b")
					return
				}
				c.second(w, n)
			})
			var log bytes.Buffer
			l := providers.NewLister(providers.Config{
				Fetcher: get{}, Key: func(string) string { return key }, Now: func() time.Time { return now },
				Log: slog.New(slog.NewTextHandler(&log, nil)),
			})
			listing, err := l.List(t.Context(), at(base))
			if err != nil || listing.Complete || len(listing.Models) != c.models || listing.KeyFingerprint == "" || listing.At.IsZero() {
				t.Errorf("%d models, complete: %t, %v", len(listing.Models), listing.Complete, err)
			}
			if !strings.Contains(log.String(), c.says) || strings.Contains(log.String(), key) {
				t.Errorf("the log says %s", log.String())
			}
		})
	}
}

func TestListThatDoesNotBegin(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	if _, err := lister(key).List(t.Context(), at(base)); domain.KindOf(err) != domain.KindUnavailable {
		t.Errorf("got %v", err)
	}
	base = serve(t, func(w http.ResponseWriter, _ *http.Request) { write(w, "<html>maintenance "+key) })
	_, err := lister(key).List(t.Context(), at(base))
	if domain.KindOf(err) != domain.KindUpstream || !strings.Contains(err.Error(), "anthropic") || !strings.Contains(err.Error(), "HTML") || strings.Contains(err.Error(), key) {
		t.Errorf("got %v", err)
	}
}

func TestProvidersWithoutAListThatCanBeRead(t *testing.T) {
	none := domain.Provider{ID: "p"}
	other := domain.Provider{ID: "p", API: &domain.ListAPI{Dialect: "esperanto"}}
	for _, p := range []domain.Provider{none, other} {
		_, listErr := lister(key).List(t.Context(), p)
		_, parseErr := providers.ParseList(p, []byte(`{"data":[]}`))
		if domain.KindOf(listErr) != domain.KindInvalid || domain.KindOf(parseErr) != domain.KindInvalid {
			t.Errorf("%v, %v", listErr, parseErr)
		}
	}
}

func TestBodiesThatAreNoList(t *testing.T) {
	big := `{"data":[` + strings.Repeat(`{"id":"m"},`, 100_000)
	for name, c := range map[string]struct{ body, says string }{
		"empty":             {"", "an empty body came"},
		"blank":             {" \n\t", "an empty body came"},
		"HTML":              {"\n<!DOCTYPE html><title>502</title>", "an HTML or XML page came"},
		"plain text":        {"upstream connect error", "not JSON: invalid character 'u' looking for beginning of value at byte 1 of 22 (line 1, column 1)"},
		"truncated":         {"{\"data\": [\n  {\"id\": \"a\"},\n  {\"id\":", "the JSON breaks off at byte 34 of 34 (line 3, column 8)"},
		"truncated, large":  {big, "the JSON breaks off at byte " + strconv.Itoa(len(big))},
		"a stray comma":     {`{"data":[,]}`, "at byte 10 of 12 (line 1, column 10)"},
		"two documents":     {`{"data":[]}{"data":[]}`, "after top-level value at byte 12"},
		"an array":          {`[{"id":"a"}]`, "a JSON array came instead of an object"},
		"a text":            {`"ok"`, "a bare JSON value came"},
		"null":              {`null`, "a bare JSON value came"},
		"another object":    {`{"models":[{"name":"a"}],"nextPageToken":"x"}`, "a JSON object came with the fields models, nextPageToken: expected an object with a list \"data\""},
		"an error body":     {`{"type":"error","error":{"type":"overloaded_error","message":"sk-geheim"}}`, "the fields error, type"},
		"data is null":      {`{"data":null}`, "the fields data"},
		"data is no list":   {`{"data":{"a":1}}`, "the fields data"},
		"an entry is text":  {`{"data":[{"id":"a"},"b"]}`, "data[1]: expected an object with an \"id\""},
		"an id is missing":  {`{"data":[{"id":"a"},{"display_name":"B"}]}`, "data[1]"},
		"an id is a number": {`{"data":[{"id":7}]}`, "data[0]"},
	} {
		t.Run(name, func(t *testing.T) {
			models, err := providers.ParseList(at(""), []byte(c.body))
			if domain.KindOf(err) != domain.KindUpstream || !strings.Contains(err.Error(), c.says) || models != nil {
				t.Errorf("%d models: %v", len(models), err)
			}
			if strings.Contains(fmt.Sprint(err), "geheim") {
				t.Errorf("the error repeats the body: %v", err)
			}
		})
	}
}
