package demosite

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"
)

// googleCatalogue is what Google sells on one day, as the price page has it: a
// section per model.
type googleCatalogue struct{ sections []section }

// section is a section of the page, with the models that it speaks of.
type section struct {
	title  string
	models []listed // the list's entries of it; the page names their ids
	tabs   []tab    // empty: the models are only listed
	free   bool     // there is a free tier
}

// listed is an entry of the list.
type listed struct {
	name, version string
	display       string
	input, output int64
	methods       []string
	thinks        bool
	unnamed       bool // the page does not name it
}

// tab is how a model can be bought, with what that costs.
type tab struct {
	name             string // empty: the section has one table and no tabs
	in, out, caching []cell
}

// cell is a line of a table's cell: an amount and what it is for.
type cell struct{ amount, remark string }

const (
	upTo, over = "prompts <= 200k tokens", "prompts > 200k tokens"
	seen       = "(text / image / video)"
	heard      = "(audio)"
	stored     = "/ 1,000,000 tokens per hour (storage price)"
)

var (
	talks  = []string{"generateContent", "countTokens", "createCachedContent", "batchGenerateContent"}
	embeds = []string{"embedContent", "countTextTokens", "asyncBatchEmbedContent"}
)

// googleDayOne has real ids and prices, and of every irregularity one: two ids
// in a section, thresholds within cells, modalities within cells, a section
// without tabs, one sold by the second, models that only the list names.
var googleDayOne = []section{
	{
		title:  "Gemini 3.1 Pro Preview",
		models: []listed{{"gemini-3.1-pro-preview", "3.1-pro-preview-01-2026", "Gemini 3.1 Pro Preview", 1_048_576, 65_536, talks, true, false}, {"gemini-3.1-pro-preview-customtools", "3.1-pro-preview-01-2026", "Gemini 3.1 Pro Preview Custom Tools", 1_048_576, 65_536, talks, true, false}},
		tabs: []tab{
			{"Standard", []cell{{"2.00", upTo}, {"4.00", over}}, []cell{{"12.00", upTo}, {"18.00", over}}, []cell{{"0.20", upTo}, {"0.40", over}, {"4.50", stored}}},
			{"Batch", []cell{{"1.00", upTo}, {"2.00", over}}, []cell{{"6.00", upTo}, {"9.00", over}}, []cell{{"0.20", upTo}, {"0.40", over}, {"4.50", stored}}},
			{"Priority", []cell{{"3.60", upTo}, {"7.20", over}}, []cell{{"21.60", upTo}, {"32.40", over}}, []cell{{"0.36", upTo}, {"0.72", over}, {"8.10", stored}}},
		},
	},
	{
		title: "Gemini 3 Flash Preview", free: true,
		models: []listed{{"gemini-3-flash-preview", "3-flash-preview-12-2025", "Gemini 3 Flash Preview", 1_048_576, 65_536, talks, true, false}},
		tabs: []tab{
			{"Standard", []cell{{"0.50", seen}, {"1.00", heard}}, []cell{{"3.00", ""}}, []cell{{"0.05", seen}, {"0.10", heard}, {"1.00", stored}}},
			{"Batch", []cell{{"0.25", seen}, {"0.50", heard}}, []cell{{"1.50", ""}}, []cell{{"0.05", seen}, {"0.10", heard}, {"1.00", stored}}},
		},
	},
	{
		title: "Gemini 2.5 Pro", free: true,
		models: []listed{{"gemini-2.5-pro", "2.5", "Gemini 2.5 Pro", 1_048_576, 65_536, talks, true, false}},
		tabs: []tab{
			{"Standard", []cell{{"1.25", upTo}, {"2.50", over}}, []cell{{"10.00", upTo}, {"15.00", over}}, []cell{{"0.125", upTo}, {"0.25", over}, {"4.50", stored}}},
			{"Batch", []cell{{"0.625", upTo}, {"1.25", over}}, []cell{{"5.00", upTo}, {"7.50", over}}, []cell{{"0.125", upTo}, {"0.25", over}, {"4.50", stored}}},
		},
	},
	{
		title: "Gemini 2.5 Flash", free: true,
		models: []listed{{"gemini-2.5-flash", "001", "Gemini 2.5 Flash", 1_048_576, 65_536, talks, true, false}, {"gemini-flash-latest", "Gemini Flash Latest", "Gemini Flash Latest", 1_048_576, 65_536, talks, true, true}},
		tabs: []tab{
			{"Standard", []cell{{"0.30", seen}, {"1.00", heard}}, []cell{{"2.50", ""}}, []cell{{"0.03", seen}, {"0.10", heard}, {"1.00", stored}}},
			{"Batch", []cell{{"0.15", seen}, {"0.50", heard}}, []cell{{"1.25", ""}}, []cell{{"0.03", seen}, {"0.10", heard}, {"1.00", stored}}},
		},
	},
	{
		title: "Gemini 2.5 Flash-Lite", free: true,
		models: []listed{{"gemini-2.5-flash-lite", "001", "Gemini 2.5 Flash-Lite", 1_048_576, 65_536, talks, true, false}},
		tabs: []tab{
			{"Standard", []cell{{"0.10", seen}, {"0.30", heard}}, []cell{{"0.40", ""}}, []cell{{"0.01", seen}, {"0.03", heard}, {"1.00", stored}}},
			{"Batch", []cell{{"0.05", seen}, {"0.15", heard}}, []cell{{"0.20", ""}}, []cell{{"0.01", seen}, {"0.03", heard}, {"1.00", stored}}},
		},
	},
	{
		title:  "Gemini 2.5 Flash Preview TTS",
		models: []listed{{"gemini-2.5-flash-preview-tts", "gemini-2.5-flash-exp-tts-2025-05-19", "Gemini 2.5 Flash Preview TTS", 8_192, 16_384, talks[:2], false, false}},
		tabs: []tab{
			{"Standard", []cell{{"0.50", "(text)"}}, []cell{{"10.00", heard}}, nil},
			{"Batch", []cell{{"0.25", "(text)"}}, []cell{{"5.00", heard}}, nil},
		},
	},
	{
		title: "Gemini 2.0 Flash-Lite", free: true,
		models: []listed{{"gemini-2.0-flash-lite", "2.0", "Gemini 2.0 Flash-Lite", 1_048_576, 8_192, talks, false, false}, {"gemini-2.0-flash-lite-001", "2.0", "Gemini 2.0 Flash-Lite 001", 1_048_576, 8_192, talks, false, true}},
		tabs: []tab{
			{"Standard", []cell{{"0.075", ""}}, []cell{{"0.30", ""}}, nil},
			{"Batch", []cell{{"0.0375", ""}}, []cell{{"0.15", ""}}, nil},
		},
	},
	{
		title: "Gemini Embedding", free: true,
		models: []listed{{"gemini-embedding-001", "001", "Gemini Embedding 001", 2_048, 1, embeds, false, false}},
		tabs: []tab{
			{"Standard", []cell{{"0.15", ""}}, nil, nil},
			{"Batch", []cell{{"0.075", ""}}, nil, nil},
		},
	},
	{
		title:  "Gemini 2.5 Computer Use Preview",
		models: []listed{{"gemini-2.5-computer-use-preview-10-2025", "Gemini 2.5 Computer Use Preview 10-2025", "Gemini 2.5 Computer Use Preview 10-2025", 131_072, 65_536, talks[:2], true, false}},
		tabs:   []tab{{"", []cell{{"1.25", upTo}, {"2.50", over}}, []cell{{"10.00", upTo}, {"15.00", over}}, nil}},
	},
	{models: []listed{
		{"gemma-3-27b-it", "001", "Gemma 3 27B", 131_072, 8_192, talks[:2], false, true},
		{"veo-3.1-generate-preview", "3.1", "Veo 3.1", 480, 8_192, []string{"predictLongRunning"}, false, true},
		{"aqa", "001", "Model that performs Attributed Question Answering.", 7_168, 1_024, []string{"generateAnswer"}, false, true},
	}},
}

