package main

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ratecard/adapters/demosite"
	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// TestHalfPages: a page that breaks off, wherever it does, is refused, or says of
// what it prices what the whole page says, figure by figure.
func TestHalfPages(t *testing.T) {
	pages := sitePages(t)
	names := slices.Sorted(maps.Keys(pages))
	refused := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "page")
		page := pages[name]
		at := rapid.IntRange(1, len(page.body)-1).Draw(t, "breaks off at")
		got, err := scrape.New().Read([]byte(page.body[:at]), page.source)
		if domain.KindOf(err) == domain.KindBroken && domain.SeenIn(err) == domain.SawCutOff {
			refused[name]++
		}
		for _, q := range got.Quotes {
			if want, stated := page.said[q.QuoteKey]; !stated || want != q.Amount.String() {
				t.Fatalf("%s, %d of %d bytes: %+v %s, which the whole page states as %q; it ends\n%s", name, at, len(page.body), q.QuoteKey, q.Amount, want, page.body[max(0, at-200):at])
			}
		}
	})
	t.Logf("refused: %v", refused)
}

type sitePage struct {
	source domain.Source
	body   string
	said   map[domain.QuoteKey]string
}

// sitePages are the simulated providers' pages and price lists, with what they say.
func sitePages(t *testing.T) map[string]sitePage {
	t.Helper()
	site := demosite.New(demosite.Config{Key: siteKey})
	server := httptest.NewServer(site.Handler())
	t.Cleanup(server.Close)
	all, err := siteProviders(site, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]sitePage{}
	for _, provider := range all {
		for _, source := range provider.Scraping.Sources {
			page := sitePage{source, download(t, source.URL), map[domain.QuoteKey]string{}}
			got, err := scrape.New().Read([]byte(page.body), source)
			if err != nil {
				t.Fatalf("%s: %v", source.URL, err)
			}
			for _, q := range got.Quotes {
				page.said[q.QuoteKey] = q.Amount.String()
			}
			pages[string(provider.ID)+" "+source.Name] = page
		}
	}
	return pages
}

func download(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+siteKey)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
