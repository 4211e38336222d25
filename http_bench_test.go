//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ratecard/adapters/localpg/pgtest"
)

// TestBenchHTTP measures the program, as it is built and started, against a bare
// handler of net/http that writes the same bytes, head and body, each in a process of its own. A
// line is printed for every figure: its name, the value, the unit. It is run by
// `make bench-http`.
func TestBenchHTTP(t *testing.T) {
	if os.Getenv("RATECARD_BENCH_HTTP") == "" {
		t.Skip("takes minutes and an idle machine; make bench-http runs it")
	}
	b := newHTTPBench(t)
	empty := b.start(t)
	idle := empty.memory(t)
	empty.sync(t, "acme")
	empty.stop(t)

	p := b.start(t)
	b.figure("cold_start_to_ready", p.startup.Seconds(), "s")
	b.promise(p.startup <= 2*time.Second, "ready within 2 s of the start, with 10,000 models")
	if body := p.get(t, "/api/models?limit=1", p.admin); !strings.Contains(string(body), `"total":10000`) {
		t.Fatalf("not 10,000 models: %s", body)
	}
	held := p.memory(t)
	b.figure("memory_empty", idle, "MB")
	b.figure("memory_10000_models", held, "MB")
	b.figure("memory_per_1000_models", (held-idle)/10, "MB")

	key := p.reader(t)
	warm := b.warm(t, p, key)
	half := warm.rate / 2
	quiet := p.load("200", key).paced(t, 6*time.Second, half, nil)
	b.latencies("half_load", quiet, 10*time.Millisecond)

	p.stop(t)

	// The first sync of another 10,000 models, all of which are written.
	b.sell("zenith")
	p = b.start(t)
	done := make(chan struct{})
	go func() { defer close(done); p.sync(t, "zenith") }()
	busy := p.load("200", key).paced(t, 5*time.Minute, half, done)
	b.latencies("half_load_during_a_sync", busy, 25*time.Millisecond)
	p.stop(t)
}

// warm compares what is answered again with a bare handler, in turn.
func (b *httpBench) warm(t *testing.T, p *process, key string) (plain tally) {
	for _, form := range []struct {
		name, status string
		headers      []string
	}{
		{"plain", "200", nil},
		{"gzip", "200", []string{"Accept-Encoding", "gzip"}},
		{"not_modified", "304", []string{"If-None-Match", ""}},
	} {
		of := p.load(form.status, key, form.headers...)
		answer := p.answer(t, "/api/models?limit=50", key, form.headers...)
		if form.status == "304" {
			of = p.load(form.status, key, "If-None-Match", answer.header.Get("ETag"))
		}
		bare := of
		bare.addr = b.bare(t, form.name, form.status, answer)
		var ours, theirs []tally
		for range 5 {
			theirs = append(theirs, bare.run(t, 2*time.Second))
			ours = append(ours, of.run(t, 2*time.Second))
		}
		best, bar := median(ours), median(theirs)
		b.noErrors(append(ours, theirs...)...)
		b.figure("bare_"+form.name, bar.rate, "requests/s")
		b.figure("warm_"+form.name, best.rate, "requests/s")
		b.figure("warm_"+form.name+"_of_bare", best.rate/bar.rate, "ratio")
		b.promise(best.rate >= 0.7*bar.rate, form.name+": at least 0.7 of a bare handler")
		if form.name == "plain" {
			plain = best
		}
	}
	return plain
}

func median(all []tally) tally {
	slices.SortFunc(all, func(a, b tally) int { return int(a.rate - b.rate) })
	return all[len(all)/2]
}

// httpBench is where programs run: a database, and two providers of 10,000 models.
type httpBench struct {
	t       *testing.T
	dir     string
	program string
	env     []string
}

const benchKey = "the-key-of-this-bench"

func newHTTPBench(t *testing.T) *httpBench {
	b := &httpBench{t: t, dir: t.TempDir()}
	b.program = filepath.Join(b.dir, "ratecard")
	if out, err := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", b.program, ".").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	for _, id := range []string{"openai", "anthropic", "google", "xai"} {
		b.provider(id, "http://127.0.0.1:9", false)
	}
	b.sell("acme")
	b.env = append(os.Environ(),
		"DATABASE_URL="+pgtest.DSN(t), "RATECARD_ADDR=127.0.0.1:0", "RATECARD_ADMIN_KEY="+benchKey, "BENCH_PROVIDER_KEY=any",
		"RATECARD_PROVIDERS_DIR="+b.dir, "RATECARD_ALLOWED_HOSTS=127.0.0.1", "RATECARD_RATE_LIMIT=1000000000", "XDG_STATE_HOME="+b.dir)
	return b
}

// sell has programs that start from now on know a provider of 10,000 models.
func (b *httpBench) sell(id string) {
	server := httptest.NewServer(large(10_000))
	b.t.Cleanup(server.Close)
	b.provider(id, server.URL, true)
}

