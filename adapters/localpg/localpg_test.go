//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package localpg_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ratecard/adapters/localpg"
)

func start(t *testing.T, cfg localpg.Config) *localpg.Server {
	t.Helper()
	began := time.Now()
	server, err := localpg.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started in %v", time.Since(began).Round(time.Millisecond))
	t.Cleanup(func() {
		if err := server.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return server
}

func stop(t *testing.T, server *localpg.Server) {
	t.Helper()
	began := time.Now()
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("stopped in %v", time.Since(began).Round(time.Millisecond))
}

// execute runs a statement; query returns one text.
func execute(t *testing.T, dsn, statement string) {
	t.Helper()
	conn := connect(t, dsn)
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func query(t *testing.T, dsn, statement string) (answer string) {
	t.Helper()
	conn := connect(t, dsn)
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), statement).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestDataLastFromStartToStart(t *testing.T) {
	cfg := localpg.Config{Dir: filepath.Join(openDir(t), "made", "on", "the way")}
	first := start(t, cfg)
	execute(t, first.DSN(), "CREATE TABLE kept AS SELECT 'as it was' AS words")
	stop(t, first)

	second := start(t, cfg)
	if got := query(t, second.DSN(), "SELECT words FROM kept"); got != "as it was" {
		t.Errorf("got %q", got)
	}
	if got := query(t, second.DSN(), "SHOW server_version"); !strings.HasPrefix(got, second.Version()) {
		t.Errorf("Version is %q, the server says %q", second.Version(), got)
	}
}

func TestSettings(t *testing.T) {
	server := start(t, localpg.Config{Dir: filepath.Join(openDir(t), "pg")})
	for name, want := range map[string]string{
		"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on",
		"listen_addresses": "", "timezone": "UTC", "max_connections": "100",
		"server_encoding": "UTF8", "unix_socket_permissions": "0700",
	} {
		if got := query(t, server.DSN(), "SHOW "+name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := query(t, server.DSN(), "SELECT datcollate FROM pg_database WHERE datname = current_database()"); got != "C" {
		t.Errorf("the database sorts by %q, want C", got)
	}
}

func TestStopTwiceAndAtTheSameTime(t *testing.T) {
	server := start(t, localpg.Config{Dir: filepath.Join(openDir(t), "pg"), UnsafeNoFsync: true})
	results := make(chan error)
	for range 3 {
		go func() { results <- server.Stop(context.Background()) }()
	}
	for range 3 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if err := server.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	select {
	case <-server.Done():
	default:
		t.Error("Done is open after Stop")
	}
	if err := server.Err(); err != nil {
		t.Errorf("Err after Stop: %v", err)
	}
}

func TestStopCutsSessionsOff(t *testing.T) {
	server := start(t, localpg.Config{Dir: filepath.Join(openDir(t), "pg"), UnsafeNoFsync: true})
	conn := connect(t, server.DSN())
	defer conn.Close(context.Background())
	stop(t, server)
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("the session outlived the server")
	}
}

func TestStopInAHurryLosesNothing(t *testing.T) {
	cfg := localpg.Config{Dir: filepath.Join(openDir(t), "pg")}
	server := start(t, cfg)
	execute(t, server.DSN(), "CREATE TABLE kept AS SELECT 'committed' AS words")
	// With the signal's way to the server being asynchronous, a quick server may still
	// end in order; what counts is that Stop returns soon with the server gone.
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := server.Stop(over); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	again := start(t, cfg)
	if got := query(t, again.DSN(), "SELECT words FROM kept"); got != "committed" {
		t.Errorf("got %q", got)
	}
}

func TestTheEndOfTheServerIsNoticed(t *testing.T) {
	cfg := localpg.Config{Dir: filepath.Join(openDir(t), "pg")}
	server := start(t, cfg)
	if err := syscall.Kill(postmasterPID(t, cfg.Dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-server.Done():
	case <-time.After(5 * time.Second):
		t.Fatal("nobody noticed")
	}
	var failed *localpg.ProcessError
	if err := server.Err(); !errors.As(err, &failed) {
		t.Errorf("Err is %v", err)
	}
	start(t, cfg) // recovers
}

func TestAStartThatIsCalledOffLeavesNothingRunning(t *testing.T) {
	for _, after := range []int{0, 50, 200, 400, 600} { // milliseconds
		cfg := localpg.Config{Dir: filepath.Join(openDir(t), "pg")}
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(after)*time.Millisecond)
		server, err := localpg.Start(ctx, cfg)
		cancel()
		if err == nil {
			stop(t, server)
		} else if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v ms: %v", after, err)
		}
		start(t, cfg) // is refused when anything still runs
	}
}

func TestALongPathHasItsSocketElsewhere(t *testing.T) {
	for name, part := range map[string]string{"long": strings.Repeat("long", 40), "comma": "a,b", "quotes": `it's "so" 100%`} {
		t.Run(name, func(t *testing.T) {
			server := start(t, localpg.Config{Dir: filepath.Join(openDir(t), part), UnsafeNoFsync: true})
			config, err := pgx.ParseConfig(server.DSN())
			if err != nil {
				t.Fatal(err)
			}
			if got := query(t, server.DSN(), "SELECT current_user::text"); got != "ratecard" {
				t.Errorf("current user %q", got)
			}
			info, err := os.Stat(config.Host)
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode().Perm() != 0o700 {
				t.Errorf("the socket's directory is open: %v", info.Mode())
			}
			stop(t, server)
			if _, err := os.Stat(config.Host); err == nil && name != "quotes" {
				t.Errorf("%s is left behind", config.Host)
			}
		})
	}
}

func TestTheLogIsBounded(t *testing.T) {
	cfg := localpg.Config{Dir: filepath.Join(openDir(t), "pg"), UnsafeNoFsync: true}
	stop(t, start(t, cfg))
	path := filepath.Join(cfg.Dir, "postgres.log")
	if err := os.WriteFile(path, []byte(strings.Repeat("old words\n", 200_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	server := start(t, cfg)
	execute(t, server.DSN(), "DO $$ BEGIN RAISE WARNING 'a secret'; END $$")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 10_000 {
		t.Errorf("the log has %d bytes", info.Size())
	}
	if _, err := os.Stat(path + ".1"); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "ready to accept connections") || strings.Contains(string(text), "a secret") {
		t.Errorf("the log says:\n%s", text)
	}
}

func BenchmarkStart(b *testing.B) {
	dir, err := os.MkdirTemp("", "localpg-")
	if err != nil {
		b.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	cfg := localpg.Config{Dir: filepath.Join(dir, "pg")}
	cycle := func() {
		server, err := localpg.Start(b.Context(), cfg)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := server.Stop(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			if err := os.RemoveAll(cfg.Dir); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			cycle()
		}
	})
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			cycle()
		}
	})
}
