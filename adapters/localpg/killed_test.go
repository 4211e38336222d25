//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package localpg_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ratecard/adapters/localpg"
)

func TestAKilledProgramTakesItsServerAlong(t *testing.T) {
	for name, dir := range map[string]string{"short path": "pg", "long path": strings.Repeat("long", 40)} {
		t.Run(name, func(t *testing.T) {
			cfg := localpg.Config{Dir: filepath.Join(openDir(t), dir)}
			program := startChild(t, "serve", cfg.Dir, "")
			dsn := program.ready(t)
			execute(t, dsn, "CREATE TABLE kept AS SELECT 'committed' AS words")
			session := connect(t, dsn) // a session of somebody else does not hold it back
			defer session.Close(t.Context())
			server := postmasterPID(t, cfg.Dir)

			program.kill(t)
			// The next start needs no cleaning up and no waiting by the user.
			next := start(t, cfg)
			t.Logf("the server was gone %v after the next start", gone(t, server, 0))
			if got := query(t, next.DSN(), "SELECT words FROM kept"); got != "committed" {
				t.Errorf("got %q", got)
			}
			stop(t, next)

			config, err := pgx.ParseConfig(dsn)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(config.Host); err == nil && !strings.HasPrefix(config.Host, cfg.Dir) {
				t.Errorf("%s is left behind", config.Host)
			}
		})
	}
}

func TestAKilledProgramsServerEndsByItself(t *testing.T) {
	dir := filepath.Join(openDir(t), "pg")
	program := startChild(t, "serve", dir, "")
	dsn := program.ready(t)
	execute(t, dsn, "CREATE TABLE much AS SELECT i, repeat('x', 100) FROM generate_series(1, 100000) i")
	server := postmasterPID(t, dir)
	program.kill(t)
	t.Logf("gone after %v", gone(t, server, 20*time.Second))
}

func TestAServerThatDoesNotEndPolitelyIsEnded(t *testing.T) {
	// One of its processes is suspended and hears nothing; the server waits for it.
	dir := filepath.Join(openDir(t), "pg")
	program := startChild(t, "serve", dir, "")
	dsn := program.ready(t)
	session := connect(t, dsn)
	defer session.Close(t.Context())
	var backend int
	if err := session.QueryRow(t.Context(), "SELECT pg_backend_pid()").Scan(&backend); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(backend, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	server := postmasterPID(t, dir)
	program.kill(t)
	t.Logf("gone after %v", gone(t, server, 30*time.Second))
	gone(t, backend, 10*time.Second)
}

func TestAnInterruptAtTheTerminalLeavesTheServerToTheProgram(t *testing.T) {
	dir := filepath.Join(openDir(t), "pg")
	program := startChild(t, "serve", dir, "")
	program.ready(t)
	if err := syscall.Kill(-program.cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if got := program.line(t); got != "interrupted <nil>" {
		t.Errorf("the child says %q", got)
	}
	server := postmasterPID(t, dir)
	if err := program.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if err := program.cmd.Wait(); err != nil {
		t.Error(err)
	}
	gone(t, server, 0)
}

func TestTheServerEndsWhenItsGuardianIsKilled(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("finding the guardian needs /proc")
	}
	cfg := localpg.Config{Dir: filepath.Join(openDir(t), "pg")}
	server := start(t, cfg)
	postmaster := postmasterPID(t, cfg.Dir)
	if err := syscall.Kill(parent(t, postmaster), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	gone(t, postmaster, 20*time.Second)
	<-server.Done()
	if server.Err() == nil {
		t.Error("Err is nil")
	}
	start(t, cfg)
}

func parent(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(line, "PPid:"); found {
			ppid, err := strconv.Atoi(strings.TrimSpace(value))
			if err != nil {
				t.Fatal(err)
			}
			return ppid
		}
	}
	t.Fatal("no parent")
	return 0
}

func TestAProgramKilledAnywhereInItsFirstStartLeavesNoHalfDatabase(t *testing.T) {
	for _, after := range []int{20, 100, 250, 400, 550, 700, 900} { // milliseconds
		cfg := localpg.Config{Dir: filepath.Join(openDir(t), "pg")}
		program := startChild(t, "serve", cfg.Dir, "")
		<-time.After(time.Duration(after) * time.Millisecond)
		program.kill(t)
		server := start(t, cfg)
		if got := query(t, server.DSN(), "SELECT current_database()::text"); got != "ratecard" {
			t.Errorf("after %d ms: database %q", after, got)
		}
		left, err := filepath.Glob(filepath.Join(cfg.Dir, "data.new-*"))
		if err != nil || len(left) > 0 {
			t.Errorf("after %d ms: left behind: %v %v", after, left, err)
		}
		stop(t, server)
	}
}

func TestAStrangersProcessNumberIsNotTakenForAServer(t *testing.T) {
	if _, err := os.Stat("/proc/self/cwd"); err != nil {
		t.Skip("telling processes apart needs /proc")
	}
	cfg := localpg.Config{Dir: filepath.Join(openDir(t), "pg")}
	program := startChild(t, "serve", cfg.Dir, "")
	program.ready(t)
	text, err := os.ReadFile(filepath.Join(cfg.Dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	program.kill(t)
	stop(t, start(t, cfg)) // when it returns, nothing of the killed one is left
	// As after a restart of the machine: the number now belongs to another process of
	// the same user, here to the test or to what runs as the server's user.
	_, rest, _ := strings.Cut(string(text), "\n")
	stale := strconv.Itoa(os.Getpid()) + "\n" + rest
	if err := os.WriteFile(filepath.Join(cfg.Dir, "data", "postmaster.pid"), []byte(stale), 0o644); err != nil {
		t.Fatal(err)
	}
	start(t, cfg)
}
