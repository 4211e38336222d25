package providers

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/andybalholm/cascadia"

	"ratecard/domain"
)

// What a schema cannot say is checked here.

func checkProvider(p domain.Provider) []domain.FieldError {
	var faults faults
	if p.API == nil && len(p.Scraping.Sources) == 0 {
		faults.add("$", "expected an api, or scraping with sources, or both: a provider without either says nothing")
	}
	if p.API != nil {
		if _, known := dialects[p.API.Dialect]; !known {
			faults.add("api.dialect", "%q is not supported: expected one of %s", p.API.Dialect, supported())
		}
		faults.address("api.baseUrl", p.API.BaseURL)
		if strings.ContainsAny(p.API.BaseURL, "?#") {
			faults.add("api.baseUrl", "expected an address without a query and without a fragment")
		}
	}
	faults.modelPages(p)
	return append(faults, checkScraping("scraping", p.Scraping)...)
}

// modelPages checks the addresses of the pages about models, and that each has
// a name of its own: what is kept of a page is found by its name.
func (f *faults) modelPages(p domain.Provider) {
	taken := map[string]bool{}
	for _, source := range p.Scraping.Sources {
		taken[source.Name] = true
	}
	for i, page := range p.ModelPages {
		at := fmt.Sprintf("modelPages[%d]", i)
		if taken[page.Name] {
			f.add(at+".name", "%q is taken: expected a name of its own, also among the sources of prices", page.Name)
		}
		taken[page.Name] = true
		f.address(at+".url", page.URL)
	}
}

func checkScraping(at string, s domain.Scraping) []domain.FieldError {
	var faults faults
	named := map[string]int{}
	for i, source := range s.Sources {
		at := under(at, fmt.Sprintf("sources[%d]", i))
		if first, taken := named[source.Name]; taken {
			faults.add(at+".name", "%q is taken by sources[%d]: expected a name of its own", source.Name, first)
		} else {
			named[source.Name] = i
		}
		faults.address(at+".url", source.URL)
		for j, reader := range source.Readers {
			faults.reader(fmt.Sprintf("%s.readers[%d]", at, j), reader)
		}
	}
	return faults
}

type faults []domain.FieldError

func (f *faults) add(path, format string, args ...any) {
	*f = append(*f, domain.FieldError{Path: path, Message: fmt.Sprintf(format, args...)})
}

// address refuses what cannot be fetched. It does not repeat the address, which
// may hold a password.
func (f *faults) address(path, text string) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || strings.TrimSpace(text) != text:
		f.add(path, "not an address: expected http:// or https:// and a host")
	case u.Scheme != "http" && u.Scheme != "https":
		f.add(path, "an address with the scheme %q: expected http or https", u.Scheme)
	case u.User != nil:
		f.add(path, "an address with credentials: expected one without user and password")
	}
}

func (f *faults) css(path, text string) {
	if _, err := cascadia.ParseGroup(text); err != nil {
		f.add(path, "%q: %v: expected a CSS selector", text, err)
	}
}

func (f *faults) reader(at string, r domain.ReaderConfig) {
	if r.Selector != "" {
		f.css(at+".selector", r.Selector)
	}
	if d := r.Divisor; d != nil && (d.Exponent() < -12 || d.Exponent() > 12 || d.NumDigits() > 12) {
		f.add(at+".divisor", "expected a number above 0 with at most 12 digits")
	}
	names(f, at+".headers", "meter", r.Headers, domain.TokenMeters())
	names(f, at+".tiers", "tier", r.Tiers, domain.Tiers())
	columns(f, at+".columns", r.Columns)
	for i, pattern := range r.Strip {
		if _, err := regexp.Compile(pattern); err != nil {
			f.add(fmt.Sprintf("%s.strip[%d]", at, i), "%v: expected a regular expression (RE2)", err)
		}
	}
}

// columns refuses columns that would be two things at once, or nothing known.
func columns(f *faults, at string, given map[string]int) {
	taken := map[int]string{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		switch first, twice := taken[given[name]]; {
		case name != domain.ColumnModel && !domain.Meter(name).CountsTokens():
			f.add(under(at, name), "unknown column: expected %s or one of %s", domain.ColumnModel, listed(domain.TokenMeters()))
		case twice:
			f.add(under(at, name), "%d is the column of %s: expected another one", given[name], first)
		}
		taken[given[name]] = name
	}
}

// names refuses keys that are none of the names of their kind.
func names[N ~string](f *faults, at, kind string, given map[string][]string, known []N) {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(known, N(name)) {
			f.add(under(at, name), "unknown %s: expected one of %s", kind, listed(known))
		}
	}
}

func supported() string { return listed(slices.Sorted(maps.Keys(dialects))) }

func listed[N ~string](names []N) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = string(name)
	}
	return strings.Join(texts, ", ")
}
