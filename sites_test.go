package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ratecard/adapters/providers"
	"ratecard/domain"
)

// TestSites serves the simulated providers alone: the files that they hand out
// lead a server to them, a day and a price change what the pages say, and whoever
// ends the program ends them.
func TestSites(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	said, says := io.Pipe()
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, []string{"sites", "--addr", "127.0.0.1:0"}, func(string) (string, bool) { return "", false }, says, io.Discard)
	}()
	text := make([]byte, 4096)
	n, err := said.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	base := regexp.MustCompile(`http://[0-9.:]+`).FindString(string(text[:n]))

	folder := t.TempDir()
	ids := []domain.ProviderID{"openai", "anthropic", "google", "xai", "groq"}
	for _, id := range ids {
		file := filepath.Join(folder, string(id)+".json")
		if err := os.WriteFile(file, []byte(ask(t, http.MethodGet, base+"/"+string(id)+"/provider.json", 200)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all, err := config{providersDir: folder}.providers()
	if err != nil {
		t.Fatal(err)
	}
	builtin, err := providers.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(ids) {
		t.Errorf("%d providers", len(all))
	}
	for i, p := range all {
		if p.ID != ids[i] || !strings.HasPrefix(p.API.BaseURL, base) || len(p.Scraping.Sources) == 0 {
			t.Errorf("%s lists its models at %s and has %d sources", p.ID, p.API.BaseURL, len(p.Scraping.Sources))
		}
		if i < len(builtin) && (p.API.KeyEnv != builtin[i].API.KeyEnv || len(p.Scraping.Sources) != len(builtin[i].Scraping.Sources) || len(p.ModelPages) != len(builtin[i].ModelPages)) {
			t.Errorf("%s is described as %+v", p.ID, p)
		}
		for _, source := range p.Scraping.Sources {
			if !strings.HasPrefix(source.URL, base) {
				t.Errorf("%s of %s stands at %s", source.Name, p.ID, source.URL)
			}
		}
	}

	groq := base + "/groq/pages/pricing"
	const plain, dearer = "$0.60<", "$1.20<"
	seen := func(want bool, what string) {
		t.Helper()
		if got := strings.Contains(ask(t, http.MethodGet, groq, 200), what); got != want {
			t.Errorf("%q stands on the page: %v", what, got)
		}
	}
	seen(true, plain)
	ask(t, http.MethodPut, base+"/groq/factor/2/openai/gpt-oss-120b", 204)
	seen(true, dearer)
	seen(false, plain)
	ask(t, http.MethodPut, base+"/day/1", 204)
	seen(true, plain)
	for path, want := range map[string]int{
		"/groq/factor/2/nothing-1": 404, "/nobody/factor/2/x": 404, "/groq/factor/much/openai/gpt-oss-120b": 400, "/groq/factor/-1/openai/gpt-oss-120b": 400,
		"/day/0": 404, "/day/6": 404, "/day/one": 404,
	} {
		ask(t, http.MethodPut, base+path, want)
	}
	end()
	if got := <-status; got != exitOK {
		t.Errorf("it ended with %d", got)
	}
}

// ask sends a request and gives the answer's body.
func ask(t *testing.T, method, url string, want int) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
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
	if resp.StatusCode != want {
		t.Errorf("%s %s: %s %s", method, url, resp.Status, body)
	}
	return string(body)
}

func TestSitesRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want int
		says string
	}{
		"an argument":   {[]string{"sites", "all"}, exitUsage, "usage: ratecard sites"},
		"a flag":        {[]string{"sites", "--port", "1"}, exitUsage, "-addr"},
		"a wrong place": {[]string{"sites", "--addr", "127.0.0.1:ratecard"}, exitFailed, "127.0.0.1:ratecard"},
	} {
		var stderr bytes.Buffer
		if got := run(t.Context(), c.args, func(string) (string, bool) { return "", false }, io.Discard, &stderr); got != c.want || !strings.Contains(stderr.String(), c.says) {
			t.Errorf("%s: %d %s", name, got, stderr.String())
		}
	}
}
