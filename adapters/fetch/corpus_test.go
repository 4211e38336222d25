package fetch_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ratecard/adapters/fetch"
	"ratecard/domain"
	"ratecard/ports"
)

// TestRecordedRefusals answers with every error that was recorded: what it
// means is told by its status and its body together, whoever sent it.
func TestRecordedRefusals(t *testing.T) {
	corpus := os.Getenv("RATECARD_CORPUS")
	if corpus == "" {
		t.Skip("RATECARD_CORPUS is not set: there are no recorded errors to answer with")
	}
	metas, err := filepath.Glob(filepath.Join(corpus, "api", "*_error-*.meta.json"))
	if err != nil || len(metas) == 0 {
		t.Skipf("%s holds no recorded error (%v)", corpus, err)
	}
	kinds := map[string]domain.Kind{
		"invalid-key": domain.KindUpstreamAuth, "quota": domain.KindRateLimited, "server-error": domain.KindUnavailable,
	}
	for _, meta := range metas {
		name := strings.TrimSuffix(meta, ".meta.json")
		for word, want := range kinds {
			if strings.Contains(filepath.Base(name), word) {
				t.Run(filepath.Base(name), func(t *testing.T) { checkRefusal(t, meta, name+".json", want) })
			}
		}
	}
}

func checkRefusal(t *testing.T, meta, body string, want domain.Kind) {
	t.Helper()
	text, err := os.ReadFile(meta)
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		Status int `json:"status"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatal(err)
	}
	if text, err = os.ReadFile(body); err != nil {
		t.Fatal(err)
	}
	url, _ := counted(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.WriteHeader(said.Status)
		write(w, string(text))
	})
	f, _ := fetcher(fetch.Config{})
	if _, err := f.Fetch(t.Context(), ports.FetchRequest{URL: url}); domain.KindOf(err) != want {
		t.Errorf("%d is %s (%v), want %s", said.Status, domain.KindOf(err), err, want)
	}
}

// TestRecordedChallenges: a riddle for browsers is known for one under any status,
// without any header that says so, and asked for once.
func TestRecordedChallenges(t *testing.T) {
	corpus := os.Getenv("RATECARD_CORPUS")
	if corpus == "" {
		t.Skip("RATECARD_CORPUS is not set: there are no recorded challenges to answer with")
	}
	pages, err := filepath.Glob(filepath.Join(corpus, "pages", "*_challenge_*.html"))
	if err != nil || len(pages) == 0 {
		t.Skipf("%s holds no recorded challenge (%v)", corpus, err)
	}
	for _, page := range pages {
		body, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range []int{200, 403, 429, 503} {
			url, count := counted(t, status(code, string(body)))
			f, _ := fetcher(fetch.Config{})
			_, err := f.Fetch(t.Context(), ports.FetchRequest{URL: url, Page: true})
			if domain.KindOf(err) != domain.KindBlocked || domain.SeenIn(err) != domain.SawChallenge || count() != 1 {
				t.Errorf("%s under %d: seen %s after %d requests: %v", filepath.Base(page), code, domain.SeenIn(err), count(), err)
			}
		}
	}
}