// flashLitePreview is launched on a later day.
var flashLitePreview = section{
	title: "Gemini 3.1 Flash-Lite Preview", free: true,
	models: []listed{{"gemini-3.1-flash-lite-preview", "3.1-flash-lite-preview-03-2026", "Gemini 3.1 Flash-Lite Preview", 1_048_576, 65_536, talks, true, false}},
	tabs: []tab{
		{"Standard", []cell{{"0.25", seen}, {"0.50", heard}}, []cell{{"1.50", ""}}, []cell{{"0.025", seen}, {"0.05", heard}, {"1.00", stored}}},
		{"Batch", []cell{{"0.125", seen}, {"0.25", heard}}, []cell{{"0.75", ""}}, []cell{{"0.0125", seen}, {"0.025", heard}, {"0.50", stored}}},
	},
}

func (c *googleCatalogue) launch(s section) { c.sections = slices.Insert(c.sections, 1, s) }

func (c googleCatalogue) find(id string) int {
	return slices.IndexFunc(c.sections, func(s section) bool { return s.models[0].name == id })
}

// remove drops a section with all of its models.
func (c *googleCatalogue) remove(id string) {
	i := c.find(id)
	c.sections = slices.Delete(c.sections, i, i+1)
}

// multiply changes every price of a section by one factor; false where there is none.
func (c *googleCatalogue) multiply(id string, by decimal.Decimal) bool {
	i := c.find(id)
	if i < 0 {
		return false
	}
	each := func(cells []cell) []cell {
		cells = slices.Clone(cells)
		for i, one := range cells {
			cells[i].amount = times(one.amount, by)
		}
		return cells
	}
	s := &c.sections[i]
	s.tabs = slices.Clone(s.tabs)
	for i, t := range s.tabs {
		s.tabs[i] = tab{t.name, each(t.in), each(t.out), each(t.caching)}
	}
	return true
}

