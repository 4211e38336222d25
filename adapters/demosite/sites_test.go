package demosite_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ratecard/adapters/demosite"
)

// the lists of the site, each with the header that carries its key.
var lists = []struct{ path, header, before string }{
	{"/openai/api/v1/models", "Authorization", "Bearer "},
	{"/anthropic/api/v1/models", "X-Api-Key", ""},
	{"/google/api/v1beta/models", "X-Goog-Api-Key", ""},
	{"/xai/api/v1/models", "Authorization", "Bearer "},
	{"/xai/api/v1/language-models", "Authorization", "Bearer "},
	{"/groq/api/openai/v1/models", "Authorization", "Bearer "},
}

// TestEveryListWantsItsKey: the right key in the right header, and none other.
func TestEveryListWantsItsKey(t *testing.T) {
	_, base := serve(t, demosite.Config{})
	for _, list := range lists {
		header := func(secret string) map[string]string {
			return map[string]string{list.header: list.before + secret, "Anthropic-Version": "2023-06-01"}
		}
		if a := get(t, base+list.path, header(key)); a.status != 200 || !json.Valid([]byte(a.body)) {
			t.Errorf("%s: the right key: %d %s", list.path, a.status, a.body)
		}
		for name, wrong := range map[string]map[string]string{
			"another key": header("other"), "an empty key": header(""), "no key": {"Anthropic-Version": "2023-06-01"},
			"the key elsewhere": {"X-Key": key, "Anthropic-Version": "2023-06-01"},
		} {
			if a := get(t, base+list.path, wrong); a.status < 400 || a.status > 403 || !strings.Contains(a.body, "error") {
				t.Errorf("%s: %s: %d %s", list.path, name, a.status, a.body)
			}
		}
	}
	if a := get(t, base+"/google/api/v1beta/models?key="+key, nil); a.status != 400 {
		t.Errorf("a key in the URL: %d", a.status)
	}
}

// googleNames walks Google's list page by page.
func googleNames(t *testing.T, base, query string) (all []string, pages int) {
	t.Helper()
	for token := ""; ; pages++ {
		a := get(t, base+"/google/api/v1beta/models?"+query+token, map[string]string{"X-Goog-Api-Key": key})
		var list struct {
			Models []struct {
				Name string `json:"name"`
			} `json:"models"`
			NextPageToken string `json:"nextPageToken"`
		}
		if err := json.Unmarshal([]byte(a.body), &list); err != nil || a.status != 200 {
			t.Fatalf("%d %s: %v", a.status, a.body, err)
		}
		for _, m := range list.Models {
			all = append(all, m.Name)
		}
		if list.NextPageToken == "" {
			return all, pages + 1
		}
		token = "&pageToken=" + list.NextPageToken
	}
}

func TestGoogleListPages(t *testing.T) {
	_, base := serve(t, demosite.Config{})
	whole, pages := googleNames(t, base, "pageSize=1000")
	if pages != 1 || len(whole) < 12 || !slices.ContainsFunc(whole, func(n string) bool { return strings.HasPrefix(n, "tunedModels/") }) {
		t.Fatalf("%d models on %d pages", len(whole), pages)
	}
	inFours, pages := googleNames(t, base, "pageSize=4")
	if pages != (len(whole)+3)/4 || !slices.Equal(inFours, whole) {
		t.Errorf("%d pages: %v", pages, inFours)
	}
	for _, query := range []string{"pageSize=many", "pageSize=-1", "pageToken=bm9uZQ", "pageToken=!"} {
		if a := get(t, base+"/google/api/v1beta/models?"+query, map[string]string{"X-Goog-Api-Key": key}); a.status != 400 {
			t.Errorf("%s: %d", query, a.status)
		}
	}
}

