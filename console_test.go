package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ratecard/domain"
)

// breakOpenAI makes every run of OpenAI fail: its API takes no key and its pages
// have lost their figures.
func (b *bench) breakOpenAI() {
	b.site.SetDay(3)
	b.setKey("no-such-key")
}

func (b *bench) mendOpenAI() {
	b.site.SetDay(1)
	b.setKey(siteKey)
}

// TestConsoleNeedsAnAdminKey: a browser is asked for one, and shown nothing
// without it.
func TestConsoleNeedsAnAdminKey(t *testing.T) {
	r := newRunning(t, time.Minute)
	var reader struct{ Secret string }
	r.ask(t, http.MethodPost, "/api/admin/keys", `{"name":"a reader","scope":"read"}`, &reader)
	for name, c := range map[string]struct {
		password string
		status   int
	}{
		"none": {"", 401}, "a wrong one": {"not-the-admin-key", 401}, "one that only reads": {reader.Secret, 403}, "an admin's": {adminKey, 200},
	} {
		for _, path := range []string{"/riverui/", "/riverui/jobs", "/riverui/api/jobs", "/riverui/api/queues", "/riverui/icon.svg"} {
			req := r.request(t, http.MethodGet, path, "")
			if c.password != "" {
				req.SetBasicAuth("whoever", c.password)
			}
			got := r.send(t, req)
			if got.status != c.status {
				t.Errorf("%s with %s: %d %.200s", path, name, got.status, got.text)
			}
			if asks := strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Basic "); asks != (c.status == 401) {
				t.Errorf("%s with %s asks %q", path, name, got.header.Get("WWW-Authenticate"))
			}
		}
	}
	req := r.request(t, http.MethodGet, "/api/models", "")
	req.SetBasicAuth("whoever", adminKey)
	if got := r.send(t, req); got.status != 401 || !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer ") {
		t.Errorf("beside the console a password does: %d, %q", got.status, got.header.Get("WWW-Authenticate"))
	}
}

// TestConsoleNamesNoOtherHost: what its page loads comes from here.
func TestConsoleNamesNoOtherHost(t *testing.T) {
	r := newRunning(t, time.Minute)
	page := r.console(t, http.MethodGet, "/", "")
	loaded := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(loaded) < 3 {
		t.Fatalf("the page loads %v: %s", loaded, page)
	}
	for _, asset := range loaded {
		path, here := strings.CutPrefix(asset[1], "/riverui")
		if !here {
			t.Errorf("it loads %s", asset[1])
			continue
		}
		r.console(t, http.MethodGet, path, "")
	}
}

// console asks River's pages as a browser does that has been given the key.
func (r *running) console(t testing.TB, method, path, body string) string {
	t.Helper()
	req := r.request(t, method, "/riverui"+path, body)
	req.SetBasicAuth("whoever", adminKey)
	req.Header.Set("Origin", r.url)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	got := r.send(t, req)
	if got.status != http.StatusOK {
		t.Fatalf("%s %s: %d %.300s", method, path, got.status, got.text)
	}
	if policy := got.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("%s %s: the policy is %q", method, path, policy)
	}
	return got.text
}

// TestFailedRunIsRetriedInTheConsole, and who did so is on record; another
// site cannot have a browser do it.
func TestFailedRunIsRetriedInTheConsole(t *testing.T) {
	r := newRunning(t, time.Minute)
	r.breakOpenAI()
	sync := r.startSync(t, "openai")
	if runs := r.done(t, sync); len(runs) != 1 || runs[0].Outcome != domain.OutcomeFailed {
		t.Fatalf("%+v", runs)
	}
	eventually(t, func() bool { return r.job(t, "openai").State == "retryable" })
	var shown struct {
		Data []struct {
			ID json.Number `json:"id"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(r.console(t, http.MethodGet, "/api/jobs?state=retryable", "")), &shown); err != nil || len(shown.Data) != 1 {
		t.Fatalf("the console shows %+v, %v", shown, err)
	}
	id := shown.Data[0].ID.String()
	if want := strconv.FormatInt(r.job(t, "openai").ID, 10); id != want {
		t.Fatalf("the console shows job %s, want %s", id, want)
	}
	r.mendOpenAI()
	again := `{"ids":["` + id + `"]}`

	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"} {
		req := r.request(t, http.MethodPost, "/riverui/api/jobs/retry", again)
		req.SetBasicAuth("whoever", adminKey)
		req.Header.Set(name, value)
		if got := r.send(t, req); got.status != 403 {
			t.Errorf("with %s %s: %d %s", name, value, got.status, got.text)
		}
	}
	if job := r.job(t, "openai"); job.State != "retryable" || job.Attempt != 1 {
		t.Fatalf("another site had the job done: %+v", job)
	}

	r.console(t, http.MethodPost, "/api/jobs/retry", again)
	eventually(t, func() bool { return r.job(t, "openai").State == "completed" })
	if runs := r.done(t, sync); runs[0].Outcome != domain.OutcomeSuccess {
		t.Errorf("%+v", runs)
	}
	acted := events[domain.JobPayload](t, r.bench, domain.EventJobActed)
	if len(acted) != 1 || acted[0].By != "RATECARD_ADMIN_KEY" || acted[0].Method != http.MethodPost || acted[0].Path != "/riverui/api/jobs/retry" || !slices.Equal(acted[0].Jobs, []string{id}) {
		t.Errorf("on record is %+v", acted)
	}
	if log := r.log.String(); !strings.Contains(log, "job.acted") || strings.Contains(log, adminKey) {
		t.Error("the log lacks what was done, or has the key")
	}
}
