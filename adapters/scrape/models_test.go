package scrape_test

import (
	"fmt"
	"strings"
	"testing"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// told is what a page says of models, a line each.
func told(facts []domain.ModelFacts) string {
	var lines []string
	for _, f := range facts {
		line := f.ID
		if f.DisplayName != "" {
			line += " " + f.DisplayName
		}
		if len(f.Aliases) > 0 {
			line += fmt.Sprint(" aka ", f.Aliases)
		}
		if f.ContextWindow != nil {
			line += fmt.Sprint(" context ", *f.ContextWindow)
		}
		if f.MaxOutputTokens != nil {
			line += fmt.Sprint(" output ", *f.MaxOutputTokens)
		}
		if len(f.Remarks) > 0 {
			line += fmt.Sprint(" ", f.Remarks)
		}
		if f.RetiresAt != nil {
			line += " ends " + domain.DateOf(*f.RetiresAt).String()
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// TestModelPages: pages about models, of the manners that providers have.
func TestModelPages(t *testing.T) {
	for name, c := range map[string]struct{ page, want string }{
		"one model a column": {
			"| Feature | Ada Large 5 | Ada Small 4.5 |\n|---|---|---|\n| **Description** | Big | Small |\n| **Ada API ID** | ada-large-5 | ada-small-4-5-20251001 |\n" +
				"| **Ada API alias** | ada-large-5 | ada-small-4-5 |\n| **AWS Bedrock ID** | ada.ada-large-53 | ada.ada-small-4-5-v1:0 |\n" +
				"| Context window | 1M tokens | 200K tokens / 1M tokens (beta) |\n| Max output | 128k tokens | 64,000 |\n",
			"ada-large-5 Ada Large 5 context 1000000 output 128000\nada-small-4-5-20251001 Ada Small 4.5 aka [ada-small-4-5] output 64000",
		},
		"one model a row, with other ids": {
			"<table><tr><th>Model</th><th>Ada API</th><th>GCP Vertex AI</th></tr><tr><td>Ada 3.7</td><td>ada-3-7-20250219 (ada-3-7-latest)</td><td>ada-3-7@20250219</td></tr></table>",
			"ada-3-7-20250219 Ada 3.7 aka [ada-3-7-latest]",
		},
		"what ends": {
			"| API Model Name | Current State | Deprecated | Tentative Retirement Date |\n|---|---|---|---|\n| ada-4 | Active | N/A | Not sooner than May 14, 2026 |\n" +
				"| ada-3 | Deprecated | June 30, 2025 | January 5, 2026 |\n| ada-2 | Retired | Jan 21, 2025 | July 21, 2025 |\n",
			"ada-2 [retired] ends 2025-07-21\nada-3 [deprecated] ends 2026-01-05\nada-4",
		},
		"several that end together": {
			"| Shutdown date | Model / system | Recommended replacement |\n|---|---|---|\n| 2025-06-06 | `bix-4-32k` and `bix-4-32k-0613` | `bix-4o` |\n| 2026-09-28 | `babble-002` | `bix-5` |\n",
			"babble-002 ends 2026-09-28\nbix-4-32k ends 2025-06-06\nbix-4-32k-0613 ends 2025-06-06",
		},
		"no end announced": {
			"| Model | Release date | Shutdown date | Recommended replacement |\n|---|---|---|---|\n| `gem-2.5-pro` | June 17, 2025 | No shutdown date announced | |\n| `gem-2.0` | February 5, 2025 | March 31, 2026 | `gem-2.5-pro` |\n",
			"gem-2.0 ends 2026-03-31\ngem-2.5-pro",
		},
		"two ends are none": {
			"| Model | Shutdown date |\n|---|---|\n| `gem-2.0` | March 31, 2026 |\n| `gem-2.0` | April 30, 2026 |\n",
			"gem-2.0",
		},
		"names for people, and an end": {
			"| Model | Shutdown date |\n|---|---|\n| Gem 2.0 | March 31, 2026 |\n", "",
		},
		"prices alone": {
			"| Model | Input | Output |\n|---|---|---|\n| `gem-2.0` | $1 | $2 |\n", "",
		},
		"nothing": {"# Models\n\nComing soon.\n", ""},
	} {
		facts, err := scrape.New().Models([]byte(c.page))
		if got := told(facts); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
		if (err == nil) != (c.want != "") || err != nil && domain.KindOf(err) != domain.KindUnread {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzModels(f *testing.F) {
	f.Add([]byte("| Feature | Ada 5 |\n|---|---|\n| API ID | ada-5 |\n| Context window | 1M tokens |\n"))
	f.Add([]byte("<table><tr><th>Model / system<th>Shutdown date<tr><td><code>ada-2</code> and <code>ada-1</code><td>2026-01-05</table>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		facts, err := scrape.New().Models(body)
		if err == nil && len(facts) == 0 {
			t.Error("no models, and no error")
		}
		for i, m := range facts {
			if m.ID == "" || i > 0 && facts[i-1].ID >= m.ID || m.ContextWindow != nil && *m.ContextWindow <= 0 {
				t.Errorf("%+v", m)
			}
		}
	})
}
