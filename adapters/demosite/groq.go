package demosite

import (
	_ "embed"
	"net/http"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// FilePath is where the site hands out the file that describes Groq, a provider
// that speaks OpenAI's dialect and that nothing else describes.
const FilePath = "/groq/provider.json"

var (
	//go:embed groq.json
	groqFile string
	//go:embed groq.html.tmpl
	groqHTMLText string

	groqHTML = htmlPage(groqHTMLText)
)

// File is the provider file that the site hands out, with addresses at the
// site. base is the address where Handler is served.
func (s *Site) File(base string) []byte {
	return []byte(strings.ReplaceAll(groqFile, "SITE", strings.TrimRight(base, "/")+"/"+string(groqID)))
}

func (s *Site) file(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(s.File("http://" + r.Host)) // what fails here is the client's connection
}

// groqCatalogue is what Groq sells on one day.
type groqCatalogue struct{ models []groqModel }

// groqModel is an entry of the list and a row of the page.
type groqModel struct {
	id, owner       string
	created         int64
	context, output int64
	in, cached, out string // USD per million tokens; empty: not stated
}

// groqDayOne has real ids and prices.
var groqDayOne = []groqModel{
	{"moonshotai/kimi-k2-instruct-0905", "Moonshot AI", 1_757_046_093, 262_144, 16_384, "1.00", "0.50", "3.00"},
	{"openai/gpt-oss-120b", "OpenAI", 1_754_408_224, 131_072, 65_536, "0.15", "0.075", "0.60"},
	{"qwen/qwen3-32b", "Alibaba Cloud", 1_748_396_646, 131_072, 40_960, "0.29", "", "0.59"},
	{"meta-llama/llama-4-scout-17b-16e-instruct", "Meta", 1_743_874_824, 131_072, 8_192, "0.11", "", "0.34"},
	{"llama-3.3-70b-versatile", "Meta", 1_733_447_754, 131_072, 32_768, "0.59", "", "0.79"},
	{"llama-3.1-8b-instant", "Meta", 1_693_721_698, 131_072, 131_072, "0.05", "", "0.08"},
	{"whisper-large-v3", "OpenAI", 1_693_721_698, 448, 448, "", "", ""},
}

// gptOSS20b is launched on a later day.
var gptOSS20b = groqModel{"openai/gpt-oss-20b", "OpenAI", 1_754_407_957, 131_072, 65_536, "0.075", "0.0375", "0.30"}

func (c *groqCatalogue) launch(m groqModel) { c.models = slices.Insert(c.models, 0, m) }

// multiply changes every price of a model by one factor; false where there is none.
func (c *groqCatalogue) multiply(id string, by decimal.Decimal) bool {
	m := find(c.models, func(m groqModel) bool { return m.id == id })
	if m == nil {
		return false
	}
	m.in, m.cached, m.out = times(m.in, by), times(m.cached, by), times(m.out, by)
	return true
}

// listGroq is GET /openai/v1/models.
func (s *Site) listGroq(w http.ResponseWriter, r *http.Request) {
	if !s.opens(bearer(r)) {
		refuseKey(w, groqID)
		return
	}
	data := []any{}
	for _, m := range s.today().groq.models {
		data = append(data, map[string]any{
			"id": m.id, "object": "model", "created": m.created, "owned_by": m.owner, "active": true,
			"context_window": m.context, "max_completion_tokens": m.output, "public_apps": nil,
		})
	}
	reply(w, http.StatusOK, map[string]any{"object": "list", "data": data})
}

// groqRow is a row of the page, as printed.
type groqRow struct{ Name, In, Cached, Out string }

func groqSheet(d day) any {
	var rows []groqRow
	for _, m := range d.groq.models {
		if m.in != "" {
			rows = append(rows, groqRow{m.id, "$" + m.in, orHyphen(m.cached), "$" + m.out})
		}
	}
	return rows
}

func orHyphen(amount string) string {
	if amount == "" {
		return "-"
	}
	return "$" + amount
}
