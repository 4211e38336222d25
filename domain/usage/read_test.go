package usage_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"ratecard/domain"
	"ratecard/domain/usage"
)

// told writes what was counted in one line: meters that are not 0, unknown
// counts, tier and region.
func told(c usage.Counted) string {
	var words []string
	for _, m := range c.Usage.Meters() {
		words = append(words, fmt.Sprintf("%s=%d", m, c.Usage[m]))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Unknown)) {
		words = append(words, fmt.Sprintf("?%s=%d", name, c.Unknown[name]))
	}
	for _, s := range []string{string(c.Tier), string(c.Region), c.OtherTier.Text} {
		if s != "" {
			words = append(words, s)
		}
	}
	return strings.Join(words, " ")
}

func TestRead(t *testing.T) {
	tests := map[string]struct {
		dialect    domain.Dialect
		body, want string
	}{
		"a chat":                      {"openai", `{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"prompt_tokens_details":{"cached_tokens":60,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":5,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`, "input=40 output=20 cache_read=60"},
		"a chat with sound":           {"openai", `{"prompt_tokens":100,"completion_tokens":20,"prompt_tokens_details":{"audio_tokens":30},"completion_tokens_details":{"audio_tokens":15}}`, "input=70 output=5 input_audio=30 output_audio=15"},
		"a response":                  {"openai", `{"input_tokens":100,"input_tokens_details":{"cached_tokens":40},"output_tokens":20,"output_tokens_details":{"reasoning_tokens":10},"total_tokens":120}`, "input=60 output=20 cache_read=40"},
		"a whole answer, its tier":    {"openai", `{"id":"x","service_tier":"flex","usage":{"prompt_tokens":10,"completion_tokens":2}}`, "input=10 output=2 flex"},
		"the tier that was had":       {"openai", `{"service_tier":"default","usage":{"prompt_tokens":10,"completion_tokens":2}}`, "input=10 output=2 standard"},
		"asked for, not had":          {"openai", `{"service_tier":"auto","usage":{"prompt_tokens":10,"completion_tokens":2}}`, "input=10 output=2"},
		"a tier that we do not know":  {"openai", `{"service_tier":"scale","usage":{"prompt_tokens":10,"completion_tokens":2}}`, "input=10 output=2 scale"},
		"an embedding":                {"openai", `{"prompt_tokens":8,"total_tokens":8}`, "input=8"},
		"a picture":                   {"openai", `{"total_tokens":100,"input_tokens":50,"output_tokens":50,"input_tokens_details":{"text_tokens":10,"image_tokens":40},"output_tokens_details":{"image_tokens":50}}`, "input=10 input_image=40 output_image=50"},
		"realtime":                    {"openai", `{"total_tokens":253,"input_tokens":132,"output_tokens":121,"input_token_details":{"text_tokens":119,"audio_tokens":13,"image_tokens":0,"cached_tokens":64,"cached_tokens_details":{"text_tokens":64,"audio_tokens":0,"image_tokens":0}},"output_token_details":{"text_tokens":30,"audio_tokens":91}}`, "input=55 output=30 cache_read=64 input_audio=13 output_audio=91"},
		"reasoning apart":             {"xai", `{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"prompt_tokens_details":{"text_tokens":32,"cached_tokens":6},"completion_tokens_details":{"reasoning_tokens":94},"num_sources_used":0}`, "input=26 output=103 cache_read=6"},
		"reasoning apart, untold":     {"xai", `{"prompt_tokens":32,"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":94}}`, "input=32 output=103"},
		"pictures in a cache, untold": {"xai", `{"prompt_tokens":1100,"completion_tokens":1,"prompt_tokens_details":{"text_tokens":100,"image_tokens":1000,"cached_tokens":600}}`, "output=1 cache_read=100 input_image=500 cache_read_image=500"},
		"searches":                    {"xai", `{"prompt_tokens":1,"completion_tokens":1,"num_sources_used":3}`, "input=1 output=1 ?num_sources_used=3"},
		"a message":                   {"anthropic", `{"input_tokens":21,"cache_creation_input_tokens":188,"cache_read_input_tokens":300,"output_tokens":393,"service_tier":"standard"}`, "input=21 output=393 cache_read=300 cache_write=188 standard"},
		"two kinds of writes":         {"anthropic", `{"input_tokens":1,"cache_creation_input_tokens":556,"cache_creation":{"ephemeral_5m_input_tokens":456,"ephemeral_1h_input_tokens":100},"output_tokens":5}`, "input=1 output=5 cache_write=456 cache_write_1h=100"},
		"a server's tools":            {"anthropic", `{"input_tokens":1,"output_tokens":5,"server_tool_use":{"web_search_requests":2,"web_fetch_requests":0}}`, "input=1 output=5 web_search=2"},
		"in a batch, in one country":  {"anthropic", `{"input_tokens":1,"output_tokens":5,"service_tier":"batch","inference_geo":"us"}`, "input=1 output=5 batch us"},
		"a short message":             {"anthropic", `{"input_tokens":1,"output_tokens":5}`, "input=1 output=5"},
		"Google's":                    {"google", `{"promptTokenCount":1000,"candidatesTokenCount":50,"thoughtsTokenCount":200,"totalTokenCount":1250,"cachedContentTokenCount":400,"promptTokensDetails":[{"modality":"TEXT","tokenCount":700},{"modality":"AUDIO","tokenCount":300}],"cacheTokensDetails":[{"modality":"TEXT","tokenCount":400}]}`, "input=300 output=250 cache_read=400 input_audio=300"},
		"Google's tools":              {"google", `{"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":5,"toolUsePromptTokenCount":100}}`, "input=110 output=5"},
		"Google's pictures":           {"google", `{"promptTokenCount":10,"candidatesTokenCount":1290,"candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":1290}]}`, "input=10 output_image=1290"},
		"a count of next year":        {"openai", `{"prompt_tokens":1,"completion_tokens":1,"prompt_tokens_details":{"smell_tokens":7}}`, "input=1 output=1 ?prompt_tokens_details.smell_tokens=7"},
		"who speaks as OpenAI":        {"", `{"prompt_tokens":3,"completion_tokens":4,"queue_time":0.5,"total_time":1}`, "input=3 output=4"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := usage.Read([]byte(test.body), test.dialect)
			if err != nil {
				t.Fatal(err)
			}
			if told(got) != test.want {
				t.Errorf("got  %s\nwant %s", told(got), test.want)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	tests := map[string]struct{ body, path, says string }{
		"no JSON":                     {`{`, "", "JSON object"},
		"a list":                      {`[1]`, "", "JSON object"},
		"null":                        {`null`, "", "JSON object"},
		"two objects":                 {`{} {}`, "", "JSON object"},
		"nothing known":               {`{"tokens":5}`, "", "prompt_tokens"},
		"more cached than there is":   {`{"prompt_tokens":5,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":6}}`, "prompt_tokens_details.cached_tokens", "more than the 5"},
		"within an answer":            {`{"usage":{"prompt_tokens":5,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":6}}}`, "usage.prompt_tokens_details.cached_tokens", "more than"},
		"negative":                    {`{"prompt_tokens":-5,"completion_tokens":1}`, "prompt_tokens", "-5"},
		"a fraction":                  {`{"prompt_tokens":1.5,"completion_tokens":1}`, "prompt_tokens", "1.5"},
		"beyond all, of no meter":     {`{"prompt_tokens":1,"new_thing":99999999999999999999}`, "new_thing", "whole number"},
		"modalities beyond all":       {`{"promptTokenCount":1,"candidatesTokenCount":1000000000000000,"candidatesTokensDetails":[{"modality":"AUDIO","tokenCount":1000000000000000},{"modality":"AUDIO","tokenCount":1000000000000000}]}`, "candidatesTokensDetails", "adds up"},
		"a text":                      {`{"prompt_tokens":"5","completion_tokens":1}`, "prompt_tokens", "no number"},
		"beyond all":                  {`{"prompt_tokens":99999999999999999999,"completion_tokens":1}`, "prompt_tokens", "whole number"},
		"parts of a total":            {`{"prompt_tokens":5,"completion_tokens":1,"prompt_tokens_details":{"audio_tokens":3,"image_tokens":3}}`, "prompt_tokens_details", "6"},
		"more writes than writes":     {`{"input_tokens":1,"output_tokens":1,"cache_creation_input_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":9}}`, "cache_creation", "9"},
		"a modality of next year":     {`{"promptTokenCount":5,"promptTokensDetails":[{"modality":"SMELL","tokenCount":5}]}`, "promptTokensDetails[0].modality", "SMELL"},
		"modalities that exceed":      {`{"promptTokenCount":5,"promptTokensDetails":[{"modality":"TEXT","tokenCount":6}]}`, "promptTokensDetails", "6"},
		"cached sound without sound":  {`{"promptTokenCount":5,"cachedContentTokenCount":5,"cacheTokensDetails":[{"modality":"AUDIO","tokenCount":5}]}`, "cachedContentTokenCount", "audio"},
		"totals that do not add up":   {`{"prompt_tokens":5,"completion_tokens":5,"total_tokens":11,"completion_tokens_details":{"reasoning_tokens":3}}`, "total_tokens", "11"},
		"thought more than it said":   {`{"input_tokens":5,"output_tokens":5,"total_tokens":10,"output_tokens_details":{"reasoning_tokens":7}}`, "output_tokens_details.reasoning_tokens", "7"},
		"modalities that are no list": {`{"promptTokenCount":5,"promptTokensDetails":{}}`, "promptTokensDetails", "no list"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := usage.Read([]byte(test.body), "")
			var e *domain.Error
			if !errors.As(err, &e) || e.Kind != domain.KindInvalid || len(e.Fields) == 0 {
				t.Fatalf("got %v; want what is wrong with %q", err, test.path)
			}
			if e.Fields[0].Path != test.path || !strings.Contains(e.Fields[0].Message, test.says) {
				t.Errorf("got %+v; want %q at %q", e.Fields, test.says, test.path)
			}
		})
	}
}

// FuzzRead: whatever comes, no count is negative or beyond all, and an error
// names what is wrong.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		`{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"prompt_tokens_details":{"cached_tokens":60}}`,
		`{"input_tokens":1,"cache_creation":{"ephemeral_1h_input_tokens":100},"output_tokens":5,"server_tool_use":{"web_search_requests":2}}`,
		`{"usageMetadata":{"promptTokenCount":10,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":3}],"candidatesTokenCount":5}}`,
		`{"usage":null}`, `{"usage":{"usage":{}}}`, `[`, ``, `{"prompt_tokens":1e3}`,
	} {
		f.Add([]byte(seed), "xai")
	}
	f.Fuzz(func(t *testing.T, body []byte, dialect string) {
		got, err := usage.Read(body, domain.Dialect(dialect))
		if err != nil {
			var e *domain.Error
			if !errors.As(err, &e) || e.Kind != domain.KindInvalid || len(e.Fields) == 0 {
				t.Fatalf("an error that names nothing: %v", err)
			}
			return
		}
		for m, n := range got.Usage {
			if n < 0 || n > 4*domain.MostUsage {
				t.Fatalf("%s is %d in %q", m, n, body)
			}
		}
	})
}