// TestWhatHappensOnWhichDay holds the timeline of the other providers.
func TestWhatHappensOnWhichDay(t *testing.T) {
	site, base := serve(t, demosite.Config{})
	const openAI, openAIMarkdown = "/openai/pages/api/docs/pricing", "/openai/pages/api/docs/pricing.md"
	const google, googleMarkdown = "/google/pages/gemini-api/docs/pricing", "/google/pages/gemini-api/docs/pricing.md.txt"
	const xAI, groq = "/xai/pages/docs/models", "/groq/pages/pricing"
	for _, c := range []struct{ path, text, days string }{
		{openAI, `data-value="priority"`, ".xxxx"},
		{openAIMarkdown, `tier="priority"`, ".xxxx"},
		{openAI, `<span>$5.00</span>`, "xx.xx"},
		{openAIMarkdown, `["gpt-5.4 (<272K context length)",2.5,0.25,15],`, "xx.xx"},
		{openAIMarkdown, `["gpt-5.4 (<272K context length)",null,null,"-"],`, "..x.."},
		{openAI, `Cache writes`, "...xx"},
		{openAIMarkdown, `["gpt-5.6-sol",5,0.5,6.25,30],`, "...xx"},
		{openAI, `gpt-5.6-luna`, "....x"},
		{"/openai/api/v1/models", `"gpt-5.6-luna"`, "....x"},
		{openAIMarkdown, `["davinci-002",2,null,2],`, "xx.x."},
		{"/openai/api/v1/models", `"davinci-002"`, "xxxx."},
		{google, `gemini-3.1-flash-lite-preview`, ".xxxx"},
		{"/google/api/v1beta/models", `models/gemini-3.1-flash-lite-preview"`, ".x.xx"},
		{"/google/api/v1beta/models", `"API_KEY_INVALID"`, "..x.."},
		{googleMarkdown, `| $2.00, prompts <= 200k tokens $4.00, prompts > 200k tokens |`, "xxxxx"},
		{googleMarkdown, "## Gemini 2.0 Flash-Lite", "xxx.."},
		{google, `<td>$0.50 (text / image / video)<br>$1.00 (audio)</td>`, "xxxx."},
		{google, `<td>$0.40 (text / image / video)<br>$0.80 (audio)</td>`, "....x"},
		{xAI, `<span data-testid="usd-amount">$2.00</span>`, "xx..x"},
		{xAI, `"completionTokenPriceLongContext":"120000"`, "xx..x"},
		{xAI, `Loading`, "..x.."},
		{xAI, `Just a moment`, "...x."},
		{"/xai/api/v1/language-models", `"aliases":["grok-4.3-latest","grok-latest"]`, "x...."},
		{"/xai/api/v1/language-models", `"aliases":["grok-4.5-latest","grok-build-latest","grok-latest"]`, ".xxxx"},
		{"/xai/api/v1/language-models", `"prompt_text_token_price":5000,`, "....x"},
		{groq, `<td>moonshotai/kimi-k2-instruct-0905</td><td>$1.00</td><td>$0.50</td><td>$3.00</td>`, "x...."},
		{groq, `<td>moonshotai/kimi-k2-instruct-0905</td><td>$0.75</td><td>$0.375</td><td>$2.25</td>`, "..x.x"},
		{"/groq/api/openai/v1/models", `"openai/gpt-oss-20b"`, "....x"},
	} {
		got := ""
		for day := 1; day <= site.Days(); day++ {
			site.SetDay(day)
			header := map[string]string{"Authorization": "Bearer " + key, "X-Goog-Api-Key": key}
			a := get(t, base+c.path, header)
			if a.status == http.StatusTooManyRequests {
				a = get(t, base+c.path, header)
			}
			mark := "."
			if strings.Contains(a.body, c.text) {
				mark = "x"
			}
			got += mark
		}
		if got != c.days {
			t.Errorf("%s: %s: on %s, want %s", c.path, c.text, got, c.days)
		}
	}
}

