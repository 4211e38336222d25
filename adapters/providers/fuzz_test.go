package providers_test

import (
	"encoding/json"
	"testing"

	"ratecard/adapters/providers"
	"ratecard/domain"
)

func FuzzParseList(f *testing.F) {
	for _, seed := range []string{
		`{"data":[{"type":"model","id":"claude-opus-4-7","display_name":"Claude Opus 4.7","created_at":"2026-04-14T00:00:00Z","max_input_tokens":1000000,"max_tokens":128000,"capabilities":{"thinking":{"supported":true,"types":{"adaptive":{"supported":true}}}}}],"has_more":false,"first_id":"claude-opus-4-7","last_id":"claude-opus-4-7"}`,
		`{"data":[],"has_more":true,"last_id":null}`,
		`{"data":[{"id":""},{"id":"\u0000"}]}`, `{"Data":[{"ID":"x"}]}`, "\ufeff{\"data\":[]}", `<html>`, `{"data":[`, ``, `[`, `{"data":1e999}`,
	} {
		f.Add([]byte(seed), "anthropic")
	}
	f.Add([]byte(`{"models":[{"name":"models/gemini-3-pro-preview","inputTokenLimit":1048576,"supportedGenerationMethods":["generateContent"],"thinking":true},{"name":"tunedModels/x"}],"nextPageToken":"t"}`), "google")
	f.Add([]byte(`{"object":"list","data":[{"id":"gpt-5","created":1754425777,"owned_by":"system"},{"id":"ft:gpt-4o:a::b"}]}`), "openai")
	f.Add([]byte(`[{"id":"a","capabilities":{"vision":true},"aliases":["b"]}]`), "openai")
	f.Add([]byte(`{"models":[{"id":"grok-3","created":1743724800,"input_modalities":["text"],"aliases":["grok-3-latest"]}]}`), "xai")
	f.Fuzz(func(t *testing.T, body []byte, dialect string) {
		p := speaking(domain.Dialect(dialect), "")
		models, err := providers.ParseList(p, body)
		if domain.KindOf(err) == domain.KindInvalid && err != nil {
			return // no dialect
		}
		if err != nil && domain.KindOf(err) != domain.KindUpstream {
			t.Fatalf("an error of kind %s: %v", domain.KindOf(err), err)
		}
		for _, m := range models {
			if m.ID == "" || m.Provider != p.ID || !json.Valid(m.Raw) {
				t.Fatalf("%+v", m)
			}
			if m.ContextWindow != nil && *m.ContextWindow <= 0 || m.MaxOutputTokens != nil && *m.MaxOutputTokens <= 0 {
				t.Fatalf("a limit that is none: %+v", m)
			}
		}
	})
}

func FuzzParseFile(f *testing.F) {
	builtin, err := providers.BuiltIn()
	if err != nil {
		f.Fatal(err)
	}
	for _, p := range builtin {
		text, err := json.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"id":"a","name":"b","scraping":{"sources":[{"name":"s","url":"http://h","readers":[{"reader":"tables","divisor":"0.5","strip":["("]}]}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := providers.ParseFile(text)
		if err != nil {
			if domain.KindOf(err) != domain.KindInvalid {
				t.Fatalf("an error of kind %s: %v", domain.KindOf(err), err)
			}
			return
		}
		// What is accepted can be written and read again.
		again, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if p.Scraping.Sources == nil {
			return // an empty scraping part is left out in a file, not written as none
		}
		if _, err := providers.ParseFile(again); err != nil {
			t.Fatalf("%s\nwas accepted, but not as %s\n%v", text, again, err)
		}
	})
}
