package demosite_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ratecard/adapters/demosite"
	"ratecard/domain"
)

const key = "sk-demo-0123456789"

// serve starts a site whose day 1 is fixed, so that its pages are too.
func serve(t *testing.T, c demosite.Config) (*demosite.Site, string) {
	t.Helper()
	c.Key, c.Start = key, domain.Date{Year: 2026, Month: 7, Day: 1}
	site := demosite.New(c)
	server := httptest.NewServer(site.Handler())
	t.Cleanup(server.Close)
	return site, server.URL
}

type answer struct {
	status int
	header http.Header
	body   string
}

func get(t *testing.T, url string, header map[string]string) answer {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

var authorised = map[string]string{"X-Api-Key": key, "Anthropic-Version": "2023-06-01"}

func TestListRefusesAsAnthropicDoes(t *testing.T) {
	_, base := serve(t, demosite.Config{})
	for _, c := range []struct {
		name   string
		header map[string]string
		query  string
		status int
		kind   string
	}{
		{"no key", nil, "", 401, "authentication_error"},
		{"wrong key", map[string]string{"X-Api-Key": "other", "Anthropic-Version": "2023-06-01"}, "", 401, "authentication_error"},
		{"no version", map[string]string{"X-Api-Key": key}, "", 400, "invalid_request_error"},
		{"limit too large", authorised, "?limit=1001", 400, "invalid_request_error"},
		{"unknown cursor", authorised, "?after_id=nobody", 400, "invalid_request_error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := get(t, base+"/anthropic/api/v1/models"+c.query, c.header)
			var body struct {
				Type  string `json:"type"`
				Error struct {
					Type    string `json:"type"`
					Message string `json:"message"`
				} `json:"error"`
			}
			if err := json.Unmarshal([]byte(a.body), &body); err != nil {
				t.Fatal(err)
			}
			if a.status != c.status || body.Type != "error" || body.Error.Type != c.kind || body.Error.Message == "" {
				t.Errorf("got %d %s", a.status, a.body)
			}
		})
	}
}

type listBody struct {
	Data []struct {
		ID string `json:"id"`
	} `json:"data"`
	HasMore bool   `json:"has_more"`
	LastID  string `json:"last_id"`
}

// ids walks the list page by page, as a client does.
func ids(t *testing.T, base, query string) (all []string, pages int) {
	t.Helper()
	for after := ""; ; pages++ {
		a := get(t, base+"/anthropic/api/v1/models?"+query+after, authorised)
		var list listBody
		if err := json.Unmarshal([]byte(a.body), &list); err != nil || a.status != 200 {
			t.Fatalf("%d %s: %v", a.status, a.body, err)
		}
		for _, m := range list.Data {
			all = append(all, m.ID)
		}
		if !list.HasMore {
			return all, pages + 1
		}
		after = "&after_id=" + list.LastID
	}
}

func TestListPages(t *testing.T) {
	_, base := serve(t, demosite.Config{})
	whole, pages := ids(t, base, "limit=1000")
	if pages != 1 || len(whole) < 10 {
		t.Fatalf("%d models on %d pages", len(whole), pages)
	}
	inFours, pages := ids(t, base, "limit=4")
	if pages != (len(whole)+3)/4 || strings.Join(inFours, " ") != strings.Join(whole, " ") {
		t.Errorf("%d pages: %v", pages, inFours)
	}
	_, small := serve(t, demosite.Config{PageSize: 3})
	inThrees, pages := ids(t, small, "limit=1000")
	if pages != (len(whole)+2)/3 || strings.Join(inThrees, " ") != strings.Join(whole, " ") {
		t.Errorf("a site with small pages: %d pages: %v", pages, inThrees)
	}
}

func TestTimeline(t *testing.T) {
	site, base := serve(t, demosite.Config{})
	markdown := base + "/anthropic/pages/docs/en/about-claude/pricing.md"
	var lists, pages []string
	for day := 1; day <= site.Days(); day++ {
		site.SetDay(day)
		all, _ := ids(t, base, "limit=1000")
		lists = append(lists, strings.Join(all, " ")+" ")
		pages = append(pages, get(t, markdown, nil).body)
	}
	for _, c := range []struct {
		what string
		in   []string
		text string
		days [5]bool
	}{
		{"a new model in the list", lists, "claude-opus-4-8 ", [5]bool{false, true, true, true, true}},
		{"and on the page", pages, "| Claude Opus 4.8 | $5 / MTok |", [5]bool{false, true, true, true, true}},
		{"a price before its cut", pages, "| Claude Haiku 4.5 | $1 / MTok | $1.25 / MTok | $2 / MTok | $0.10 / MTok | $5 / MTok |", [5]bool{true, false, false, false, false}},
		{"and after it", pages, "| Claude Haiku 4.5 | $0.90 / MTok | $1.125 / MTok | $1.80 / MTok | $0.09 / MTok | $4.50 / MTok |", [5]bool{false, true, true, true, true}},
		{"its batch price as well", pages, "| Claude Haiku 4.5 | $0.45 / MTok | $2.25 / MTok |", [5]bool{false, true, true, true, true}},
		{"a model that goes from the list", lists, "claude-sonnet-4-20250514 ", [5]bool{true, true, false, false, false}},
		{"and from the page", pages, "| Claude Sonnet 4 | $3", [5]bool{true, true, false, false, false}},
		{"an announced end", pages, "| Claude Sonnet 5 through July 16, 2026 | $2 / MTok |", [5]bool{false, false, true, false, false}},
		{"and what comes then", pages, "| Claude Sonnet 5 starting July 17, 2026 | $3 / MTok |", [5]bool{false, false, true, false, false}},
	} {
		for i, want := range c.days {
			if got := strings.Contains(c.in[i], c.text); got != want {
				t.Errorf("%s: day %d: %t", c.what, i+1, got)
			}
		}
	}
}

