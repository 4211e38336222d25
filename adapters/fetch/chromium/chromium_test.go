package chromium

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ratecard/adapters/demosite"
	"ratecard/domain"
)

// siteName is where the pages are, as the browser knows it. Its proxy alone knows
// the machine behind it.
const siteName = "prices.acme.example"

// a bench is a browser before a site of scripted pages.
type bench struct {
	*Browser
	site    *httptest.Server
	mu      sync.Mutex
	asked   []string // of the site, paths
	agents  map[string]bool
	dialled []string
}

func newBench(t *testing.T, c Config, reach ...string) *bench {
	t.Helper()
	if _, err := Find(c.Path); err != nil {
		t.Skipf("%v: what it renders is not tested", err)
	}
	t.Parallel() // they mostly wait
	if c.Still = 300 * time.Millisecond; c.Dir == "" {
		c.Dir = openTempDir(t)
	}
	b := &bench{agents: map[string]bool{}}
	pages := demosite.Scripted(reach...)
	b.site = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		b.asked, b.agents[r.UserAgent()] = append(b.asked, r.URL.Path), true
		b.mu.Unlock()
		pages.ServeHTTP(w, r)
	}))
	t.Cleanup(b.site.Close)
	if c.Door == nil {
		c.Door = b
	}
	c.UserAgent = "ratecard/test"
	b.Browser = New(c)
	t.Cleanup(func() {
		if err := b.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		b.nothingLeft(t)
	})
	return b
}

// openTempDir is a folder of this test alone that an unprivileged user can use.
func openTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "ratecard-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// Connect and RoundTrip lead to the site alone, and keep in mind who asked for what.
func (b *bench) Connect(ctx context.Context, target *url.URL) (net.Conn, error) {
	return b.dial(ctx, "tcp", target.Host)
}

func (b *bench) RoundTrip(req *http.Request) (*http.Response, error) {
	once := &http.Transport{DialContext: b.dial, DisableKeepAlives: true}
	return once.RoundTrip(req)
}

func (b *bench) dial(ctx context.Context, network, address string) (net.Conn, error) {
	b.mu.Lock()
	b.dialled = append(b.dialled, address)
	b.mu.Unlock()
	if address != siteName+":80" {
		return nil, errors.New("refused")
	}
	return new(net.Dialer).DialContext(ctx, network, b.site.Listener.Addr().String())
}

func (b *bench) render(t *testing.T, path string) (Page, error) {
	t.Helper()
	return b.Render(t.Context(), "http://"+siteName+"/"+path, priced)
}

// priced is enough for a reader.
func priced(html []byte) bool { return strings.Contains(string(html), "<td>$3 / MTok</td>") }

func (b *bench) has(path string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Contains(b.asked, path)
}

// nothingLeft looks for processes and files of browsers that have ended.
func (b *bench) nothingLeft(t *testing.T) {
	t.Helper()
	if profiles := b.profiles(t); len(profiles) > 0 {
		t.Errorf("files are left: %v", profiles)
	}
	for pid := range processes() {
		command, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
		if strings.Contains(string(command), b.Dir) {
			t.Errorf("process %d is left: %.200q", pid, command)
		}
	}
}