// Google's page sizes: by default, and the most that is given, whatever is
// asked for.
const (
	googleDefaultPage = 50
	googleMaxPage     = 1000
)

type googleEntry struct {
	Name                       string   `json:"name"`
	Version                    string   `json:"version"`
	DisplayName                string   `json:"displayName"`
	InputTokenLimit            int64    `json:"inputTokenLimit"`
	OutputTokenLimit           int64    `json:"outputTokenLimit"`
	SupportedGenerationMethods []string `json:"supportedGenerationMethods"`
	Thinking                   bool     `json:"thinking,omitempty"`
}

type googleList struct {
	Models        []googleEntry `json:"models,omitempty"`
	NextPageToken string        `json:"nextPageToken,omitempty"`
}

// listGoogle is GET /v1beta/models.
func (s *Site) listGoogle(w http.ResponseWriter, r *http.Request) {
	key := r.Header.Get("X-Goog-Api-Key")
	size, sizeErr := googlePageSize(r.FormValue("pageSize"))
	all := s.today().google.entries()
	from, fromErr := googleOffset(r.FormValue("pageToken"), len(all))
	switch {
	case r.URL.Query().Has("key"):
		refuseGoogle(w, http.StatusBadRequest, "INVALID_ARGUMENT", "This site takes keys in the header alone.", "")
		return
	case key == "":
		refuseGoogle(w, http.StatusForbidden, "PERMISSION_DENIED", "Callers have to say who they are.", "")
		return
	case !s.opens(key):
		refuseKey(w, googleID)
		return
	case sizeErr != nil || fromErr != nil:
		refuseGoogle(w, http.StatusBadRequest, "INVALID_ARGUMENT", "A parameter cannot be: expected a pageSize above 0 and a pageToken of this list's.", "")
		return
	}
	to := min(from+min(size, s.pageSize), len(all))
	list := googleList{Models: all[from:to]}
	if to < len(all) {
		list.NextPageToken = base64.RawURLEncoding.EncodeToString([]byte("demo:" + strconv.Itoa(to)))
	}
	reply(w, http.StatusOK, list)
}

func googlePageSize(text string) (int, error) {
	if text == "" {
		return googleDefaultPage, nil
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if n == 0 && err == nil {
		return googleDefaultPage, nil
	}
	return min(int(n), googleMaxPage), err
}

func googleOffset(token string, length int) (int, error) {
	if token == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(text) < 5 {
		return 0, strconv.ErrSyntax
	}
	n, err := strconv.Atoi(string(text[5:]))
	if err != nil || n < 0 || n > length {
		return 0, strconv.ErrRange
	}
	return n, nil
}

// entries are the models of the day's list, and one that only this account has.
func (c googleCatalogue) entries() []googleEntry {
	var all []googleEntry
	for _, s := range c.sections {
		for _, m := range s.models {
			all = append(all, googleEntry{
				Name: "models/" + m.name, Version: m.version, DisplayName: m.display,
				InputTokenLimit: m.input, OutputTokenLimit: m.output, SupportedGenerationMethods: m.methods, Thinking: m.thinks,
			})
		}
	}
	return append(all, googleEntry{
		Name: "tunedModels/sentences-7h3k", DisplayName: "sentences", InputTokenLimit: 32_768, OutputTokenLimit: 8_192,
		SupportedGenerationMethods: talks[:2],
	})
}

// refuseGoogle answers with an error in Google's shape.
func refuseGoogle(w http.ResponseWriter, status int, name, message, reason string) {
	fault := map[string]any{"code": status, "message": message, "status": name}
	if reason != "" {
		fault["details"] = []any{map[string]any{
			"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com",
		}}
	}
	reply(w, status, map[string]any{"error": fault})
}
