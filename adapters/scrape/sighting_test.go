package scrape_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// TestWhatIsSeenInsteadOfPrices: a page without prices is told by what it is.
func TestWhatIsSeenInsteadOfPrices(t *testing.T) {
	page := func(title, body string) string {
		return "<!doctype html><html><head><title>" + title + "</title></head><body>" + body + "</body></html>"
	}
	prose := "<p>" + strings.Repeat("We build models that people like to use. ", 60) + "</p>"
	for name, c := range map[string]struct {
		body string
		want domain.Sighting
	}{
		"nothing":                   {"", domain.SawNoText},
		"NULs":                      {strings.Repeat("\x00", 100), domain.SawNoText},
		"a form with a password":    {page("Acme", `<form><input name=u><input type="Password" name=p></form>`), domain.SawLogin},
		"sign in":                   {page("Sign in – Acme", prose), domain.SawLogin},
		"log in to continue":        {page("Acme", "<h2>Please log in to continue</h2>"), domain.SawLogin},
		"Markdown of a login":       {"# Sign in to your account\n\nUse your mail address.\n", domain.SawLogin},
		"prices and a login link":   {page("Login and prices", onePriceTable), ""},
		"a table and a login title": {page("Login", strings.ReplaceAll(onePriceTable, "$", "€")), domain.SawOtherMoney},
		"500 as a 200":              {page("500 Internal Server Error", "<h1>500 Internal Server Error</h1>"), domain.SawError},
		"something went wrong":      {page("Acme", "<h1>Oops! Something went wrong</h1><script src=x.js></script>"), domain.SawError},
		"maintenance":               {page("Down for maintenance", ""), domain.SawError},
		"a 404 as a 200":            {page("Page not found | Acme", "<p>This page is gone."), domain.SawError},
		"an article about errors":   {page("What a 500 internal server error is", prose), domain.SawNoPrices},
		"JSON that says what":       {`{"error": {"message": "overloaded"}}`, domain.SawError},
		"JSON with a status":        {`{"code": 503, "message": "away"}`, domain.SawError},
		"JSON of something":         {`{"error": null, "items": []}`, domain.SawNoPrices},
		"a shell":                   {page("Acme", `<div id="root"></div><script src="app.js"></script>`), domain.SawShell},
		"a shell with a table":      {page("Models", "<table><tr><th>Model</th><th>Context</th></tr><tr><td colspan=2>Loading …</table><script src=app.js></script>"), domain.SawShell},
		"euros":                     {page("Prices", strings.ReplaceAll(onePriceTable, "$", "€")), domain.SawOtherMoney},
		"pounds, written out":       {page("Prices", strings.NewReplacer("$3", "3 GBP", "$15", "15 GBP").Replace(onePriceTable)), domain.SawOtherMoney},
		"yuan in Markdown":          {strings.ReplaceAll(markdownTable, "$", "¥"), domain.SawOtherMoney},
		"no figures":                {page("Prices", strings.NewReplacer("$3", "–", "$15", "ask us").Replace(onePriceTable)), domain.SawNoFigures},
		"no figures in Markdown":    {strings.NewReplacer("$3", "N/A", "$15", "-").Replace(markdownTable), domain.SawNoFigures},
		"prose":                     {page("Acme", prose), domain.SawNoPrices},
		"plain words":               {"nothing to see here", domain.SawNoPrices},
	} {
		got, err := scrape.New().Read([]byte(c.body), sourceOf(scrape.ReaderTables))
		if c.want == "" {
			if err != nil || len(got.Quotes) != 2 {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if saw := domain.SeenIn(err); domain.KindOf(err) != domain.KindUnread || saw != c.want || len(got.Quotes) > 0 {
			t.Errorf("%s: seen %s, want %s: %v", name, saw, c.want, err)
		}
	}
}

// TestRecordedPagesWithoutPrices: what their names say that they are is seen.
func TestRecordedPagesWithoutPrices(t *testing.T) {
	corpus := os.Getenv("RATECARD_CORPUS")
	if corpus == "" {
		t.Skip("RATECARD_CORPUS is not set: there are no recorded pages to look at")
	}
	shells, err := filepath.Glob(filepath.Join(corpus, "pages", "*_js-shell_*.html"))
	if err != nil || len(shells) == 0 {
		t.Skipf("%s holds no recorded shell (%v)", corpus, err)
	}
	for _, path := range shells {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = scrape.New().Read(body, sourceOf(scrape.ReaderTables))
		if domain.SeenIn(err) != domain.SawShell {
			t.Errorf("%s: %s: %v", filepath.Base(path), domain.SeenIn(err), err)
		}
	}
}
