package demosite

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"ratecard/domain"
)

// Config is what a Site needs. Only Key has no default.
type Config struct {
	Key      string      // the API key that is accepted
	Start    domain.Date // the date of day 1; zero: today. Announced dates count from it
	PageSize int         // models per page of a list at most, whatever is asked for; 0: 1000
}

// Site serves the simulated providers as they are on one day of the timeline.
// It may be used by several goroutines at once.
type Site struct {
	key      string
	pageSize int
	start    domain.Date
	days     []catalogue
	day      atomic.Int32
	log      log
}

// New makes a Site that stands at day 1.
func New(c Config) *Site {
	if c.Start.IsZero() {
		c.Start = domain.DateOf(time.Now())
	}
	if c.PageSize < 1 || c.PageSize > maxPageSize {
		c.PageSize = maxPageSize
	}
	s := &Site{key: c.Key, pageSize: c.PageSize, start: c.Start}
	s.days = timeline(s.Date)
	s.SetDay(1)
	return s
}

// Days is the number of days in the timeline.
func (s *Site) Days() int { return len(s.days) }

// SetDay moves the site to a day, 1 to Days. Another day is a slip of the
// caller's and panics.
func (s *Site) SetDay(n int) {
	if n < 1 || n > s.Days() {
		panic(fmt.Sprintf("demosite: day %d of %d", n, s.Days()))
	}
	s.day.Store(int32(n))
}

// Date is the date of a day of the timeline.
func (s *Site) Date(n int) domain.Date {
	return domain.DateOf(s.start.Start().AddDate(0, 0, n-1))
}

// today is what the site sells on its day.
func (s *Site) today() catalogue { return s.days[s.day.Load()-1] }

// Handler serves the site: each provider's API below /<provider>/api, its pages
// below /<provider>/pages, with the paths that they have at the provider's.
func (s *Site) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /anthropic/api/v1/models", s.listAnthropic)
	mux.HandleFunc("GET /anthropic/pages/docs/en/about-claude/pricing.md", s.page(anthropicMarkdown, "text/markdown; charset=utf-8"))
	mux.HandleFunc("GET /anthropic/pages/docs/en/about-claude/pricing", s.page(anthropicHTML, "text/html; charset=utf-8"))
	return s.logged(mux)
}

// Provider is a provider's description with its API and its pages at the site
// instead of the provider's own. base is the address where Handler is served,
// such as "http://127.0.0.1:8080".
func (s *Site) Provider(base string, builtin domain.Provider) domain.Provider {
	home := strings.TrimRight(base, "/") + "/" + string(builtin.ID)
	moved := builtin
	if builtin.API != nil {
		api := *builtin.API
		api.BaseURL = home + "/api"
		moved.API = &api
	}
	moved.Scraping.Sources = nil
	for _, source := range builtin.Scraping.Sources {
		source.URL = home + "/pages" + pathOf(source.URL)
		moved.Scraping.Sources = append(moved.Scraping.Sources, source)
	}
	return moved
}

func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Path
}
