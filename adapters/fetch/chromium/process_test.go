package chromium

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ratecard/domain"
)

// pretender writes a program that is started as a browser.
func pretender(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(openTempDir(t), "chromium")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestWholeTreeIsGone starts a browser that hangs, that ends at once and that
// starts processes which leave it, their session and their parents.
func TestWholeTreeIsGone(t *testing.T) {
	for name, script := range map[string]string{
		"hangs":   "sleep 987650 & sleep 987651",
		"ends":    "(setsid sleep 987652 &) ; exit 1",
		"forks":   "for i in 1 2 3; do setsid sh -c 'sleep 987653 & sleep 987654 & wait' & done; setsid setsid sleep 987655 & trap '' TERM HUP INT; sleep 987656",
		"crashes": "sleep 987657 & kill -SEGV $$",
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, Config{Path: pretender(t, script), Timeout: time.Second})
			_, err := b.render(t, "never")
			if kind := domain.KindOf(err); kind != domain.KindUnavailable && kind != domain.KindTimeout {
				t.Errorf("%s: %v", kind, err)
			}
			b.nothingLeft(t)
			if n := sleepers(script); n != 0 {
				t.Errorf("%d processes sleep on", n)
			}
		})
	}
}

// TestBrowsersThatBreak: one that stands still or is killed while it renders is gone
// in time, with all its processes; one that died while nobody needed it is missed
// by nobody.
func TestBrowsersThatBreak(t *testing.T) {
	b := newBench(t, Config{})
	for name, c := range map[string]struct {
		signal syscall.Signal
		want   domain.Kind
	}{
		"stands still": {syscall.SIGSTOP, domain.KindTimeout},
		"is killed":    {syscall.SIGKILL, domain.KindUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			b.Timeout = time.Minute
			if page, err := b.render(t, "popup"); err != nil || !priced(page.HTML) {
				t.Fatal(err)
			}
			pid := b.browserPID()
			b.asked = nil
			if b.Timeout = time.Minute; c.want == domain.KindTimeout {
				b.Timeout = 3 * time.Second
			}
			go func() {
				for !b.has("/never") {
					<-time.After(10 * time.Millisecond)
				}
				_ = syscall.Kill(pid, c.signal) // if it is gone the rendering says so
			}()
			if _, err := b.render(t, "never"); domain.KindOf(err) != c.want {
				t.Errorf("%s (%v), want %s", domain.KindOf(err), err, c.want)
			}
			b.nothingLeft(t)
		})
	}
	b.Timeout = time.Minute
	if _, err := b.render(t, "popup"); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(b.browserPID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-b.running.ctx.Done()
	if page, err := b.render(t, "popup"); err != nil || !priced(page.HTML) {
		t.Errorf("after one that died: %v", err)
	}
}

// diesIn names to a process the folder in which it is to render a page, and to die.
const diesIn = "RATECARD_TEST_DIES_IN"

// TestBrowserOfAProgramThatDied: its processes end with it, and its profile is
// thrown away when the next one starts a browser; one that is in use is not.
func TestBrowserOfAProgramThatDied(t *testing.T) {
	b := newBench(t, Config{Dir: os.Getenv(diesIn)})
	if os.Getenv(diesIn) != "" {
		_, err := b.render(t, "popup")
		t.Log("it did not die: ", err, syscall.Kill(os.Getpid(), syscall.SIGKILL))
		return
	}
	if _, err := b.render(t, "popup"); err != nil {
		t.Fatal(err)
	}
	program := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBrowserOfAProgramThatDied$")
	program.Env = append(os.Environ(), diesIn+"="+b.Dir)
	said, err := program.CombinedOutput()
	if profiles := b.profiles(t); err == nil || !strings.Contains(err.Error(), "killed") || len(profiles) != 2 {
		t.Fatalf("%v: %s; profiles: %v", err, said, profiles)
	}
	if page, err := b.render(t, "popup"); err != nil || !priced(page.HTML) {
		t.Errorf("beside one that died: %v", err)
	}
	next := New(b.Config)
	if page, err := next.Render(t.Context(), "http://"+siteName+"/popup", priced); err != nil || !priced(page.HTML) {
		t.Errorf("after one that died: %v", err)
	}
	if profiles := b.profiles(t); len(profiles) != 2 || !slices.Contains(profiles, b.running.profile.dir) {
		t.Errorf("two browsers run, in the profiles %v", profiles)
	}
	if err := next.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

// sleepers counts the processes that a pretender starts.
func sleepers(script string) int {
	n := 0
	for pid := range processes() {
		command, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
		name, seconds, _ := strings.Cut(strings.TrimRight(string(command), "\x00"), "\x00")
		if name == "sleep" && strings.Contains(script, "sleep "+seconds) {
			n++
		}
	}
	return n
}

// TestBrowserIsShared: one Chromium renders what comes, ends when nobody needs it
// and starts again when somebody does.
func TestBrowserIsShared(t *testing.T) {
	b := newBench(t, Config{Idle: 2 * time.Second})
	var pids [3]int
	for i := range pids {
		if i == 2 {
			for b.browserPID() != 0 {
				<-time.After(20 * time.Millisecond)
			}
			b.nothingLeft(t)
		}
		if _, err := b.render(t, "beforeunload"); err != nil {
			t.Fatal(err)
		}
		pids[i] = b.browserPID()
	}
	if pids[0] != pids[1] || pids[0] == pids[2] || pids[2] == 0 {
		t.Errorf("the pages were rendered by %v", pids)
	}
	if os.Geteuid() == 0 {
		status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pids[2]), "status"))
		if err != nil || strings.Contains(string(status), "Uid:\t0") {
			t.Errorf("it runs as root: %v\n%s", err, status)
		}
	}
	environment, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pids[2]), "environ"))
	if err != nil || strings.Contains(string(environment), "RATECARD_SECRET") {
		t.Errorf("it knows our environment: %v", err)
	}
}

