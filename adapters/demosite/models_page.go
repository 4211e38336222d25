package demosite

import (
	"bytes"
	_ "embed"
	"fmt"
	"net/http"
	"strings"
	"text/template"
	"time"

	"ratecard/domain"
)

var (
	//go:embed anthropic_overview.md.tmpl
	anthropicOverviewText string
	//go:embed anthropic_deprecations.md.tmpl
	anthropicDeprecationsText string
	//go:embed openai_deprecations.md
	openAIDeprecations []byte
	//go:embed google_deprecations.md
	googleDeprecations []byte

	anthropicOverview     = template.Must(template.New("overview").Parse(anthropicOverviewText))
	anthropicDeprecations = template.Must(template.New("deprecations").Parse(anthropicDeprecationsText))
)

// overview is what the pages about Anthropic's models print.
type overview struct{ Models []overviewModel }

type overviewModel struct{ ID, Name, Context, Output, State, Retires string }

// anthropicModels prints what can be asked for by its id.
func anthropicModels(d day) any {
	var o overview
	for _, m := range d.anthropic.models {
		if m.id == "" {
			continue
		}
		printed := overviewModel{ID: m.id, Name: m.name, Context: tokenCount(m.context), Output: tokenCount(m.output)}
		nextSummer := long(domain.DateOf(time.Date(d.date.Start().Year()+1, time.June, 1, 0, 0, 0, 0, time.UTC)))
		printed.State, printed.Retires = "Active", "Not sooner than "+nextSummer
		if m.remark == "deprecated" {
			printed.State, printed.Retires = "Deprecated", nextSummer
		}
		o.Models = append(o.Models, printed)
	}
	return o
}

// tokenCount prints a number of tokens as overviews do.
func tokenCount(n int64) string {
	switch {
	case n == 0:
		return "—"
	case n%1_000_000 == 0:
		return fmt.Sprintf("%dM tokens", n/1_000_000)
	default:
		return fmt.Sprintf("%dK tokens", n/1000)
	}
}

// still serves a page that is the same on every day.
func still(text []byte, contentType string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
	}
}

// pageAbout moves a page about models to the site.
func pageAbout(home string, page domain.ModelPage) domain.ModelPage {
	page.URL = home + "/pages" + strings.TrimRight(pathOf(page.URL), "/")
	return page
}
