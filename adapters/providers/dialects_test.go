package providers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ratecard/adapters/providers"
	"ratecard/domain"
)

// speaking is a provider of a dialect whose list stands at an address.
func speaking(d domain.Dialect, base string) domain.Provider {
	return domain.Provider{ID: domain.ProviderID(d), Enabled: true, API: &domain.ListAPI{Dialect: d, BaseURL: base, KeyEnv: "ANTHROPIC_API_KEY"}}
}

// A tongue serves models in a dialect and says what should be read of them.
type tongue struct {
	dialect domain.Dialect
	entry   func(entry) map[string]any
	model   func(entry) domain.Model
	list    func(entries []json.RawMessage, next string) map[string]any
	cursor  func(*http.Request) string
	private func(n int) map[string]any // a model of one account
}

var created = time.Date(2025, 8, 7, 12, 0, 0, 0, time.UTC)

func openAIEntry(e entry) map[string]any {
	object := map[string]any{"id": e.id, "object": "model", "owned_by": "system"}
	if e.created != "" {
		object["created"] = created.Unix()
	}
	if e.window != nil {
		object["context_length"] = *e.window
	}
	if e.name != "" && e.name != e.id {
		object["name"] = e.name
	}
	if e.nulls {
		object["aliases"], object["capabilities"] = nil, nil
	}
	return object
}

func openAIModel(e entry) domain.Model {
	m := domain.Model{ModelKey: domain.ModelKey{ID: e.id}, OwnedBy: "system", Source: "api", ContextWindow: e.window}
	if e.created != "" {
		m.Created = &created
	}
	if e.name != e.id {
		m.DisplayName = e.name
	}
	return m
}

func openAIPrivate(n int) map[string]any {
	return map[string]any{
		"id":       []string{"ft:gpt-4o-mini-2024-07-18:acme::7p4lURx%d", "curie:ft-acme-2023-%d", "acme-%d"}[n%3] + strconv.Itoa(n),
		"owned_by": []string{"acme", "acme", "org-acme"}[n%3],
	}
}

var tongues = []tongue{
	{
		dialect: domain.DialectOpenAI, entry: openAIEntry, model: openAIModel, private: openAIPrivate,
		list: func(entries []json.RawMessage, next string) map[string]any {
			list := map[string]any{"object": "list", "data": entries}
			if next != "" { // OpenAI itself has one page; compatible providers may have more
				list["has_more"], list["last_id"] = true, next
			}
			return list
		},
		cursor: func(r *http.Request) string { return r.FormValue("after") },
	},
	{
		dialect: domain.DialectGoogle,
		entry: func(e entry) map[string]any {
			object := map[string]any{"name": "models/" + e.id, "version": "001"}
			if e.name != "" {
				object["displayName"] = e.name
			}
			if e.window != nil {
				object["inputTokenLimit"] = *e.window
			}
			if e.output != nil {
				object["outputTokenLimit"] = *e.output
			}
			if e.nulls {
				object["supportedGenerationMethods"] = []string{"generateContent", "countTokens", "unheardOfThing"}
			}
			return object
		},
		model: func(e entry) domain.Model {
			m := domain.Model{
				ModelKey: domain.ModelKey{ID: e.id}, DisplayName: e.name, Source: "api", ContextWindow: e.window, MaxOutputTokens: e.output,
			}
			if e.nulls {
				m.Capabilities = []domain.Capability{{Type: "chat", Supported: true}, {Type: "count_tokens", Supported: true}, {Type: "unheard_of_thing", Supported: true}}
			}
			return m
		},
		list: func(entries []json.RawMessage, next string) map[string]any {
			list := map[string]any{}
			if len(entries) > 0 { // an empty list is left out
				list["models"] = entries
			}
			if next != "" {
				list["nextPageToken"] = next
			}
			return list
		},
		cursor:  func(r *http.Request) string { return r.FormValue("pageToken") },
		private: func(n int) map[string]any { return map[string]any{"name": fmt.Sprintf("tunedModels/mine-%d", n)} },
	},
}