func (b *httpBench) provider(id, url string, enabled bool) {
	b.t.Helper()
	file := fmt.Sprintf(`{"id":%q,"name":%q,"enabled":%v,"api":{"dialect":"anthropic","baseUrl":%q,"keyEnv":"BENCH_PROVIDER_KEY"},
		"scraping":{"sources":[{"name":"page","url":%q,"readers":[{"reader":"tables"}]}]}}`, id, id, enabled, url, url+"/pricing.md")
	if err := os.WriteFile(filepath.Join(b.dir, id+".json"), []byte(file), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func (b *httpBench) figure(name string, value float64, unit string) {
	fmt.Printf("%s %s %s\n", name, strconv.FormatFloat(value, 'f', 3, 64), unit)
}

func (b *httpBench) promise(kept bool, what string) {
	if !kept {
		b.t.Errorf("not kept: %s", what)
	}
}

func (b *httpBench) noErrors(all ...tally) {
	b.t.Helper()
	for _, r := range all {
		if len(r.errors) > 0 {
			b.t.Errorf("%d connections met errors, the first %v", len(r.errors), r.errors[0])
		}
	}
}

func (b *httpBench) latencies(name string, r tally, most time.Duration) {
	b.noErrors(r)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.figure(name, r.rate, "requests/s")
	b.figure(name+"_errors", float64(len(r.errors)), "errors")
	b.figure(name+"_p50", ms(r.p(50)), "ms")
	b.figure(name+"_p99", ms(r.p(99)), "ms")
	b.promise(r.p(99) <= most, fmt.Sprintf("%s: p99 within %s", name, most))
}

// A process is a server that was started.
type process struct {
	cmd     *exec.Cmd
	addr    string
	admin   string
	startup time.Duration // until it was ready
}

func (b *httpBench) start(t *testing.T) *process {
	t.Helper()
	began := time.Now()
	p := launch(t, b.env, b.program, "serve")
	p.admin = benchKey
	for {
		answer, err := http.Get("http://" + p.addr + "/readyz")
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				break
			}
		}
		<-time.After(time.Millisecond)
	}
	p.startup = time.Since(began)
	return p
}

// launch starts a program that says on standard output where it answers.
func launch(t *testing.T, env []string, program string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(program, args...)}
	log, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Env, p.cmd.Stderr = env, log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	said := make([]byte, 4096)
	n := 0
	for p.addr == "" {
		got, err := out.Read(said[n:])
		n += got
		if m := regexp.MustCompile(`answers at http://(\S+)\n`).FindSubmatch(said[:n]); m != nil {
			p.addr = string(m[1])
		}
		if err != nil {
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("it said %s and then %v\n%s", said[:n], err, text)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return p
}

func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// memory is what the process holds of the machine's, in megabytes.
func (p *process) memory(t *testing.T) float64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(text)
	if m == nil {
		t.Fatal("the system does not say")
	}
	kb, _ := strconv.ParseFloat(string(m[1]), 64)
	return kb / 1024
}

func (p *process) load(status, key string, headers ...string) load {
	return aLoad(p.addr, "/api/models?limit=50", status, append([]string{"Authorization", "Bearer " + key}, headers...)...)
}

// An answer that was read to its end.
type answer struct {
	header http.Header
	body   []byte
}

func (p *process) answer(t *testing.T, path, key string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+p.addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	if req.Header.Get("Accept-Encoding") == "" {
		req.Header.Set("Accept-Encoding", "identity")
	}
	came, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer came.Body.Close()
	body, err := io.ReadAll(came.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{came.Header, body}
}

func (p *process) get(t *testing.T, path, key string) []byte {
	t.Helper()
	return p.answer(t, path, key).body
}

// post asks an administrator's request.
func (p *process) post(t *testing.T, path, body string, into any) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+p.addr+path, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+p.admin)
	req.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil || answer.StatusCode >= 300 {
		t.Errorf("%s: status %d, %v", path, answer.StatusCode, err)
	}
}

func (p *process) reader(t *testing.T) string {
	var made struct{ Secret string }
	p.post(t, "/api/admin/keys", `{"name":"bench","scope":"read"}`, &made)
	return made.Secret
}

// sync has a provider's first sync done.
func (p *process) sync(t *testing.T, provider string) {
	var begun struct{ SyncID string }
	p.post(t, "/api/admin/sync", `{"providers":["`+provider+`"]}`, &begun)
	for began := time.Now(); time.Since(began) < 5*time.Minute; <-time.After(50 * time.Millisecond) {
		var state struct {
			Runs []struct {
				Outcome *string `json:"outcome"`
			} `json:"runs"`
		}
		if err := json.Unmarshal(p.get(t, "/api/admin/syncs/"+begun.SyncID, p.admin), &state); err != nil {
			t.Error(err)
			return
		}
		if len(state.Runs) == 1 && state.Runs[0].Outcome != nil {
			if *state.Runs[0].Outcome != "success" {
				t.Errorf("the sync of %s was a %s", provider, *state.Runs[0].Outcome)
			}
			return
		}
	}
	t.Error("the sync does not end")
}

// bare starts a handler that writes the same bytes as an answer, head and body, in a
// process of its own.
func (b *httpBench) bare(t *testing.T, name, status string, of answer) string {
	t.Helper()
	file := filepath.Join(b.dir, name)
	if err := os.WriteFile(file, of.body, 0o600); err != nil {
		t.Fatal(err)
	}
	header, err := json.Marshal(of.header)
	if err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "RATECARD_BARE="+file, "RATECARD_BARE_STATUS="+status, "RATECARD_BARE_HEADER="+string(header))
	return launch(t, env, os.Args[0], "-test.run=^TestBareHandler$").addr
}

// TestBareHandler is the process that bare starts.
func TestBareHandler(t *testing.T) {
	file := os.Getenv("RATECARD_BARE")
	if file == "" {
		t.Skip("it is started by TestBenchHTTP")
	}
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("answers at http://%s\n", ln.Addr())
	var header http.Header
	if err := json.Unmarshal([]byte(os.Getenv("RATECARD_BARE_HEADER")), &header); err != nil {
		t.Fatal(err)
	}
	status, _ := strconv.Atoi(os.Getenv("RATECARD_BARE_STATUS"))
	t.Fatal(http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		maps.Copy(w.Header(), header)
		w.WriteHeader(status)
		if status != http.StatusNotModified {
			_, _ = w.Write(body)
		}
	})))
}
