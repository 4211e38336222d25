//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package localpg_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"ratecard/adapters/localpg"
)

// refused starts a server that must not start, and compares what the error says.
func refused[E error](t *testing.T, cfg localpg.Config, words ...string) E {
	t.Helper()
	began := time.Now()
	server, err := localpg.Start(t.Context(), cfg)
	if err == nil {
		stop(t, server)
		t.Fatal("it started")
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("refused after %v", took)
	}
	t.Log(err)
	return says[E](t, err, words...)
}

func says[E error](t *testing.T, err error, words ...string) E {
	t.Helper()
	var typed E
	if !errors.As(err, &typed) {
		t.Fatalf("error of type %T: %v", err, err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the error does not say %q: %v", word, err)
		}
	}
	return typed
}

func TestASecondProgramIsRefused(t *testing.T) {
	cfg := localpg.Config{Dir: filepath.Join(openDir(t), "pg")}
	program := startChild(t, "serve", cfg.Dir, "")
	dsn := program.ready(t)
	if got := refused[*localpg.InUseError](t, cfg, cfg.Dir, "DATABASE_URL"); got.PID != program.cmd.Process.Pid {
		t.Errorf("names process %d, the holder is %d", got.PID, program.cmd.Process.Pid)
	}
	if got := query(t, dsn, "SELECT 'still there'"); got != "still there" {
		t.Error(got)
	}
}

func TestASecondStartInOneProgramIsRefused(t *testing.T) {
	cfg := localpg.Config{Dir: filepath.Join(openDir(t), "pg"), UnsafeNoFsync: true}
	server := start(t, cfg)
	refused[*localpg.InUseError](t, cfg)
	stop(t, server)
	start(t, cfg)
}

func TestAServerStartedByHandIsRespected(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere PostgreSQL itself refuses, with the words of its log")
	}
	cfg := localpg.Config{Dir: filepath.Join(openDir(t), "pg")}
	server := start(t, cfg)
	pid := postmasterPID(t, cfg.Dir)
	// A copy of the directory's lock: whoever started that server holds none of ours.
	if err := os.Rename(filepath.Join(cfg.Dir, "lock"), filepath.Join(cfg.Dir, "lock.aside")); err != nil {
		t.Fatal(err)
	}
	if got := refused[*localpg.InUseError](t, cfg); got.PID != pid {
		t.Errorf("names process %d, the server is %d", got.PID, pid)
	}
	stop(t, server)
}