// serving serves a list over pages. With an overlap each page begins with the
// last entries of the one before.
func (s tongue) serving(entries []json.RawMessage, size, overlap int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from, _ := strconv.Atoi(strings.TrimPrefix(s.cursor(r), "page-"))
		to, next := min(from+size, len(entries)), ""
		if to < len(entries) {
			next = "page-" + strconv.Itoa(to)
		}
		text, err := json.Marshal(s.list(entries[max(0, from-overlap):to], next))
		if err != nil {
			panic(err)
		}
		write(w, string(text))
	}
}

func TestProperty01_EveryDialect(t *testing.T) {
	for _, s := range tongues {
		t.Run(string(s.dialect), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				all := entries().Filter(func(es []entry) bool {
					return !slices.ContainsFunc(es, func(e entry) bool { return strings.ContainsAny(e.id, ":/") })
				}).Draw(t, "models")
				sent := []json.RawMessage{}
				for i, e := range all {
					if rapid.IntRange(0, 9).Draw(t, "a private one") == 0 {
						sent = append(sent, marshal(s.private(i)))
					}
					sent = append(sent, marshal(s.entry(e)))
				}
				base := serve(t, s.serving(sent, rapid.IntRange(1, 45).Draw(t, "page size"), rapid.IntRange(0, 3).Draw(t, "overlap")))
				listing, err := lister(key).List(context.Background(), speaking(s.dialect, base))
				if err != nil || !listing.Complete || len(listing.Models) != len(all) {
					t.Fatalf("%d of %d models, complete: %t: %v", len(listing.Models), len(all), listing.Complete, err)
				}
				for i, got := range listing.Models {
					want := s.model(all[i])
					want.Provider, want.Raw = domain.ProviderID(s.dialect), marshal(s.entry(all[i]))
					if !equal(got, want) {
						t.Fatalf("model %d\ngot  %s\nwant %s", i, shown(got), shown(want))
					}
				}
			})
		})
	}
}

func marshal(value any) json.RawMessage {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}

// TestProperty30_EveryDialect: each sends the key in its own header, and
// nowhere else.
func TestProperty30_EveryDialect(t *testing.T) {
	for dialect, c := range map[domain.Dialect]struct{ header, before, path string }{
		domain.DialectOpenAI:    {"Authorization", "Bearer ", "/v1/models"},
		domain.DialectXAI:       {"Authorization", "Bearer ", "/v1/models"},
		domain.DialectAnthropic: {"X-Api-Key", "", "/v1/models"},
		domain.DialectGoogle:    {"X-Goog-Api-Key", "", "/v1beta/models"},
	} {
		t.Run(string(dialect), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				secret := rapid.StringMatching(`[A-Za-z0-9_-]{20,60}`).Draw(t, "key")
				var paths []string
				base := serve(t, func(w http.ResponseWriter, r *http.Request) {
					paths = append(paths, r.URL.Path)
					if got := r.Header.Get(c.header); got != c.before+secret {
						t.Errorf("%s: %s is %q", r.URL.Path, c.header, got)
					}
					r.Header.Del(c.header)
					if strings.Contains(fmt.Sprint(r.URL, r.Header), secret) {
						t.Errorf("the key is elsewhere: %s %v", r.URL, r.Header)
					}
					write(w, `{"data":[],"models":[]}`)
				})
				if _, err := lister(secret).List(context.Background(), speaking(dialect, base)); err != nil {
					t.Fatal(err)
				}
				if !slices.Contains(paths, c.path) {
					t.Errorf("asked for %v", paths)
				}
			})
		})
	}
}