// TestBusyAndBehindAChallenge: what the statuses and headers say.
func TestBusyAndBehindAChallenge(t *testing.T) {
	site, base := serve(t, demosite.Config{})
	site.SetDay(2)
	list := base + "/google/api/v1beta/models"
	header := map[string]string{"X-Goog-Api-Key": key}
	first, second := get(t, list, header), get(t, list, header)
	if first.status != 429 || first.header.Get("Retry-After") != "1" || second.status != 200 {
		t.Errorf("%d (%s), then %d", first.status, first.header.Get("Retry-After"), second.status)
	}
	site.SetDay(4)
	if a := get(t, base+"/xai/pages/docs/models", nil); a.status != 403 || a.header.Get("Cf-Mitigated") != "challenge" {
		t.Errorf("a challenge: %d %v", a.status, a.header)
	}
	if a := get(t, base+"/openai/pages/docs/pricing", nil); a.status != 200 || !strings.Contains(a.body, "Text models") {
		t.Errorf("the page's old address: %d", a.status)
	}
}

// TestIslandHoldsEveryRow: the data behind OpenAI's tables have more rows than
// the tables, as their page does.
func TestIslandHoldsEveryRow(t *testing.T) {
	_, base := serve(t, demosite.Config{})
	body := get(t, base+"/openai/pages/api/docs/pricing", nil).body
	for text, times := range map[string]int{
		"<td><span>gpt-5.6-sol</span></td>":         3, // a table per tier
		"<td><span>gpt-4.1</span></td>":             0,
		"[0,&#34;gpt-4.1&#34;],[0,2],[0,0.5],[0,8]": 1,
		"&lt;272K context length":                   9, // three models in three tiers
	} {
		if n := strings.Count(body, text); n != times {
			t.Errorf("%q stands there %d times, want %d", text, n, times)
		}
	}
}

func TestFileDescribesAProvider(t *testing.T) {
	site, base := serve(t, demosite.Config{})
	a := get(t, base+demosite.FilePath, nil)
	if a.status != 200 || a.body != string(site.File(base+"/")) {
		t.Fatalf("%d %s", a.status, a.body)
	}
	var file struct {
		API struct {
			BaseURL string `json:"baseUrl"`
		} `json:"api"`
		Scraping struct {
			Sources []struct {
				URL string `json:"url"`
			} `json:"sources"`
		} `json:"scraping"`
	}
	if err := json.Unmarshal([]byte(a.body), &file); err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{file.API.BaseURL + "/models", file.Scraping.Sources[0].URL} {
		if a := get(t, url, map[string]string{"Authorization": "Bearer " + key}); a.status != 200 {
			t.Errorf("%s: %d", url, a.status)
		}
	}
}

// TestPagesAgreeWithTheirData: the two scripts of xAI's page hold the same, and
// its table what they say.
func TestPagesAgreeWithTheirData(t *testing.T) {
	_, base := serve(t, demosite.Config{})
	body := get(t, base+"/xai/pages/docs/models", nil).body
	_, rest, _ := strings.Cut(body, "globalThis.__XAI_PUBLIC_MODELS__=")
	var data struct {
		ClusterConfigs []struct {
			LanguageModels []struct {
				Name string `json:"name"`
			} `json:"languageModels"`
		} `json:"clusterConfigs"`
	}
	if err := json.NewDecoder(strings.NewReader(rest)).Decode(&data); err != nil {
		t.Fatal(err)
	}
	if len(data.ClusterConfigs) < 3 || len(data.ClusterConfigs[0].LanguageModels) < 5 {
		t.Fatalf("%+v", data)
	}
	for _, m := range data.ClusterConfigs[0].LanguageModels {
		if !strings.Contains(body, fmt.Sprintf("<span>%s</span>", m.Name)) {
			t.Errorf("the table has no row of %s", m.Name)
		}
		if n := strings.Count(body, `\"name\":\"`+m.Name+`\"`); n < 2 {
			t.Errorf("%s stands %d times in the text that is pushed", m.Name, n)
		}
	}
}
