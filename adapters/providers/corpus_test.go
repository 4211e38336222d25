package providers_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ratecard/adapters/providers"
	"ratecard/domain"
)

// recorded finds files of the recorded corpus, or skips.
func recorded(t *testing.T, pattern string) []string {
	t.Helper()
	corpus := os.Getenv("RATECARD_CORPUS")
	if corpus == "" {
		t.Skip("RATECARD_CORPUS is not set: there is nothing recorded to read")
	}
	files, err := filepath.Glob(filepath.Join(corpus, "api", pattern))
	if err != nil || len(files) == 0 {
		t.Skipf("%s holds no %s (%v)", corpus, pattern, err)
	}
	return files
}

// recordedBy is the built-in provider that a recorded file's name begins with.
func recordedBy(t *testing.T, file string) domain.Provider {
	t.Helper()
	id, _, _ := strings.Cut(filepath.Base(file), "_")
	return builtIn(t, domain.ProviderID(id))
}

func builtIn(t testing.TB, id domain.ProviderID) domain.Provider {
	t.Helper()
	all, err := providers.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if p.ID == id {
			return p
		}
	}
	t.Fatalf("no provider %q is built in", id)
	return domain.Provider{}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// TestRecordedLists reads every list that was recorded, of every provider:
// each id comes out, in its place, with what the entry says.
func TestRecordedLists(t *testing.T) {
	for _, file := range recorded(t, "*_v1*models*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			body := read(t, file)
			var want struct {
				Data   []map[string]any `json:"data"`
				Models []map[string]any `json:"models"`
			}
			if err := json.Unmarshal(body, &want); err != nil {
				t.Fatal(err)
			}
			entries := append(want.Data, want.Models...)
			models, err := providers.ParseList(recordedBy(t, file), body)
			if err != nil || len(models) != len(entries) {
				t.Fatalf("%d of %d models: %v", len(models), len(entries), err)
			}
			for i, m := range models {
				checkRecorded(t, m, entries[i])
			}
		})
	}
}

func checkRecorded(t *testing.T, m domain.Model, entry map[string]any) {
	t.Helper()
	first := func(names ...string) any {
		for _, name := range names {
			if entry[name] != nil {
				return entry[name]
			}
		}
		return nil
	}
	if id, _ := first("id", "name").(string); m.ID != strings.TrimPrefix(id, "models/") {
		t.Errorf("%s was %s", m.ID, id)
	}
	if name, _ := first("display_name", "displayName").(string); m.DisplayName != name {
		t.Errorf("%s: display name %q, was %q", m.ID, m.DisplayName, name)
	}
	if (m.Created != nil) != (first("created", "created_at") != nil) {
		t.Errorf("%s: created %v, was %v", m.ID, m.Created, first("created", "created_at"))
	}
	window, stated := first("max_input_tokens", "inputTokenLimit", "context_length").(float64)
	if stated != (m.ContextWindow != nil) || stated && int64(window) != *m.ContextWindow {
		t.Errorf("%s: context window %v, was %v", m.ID, m.ContextWindow, window)
	}
	if aliases, _ := entry["aliases"].([]any); len(aliases) != len(m.Aliases) {
		t.Errorf("%s: aliases %v, was %v", m.ID, m.Aliases, aliases)
	}
	switch said := first("capabilities", "supportedGenerationMethods").(type) {
	case map[string]any:
		if len(said) != len(m.Capabilities) {
			t.Errorf("%s: %d of %d capabilities", m.ID, len(m.Capabilities), len(said))
		}
	case []any:
		if len(m.Capabilities) == 0 {
			t.Errorf("%s: no capability of %v", m.ID, said)
		}
	}
}
