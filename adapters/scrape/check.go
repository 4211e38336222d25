package scrape

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/andybalholm/cascadia"
	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// maxPattern is how long a regular expression of a configuration may be.
const maxPattern = 1000

// compiled is a reader's configuration, ready to be used.
type compiled struct {
	name     string
	read     readerFunc
	selector string
	meters   map[string]domain.Meter
	tiers    vocabulary
	divisor  decimal.Decimal
	strip    []*regexp.Regexp
	skip     []string
	rows     [][]string
	columns  map[string]int // domain.ColumnModel or a meter → the index of its column; nil: the headers say it
}

// Check says what is wrong with a source's configuration: KindInvalid with a
// field and what was expected there, for every fault; nil when it can be used.
func Check(source domain.Source) error {
	_, err := compile(source)
	faults := fieldsOf(err)
	if source.Name == "" {
		faults = append(faults, domain.FieldError{Path: "name", Message: "is empty; expected a name that is unique within the provider"})
	}
	for i, cfg := range source.Readers {
		faults = append(faults, knobs(cfg, fmt.Sprintf("readers[%d]", i))...)
	}
	faults = append(faults, checkURL(source.URL)...)
	if source.Rendering != "" && !slices.Contains(domain.Renderings(), source.Rendering) {
		faults = append(faults, domain.FieldError{Path: "rendering", Message: fmt.Sprintf("%q is unknown; expected one of: %s", source.Rendering, joined(domain.Renderings()))})
	}
	return invalid(append(faults, unshowable(source)...))
}

func fieldsOf(err error) []domain.FieldError {
	var e *domain.Error
	if errors.As(err, &e) {
		return e.Fields
	}
	return nil
}

func invalid(faults []domain.FieldError) error {
	if len(faults) == 0 {
		return nil
	}
	return &domain.Error{Kind: domain.KindInvalid, Message: "the source's configuration cannot be used", Fields: faults}
}

func checkURL(s string) []domain.FieldError {
	fault := func(format string, args ...any) []domain.FieldError {
		return []domain.FieldError{{Path: "url", Message: fmt.Sprintf(format, args...)}}
	}
	u, err := url.Parse(s)
	switch {
	case s == "":
		return fault("is empty; expected an http or https address")
	case err != nil: // its text would repeat the address, credentials and all
		return fault("is not an address; expected http://… or https://…")
	case u.Scheme != "http" && u.Scheme != "https":
		return fault("has the scheme %q; expected http or https", u.Scheme)
	case u.Host == "":
		return fault("names no host")
	case u.User != nil:
		return fault("holds credentials; they do not belong in a stored address")
	}
	return nil
}

// compile makes a source's readers ready, or says with KindInvalid what stands
// in the way.
func compile(source domain.Source) ([]compiled, error) {
	var faults []domain.FieldError
	if len(source.Readers) == 0 {
		faults = append(faults, domain.FieldError{Path: "readers", Message: "is empty; expected at least one reader"})
	}
	out := make([]compiled, 0, len(source.Readers))
	for i, cfg := range source.Readers {
		c, fs := compileReader(cfg, fmt.Sprintf("readers[%d]", i))
		faults = append(faults, fs...)
		out = append(out, c)
	}
	return out, invalid(faults)
}

// A faultFinder collects what is wrong with one reader's configuration.
type faultFinder struct {
	path   string
	faults []domain.FieldError
}

func (f *faultFinder) fault(field, format string, args ...any) {
	f.faults = append(f.faults, domain.FieldError{Path: f.path + "." + field, Message: fmt.Sprintf(format, args...)})
}

// texts checks that each text of a list has a word to compare by.
func (f *faultFinder) texts(field string, texts []string, expected string) {
	for i, text := range texts {
		if normal(text) == "" {
			f.fault(fmt.Sprintf("%s[%d]", field, i), "has no word; expected %s", expected)
		}
	}
}

