package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ratecard/adapters/cli"
	"ratecard/adapters/providers"
)

func matcher(t testing.TB) cli.Match {
	t.Helper()
	return cli.Match{Scrape: command(t, nil), ParseList: providers.ParseList}
}

const models = `{"data":[
 {"type":"model","id":"claude-opus-4-1-20250805","display_name":"Claude Opus 4.1","created_at":"2025-08-05T00:00:00Z"},
 {"type":"model","id":"claude-haiku-9","display_name":"Claude Haiku 9","created_at":"2025-08-05T00:00:00Z"}],"has_more":false,"first_id":"a","last_id":"b"}`

const moreModels = `{"data":[{"type":"model","id":"claude-sonnet-5","display_name":"Claude Sonnet 5","created_at":"2025-08-05T00:00:00Z"}],"has_more":false,"first_id":"a","last_id":"b"}`

func TestMatch(t *testing.T) {
	args := []string{"anthropic", "--models", write(t, "1.json", models), "--models", write(t, "2.json", moreModels), "--page", write(t, "page", page)}
	var stdout, stderr bytes.Buffer
	if status := matcher(t).Run(t.Context(), args, &stdout, &stderr); status != 0 {
		t.Fatalf("status %d: %s", status, stderr.String())
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, stdout.Bytes()); err != nil {
		t.Fatal(err)
	}
	want := `{"pairs":{"claude-haiku-9":null,"claude-opus-4-1-20250805":{"name":"Claude Opus 4.1","how":"snapshot"},"claude-sonnet-5":{"name":"Claude Sonnet 5","how":"identity"}}}`
	if compact.String() != want {
		t.Errorf("printed %s, want %s", compact.String(), want)
	}
	stdout.Reset()
	if status := matcher(t).Run(t.Context(), append(args, "--format", "table"), &stdout, &stderr); status != 0 || !strings.Contains(stdout.String(), "claude-opus-4-1-20250805  Claude Opus 4.1  snapshot\n") {
		t.Errorf("status %d, printed\n%s", status, stdout.String())
	}
}

func TestMatchRefusals(t *testing.T) {
	list, good := write(t, "1.json", models), write(t, "page", page)
	for name, c := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"no list":           {[]string{"anthropic", "--page", good}, 2, "--models is missing"},
		"no page":           {[]string{"anthropic", "--models", list}, 2, "--page is missing"},
		"no such list":      {[]string{"anthropic", "--page", good, "--models", "/nowhere.json"}, 1, "/nowhere.json"},
		"no JSON":           {[]string{"anthropic", "--page", good, "--models", good}, 1, "page: "},
		"truncated JSON":    {[]string{"anthropic", "--page", good, "--models", write(t, "1.json", models[:100])}, 1, "1.json: "},
		"unknown provider":  {[]string{"nobody", "--page", good, "--models", list}, 1, `no provider file describes "nobody"`},
		"an unknown format": {[]string{"anthropic", "--page", good, "--models", list, "--format", "yaml"}, 2, "json or table"},
	} {
		var stdout, stderr bytes.Buffer
		status := matcher(t).Run(t.Context(), c.args, &stdout, &stderr)
		if status != c.status || !strings.Contains(stderr.String(), c.says) || stdout.Len() > 0 {
			t.Errorf("%s: status %d, standard error %q, standard output %q; want status %d and %q", name, status, stderr.String(), stdout.String(), c.status, c.says)
		}
	}
	var stdout, stderr bytes.Buffer
	if status := matcher(t).Run(t.Context(), []string{"anthropic", "--models", list, "--page", write(t, "page", "nothing")}, &stdout, &stderr); status != 3 || !strings.Contains(stdout.String(), `"claude-haiku-9": null`) {
		t.Errorf("an unread page: status %d, printed %s; want 3 and every id", status, stdout.String())
	}
}

// TestCorpusPairs pairs every recorded model list with the recorded page of its
// time, as `ratecard match` does.
func TestCorpusPairs(t *testing.T) {
	dir, files := corpusTruths(t, "match")
	ids, right := 0, 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var truth struct {
			API   string             `json:"api"`
			More  json.RawMessage    `json:"api_more"`
			Page  string             `json:"page"`
			Pairs map[string]*string `json:"pairs"`
			Also  map[string]string  `json:"also_acceptable"`
		}
		if err := json.Unmarshal(text, &truth); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		provider, _, _ := strings.Cut(filepath.Base(f), "_")
		args := []string{provider, "--page", filepath.Join(dir, "pages", filepath.Base(truth.Page))}
		lists := []string{truth.API}
		var one string
		var several []string
		switch {
		case json.Unmarshal(truth.More, &one) == nil && one != "":
			lists = append(lists, one)
		case json.Unmarshal(truth.More, &several) == nil:
			lists = append(lists, several...)
		}
		for _, l := range lists {
			args = append(args, "--models", filepath.Join(dir, "api", filepath.Base(l)))
		}
		var stdout, stderr bytes.Buffer
		if status := matcher(t).Run(t.Context(), args, &stdout, &stderr); status != 0 {
			t.Errorf("%s: status %d: %s", f, status, stderr.String())
			continue
		}
		var got struct {
			Pairs map[string]*struct {
				Name string `json:"name"`
				How  string `json:"how"`
			} `json:"pairs"`
		}
		if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		for id, want := range truth.Pairs {
			ids++
			name := ""
			if p := got.Pairs[id]; p != nil {
				name = p.Name
			}
			switch {
			case want == nil && name == "", want != nil && strings.EqualFold(name, *want), name != "" && name == truth.Also[id]:
				right++
			default:
				t.Errorf("%s: %s is paired with %q", filepath.Base(f), id, name)
			}
		}
	}
	t.Logf("%d lists: %d of %d ids right", len(files), right, ids)
}