func TestDataOfAnotherVersionAreRefused(t *testing.T) {
	cfg := localpg.Config{Dir: filepath.Join(openDir(t), "pg"), BinDirSetting: "POSTGRES_BIN"}
	data := filepath.Join(cfg.Dir, "data")
	if err := os.MkdirAll(data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("99\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	got := refused[*localpg.VersionError](t, cfg, data, "PostgreSQL 99", "postgresql-99", "POSTGRES_BIN", "move "+data+" away")
	if got.Major != 99 || len(got.Installed) == 0 {
		t.Errorf("%+v", got)
	}
	if left, err := os.ReadDir(data); err != nil || len(left) != 1 {
		t.Errorf("the data were touched: %v %v", left, err)
	}
}

func TestDataOfATooOldVersionAreRefused(t *testing.T) {
	cfg := localpg.Config{Dir: filepath.Join(openDir(t), "pg")}
	data := filepath.Join(cfg.Dir, "data")
	if err := os.MkdirAll(data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("12\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	refused[*localpg.VersionError](t, cfg, data, "PostgreSQL 12", "pg_upgrade", "move "+data+" away")
}

func TestWhatIsNoDatabaseIsLeftAlone(t *testing.T) {
	for name, file := range map[string]string{"foreign file": "diary.txt", "strange version": "PG_VERSION"} {
		t.Run(name, func(t *testing.T) {
			cfg := localpg.Config{Dir: filepath.Join(openDir(t), "pg")}
			path := filepath.Join(cfg.Dir, "data", file)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("dear diary"), 0o644); err != nil {
				t.Fatal(err)
			}
			refused[*localpg.DirectoryError](t, cfg, filepath.Dir(path), "Move it away")
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAnEmptyDataDirectoryIsFilled(t *testing.T) {
	cfg := localpg.Config{Dir: filepath.Join(openDir(t), "pg"), UnsafeNoFsync: true}
	if err := os.MkdirAll(filepath.Join(cfg.Dir, "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	start(t, cfg)
}

func TestMissingProgramsAreNamed(t *testing.T) {
	nowhere := openDir(t)
	cfg := localpg.Config{Dir: filepath.Join(openDir(t), "pg"), BinDir: nowhere, BinDirSetting: "POSTGRES_BIN"}
	refused[*localpg.NotFoundError](t, cfg, nowhere, "apt-get install postgresql", "brew install postgresql@17", "POSTGRES_BIN", "DATABASE_URL")
}

func TestProgramsThatDoNotRunAreNamed(t *testing.T) {
	broken := openDir(t)
	for _, name := range []string{"initdb", "postgres"} {
		if err := os.WriteFile(filepath.Join(broken, name), []byte("#!/bin/sh\nexit 7\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cfg := localpg.Config{Dir: filepath.Join(openDir(t), "pg"), BinDir: broken}
	refused[*localpg.NotFoundError](t, cfg, filepath.Join(broken, "postgres"), "exit status 7")
}

func TestAFailedStartShowsTheServersLastWords(t *testing.T) {
	cfg := localpg.Config{Dir: filepath.Join(openDir(t), "pg"), UnsafeNoFsync: true}
	stop(t, start(t, cfg))
	if err := os.Remove(filepath.Join(cfg.Dir, "data", "global", "pg_control")); err != nil {
		t.Fatal(err)
	}
	got := refused[*localpg.ProcessError](t, cfg, "pg_control", "postgres.log")
	if len(got.Output) == 0 {
		t.Error("no words")
	}
}

func TestADirectoryThatCannotBeWrittenIsRefused(t *testing.T) {
	place := openDir(t)
	dir := filepath.Join(place, "pg")
	if os.Geteuid() == 0 {
		// Root may write anywhere; another user finds root's directory closed.
		line := startChild(t, "serve", dir, "nobody").line(t)
		for _, word := range []string{"*localpg.DirectoryError", dir, "user nobody may not write there", "DATABASE_URL"} {
			if !strings.Contains(line, word) {
				t.Errorf("the error does not say %q: %s", word, line)
			}
		}
		return
	}
	if err := os.Chmod(place, 0o555); err != nil {
		t.Fatal(err)
	}
	refused[*localpg.DirectoryError](t, localpg.Config{Dir: dir}, dir, "may not write there")
	if err := os.Chmod(place, 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestAFileInTheWayIsRefused(t *testing.T) {
	path := filepath.Join(openDir(t), "file")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	refused[*localpg.DirectoryError](t, localpg.Config{Dir: path}, "not a directory")
	refused[*localpg.DirectoryError](t, localpg.Config{Dir: filepath.Join(path, "pg")}, "not a directory")
}

func TestADirectoryThatOthersMayWriteIsRefused(t *testing.T) {
	dir := openDir(t)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	refused[*localpg.DirectoryError](t, localpg.Config{Dir: dir}, "chmod go-w")
}

func TestRootIsToldWhichDirectoryStopsTheServersUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	closed := filepath.Join(openDir(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	refused[*localpg.DirectoryError](t, localpg.Config{Dir: filepath.Join(closed, "state", "pg")}, "cannot enter "+closed, "/var/lib/ratecard", "chmod o+x")
}

func TestRootRefusesADirectoryOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	dir := openDir(t)
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	refused[*localpg.DirectoryError](t, localpg.Config{Dir: dir}, "belongs to user nobody", "user root")
}

func TestAFullDiskIsNamed(t *testing.T) {
	if os.Geteuid() != 0 || runtime.GOOS != "linux" {
		t.Skip("needs root on Linux, to mount a small disk")
	}
	disk := openDir(t)
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=8m,mode=755", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("mounting a small disk is not allowed here: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", disk).CombinedOutput(); err != nil {
			t.Errorf("%v %s", err, out)
		}
	})
	dir := filepath.Join(disk, "pg")
	refused[*localpg.ProcessError](t, localpg.Config{Dir: dir}, "is full", dir)
	if left, err := filepath.Glob(filepath.Join(dir, "data*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestNobodyElseGetsIn(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to become another user")
	}
	cfg := localpg.Config{Dir: filepath.Join(openDir(t), "pg"), UnsafeNoFsync: true}
	server := start(t, cfg)
	// daemon exists everywhere and never runs the server.
	if got := startChild(t, "connect", server.DSN(), "daemon").line(t); !strings.Contains(got, "permission denied") {
		t.Errorf("another user: %s", got)
	}
	// Even with every door open, the kernel says who is calling.
	for _, path := range []string{"run", "run/.s.PGSQL.5432"} {
		if err := os.Chmod(filepath.Join(cfg.Dir, path), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if got := startChild(t, "connect", server.DSN(), "daemon").line(t); !strings.Contains(got, "Peer authentication failed") {
		t.Errorf("another user with the doors open: %s", got)
	}
	for _, path := range []string{"data", "run"} {
		info, err := os.Stat(filepath.Join(cfg.Dir, path))
		if err != nil {
			t.Fatal(err)
		}
		if path == "data" && info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v", path, info.Mode())
		}
	}
	stop(t, server)
	start(t, cfg)
	if info, err := os.Stat(filepath.Join(cfg.Dir, "run")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the next start leaves the door open: %v %v", info, err)
	}
}