func TestPageIsTheSameInBothForms(t *testing.T) {
	site, base := serve(t, demosite.Config{})
	for day := 1; day <= site.Days(); day++ {
		site.SetDay(day)
		markdown := get(t, base+"/anthropic/pages/docs/en/about-claude/pricing.md", nil)
		html := get(t, base+"/anthropic/pages/docs/en/about-claude/pricing", nil)
		if !strings.HasPrefix(html.header.Get("Content-Type"), "text/html") || !strings.HasPrefix(markdown.header.Get("Content-Type"), "text/markdown") {
			t.Fatal(html.header, markdown.header)
		}
		if m, h := strings.Count(markdown.body, " / MTok"), strings.Count(html.body, " / MTok"); m != h || m < 60 {
			t.Errorf("day %d: %d figures in Markdown, %d in HTML", day, m, h)
		}
	}
}

func TestPageIsConditional(t *testing.T) {
	site, base := serve(t, demosite.Config{})
	url := base + "/anthropic/pages/docs/en/about-claude/pricing"
	first := get(t, url, nil)
	if first.header.Get("ETag") == "" || first.header.Get("Last-Modified") != "Wed, 01 Jul 2026 00:00:00 GMT" {
		t.Fatal(first.header)
	}
	having := map[string]string{"If-None-Match": first.header.Get("ETag")}
	if again := get(t, url, having); again.status != http.StatusNotModified || again.body != "" {
		t.Errorf("an unchanged page: %d", again.status)
	}
	site.SetDay(2)
	if changed := get(t, url, having); changed.status != http.StatusOK || changed.header.Get("ETag") == first.header.Get("ETag") {
		t.Errorf("a changed page: %d", changed.status)
	}
}

func TestRequestsAreLogged(t *testing.T) {
	site, base := serve(t, demosite.Config{})
	get(t, base+"/anthropic/api/v1/models?limit=5", map[string]string{"X-Api-Key": key, "User-Agent": "one/1"})
	get(t, base+"/nowhere", map[string]string{"User-Agent": "two/2"})
	want := []demosite.Request{
		{Method: "GET", Path: "/anthropic/api/v1/models", UserAgent: "one/1", Auth: true},
		{Method: "GET", Path: "/nowhere", UserAgent: "two/2"},
	}
	got := site.Requests()
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %+v", got)
	}
}

func TestProviderMovesToTheSite(t *testing.T) {
	site, base := serve(t, demosite.Config{})
	builtin := domain.Provider{
		ID: "anthropic", Enabled: true,
		API:      &domain.ListAPI{Dialect: domain.DialectAnthropic, BaseURL: "https://api.anthropic.com", KeyEnv: "K"},
		Scraping: domain.Scraping{Sources: []domain.Source{{Name: "md", URL: "https://platform.claude.com/docs/en/about-claude/pricing.md"}}},
	}
	moved := site.Provider(base+"/", builtin)
	if moved.API.BaseURL != base+"/anthropic/api" || moved.API.KeyEnv != "K" {
		t.Errorf("API: %+v", moved.API)
	}
	if got := get(t, moved.Scraping.Sources[0].URL, nil); got.status != 200 {
		t.Errorf("%s: %d", moved.Scraping.Sources[0].URL, got.status)
	}
	if builtin.API.BaseURL != "https://api.anthropic.com" || !strings.HasPrefix(builtin.Scraping.Sources[0].URL, "https://platform") {
		t.Error("the built-in provider was changed")
	}
}

// TestMisbehaving: whoever plays with the site has a provider misbehave, and behave
// again; the others do not notice, and neither counts as a request to a provider.
func TestMisbehaving(t *testing.T) {
	site, base := serve(t, demosite.Config{})
	ask := func(method, path string) int {
		t.Helper()
		req, err := http.NewRequest(method, base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	const page, other = "/groq/pages/pricing", "/xai/pages/docs/models"
	var listed []demosite.Trouble
	if err := json.Unmarshal([]byte(get(t, base+demosite.TroublesPath, nil).body), &listed); err != nil || len(listed) != len(demosite.Troubles()) {
		t.Errorf("%d troubles are listed: %v", len(listed), err)
	}
	for _, trouble := range listed {
		if trouble.Name == "" || trouble.What == "" {
			t.Errorf("%+v", trouble)
		}
		if status := ask(http.MethodPut, "/groq/trouble/"+trouble.Name); status != http.StatusNoContent {
			t.Errorf("%s: %d", trouble.Name, status)
		}
	}
	before := len(site.Requests())
	for path, want := range map[string]int{"/groq/trouble/nonsense": 404, "/nobody/trouble/forbidden": 404, "/groq/trouble/forbidden": 204} {
		if status := ask(http.MethodPut, path); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	if len(site.Requests()) != before {
		t.Error("what is said to the site counts as said to a provider")
	}
	if a, b := ask(http.MethodGet, page), ask(http.MethodGet, other); a != 403 || b != 200 {
		t.Errorf("in trouble: %d, the other %d", a, b)
	}
	site.SetDay(3) // on which xAI's page is a shell; what was asked for holds on any day
	if a := ask(http.MethodGet, page); a != 403 {
		t.Errorf("on another day: %d", a)
	}
	if status := ask(http.MethodDelete, "/groq/trouble"); status != 204 || ask(http.MethodGet, page) != 200 {
		t.Errorf("when it was over: %d", status)
	}
}
