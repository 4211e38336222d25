package providers_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"ratecard/adapters/providers"
)

// TestRecordedLists reads every list of Anthropic's that was recorded.
func TestRecordedLists(t *testing.T) {
	corpus := os.Getenv("RATECARD_CORPUS")
	if corpus == "" {
		t.Skip("RATECARD_CORPUS is not set: there are no recorded lists to read")
	}
	files, err := filepath.Glob(filepath.Join(corpus, "api", "anthropic_*models*.json"))
	if err != nil || len(files) == 0 {
		t.Skipf("%s holds no model list of Anthropic's (%v)", corpus, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var recorded struct {
				Data []map[string]any `json:"data"`
			}
			if err := json.Unmarshal(body, &recorded); err != nil {
				t.Fatal(err)
			}
			models, err := providers.ParseList(at(""), body)
			if err != nil || len(models) != len(recorded.Data) {
				t.Fatalf("%d of %d models: %v", len(models), len(recorded.Data), err)
			}
			for i, m := range models {
				want := recorded.Data[i]
				if m.ID != want["id"] || m.DisplayName != want["display_name"] || m.Created == nil {
					t.Errorf("%+v\nwas %v", m, want)
				}
				if window, stated := want["max_input_tokens"].(float64); stated != (m.ContextWindow != nil) || stated && int64(window) != *m.ContextWindow {
					t.Errorf("%s: context window %v, was %v", m.ID, m.ContextWindow, want["max_input_tokens"])
				}
				if abilities, _ := want["capabilities"].(map[string]any); len(abilities) != len(m.Capabilities) {
					t.Errorf("%s: %d of %d capabilities", m.ID, len(m.Capabilities), len(abilities))
				}
			}
		})
	}
}