func (b *bench) browserPID() int {
	b.turn <- struct{}{}
	defer func() { <-b.turn }()
	if b.running == nil {
		return 0
	}
	return b.running.tree.root
}

// TestWithoutChromium warns once, and says why a page is not rendered.
func TestWithoutChromium(t *testing.T) {
	var log strings.Builder
	b := New(Config{Path: "/nowhere/chromium", Log: slog.New(slog.NewTextHandler(&log, nil))})
	for range 3 {
		_, err := b.Render(context.Background(), "http://"+siteName+"/", priced)
		if domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(err.Error(), "no Chromium was found") {
			t.Fatal(err)
		}
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 1 || !strings.Contains(log.String(), "/nowhere/chromium") || !strings.Contains(log.String(), "CHROMIUM_PATH") {
		t.Errorf("%d warnings:\n%s", n, log.String())
	}
	if err := b.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	if _, err := b.Render(context.Background(), "http://"+siteName+"/", priced); err == nil {
		t.Error("it renders after it was stopped")
	}
}

// TestRenderingsLeaveNothing renders page after page, among them those that do
// what they should not, and looks that neither processes nor files nor memory
// grow. RATECARD_RENDERINGS says how many.
func TestRenderingsLeaveNothing(t *testing.T) {
	many := 3
	if text := os.Getenv("RATECARD_RENDERINGS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		many = n
	}
	b := newBench(t, Config{})
	pages := []string{"beforeunload", "popup", "alert", "download", "heavy", "fetched"}
	var processes, files, goroutines, descriptors []int
	var memory, peak []int64
	var took time.Duration
	for i := range many {
		began := time.Now()
		if page, err := b.render(t, pages[i%len(pages)]); err != nil || !priced(page.HTML) {
			t.Fatalf("%s: %v", pages[i%len(pages)], err)
		}
		took += time.Since(began)
		members := b.running.tree.members(true)
		processes, files = append(processes, len(members)), append(files, fileCount(t, b.running.profile.dir))
		goroutines, descriptors = append(goroutines, runtime.NumGoroutine()), append(descriptors, fileCount(t, "/proc/self/fd"))
		memory, peak = append(memory, b.running.tree.memory()>>20), append(peak, b.running.memory()>>20)
	}
	t.Logf("%d renderings, %s each; processes %v, MB %v, files %v, MB at most %d; goroutines of ours %v, descriptors %v",
		many, (took / time.Duration(many)).Round(time.Millisecond), processes, memory, files, peak[many-1], goroutines, descriptors)
	first, last := many/3, many-1
	if processes[last] > processes[first]+2 || files[last] > 2*files[first]+50 || memory[last] > 2*memory[first]+50 {
		t.Errorf("processes %v, files %v, MB %v", processes, files, memory)
	}
	// By then the tests beside this one have ended.
	if many >= 60 && (goroutines[last] > goroutines[first]+20 || descriptors[last] > descriptors[first]+20) {
		t.Errorf("goroutines of ours %v, descriptors %v", goroutines, descriptors)
	}
}

func fileCount(t *testing.T, dir string) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(string, os.DirEntry, error) error { n++; return nil }) // a file may be gone by then
	if err != nil {
		t.Fatal(err)
	}
	return n
}