// TestBaseWithAVersion: what compatible providers call their base address, with
// the version in it and without.
func TestBaseWithAVersion(t *testing.T) {
	for base, want := range map[string]string{
		"":              "/v1/models",
		"/":             "/v1/models",
		"/openai":       "/openai/v1/models",
		"/openai/v1":    "/openai/v1/models",
		"/openai/v1/":   "/openai/v1/models",
		"/api/paas/v4":  "/api/paas/v4/models",
		"/v1beta2":      "/v1beta2/models",
		"/voice":        "/voice/v1/models",
		"/v1/something": "/v1/something/v1/models",
	} {
		asked := ""
		address := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked = r.URL.String()
			write(w, `{"data":[]}`)
		})
		if _, err := lister(key).List(t.Context(), speaking(domain.DialectOpenAI, address+base)); err != nil || asked != want {
			t.Errorf("%q: asked for %q, want %q (%v)", base, asked, want, err)
		}
	}
}

// TestCompatibleProviders: what providers that speak OpenAI's dialect say
// beyond it, each in its own words.
func TestCompatibleProviders(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"a bare list":     {`[{"id":"a","display_name":"A","context_length":131072,"created":0}]`, `a "A" window 131072 []`},
		"its own maximum": {`{"data":[{"id":"a","max_model_len":32768,"owned_by":"vllm"}]}`, `a "" window 32768 []`},
		"in and out": {
			`{"data":[{"id":"a/b:free","name":"B","context_length":1000,"architecture":{"input_modalities":["text","image","file"],"output_modalities":["text"]},"supported_parameters":["tools","seed"]}]}`,
			`a/b:free "B" window 1000 [pdf_input+ tools+ vision+]`,
		},
		"yes and no": {
			`{"data":[{"id":"a","max_context_length":32768,"aliases":["z","y","z",7],"capabilities":{"completion_chat":true,"function_calling":false,"vision":null}}]}`,
			`a "" window 32768 [chat+ tools-] alias y alias z`,
		},
		"nothing":     {`{"object":"list","data":[{"id":"a","object":"model"}]}`, `a "" []`},
		"other types": {`{"data":[{"id":"a","created":"yesterday","context_length":"128k","name":3,"aliases":"b","capabilities":["chat"]}]}`, `a "" []`},
		"far future":  {`{"data":[{"id":"a","created":99999999999999}]}`, `a "" []`},
	} {
		models, err := providers.ParseList(speaking(domain.DialectOpenAI, ""), []byte(c.body))
		if err != nil || len(models) != 1 {
			t.Errorf("%s: %v, %v", name, models, err)
			continue
		}
		if got := told(models[0]); got != c.want || models[0].Created != nil {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}

// told says in a line what is known of a model.
func told(m domain.Model) string {
	text := fmt.Sprintf("%s %q", m.ID, m.DisplayName)
	if m.ContextWindow != nil {
		text += fmt.Sprintf(" window %d", *m.ContextWindow)
	}
	var able []string
	for _, c := range m.Capabilities {
		able = append(able, c.Type+map[bool]string{true: "+", false: "-"}[c.Supported])
	}
	text += fmt.Sprintf(" %v", able)
	for _, alias := range m.Aliases {
		text += " alias " + alias
	}
	return text
}

// TestDetailsOfLanguageModels: what xAI's second list says is added where the
// first is silent; without it, the first stands alone; when it cannot be had
// just now, nothing is said, since half would look like news.
func TestDetailsOfLanguageModels(t *testing.T) {
	const first = `{"data":[{"id":"grok-9","created":1752019200,"owned_by":"xai"},{"id":"grok-paints","owned_by":"xai"}]}`
	const second = `{"models":[
		{"id":"grok-9","created":1,"input_modalities":["text","image"],"output_modalities":["text"],"aliases":["grok-9-latest","grok"],"prompt_text_token_price":30000},
		{"id":"not-in-the-first","aliases":[]}]}`
	for name, c := range map[string]struct {
		status int
		body   string
		want   string
		kind   domain.Kind
	}{
		"it answers":        {200, second, `grok-9 "" [vision+] alias grok alias grok-9-latest`, ""},
		"it does not exist": {404, "", `grok-9 "" []`, ""},
		"it is a page":      {200, "<html>", `grok-9 "" []`, ""},
		"it is away":        {503, "", "", domain.KindUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			base := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/v1/models" {
					write(w, first)
					return
				}
				w.WriteHeader(c.status)
				write(w, c.body)
			})
			listing, err := lister(key).List(t.Context(), speaking(domain.DialectXAI, base))
			if c.kind != "" {
				if domain.KindOf(err) != c.kind {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil || !listing.Complete || len(listing.Models) != 2 {
				t.Fatalf("%+v, %v", listing, err)
			}
			if got := told(listing.Models[0]); got != c.want || listing.Models[0].Created.Year() != 2025 {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestGoogleListsThatBreakOff: tokens that lead back, lead on for ever, or lead
// to trouble make the list incomplete.
func TestGoogleListsThatBreakOff(t *testing.T) {
	page := func(w http.ResponseWriter, token string, names ...string) {
		var all []json.RawMessage
		for _, name := range names {
			all = append(all, marshal(map[string]any{"name": name}))
		}
		write(w, string(marshal(map[string]any{"models": all, "nextPageToken": token})))
	}
	for name, c := range map[string]struct {
		second func(w http.ResponseWriter, n int)
		models int
	}{
		"a token that repeats": {func(w http.ResponseWriter, n int) { page(w, "t1", fmt.Sprint("models/m", n)) }, 2},
		"no end":               {func(w http.ResponseWriter, n int) { page(w, fmt.Sprint("t", n), fmt.Sprint("models/m", n)) }, 1000},
		"nothing new":          {func(w http.ResponseWriter, n int) { page(w, fmt.Sprint("t", n), "models/m1") }, 1},
		"an error":             {func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusInternalServerError) }, 1},
		"a key that expires":   {func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusUnauthorized) }, 1},
		"half a page":          {func(w http.ResponseWriter, _ int) { write(w, `{"models":[{"name":`) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if n++; n == 1 {
					page(w, "t1", "models/m1")
					return
				}
				c.second(w, n)
			})
			listing, err := lister(key).List(t.Context(), speaking(domain.DialectGoogle, base))
			if err != nil || listing.Complete || len(listing.Models) != c.models {
				t.Errorf("%d models, complete: %t, %v", len(listing.Models), listing.Complete, err)
			}
		})
	}
	// Pages of private models alone are pages too.
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.FormValue("pageToken") {
		case "":
			page(w, "a", "tunedModels/1")
		case "a":
			page(w, "b", "tunedModels/2")
		default:
			page(w, "", "models/m")
		}
	})
	if listing, err := lister(key).List(t.Context(), speaking(domain.DialectGoogle, base)); err != nil || !listing.Complete || len(listing.Models) != 1 {
		t.Errorf("private pages: %+v, %v", listing, err)
	}
}

func TestBodiesThatAreNoListOfADialect(t *testing.T) {
	for dialect, bodies := range map[domain.Dialect][]string{
		domain.DialectOpenAI: {``, `{}`, `{"data":null}`, `{"error":{"message":"geheim"}}`, `"x"`, `[7]`, `{"data":[{"id":7}]}`, `<html>`, `{"data":[`},
		domain.DialectGoogle: {``, `[]`, `{"data":[]}`, `{"models":{}}`, `{"error":{"message":"geheim"}}`, `{"models":[{"id":"a"}]}`, `{"models":[`},
		domain.DialectXAI:    {``, `{}`, `{"code":"x","error":"geheim"}`, `{"models":[{"name":"a"}]}`},
	} {
		for _, body := range bodies {
			models, err := providers.ParseList(speaking(dialect, ""), []byte(body))
			if domain.KindOf(err) != domain.KindUpstream || models != nil || strings.Contains(fmt.Sprint(err), "geheim") {
				t.Errorf("%s: %s: %v, %v", dialect, body, models, err)
			}
		}
	}
}
