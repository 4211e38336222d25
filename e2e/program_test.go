package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ogen-go/ogen/ogenerrors"

	"ratecard/gen/oas"
)

// build gives the program, built once for all tests.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "ratecard-e2e-")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "ratecard")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", binary, "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", &buildError{string(out)}
	}
	return binary, os.Chmod(dir, 0o755)
})

type buildError struct{ output string }

func (e *buildError) Error() string { return "go build: " + e.output }

func TestMain(m *testing.M) {
	status := m.Run()
	if binary, err := build(); err == nil {
		_ = os.RemoveAll(filepath.Dir(binary)) // a leftover in the temporary folder at worst
	}
	os.Exit(status)
}

// stateDir is a folder that Postgres can enter even when root runs the tests.
func stateDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ratecard-state-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// command prepares a call of the program in an environment of its own.
func command(ctx context.Context, t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir()}, env...)
	return cmd
}

// running is a program that serves.
type running struct {
	cmd    *exec.Cmd
	url    string
	key    string
	stdout *bytes.Buffer
	stderr *bytes.Buffer
}

var door = regexp.MustCompile(`RATECARD_URL=(\S+) RATECARD_KEY=(\S+)`)

// demo starts the demo and waits until it has shown everything.
func demo(t *testing.T, state string) *running {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	r := &running{stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}}
	r.cmd = command(ctx, t, []string{"XDG_STATE_HOME=" + state, "RATECARD_ADDR=127.0.0.1:0"}, "demo")
	r.cmd.Stderr = r.stderr
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.cmd.Process.Kill(); _ = r.cmd.Wait() })
	lines := bufio.NewScanner(io.TeeReader(out, r.stdout))
	for lines.Scan() {
		if m := door.FindStringSubmatch(lines.Text()); m != nil {
			r.url, r.key = m[1], m[2]
		}
		if strings.Contains(lines.Text(), "described at") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return r
		}
	}
	err = r.cmd.Wait() // until then it may still be writing to what is shown here
	t.Fatalf("the demo ended before it was ready: %v\n%s\n%s", err, r.stdout, r.stderr)
	return nil
}

// client asks a running program.
func (r *running) client(t *testing.T) *oas.Client {
	t.Helper()
	c, err := oas.NewClient(r.url, security(r.key))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

type security string

func (s security) Bearer(context.Context, oas.OperationName) (oas.Bearer, error) {
	return oas.Bearer{Token: string(s)}, nil
}

func (s security) APIKey(context.Context, oas.OperationName) (oas.APIKey, error) {
	return oas.APIKey{}, ogenerrors.ErrSkipClientSecurity
}

func (security) Basic(context.Context, oas.OperationName) (oas.Basic, error) {
	return oas.Basic{}, ogenerrors.ErrSkipClientSecurity
}
