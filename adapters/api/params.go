package api

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ogen-go/ogen/middleware"
	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// checkText refuses what no operation could make sense of, and what a database
// could not even be asked.
func checkText(r *http.Request) error {
	if !plain(r.URL.Path) {
		return invalid(wrong("path", "holds bytes that are not UTF-8, or NUL"))
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return invalid(wrong("query", "cannot be read: %s; write & between parameters and percent-encode their values", clip(err.Error())))
	}
	var faults []domain.FieldError
	for name, values := range query {
		switch {
		case !plain(name):
			faults = append(faults, wrong("query", "a parameter's name holds bytes that are not UTF-8, or NUL"))
		case len(values) > 1:
			faults = append(faults, wrong(clip(name), "is given %d times; give it once, with commas between several values", len(values)))
		case values[0] == "": // a script's unset variable must not choose everything
			faults = append(faults, wrong(clip(name), "is empty; give it a value or leave it out"))
		case !plain(values[0]):
			faults = append(faults, wrong(clip(name), "holds bytes that are not UTF-8, or NUL"))
		}
	}
	if faults != nil {
		return invalid(byPath(faults)...)
	}
	return nil
}

func plain(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

func byPath(faults []domain.FieldError) []domain.FieldError {
	slices.SortFunc(faults, func(a, b domain.FieldError) int { return strings.Compare(a.Path, b.Path) })
	return faults
}

// refuseUnknown refuses parameters that the operation does not have: a
// misspelt filter must not silently choose everything.
func refuseUnknown(req middleware.Request, next middleware.Next) (middleware.Response, error) {
	var known []string
	for key := range req.Params {
		if key.In == "query" {
			known = append(known, key.Name)
		}
	}
	slices.Sort(known)
	expected := "this takes no parameters"
	if len(known) > 0 {
		expected = "expected " + strings.Join(known, ", ")
	}
	var faults []domain.FieldError
	for name := range req.Raw.URL.Query() {
		if !slices.Contains(known, name) {
			faults = append(faults, wrong(clip(name), "is not known; %s", expected))
		}
	}
	if faults != nil {
		return middleware.Response{}, invalid(byPath(faults)...)
	}
	return next(req)
}

// A moment is a parameter that takes an instant or a date.
type moment struct {
	time.Time
	date bool // a whole day, of which Time is the beginning
}

// parseMoment reads an RFC 3339 time, or a date that means 00:00 UTC.
func parseMoment(name, text string) (moment, error) {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return moment{t, true}, years(name, t)
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		hint := ""
		if strings.Contains(text, " ") {
			hint = `; in an address a "+" is written %2B`
		}
		return moment{}, invalid(wrong(name, "%q is not a time; expected RFC 3339, such as 2026-01-31T15:04:05Z, or a date, such as 2026-01-31%s", clip(text), hint))
	}
	return moment{domain.Instant(t), false}, years(name, t.UTC())
}

// years keeps times within what can be stored and printed.
func years(name string, t time.Time) error {
	if y := t.Year(); y < 1970 || y > 9998 {
		return invalid(wrong(name, "the year %d is not between 1970 and 9998", y))
	}
	return nil
}

// instantOr reads an optional instant.
func instantOr(name string, text oas.OptString, otherwise time.Time) (time.Time, error) {
	if !text.Set {
		return otherwise, nil
	}
	m, err := parseMoment(name, text.Value)
	return m.Time, err
}

// knownAt reads as of when something was believed. The future is refused: an
// answer for it could not be given again.
func knownAt(text oas.OptString, now time.Time) (time.Time, error) {
	t, err := instantOr("knownAt", text, now)
	if err == nil && t.After(now) {
		return t, invalid(wrong("knownAt", "lies in the future; it is now %s", now.Format(time.RFC3339Nano)))
	}
	return t, err
}

// dateRange reads from and to, which both belong to the range.
func dateRange(from, to oas.OptString) (domain.Span, error) {
	var span domain.Span
	if from.Set {
		m, err := parseMoment("from", from.Value)
		if err != nil {
			return span, err
		}
		span.From = m.Time
	}
	if to.Set {
		m, err := parseMoment("to", to.Value)
		if err != nil {
			return span, err
		}
		span.To = m.Add(time.Microsecond) // the first instant after it
		if m.date {
			span.To = domain.DateOf(m.Time).End()
		}
	}
	if !span.Open() && !span.From.Before(span.To) {
		return span, invalid(wrong("to", "lies before from"))
	}
	return span, nil
}

var plainDecimal = regexp.MustCompile(`^\d{1,12}(\.\d{1,12})?$`)

// money reads an optional limit on a price.
func money(name string, text oas.OptString) (*decimal.Decimal, error) {
	if !text.Set {
		return nil, nil
	}
	if !plainDecimal.MatchString(text.Value) {
		return nil, invalid(wrong(name, "%q is not an amount; expected a decimal number such as 2.5, in US dollars per 1,000,000 tokens", clip(text.Value)))
	}
	d, err := decimal.NewFromString(text.Value)
	return &d, err
}