func compileReader(cfg domain.ReaderConfig, path string) (compiled, []domain.FieldError) {
	f := faultFinder{path: path}
	c := compiled{name: cfg.Reader, selector: cfg.Selector, tiers: newVocabulary(cfg.Tiers), divisor: decimal.NewFromInt(1)}
	if c.read = readerNamed(cfg.Reader); c.read == nil {
		f.fault("reader", "%q is unknown; expected one of: %s", cfg.Reader, readerNames())
	}
	if cfg.Selector != "" {
		if _, err := cascadia.ParseGroup(cfg.Selector); err != nil {
			f.fault("selector", "%q is not a CSS selector: %s", cfg.Selector, err)
		}
	}
	c.meters = f.headers(cfg.Headers)
	for _, tier := range sortedKeys(cfg.Tiers) {
		if !slices.Contains(domain.Tiers(), domain.Tier(tier)) {
			f.fault("tiers."+tier, "is no tier; expected one of: %s", joined(domain.Tiers()))
		}
		f.texts("tiers."+tier, cfg.Tiers[tier], "a word or phrase")
	}
	if cfg.Divisor != nil {
		if c.divisor = *cfg.Divisor; !c.divisor.IsPositive() {
			f.fault("divisor", "is %s; expected a number above 0", cfg.Divisor)
		}
	}
	c.strip = f.patterns(cfg.Strip)
	f.texts("skip", cfg.Skip, "a heading's text")
	for _, text := range cfg.Skip {
		c.skip = append(c.skip, normal(text))
	}
	c.rows = f.shapes(cfg.Rows)
	c.columns = f.fixed(cfg.Columns)
	return c, f.faults
}

// shapes checks the header texts of rows that have none.
func (f *faultFinder) shapes(rows [][]string) [][]string {
	widths := map[int]bool{}
	for i, shape := range rows {
		field := fmt.Sprintf("rows[%d]", i)
		switch {
		case len(shape) < 2 || len(shape) > maxColumns:
			f.fault(field, "has %d texts; expected 2 to %d", len(shape), maxColumns)
		case widths[len(shape)]:
			f.fault(field, "has %d texts, as another list has; expected one list per number of cells", len(shape))
		}
		widths[len(shape)] = true
		f.texts(field, shape, "a header's text")
	}
	return rows
}

func readerNamed(name string) readerFunc {
	for _, r := range readers {
		if r.name == name {
			return r.read
		}
	}
	return nil
}

func readerNames() string {
	names := make([]string, 0, len(readers))
	for _, r := range readers {
		names = append(names, r.name)
	}
	return strings.Join(names, ", ")
}

func (f *faultFinder) headers(headers map[string][]string) map[string]domain.Meter {
	out := map[string]domain.Meter{}
	for _, meter := range sortedKeys(headers) {
		if !domain.Meter(meter).CountsTokens() {
			f.fault("headers."+meter, "is no token meter; expected one of: %s", joined(domain.TokenMeters()))
		}
		f.texts("headers."+meter, headers[meter], "a header's text")
		for _, text := range headers[meter] {
			out[normal(text)] = domain.Meter(meter)
		}
	}
	return out
}

func (f *faultFinder) patterns(patterns []string) []*regexp.Regexp {
	var out []*regexp.Regexp
	for i, pattern := range patterns {
		field := fmt.Sprintf("strip[%d]", i)
		re, err := regexp.Compile(pattern)
		switch {
		case len(pattern) > maxPattern:
			f.fault(field, "has %d characters; at most %d are allowed", len(pattern), maxPattern)
		case err != nil:
			f.fault(field, "%q is not a regular expression (RE2 syntax): %s", pattern, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		default:
			out = append(out, re)
		}
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func joined[T ~string](values []T) string { return joinedBy(", ", values) }

func joinedBy[T ~string](between string, values []T) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return strings.Join(out, between)
}
