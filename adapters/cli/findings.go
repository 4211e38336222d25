package cli

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// An explanation is how the readers of one source read its page.
type explanation struct {
	source, url string
	outcome     string // why it could not be read; empty: it was
	misfits     []domain.FieldError
	findings    []domain.Finding
}

// explanations are those of a configuration's sources, by index. Of a page that
// is looked at again and again while a browser builds it the last one counts. Nil
// ones take nothing down.
type explanations struct {
	at string // of the page, where one was given for all of them
	of []explanation
}

func (all *explanations) note(i int, e explanation) {
	for len(all.of) <= i {
		all.of = append(all.of, explanation{})
	}
	e.url = cmp.Or(all.at, e.url)
	all.of[i] = e
}

// failed notes why a source could not be read, also where no page came.
func (all *explanations) failed(i int, source domain.Source, err error) {
	if all == nil {
		return
	}
	e := explanation{source: source.Name, url: source.URL}
	if i < len(all.of) {
		e = all.of[i]
	}
	e.outcome = err.Error()
	all.note(i, e)
}

func (all *explanations) print(w io.Writer) {
	if all == nil {
		return
	}
	for _, e := range all.of {
		explain(w, e)
	}
}

// explain tells people, on standard error, how a source was read.
func explain(w io.Writer, e explanation) {
	fmt.Fprintf(w, "%s (%s): %s\n", e.source, e.url, cmp.Or(e.outcome, "read"))
	for _, m := range e.misfits {
		fmt.Fprintf(w, "  %s: %s\n", m.Path, m.Message)
	}
	for _, f := range e.findings {
		explainReader(w, f)
	}
}

func explainReader(w io.Writer, f domain.Finding) {
	fmt.Fprintf(w, "  %s: %d prices; %s\n", f.Reader, f.Quotes, f.Looked)
	for _, t := range f.Tables {
		what := fmt.Sprintf("%d prices from %d of them", t.Quotes, t.Matched)
		if t.Skipped != "" {
			what = t.Skipped
		}
		fmt.Fprintf(w, "    table under %q, %d rows: %s\n", t.Heading, t.Rows, what)
		for _, c := range t.Columns {
			fmt.Fprintf(w, "      %q: %s\n", c.Header, cmp.Or(c.Means, "-"))
		}
	}
	for _, p := range f.Places {
		what := fmt.Sprintf("%d prices", p.Quotes)
		if p.Skipped != "" {
			what = p.Skipped
		}
		fmt.Fprintf(w, "    %s, %s: %s\n", p.Place, cmp.Or(strings.Join(p.Names, ", "), "no model"), what)
	}
	for _, warning := range f.Warnings {
		fmt.Fprintf(w, "    warning: %s\n", warning)
	}
}

// explanationOf is what a server says of how a source was read.
func explanationOf(s oas.TriedSource) explanation {
	e := explanation{source: s.Source, url: s.URL, outcome: s.Error.Value}
	for _, m := range s.Misfits {
		e.misfits = append(e.misfits, domain.FieldError{Path: m.Path, Message: m.Message})
	}
	for _, f := range s.Findings {
		e.findings = append(e.findings, findingOf(f))
	}
	return e
}

func findingOf(f oas.Finding) domain.Finding {
	out := domain.Finding{Reader: f.Reader, Looked: f.Looked, Quotes: f.Quotes, Warnings: f.Warnings}
	for _, t := range f.Tables {
		table := domain.TableFinding{Heading: t.Heading, Rows: t.Rows, Matched: t.Matched, Quotes: t.Quotes, Skipped: t.Skipped.Value}
		for _, c := range t.Columns {
			table.Columns = append(table.Columns, domain.ColumnFinding{Header: c.Header, Means: c.Means.Value})
		}
		out.Tables = append(out.Tables, table)
	}
	for _, p := range f.Places {
		out.Places = append(out.Places, domain.PlaceFinding{Place: p.Place, Names: p.Names, Quotes: p.Quotes, Skipped: p.Skipped.Value})
	}
	return out
}
