package scrape

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"ratecard/domain"
)

// formsOf are the forms of page that each reader reads. In any other it finds
// nothing, whatever its knobs. Data may stand in the midst of any text.
var formsOf = map[string][]form{
	ReaderTables:   {formHTML, formMarkdown},
	ReaderSections: {formHTML, formMarkdown},
	ReaderText:     {formHTML, formMarkdown},
	ReaderIsland:   {formHTML, formMarkdown},
	ReaderScript:   {formHTML, formMarkdown, formJSON},
	ReaderJSON:     {formJSON},
	ReaderAuto:     {formHTML, formMarkdown},
}

// Fit says which of a source's readers cannot read its page because of the
// page's form. A page tells its form by its content. Without one (body is nil)
// what a browser shows is HTML for certain, and how the address ends is a hint.
func (*Scraper) Fit(source domain.Source, body []byte) domain.Fit { return fitOf(source, body) }

func fitOf(source domain.Source, body []byte) domain.Fit {
	f, why, certain := formKnown(source, body)
	if f == "" {
		return domain.Fit{}
	}
	fit := domain.Fit{Form: string(f), None: certain && len(source.Readers) > 0}
	for i, cfg := range source.Readers {
		at := fmt.Sprintf("readers[%d]", i)
		switch reason := misfit(cfg.Reader, f); {
		case reason != "":
			fit.Misfits = append(fit.Misfits, domain.FieldError{Path: at, Message: why + ": " + reason})
			continue
		case f != formHTML && cfg.Selector != "":
			fit.Misfits = append(fit.Misfits, domain.FieldError{
				Path: at + ".selector", Message: fmt.Sprintf("%s, which has no elements to select: all of it is read", why),
			})
		}
		fit.None = false
	}
	return fit
}

// formKnown tells the form of a source's page, by what that is known, and
// whether it is certain.
func formKnown(source domain.Source, body []byte) (f form, why string, certain bool) {
	clean, _, err := legible(body)
	switch {
	case body != nil && err != nil: // it is no text; reading it says so
		return "", "", false
	case body != nil:
		f = formOf(clean)
		return f, fmt.Sprintf("the page is %s", f), true
	case source.Rendering == domain.RenderBrowser:
		return formHTML, "a browser shows HTML", true
	}
	u, err := url.Parse(source.URL)
	if err != nil {
		return "", "", false
	}
	ending := strings.ToLower(path.Ext(u.Path))
	f = endings[ending]
	return f, fmt.Sprintf("an address that ends in %s looks like %s", ending, f), false
}

// endings are what addresses usually mean that end so.
var endings = map[string]form{
	".html": formHTML, ".htm": formHTML, ".json": formJSON,
	".md": formMarkdown, ".mdx": formMarkdown, ".markdown": formMarkdown, ".txt": formMarkdown,
}

// misfit says why a reader finds nothing in a page of a form; empty: it may.
func misfit(reader string, f form) string {
	reads := formsOf[reader]
	if reads == nil || slices.Contains(reads, f) {
		return ""
	}
	var others []string
	for _, r := range readers {
		if slices.Contains(formsOf[r.name], f) {
			others = append(others, r.name)
		}
	}
	return fmt.Sprintf("the reader %q reads %s; expected one of: %s", reader, joinedBy(" and ", reads), strings.Join(others, ", "))
}

// unshowable refuses readers none of which can read what a browser shows.
func unshowable(source domain.Source) []domain.FieldError {
	if fit := fitOf(source, nil); fit.None {
		return fit.Misfits
	}
	return nil
}
