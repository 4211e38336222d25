//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package localpg_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ratecard/adapters/localpg"
)

// A child is this test binary, run once more as a program with a database of its own.
const (
	childTask = "LOCALPG_CHILD"        // "serve" or "connect"
	childArg  = "LOCALPG_CHILD_TARGET" // a directory or a connection string
)

func TestMain(m *testing.M) {
	switch os.Getenv(childTask) {
	case "serve":
		serveAsChild(os.Getenv(childArg))
	case "connect":
		conn, err := pgx.Connect(context.Background(), os.Getenv(childArg))
		if err == nil {
			fmt.Println("connected")
			conn.Close(context.Background())
			return
		}
		fmt.Println("refused:", err)
	default:
		os.Exit(m.Run())
	}
}

// serveAsChild starts a server and lives until its standard input ends. On an
// interrupt it says whether the server still answers.
func serveAsChild(dir string) {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	ctx := context.Background()
	server, err := localpg.Start(ctx, localpg.Config{Dir: dir})
	if err != nil {
		fmt.Printf("error %T %v\n", err, err)
		return
	}
	fmt.Println("ready", server.DSN())
	go func() {
		for range interrupted {
			<-time.After(300 * time.Millisecond) // were the server to have got the signal, it would end now
			conn, err := pgx.Connect(ctx, server.DSN())
			if err == nil {
				err = conn.Close(ctx)
			}
			fmt.Println("interrupted", err)
		}
	}()
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := server.Stop(ctx); err != nil {
		fmt.Println("error", err)
	}
}

type child struct {
	cmd   *exec.Cmd
	stdin io.Closer
	lines *bufio.Reader
}

// startChild runs the test binary as the named user, or as the test's own.
func startChild(t *testing.T, task, target, userName string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if userName != "" {
		cmd.Path = copyBinary(t)
		other, err := user.Lookup(userName)
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.ParseUint(other.Uid, 10, 32)
		gid, _ := strconv.ParseUint(other.Gid, 10, 32)
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		cmd.Dir = "/"
	}
	cmd.Env = append(os.Environ(), childTask+"="+task, childArg+"="+target)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: cmd, stdin: stdin, lines: bufio.NewReader(stdout)}
	t.Cleanup(func() { // at the end of a test that went well there is nothing left to do
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return c
}

// copyBinary puts the test binary where any user can run it.
func copyBinary(t *testing.T) string {
	t.Helper()
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(openDir(t), "program")
	if err := os.WriteFile(path, program, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func (c *child) line(t *testing.T) string {
	t.Helper()
	line, err := c.lines.ReadString('\n')
	if err != nil {
		t.Fatalf("the child said %q and then %v", line, err)
	}
	return strings.TrimSpace(line)
}

// ready waits for the child's server and returns its connection string.
func (c *child) ready(t *testing.T) string {
	t.Helper()
	line := c.line(t)
	dsn, found := strings.CutPrefix(line, "ready ")
	if !found {
		t.Fatalf("the child said %q", line)
	}
	return dsn
}

// kill is kill -9.
func (c *child) kill(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.cmd.Wait() // "signal: killed"
}

// openDir is a new directory that every user may pass through (t.TempDir is not).
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "localpg-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// postmasterPID reads the server's process number.
func postmasterPID(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	pid, err := strconv.Atoi(string(first))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// gone waits until a process is no more and returns how long that took.
func gone(t *testing.T, pid int, within time.Duration) time.Duration {
	t.Helper()
	began := time.Now()
	for syscall.Kill(pid, 0) == nil {
		if time.Since(began) > within {
			t.Fatalf("process %d is still there after %v", pid, within)
		}
		<-time.After(5 * time.Millisecond)
	}
	return time.Since(began)
}
