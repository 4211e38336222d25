package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ratecard/adapters/localpg"
)

// databaseURL is the environment variable that names a server to use instead of one
// that is started here. Its user must be allowed to create databases.
const databaseURL = "RATECARD_TEST_DATABASE_URL"

// patience bounds each step that the server is asked for.
const patience = time.Minute

// DSN returns the connection string, in the form of a URL, of a new and empty
// database that is dropped when the test ends; connections that are still open then
// are cut off.
//
// The first call of a test process starts a server, without fsync and in a temporary
// directory; it ends, and its directory goes, with the process. Where no PostgreSQL is
// installed the test fails with what to install.
func DSN(t testing.TB) string {
	t.Helper()
	server, err := sharedServer()
	if err != nil {
		t.Fatalf("no database for this test: %v", err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	if err := execute(server, "CREATE DATABASE "+name); err != nil {
		t.Fatalf("creating a database for this test: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("dropping this test's database: %v", err)
		}
	})
	dsn, err := withDatabase(server, name)
	if err != nil {
		t.Fatalf("%s: %v", databaseURL, err)
	}
	return dsn
}

// sharedServer returns the connection string of the process's server.
var sharedServer = sync.OnceValues(func() (string, error) {
	if given := os.Getenv(databaseURL); given != "" {
		return given, nil
	}
	dir, err := os.MkdirTemp("", "ratecard-test-")
	if err != nil {
		return "", err
	}
	if err := removeAfterwards(dir); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	server, err := localpg.Start(ctx, localpg.Config{Dir: dir, UnsafeNoFsync: true})
	if err != nil {
		return "", err
	}
	return server.DSN(), nil
})

// removeAfterwards leaves a process behind that removes dir when this one is gone,
// however it ended, and its server with it.
func removeAfterwards(dir string) error {
	const wait = `
read -r _
n=0
while [ -e "$1/data/postmaster.pid" ] && [ $n -lt 10 ]; do sleep 1; n=$((n+1)); done
rm -rf -- "$1"`
	cmd := exec.CommandContext(context.Background(), "/bin/sh", "-c", wait, "sh", dir)
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	lifelines = append(lifelines, pipe)
	detach(cmd)
	return cmd.Start()
}

// lifelines are closed by the kernel when this process ends. They are kept here
// because a pipe that nobody refers to is closed by the garbage collector.
var lifelines []io.WriteCloser

func execute(dsn, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

// withDatabase names another database in a connection string of the form of a URL.
func withDatabase(dsn, name string) (string, error) {
	parsed, err := url.Parse(dsn)
	if err != nil || (parsed.Scheme != "postgres" && parsed.Scheme != "postgresql") {
		// The text may hold a password and is not shown.
		return "", fmt.Errorf("expected a URL such as postgres://user@host/database")
	}
	parsed.Path = "/" + name
	return parsed.String(), nil
}
