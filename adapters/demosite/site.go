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
	days     []day
	now      atomic.Int32 // the number of the day
	repriced repriced
	served   atomic.Bool // a busy API has turned one request of the day away
	asked    asked
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
	s.now.Store(int32(n))
	s.repriced.forget()
	s.served.Store(false)
}

// Date is the date of a day of the timeline.
func (s *Site) Date(n int) domain.Date {
	return domain.DateOf(s.start.Start().AddDate(0, 0, n-1))
}

// today is what the site sells on its day.
func (s *Site) today() day {
	if d := s.repriced.shown.Load(); d != nil {
		return *d
	}
	return s.days[s.now.Load()-1]
}

// Handler serves the site: each provider's API below /<provider>/api, its pages
// below /<provider>/pages, with the paths that they have at the provider's. The
// one that only its file describes hands that out at FilePath. At TroublesPath
// stands how to have a provider misbehave; PUT /day/<number> moves the site to a
// day, and PUT /<provider>/factor/<factor>/<model> is Reprice.
func (s *Site) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, route := range []struct {
		provider domain.ProviderID
		path     string
		serve    http.HandlerFunc
	}{
		{anthropicID, "/api/v1/models", s.listAnthropic},
		{anthropicID, "/pages/docs/en/about-claude/pricing.md", s.page(anthropicMarkdown, markdownType, anthropicSheet)},
		{anthropicID, "/pages/docs/en/about-claude/pricing", s.page(anthropicHTML, htmlType, anthropicSheet)},
		{anthropicID, "/pages/docs/en/about-claude/models/overview.md", s.page(anthropicOverview, markdownType, anthropicModels)},
		{anthropicID, "/pages/docs/en/about-claude/model-deprecations.md", s.page(anthropicDeprecations, markdownType, anthropicModels)},
		{openAIID, "/api/v1/models", s.listOpenAI},
		{openAIID, "/pages/api/docs/deprecations.md", still(openAIDeprecations, markdownType)},
		{openAIID, "/pages/api/docs/pricing.md", s.page(openAIMarkdown, markdownType, openAISheet)},
		{openAIID, "/pages/api/docs/pricing", s.page(openAIHTML, htmlType, openAISheet)},
		{openAIID, "/pages/docs/pricing", moved("/openai/pages/api/docs/pricing")},
		{googleID, "/api/v1beta/models", s.listGoogle},
		{googleID, "/pages/gemini-api/docs/deprecations.md.txt", still(googleDeprecations, markdownType)},
		{googleID, "/pages/gemini-api/docs/pricing.md.txt", s.page(googleMarkdown, markdownType, googleSheet)},
		{googleID, "/pages/gemini-api/docs/pricing", s.page(googleHTML, htmlType, googleWebSheet)},
		{xAIID, "/api/v1/models", s.listXAI},
		{xAIID, "/api/v1/language-models", s.languageModels},
		{xAIID, "/pages/docs/models", s.page(xAIHTML, htmlType, xAISheet)},
		{groqID, "/api/openai/v1/models", s.listGroq},
		{groqID, "/pages/pricing", s.page(groqHTML, htmlType, groqSheet)},
	} {
		mux.HandleFunc("GET /"+string(route.provider)+route.path, s.troubled(route.provider, route.serve))
	}
	for _, provider := range allIDs {
		mux.HandleFunc("GET /"+string(provider)+loginPath, func(w http.ResponseWriter, _ *http.Request) { page(w, http.StatusOK, loginPage) })
	}
	mux.HandleFunc("GET "+FilePath, s.file)
	outside := http.NewServeMux() // what is no request to a provider is not counted as one
	outside.Handle("/", s.logged(mux))
	s.switches(outside)
	s.moves(outside)
	return outside
}

// moved sends whoever comes to where the page stands today.
func moved(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusMovedPermanently) }
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
	moved.ModelPages, moved.Scraping.Sources = nil, nil
	for _, page := range builtin.ModelPages {
		moved.ModelPages = append(moved.ModelPages, pageAbout(home, page))
	}
	for _, source := range builtin.Scraping.Sources {
		part := "/pages"
		if builtin.API != nil && strings.HasPrefix(source.URL, builtin.API.BaseURL+"/") {
			part = "/api"
		}
		source.URL = home + part + pathOf(source.URL)
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