func (b *bench) profiles(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(b.Dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestPagesThatBuildThemselves renders what scripts build, however they do it.
func TestPagesThatBuildThemselves(t *testing.T) {
	b := newBench(t, Config{})
	for _, path := range longOr("fetched", "bit-by-bit", "beforeunload", "download", "workers", "modal")("delay", "alert", "popup") {
		t.Run(path, func(t *testing.T) {
			page, err := b.render(t, path)
			if err != nil || !priced(page.HTML) || page.Status != http.StatusOK {
				t.Fatalf("%d, %v:\n%s", page.Status, err, page.HTML)
			}
			if want := "Acme Tiny 2</td>"; !strings.Contains(string(page.HTML), want) {
				t.Errorf("not all of it was waited for:\n%s", page.HTML)
			}
			if want := "http://" + siteName + "/" + path; page.URL != want {
				t.Errorf("it was found at %s, not at %s", page.URL, want)
			}
		})
	}
	if agents := b.agents; len(agents) != 1 || !agents["ratecard/test"] {
		t.Errorf("it named itself %v", agents)
	}
}

// longOr gives further pages to those that are always rendered, where there is time
// for all: RATECARD_RENDERINGS asks for it.
func longOr(further ...string) func(always ...string) []string {
	return func(always ...string) []string {
		if os.Getenv("RATECARD_RENDERINGS") != "" {
			return append(always, further...)
		}
		return always
	}
}

// TestPagesThatBreakBrowsers: whatever a page does, it has an end, nothing is left
// of it, and the next page is rendered as if nothing had been.
func TestPagesThatBreakBrowsers(t *testing.T) {
	b := newBench(t, Config{MaxMemory: 700 << 20, MaxTraffic: 20 << 20})
	want := map[string]domain.Kind{
		"loop": domain.KindTimeout, "dialogs": domain.KindTimeout, "late-loop": domain.KindTimeout, "memory": domain.KindTooLarge,
		"greedy": domain.KindTooLarge, "never": domain.KindUnavailable, "leave": domain.KindUnavailable,
	}
	for _, path := range longOr("dialogs", "late-loop", "greedy", "leave")("loop", "memory", "never") {
		want := want[path]
		t.Run(path, func(t *testing.T) {
			if b.Timeout = time.Minute; want == domain.KindTimeout {
				b.Timeout = 3 * time.Second // none is long enough for these
			}
			if path == "never" {
				go b.shoot(t)
			}
			_, err := b.render(t, path)
			if domain.KindOf(err) != want {
				t.Errorf("%s (%v), want %s", domain.KindOf(err), err, want)
			}
			b.nothingLeft(t)
		})
	}
	b.Timeout = time.Minute
	if page, err := b.render(t, "fetched"); err != nil || !priced(page.HTML) {
		t.Errorf("the next page: %v", err)
	}
}

// shoot ends the process that shows the page.
func (b *bench) shoot(t *testing.T) {
	for !b.has("/never") {
		<-time.After(10 * time.Millisecond)
	}
	for pid := range processes() {
		command, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
		if strings.Contains(string(command), b.Dir) && strings.Contains(string(command), "--type=renderer") {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Log(err)
			}
		}
	}
}

// TestPagesThatNeverBuild are given as they are when the patience is over.
func TestPagesThatNeverBuild(t *testing.T) {
	b := newBench(t, Config{Patience: time.Second})
	page, err := b.render(t, "never")
	if err != nil || !strings.Contains(string(page.HTML), "Loading") {
		t.Errorf("%v:\n%s", err, page.HTML)
	}
	page, err = b.render(t, "forbidden")
	if err != nil || page.Status != http.StatusForbidden || page.Header["cf-mitigated"] != "challenge" {
		t.Errorf("a page that is refused: %d, %v, %v", page.Status, page.Header, err)
	}
	page, err = b.render(t, "password")
	if err != nil || page.Status != http.StatusUnauthorized {
		t.Errorf("a page that asks for a password: %d, %v", page.Status, err)
	}
	if _, err := b.render(t, "cut"); domain.KindOf(err) != domain.KindUnavailable || domain.SeenIn(err) != domain.SawCutOff {
		t.Errorf("a page that breaks off: %v", err)
	}
	b.MaxPage = 1 << 20
	if _, err := b.render(t, "enormous"); domain.KindOf(err) != domain.KindTooLarge {
		t.Errorf("a page over the cap: %v", err)
	}
	if _, err = b.render(t, "file.bin"); domain.KindOf(err) != domain.KindUnavailable {
		t.Errorf("a download: %v", err)
	}
}

// TestNoWayIn: whatever a page asks for, in whatever way, nothing but its own site
// hears of it; and of that, only what may be reached.
func TestNoWayIn(t *testing.T) {
	secret := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("somebody got in: %s, as %s", r.URL.Path, r.Host)
	}))
	defer secret.Close()
	datagrams, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer datagrams.Close()
	_, port, err := net.SplitHostPort(secret.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	reach := []string{
		"127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port, "2130706433:" + port, "0.0.0.0:" + port, "[::ffff:127.0.0.1]:" + port,
		"169.254.169.254", "metadata.google.internal", "10.0.0.1", "inside.acme.example:" + port, datagrams.LocalAddr().String(),
	}
	b := newBench(t, Config{Patience: 4 * time.Second}, reach...)
	page, err := b.Render(t.Context(), "http://"+siteName+"/reach", func([]byte) bool { return false })
	if err != nil || !priced(page.HTML) {
		t.Fatal(err)
	}
	if _, err := b.render(t, "leave"); domain.KindOf(err) != domain.KindUnavailable {
		t.Errorf("a page that leads there: %v", err)
	}
	if err := datagrams.SetReadDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, from, err := datagrams.ReadFrom(make([]byte, 1500)); err == nil {
		t.Errorf("a datagram of %d bytes came from %s", n, from)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	inside := 0
	for _, address := range b.dialled {
		switch address {
		case siteName + ":80":
		case "inside.acme.example:" + port: // the site's owner says that it is his: the dialler knows better
			inside++
		default:
			t.Errorf("%s was asked for", address)
		}
	}
	if inside == 0 {
		t.Error("the page did not even try")
	}
}

// TestNoOtherSchemes: nothing but http and https gets a page anywhere, least of all
// into this machine's files: not what it loads, nor where it leads.
func TestNoOtherSchemes(t *testing.T) {
	b := newBench(t, Config{})
	page, err := b.render(t, "schemes")
	if err != nil || !priced(page.HTML) || page.URL != "http://"+siteName+"/schemes" {
		t.Fatalf("%s, %v:\n%s", page.URL, err, page.HTML)
	}
	if html := string(page.HTML); strings.Contains(html[strings.Index(html, `"root"`):strings.Index(html, "<script")], "got in") {
		t.Error(html)
	}
	for _, to := range longOr("data:text/html,<td>$3 / MTok</td>", "chrome://version/", "javascript:alert(1)")("file:///etc/passwd") {
		if page, err := b.render(t, "redirect?to="+url.QueryEscape(to)); domain.KindOf(err) != domain.KindUnavailable {
			t.Errorf("a page that leads to %s: %v:\n%s", to, err, page.HTML)
		}
	}
	for _, to := range []string{"file:///etc/passwd", "ftp://" + siteName + "/", "data:text/html,x", "chrome://version/", "ws://" + siteName + "/"} {
		if _, err := b.Render(t.Context(), to, priced); domain.KindOf(err) != domain.KindInvalid {
			t.Errorf("%s: %v", to, err)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, address := range b.dialled {
		if address != siteName+":80" {
			t.Errorf("%s was asked for", address)
		}
	}
}

// TestNothingButPricesIsLoaded: no image, font, film or sound is asked for.
func TestNothingButPricesIsLoaded(t *testing.T) {
	b := newBench(t, Config{})
	page, err := b.render(t, "heavy")
	if err != nil || !priced(page.HTML) {
		t.Fatal(err)
	}
	for _, path := range b.asked {
		if path != "/heavy" {
			t.Errorf("it asked for %s", path)
		}
	}
}

func TestMain(m *testing.M) {
	_ = os.Setenv("RATECARD_SECRET", "none of its business")
	os.Exit(m.Run())
}
