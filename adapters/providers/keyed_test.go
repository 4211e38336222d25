package providers_test

import (
	"context"
	"strings"
	"testing"

	"ratecard/adapters/providers"
	"ratecard/domain"
	"ratecard/ports"
)

// asked remembers the last request and answers nothing.
type asked struct{ last ports.FetchRequest }

func (a *asked) Fetch(_ context.Context, req ports.FetchRequest) (ports.Fetched, error) {
	a.last = req
	return ports.Fetched{}, nil
}

// TestProperty30_KeysGoToTheirAPIAlone: a price source at a provider's own API
// is asked with its key; a page, another host, and what only looks alike never
// see one.
func TestProperty30_KeysGoToTheirAPIAlone(t *testing.T) {
	keys := map[string]string{"XAI_API_KEY": "geheim-x", "GOOGLE_API_KEY": " geheim-g\n"}
	all := []domain.Provider{builtIn(t, "openai"), builtIn(t, "google"), builtIn(t, "xai")}
	for url, want := range map[string]string{
		"https://api.x.ai/v1/language-models":                     "Authorization: Bearer geheim-x",
		"https://API.x.ai/v1/language-models":                     "Authorization: Bearer geheim-x",
		"https://generativelanguage.googleapis.com/v1beta/prices": "X-Goog-Api-Key: geheim-g",
		"https://docs.x.ai/docs/models":                           "",
		"http://api.x.ai/v1/language-models":                      "",
		"https://api.x.ai:8443/v1/language-models":                "",
		"https://api.x.ai.example/v1/language-models":             "",
		"https://api.x.ai@example.com/v1/language-models":         "",
		"https://example.com/https://api.x.ai/v1/language-models": "",
		"https://developers.openai.com/api/docs/pricing":          "",
	} {
		server := &asked{}
		keyed := providers.Keyed{Fetcher: server, Providers: func(context.Context) ([]domain.Provider, error) { return all, nil }, Key: func(env string) string { return keys[env] }}
		if _, err := keyed.Fetch(t.Context(), ports.FetchRequest{URL: url, Page: true}); err != nil {
			t.Fatal(err)
		}
		got := ""
		for name, values := range server.last.Header {
			got += name + ": " + strings.Join(values, " ")
		}
		if got != want || server.last.Page != (want == "") || server.last.URL != url {
			t.Errorf("%s: %q as a page: %t, want %q", url, got, server.last.Page, want)
		}
	}
	keyed := providers.Keyed{Fetcher: &asked{}, Providers: func(context.Context) ([]domain.Provider, error) { return all, nil }, Key: func(env string) string { return keys[env] }}
	if _, err := keyed.Fetch(t.Context(), ports.FetchRequest{URL: "https://api.openai.com/v1/prices"}); domain.KindOf(err) != domain.KindNoKey {
		t.Errorf("without a key: %v", err)
	}
}
